"""What was erased stays erased in whatever older copy comes back."""

import pytest

from outspoken.discussion.state import Actor, Event, State
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.erasures import Erasures, apply, erased_in
from tests.factories import MOMENT, a_submission, open_ferry, rows_of, say


def test_what_is_noted_is_read_again_whatever_a_crash_left_at_the_end(tmp_path):
    erasures = Erasures(tmp_path)
    assert list(erasures.read()) == []
    erasures.add([("ferry", 1), ("ferry", 12)])
    erasures.add([])
    erasures.add([("other", 3)])
    with erasures.file.open("ab") as file:
        file.write(b"\xff\xfe half\nferry x\nferry 99")

    assert list(erasures.read()) == [("ferry", 1), ("ferry", 12), ("other", 3)]
    assert erasures.file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("state", [None, Event.REMOVE, Event.HOLD, Event.MARK_SPAM])
def test_everything_in_the_ledger_is_erased_whatever_became_of_it(database, entropy, state):
    open_ferry(database)
    say(database, entropy, a_submission(), a_submission(parent=1), a_submission())
    if state:
        with database.writing() as connection:
            change_state(connection, "ferry", 1, state, Actor.MODERATOR, rule="rule", reason="", now=MOMENT)

    assert apply(database, [("ferry", 1), ("ferry", 1), ("ferry", 77), ("gone", 1)], MOMENT) == 1
    assert apply(database, [("ferry", 1)], MOMENT) == 0

    with database.reading() as connection:
        states = [row.state for row in rows_of(connection, "SELECT state FROM comments ORDER BY number")]
        assert states == [State.DELETED.value, "published", "published"]
        assert list(erased_in(connection)) == [("ferry", 1)]
    assert list(check(database)) == []
