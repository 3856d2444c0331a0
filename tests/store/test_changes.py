from datetime import timedelta
from typing import Any

import pytest

from outspoken.discussion.comment import Quotation
from outspoken.discussion.errors import NotAllowed, NotFound, NotPossible
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.thread import Opening
from outspoken.store.changes import change_state, delete, edit
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.decisions import decisions_on
from outspoken.store.sealing import Entropy
from outspoken.store.threads import set_opening, thread_by_id, version_of
from outspoken.store.votes import Ballot, vote
from outspoken.store.windows import comment_at, in_reading_order
from tests.factories import MOMENT, a_body, a_submission, open_ferry, rows_of, say

KEY = b"k" * 32


def moderate(database: Database, number: int, event: Event) -> State:
    with database.writing() as connection:
        return change_state(connection, "ferry", number, event, Actor.MODERATOR, rule="r", reason="why", now=MOMENT)


def change(database: Database, entropy: Entropy, **changes: Any) -> State:
    usual: dict[str, Any] = {"key_hash": KEY, "body": a_body("Better."), "quotes": (), "hold": None, "now": MOMENT}
    with database.writing() as connection:
        return edit(connection, "ferry", changes.pop("number", 1), entropy=entropy, **{**usual, **changes})


def shown(database: Database) -> list[tuple[int, State, int]]:
    with database.reading() as connection:
        return [(found.number, found.state, found.replies) for found in in_reading_order(connection, "ferry")]


def chain(database: Database, entropy: Entropy, length: int) -> None:
    open_ferry(database)
    say(database, entropy, *(a_submission(parent=parent, key_hash=KEY, name="Greta") for parent in range(length)))


def test_an_edit_replaces_the_text_and_says_so(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    state = change(database, entropy, quotes=(Quotation(0, 1, 2),), now=MOMENT + timedelta(minutes=9))

    assert state is State.PUBLISHED
    with database.reading() as connection:
        comment = comment_at(connection, "ferry", 1)
        assert version_of(connection, "ferry") == 3
        assert decisions_on(connection, "ferry", 1) == []
    assert comment.body == a_body("Better.")
    assert (comment.quotes, comment.edited) == ((Quotation(0, 1, 2),), MOMENT + timedelta(minutes=9))
    assert list(check(database)) == []


def test_the_old_text_and_its_key_are_gone_after_an_edit(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)
    with database.reading() as connection:
        before = rows_of(connection, "SELECT key FROM keys UNION ALL SELECT sealed FROM bodies")

    change(database, entropy)

    with database.reading() as connection:
        after = rows_of(connection, "SELECT key FROM keys UNION ALL SELECT sealed FROM bodies")
    assert len(after) == 2
    assert not {bytes(row[0]) for row in before} & {bytes(row[0]) for row in after}


def test_an_edit_that_has_to_wait_hides_the_comment_until_it_is_approved(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    assert change(database, entropy, hold=("links", "Three links.")) is State.HELD
    assert shown(database) == []
    assert change(database, entropy, body=a_body("Again."), hold=("links", "Four.")) is State.HELD
    assert moderate(database, 1, Event.APPROVE) is State.PUBLISHED

    assert shown(database) == [(1, State.PUBLISHED, 0)]
    with database.reading() as connection:
        told = [(made.before, made.after, made.actor, made.rule) for made in decisions_on(connection, "ferry", 1)]
    assert told == [
        (State.PUBLISHED, State.HELD, Actor.RULE, "links"),
        (State.HELD, State.PUBLISHED, Actor.MODERATOR, "r"),
    ]


def test_only_the_key_it_was_written_with_changes_or_deletes_a_comment(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    for key in (None, b"other" * 6):
        with pytest.raises(NotAllowed):
            change(database, entropy, key_hash=key)
        with pytest.raises(NotAllowed), database.writing() as connection:
            delete(connection, "ferry", 1, key_hash=key, now=MOMENT)


def test_after_half_an_hour_a_text_can_only_be_deleted(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)
    later = MOMENT + timedelta(minutes=31)

    with pytest.raises(NotPossible):
        change(database, entropy, now=later)
    with database.writing() as connection:
        set_opening(connection, "ferry", Opening.READ_ONLY)
        delete(connection, "ferry", 1, key_hash=KEY, now=later)

    assert shown(database) == []


def test_a_deleted_comment_leaves_only_its_place(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 2)
    with database.writing() as connection:
        vote(connection, Ballot("ferry", 1, b"v", None, 1))
        delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)

    assert shown(database) == [(1, State.DELETED, 1), (2, State.PUBLISHED, 0)]
    with database.reading() as connection:
        comment = comment_at(connection, "ferry", 1)
        kept = rows_of(connection, "SELECT number FROM bodies UNION ALL SELECT number FROM keys")
        votes = rows_of(connection, "SELECT 1 FROM votes")
        assert thread_by_id(connection, "ferry").comments == 1
        assert [made.after for made in decisions_on(connection, "ferry", 1)] == [State.DELETED]
    assert (comment.author, comment.body, comment.created, comment.up) == (None, None, None, 0)
    assert [row[0] for row in kept] == [2, 2]
    assert votes == []
    assert list(check(database)) == []


def test_an_author_is_forgotten_with_the_last_comment(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 2)
    for number, left in ((1, 1), (2, 0)):
        with database.writing() as connection:
            delete(connection, "ferry", number, key_hash=KEY, now=MOMENT)
        with database.reading() as connection:
            assert len(rows_of(connection, "SELECT 1 FROM authors")) == left


def test_nobody_deletes_twice(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 2)
    with database.writing() as connection:
        delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)

    with pytest.raises(NotAllowed), database.writing() as connection:
        delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)
    with pytest.raises(NotPossible):
        moderate(database, 1, Event.RESTORE)


