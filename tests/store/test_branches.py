import random

import pytest

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.order import Sort
from outspoken.discussion.state import Actor, Event, State
from outspoken.discussion.window import comments_in
from outspoken.store.branches import STEP, remove_all, remove_branch
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.decisions import decisions_on
from outspoken.store.sealing import Entropy
from outspoken.store.threads import thread_by_id, version_of
from outspoken.store.windows import comment_at, in_reading_order, window_of
from tests.factories import MOMENT, a_submission, open_ferry, rows_of, say
from tests.scale.crowds import HUB, Crowd, chain, gather

SIZE = 1_000


def remove(database: Database, thread: str, number: int) -> list[int]:
    return list(remove_branch(database, thread, number, rule="moderator", reason="why", now=MOMENT))


@pytest.fixture
def crowd(database: Database) -> Crowd:
    """A thread of a thousand comments, some of which are held or removed already."""
    open_ferry(database)
    return gather(database, "crowd", SIZE)


def below(database: Database, crowd: Crowd, number: int) -> set[int]:
    """Find by their parents alone which comments stand below another."""
    with database.reading() as connection:
        rows = rows_of(connection, f"SELECT number, parent FROM comments WHERE thread = '{crowd.thread}' ORDER BY 1")
    found = {number}
    found |= {row.number for row in rows if row.parent in found and not found.add(row.number)}  # type: ignore[func-returns-value]
    return found


def states(database: Database, crowd: Crowd) -> dict[int, str]:
    with database.reading() as connection:
        rows = rows_of(connection, f"SELECT number, state FROM comments WHERE thread = '{crowd.thread}'")
    return {row.number: row.state for row in rows}


def test_a_branch_is_removed_and_nothing_else(database: Database, crowd: Crowd) -> None:
    before = states(database, crowd)
    branch = below(database, crowd, HUB)
    expected = {
        number: "removed" if state == "published" and number in branch else state for number, state in before.items()
    }

    steps = remove(database, "crowd", HUB)

    assert states(database, crowd) == expected
    assert sum(steps) == sum(before[number] == "published" for number in branch)
    assert len(branch) < SIZE
    assert list(check(database)) == []


def test_each_removed_comment_has_a_decision_of_its_own(database: Database, crowd: Crowd) -> None:
    before = states(database, crowd)
    remove(database, "crowd", HUB)

    for number in sorted(below(database, crowd, HUB))[::40]:
        with database.reading() as connection:
            made = decisions_on(connection, "crowd", number)
        if before[number] == "published":
            (decision,) = made
            assert (decision.before, decision.after) == (State.PUBLISHED, State.REMOVED)
            assert (decision.actor, decision.rule, decision.reason) == (Actor.MODERATOR, "moderator", "why")
        else:
            assert len(made) == 1
            assert made[0].rule == "links"


def test_readers_find_a_whole_thread_after_every_step(database: Database, crowd: Crowd) -> None:
    with database.reading() as connection:
        version = version_of(connection, "crowd")
    assert version is not None
    for removed in remove_branch(database, "crowd", HUB, rule="r", reason="", now=MOMENT):
        assert removed <= STEP
        assert list(check(database)) == []
        with database.reading() as connection:
            shown = {comment.number for comment in in_reading_order(connection, "crowd")}
            for comment in comments_in(window_of(connection, "crowd", Sort.BEST)):
                assert comment.parent in shown | {0}
                assert comment.body is None or comment.state is State.PUBLISHED
            now = version_of(connection, "crowd")
        assert now is not None
        assert now == version + 1 if removed else now == version
        version = now


def test_whoever_was_interrupted_begins_again_and_finishes(database: Database, crowd: Crowd) -> None:
    expected = sum(
        state == "published" for n, state in states(database, crowd).items() if n in below(database, crowd, 1)
    )
    steps = remove_branch(database, "crowd", 1, rule="r", reason="", now=MOMENT)
    done = next(steps) + next(steps) + next(steps)
    steps.close()  # type: ignore[attr-defined]

    rest = remove(database, "crowd", 1)

    assert 2 * STEP < done < expected
    assert done + sum(rest) == expected
    assert remove(database, "crowd", 1) == [0]
    assert list(check(database)) == []
    with database.reading() as connection:
        assert rows_of(connection, "SELECT count(*) FROM decisions WHERE after = 'removed' AND sequence > 1")[0][0] == 0


