from dataclasses import asdict, replace

import pytest

from outspoken.discussion.comment import Author, Body, Origin, Quotation, as_shown
from outspoken.discussion.errors import TooMany
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import State
from tests.factories import MOMENT, a_comment

CANARY = "canary-4711"


def full_of_canaries(state: State, replies: int = 0) -> dict[str, object]:
    comment = a_comment(
        number=7,
        parent=3,
        state=state,
        replies=replies,
        author=Author(9, CANARY, CANARY.encode()),
        body=Body(CANARY, CANARY, CANARY, 1),
        edited=MOMENT,
        up=4711,
        down=4712,
        quotes=(Quotation(4711, 4711, 4711),),
        origin=Origin(CANARY, (CANARY,), (CANARY,)),
    )
    return asdict(as_shown(comment))


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
@pytest.mark.parametrize("replies", [0, 3])
def test_readers_learn_nothing_of_a_tombstone_but_its_place(state: State, replies: int) -> None:
    shown = full_of_canaries(state, replies)

    places = {"thread", "number", "parent", "depth", "state", "replies", "best_rank", "controversial_rank"}
    told = {name for name, value in shown.items() if value not in (None, 0, ())}
    assert told <= places
    assert "4711" not in str(shown)
    assert (shown["number"], shown["parent"], shown["replies"]) == (7, 3, replies)


def test_a_published_comment_is_shown_whole() -> None:
    comment = a_comment()

    assert as_shown(comment) is comment


@pytest.mark.parametrize("state", State)
def test_a_comment_is_shown_when_it_is_published_or_has_replies_that_are(state: State) -> None:
    assert a_comment(state=state).is_shown == (state is State.PUBLISHED)
    assert a_comment(state=state, replies=1).is_shown
    assert a_comment(state=state).is_tombstone == (state is not State.PUBLISHED)


def test_each_sort_ranks_by_its_own_measure() -> None:
    comment = replace(a_comment(number=5), best_rank=11, controversial_rank=22)

    assert [comment.rank(sort) for sort in (Sort.OLDEST, Sort.NEWEST, Sort.BEST, Sort.CONTROVERSIAL)] == [5, -5, 11, 22]
    assert comment.cursor(Sort.NEWEST) == Cursor(-5, 5)


def test_a_limit_says_when_to_come_back() -> None:
    assert TooMany("Later, please.", retry_after=60).retry_after == 60