def test_tombstones_vanish_upwards_with_the_last_reply_and_come_back_with_it(
    database: Database, entropy: Entropy
) -> None:
    chain(database, entropy, 5)
    say(database, entropy, a_submission(parent=2))
    for number in (1, 3, 4):
        moderate(database, number, Event.REMOVE)
    assert [number for number, _, _ in shown(database)] == [1, 2, 3, 4, 5, 6]

    moderate(database, 5, Event.HOLD)
    assert shown(database) == [(1, State.REMOVED, 1), (2, State.PUBLISHED, 1), (6, State.PUBLISHED, 0)]

    moderate(database, 2, Event.REMOVE)
    assert shown(database) == [(1, State.REMOVED, 1), (2, State.REMOVED, 1), (6, State.PUBLISHED, 0)]

    moderate(database, 6, Event.MARK_SPAM)
    assert shown(database) == []

    moderate(database, 5, Event.APPROVE)
    assert [(number, replies) for number, _, replies in shown(database)] == [(1, 1), (2, 1), (3, 1), (4, 1), (5, 0)]
    assert list(check(database)) == []


def test_each_decision_is_recorded_in_the_transaction_that_it_is_about(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    with database.writing() as connection, connection.begin_nested() as savepoint:
        change_state(connection, "ferry", 1, Event.REMOVE, Actor.MODERATOR, rule="r", reason="", now=MOMENT)
        assert len(decisions_on(connection, "ferry", 1)) == 1
        savepoint.rollback()

    with database.reading() as connection:
        assert decisions_on(connection, "ferry", 1) == []
        assert comment_at(connection, "ferry", 1).state is State.PUBLISHED


def test_what_the_table_does_not_have_does_not_happen(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    with pytest.raises(NotPossible):
        moderate(database, 1, Event.APPROVE)
    with pytest.raises(NotFound):
        moderate(database, 9, Event.REMOVE)
    assert shown(database) == [(1, State.PUBLISHED, 0)]


def test_approving_the_first_comment_makes_a_thread_active(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(state=State.HELD))
    moderate(database, 1, Event.APPROVE)

    with database.reading() as connection:
        thread = thread_by_id(connection, "ferry")
    assert (thread.comments, thread.active) == (1, MOMENT)


def test_a_vote_is_counted_once_changed_and_taken_back(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)
    counts = []
    for voter, value in [(b"a", 1), (b"a", 1), (b"b", -1), (b"a", -1), (b"b", 0), (b"b", 0), (b"c", 1)]:
        with database.writing() as connection:
            tally = vote(connection, Ballot("ferry", 1, voter, None, value))
            counts.append((tally.up, tally.down))

    assert counts == [(1, 0), (1, 0), (1, 1), (0, 2), (0, 1), (0, 1), (1, 1)]
    with database.reading() as connection:
        comment = comment_at(connection, "ferry", 1)
    assert (comment.up, comment.down) == (1, 1)
    assert list(check(database)) == []


def test_nobody_votes_for_oneself(database: Database, entropy: Entropy) -> None:
    chain(database, entropy, 1)

    with pytest.raises(NotAllowed), database.writing() as connection:
        vote(connection, Ballot("ferry", 1, b"a", KEY, 1))