def test_replies_that_come_in_meanwhile_are_removed_too(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(), *(a_submission(parent=1) for _ in range(2 * STEP)))
    steps = remove_branch(database, "ferry", 1, rule="r", reason="", now=MOMENT)
    next(steps), next(steps)
    # Replies to the earliest reply, which is taken down last, behind all that was taken down so far.
    say(database, entropy, *(a_submission(parent=2) for _ in range(3)))

    with pytest.raises(NotPossible):
        say(database, entropy, a_submission(parent=1))
    list(steps)

    with database.reading() as connection:
        assert list(in_reading_order(connection, "ferry")) == []
        assert thread_by_id(connection, "ferry").comments == 0
    assert list(check(database)) == []


def test_a_chain_deeper_than_many_stretches_is_removed(database: Database) -> None:
    open_ferry(database)
    deep = gather(database, "chain", 730, chain)

    remove(database, "chain", 150)

    with database.reading() as connection:
        shown = [comment.number for comment in in_reading_order(connection, "chain")]
        assert comment_at(connection, "chain", 149).replies == 0
    assert shown == list(range(1, 150))
    assert {states(database, deep)[number] for number in range(150, 731)} == {"removed", "held"}
    assert list(check(database)) == []


def test_what_waits_below_stays_in_the_queue_and_may_be_approved(database: Database, crowd: Crowd) -> None:
    remove(database, "crowd", 1)
    held = next(number for number, state in states(database, crowd).items() if state == "held")

    with database.writing() as connection:
        change_state(connection, "crowd", held, Event.APPROVE, Actor.MODERATOR, rule="r", reason="", now=MOMENT)

    assert list(check(database)) == []


def test_a_branch_whose_top_is_removed_or_deleted_already_can_still_be_removed(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(), a_submission(parent=1), a_submission(parent=2), a_submission())
    with database.writing() as connection:
        change_state(connection, "ferry", 1, Event.REMOVE, Actor.MODERATOR, rule="r", reason="", now=MOMENT)

    assert sum(remove(database, "ferry", 1)) == 2

    with database.reading() as connection:
        assert [comment.number for comment in in_reading_order(connection, "ferry")] == [4]


def test_any_part_of_a_thread_may_be_removed_at_once(database: Database, crowd: Crowd) -> None:
    chance = random.Random(7)
    numbers = list(range(1, SIZE + 1))
    chance.shuffle(numbers)

    for start in range(0, SIZE, 130):
        with database.writing() as connection:
            remove_all(connection, "crowd", numbers[start : start + 130], rule="r", reason="", now=MOMENT)
        assert list(check(database)) == []


def test_a_comment_that_is_not_there_has_no_branch(database: Database, crowd: Crowd) -> None:
    for thread, number in (("crowd", SIZE + 1), ("nowhere", 1), ("crowd", 2**40)):
        with pytest.raises(NotFound):
            remove(database, thread, number)


def test_a_long_line_of_tombstones_appears_and_vanishes_with_its_last_reply(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    length = 250
    say(database, entropy, *(a_submission(parent=parent) for parent in range(length)))
    with database.writing() as connection:
        remove_all(connection, "ferry", range(1, length), rule="r", reason="", now=MOMENT)
    for event, shown in ((Event.REMOVE, 0), (Event.RESTORE, length)):
        with database.writing() as connection:
            change_state(connection, "ferry", length, event, Actor.MODERATOR, rule="r", reason="", now=MOMENT)
        with database.reading() as connection:
            assert len(list(in_reading_order(connection, "ferry"))) == shown
        assert list(check(database)) == []
