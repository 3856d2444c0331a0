import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import TRANSITIONS, Event
from outspoken.discussion.window import LEVELS, SIZE, Stretch, Window, comments_in, read_window
from tests.discussion.model import Model, branches_of, pages, read_everything
from tests.factories import a_comment

sorts = st.sampled_from(Sort)
vote_counts = st.tuples(st.integers(0, 3), st.integers(0, 3))


@st.composite
def threads(draw: st.DrawFn, most: int = 150) -> Model:
    """Threads of many shapes: broad, deep, with votes, with tombstones, with things that are hidden."""
    model = Model()
    nearness = draw(st.sampled_from([1, 2, 5, 1_000]))
    for choice in draw(st.lists(st.integers(0, 1_000_000), max_size=most)):
        parent = 0 if not model.last or choice % 4 == 0 else max(1, model.last - choice // 4 % nearness)
        model.add(parent)
    if model.last:
        numbers = st.integers(1, model.last)
        for number, votes in draw(st.dictionaries(numbers, vote_counts, max_size=30)).items():
            model.vote(number, *votes)
        for number in draw(st.sets(numbers, max_size=30)):
            model.happen(number, draw(st.sampled_from([Event.HOLD, Event.REMOVE, Event.MARK_SPAM, Event.DELETE])))
    return model


def a_thread_of(parents: list[int]) -> Model:
    model = Model()
    for parent in parents:
        model.add(parent)
    return model


@pytest.mark.parametrize("sort", Sort)
def test_an_empty_thread_has_an_empty_window(sort: Sort) -> None:
    assert Model().window(sort) == Window(sort, (), None, None)


def test_a_thread_of_roots_shows_fifty_and_a_cursor() -> None:
    model = a_thread_of([0] * 120)

    first = model.window(Sort.OLDEST)
    second = model.window(Sort.OLDEST, after=first.after)
    third = model.window(Sort.OLDEST, after=second.after)

    assert [comment.number for comment in comments_in(first)] == list(range(1, 51))
    assert (first.before, first.after) == (None, Cursor(50, 50))
    assert (second.before, second.after) == (Cursor(51, 51), Cursor(100, 100))
    assert [branch.comment.number for branch in third.branches] == list(range(101, 121))
    assert (third.before, third.after) == (Cursor(101, 101), None)


def test_going_back_gives_the_page_before_in_reading_order() -> None:
    model = a_thread_of([0] * 120)

    window = model.window(Sort.OLDEST, before=Cursor(101, 101))
    first = model.window(Sort.OLDEST, before=Cursor(51, 51))

    assert [branch.comment.number for branch in window.branches] == list(range(51, 101))
    assert (window.before, window.after) == (Cursor(51, 51), Cursor(100, 100))
    assert [branch.comment.number for branch in first.branches] == list(range(1, 51))
    assert first.before is None


def test_roots_and_replies_share_the_window_fairly() -> None:
    # Ten roots with twenty replies each: every root is there, the first ones with more of their replies.
    model = a_thread_of([0] * 10 + [1 + reply % 10 for reply in range(200)])

    window = model.window(Sort.OLDEST)

    held = [len(branch.replies) for branch in window.branches]
    assert len(held) == 10
    assert held == sorted(held, reverse=True)
    assert min(held) >= 2
    assert sum(held) + len(held) == SIZE
    assert [branch.hidden for branch in window.branches] == [20 - replies for replies in held]


def test_a_long_chain_continues_on_the_page_of_its_last_comment() -> None:
    model = a_thread_of(list(range(30)))

    first = model.window(Sort.OLDEST)
    next_page = model.window(Sort.OLDEST, parent=LEVELS)

    assert [comment.number for comment in comments_in(first)] == list(range(1, LEVELS + 1))
    assert [(branch.hidden, branch.after) for branch in branches_of(first)][-1] == (1, None)
    assert [comment.number for comment in comments_in(next_page)] == list(range(LEVELS + 1, 2 * LEVELS + 1))


def test_comments_that_vanish_between_two_questions_leave_a_window_without_them() -> None:
    reading = read_window(Sort.OLDEST)
    assert next(reading) == (Stretch(0, SIZE + 1),)
    roots = [a_comment(1, replies=2), a_comment(2, replies=1)]

    assert reading.send([roots]) == (Stretch(1, 2), Stretch(2, 1))
    with pytest.raises(StopIteration) as done:
        reading.send([[a_comment(4, 1)], []])

    window = done.value.value
    assert [comment.number for comment in comments_in(window)] == [1, 4, 2]
    assert [branch.hidden for branch in window.branches] == [1, 1]


@given(threads(), sorts, st.sampled_from([1, 2, 7, SIZE]))
@settings(max_examples=250)
def test_every_shown_comment_is_met_exactly_once_by_following_the_cursors(model: Model, sort: Sort, size: int) -> None:
    met = read_everything(model, sort, size)

    assert Counter(met) == Counter(list(model.shown()))


@given(threads(), sorts, st.sampled_from([1, 7, SIZE]))
def test_turning_pages_back_gives_the_same_roots(model: Model, sort: Sort, size: int) -> None:
    forward = [branch.comment.number for window in pages(model, sort, size=size) for branch in window.branches]
    last = list(pages(model, sort, size=size))[-1]

    backward = [branch.comment.number for branch in last.branches]
    before = last.before
    while before is not None:
        window = model.window(sort, before=before, size=size)
        backward = [*(branch.comment.number for branch in window.branches), *backward]
        before = window.before

    assert backward == forward


@given(threads(), sorts)
def test_there_is_a_page_before_every_page_but_the_first_and_one_after_every_page_but_the_last(
    model: Model, sort: Sort
) -> None:
    turned = list(pages(model, sort))

    assert turned[0].before is None
    assert turned[-1].after is None
    for earlier, later in pairwise(turned):
        assert earlier.after == earlier.branches[-1].comment.cursor(sort)
        assert later.before == later.branches[0].comment.cursor(sort)


@given(threads(), sorts, st.booleans())
def test_a_window_is_closed_under_parents_and_earlier_siblings(model: Model, sort: Sort, from_the_middle: bool) -> None:
    shown = model.shown()
    after = list(shown.values())[len(shown) // 2].cursor(sort) if from_the_middle and shown else None

    window = model.window(sort, after=after)

    assert len(comments_in(window)) <= SIZE
    for branch in branches_of(window):
        siblings = model.answer(sort, Stretch(branch.comment.number, SIZE), shown)
        assert [reply.comment for reply in branch.replies] == siblings[: len(branch.replies)]
        assert branch.hidden == branch.comment.replies - len(branch.replies)
        assert all(reply.comment.parent == branch.comment.number for reply in branch.replies)
        assert all(reply.comment.depth == branch.comment.depth + 1 for reply in branch.replies)
    roots = model.answer(sort, Stretch(0, SIZE, after), shown)
    assert [branch.comment for branch in window.branches] == roots[: len(window.branches)]


@given(threads(most=SIZE), sorts)
def test_a_small_thread_is_shown_whole(model: Model, sort: Sort) -> None:
    shown = model.shown()
    if any(comment.depth >= LEVELS for comment in shown.values()):
        return

    window = model.window(sort)

    assert {comment.number for comment in comments_in(window)} == set(shown)
    assert (window.before, window.after) == (None, None)


@given(threads(), sorts, st.booleans())
def test_no_more_rows_are_asked_for_than_a_window_can_hold(model: Model, sort: Sort, backwards: bool) -> None:
    model.window(sort, before=Cursor(10**9 + 1, 2**31 - 1)) if backwards else model.window(sort)

    assert len(model.asked) <= LEVELS
    assert sum(stretch.limit for stretch in model.asked[0]) == SIZE + 1
    for stretches in model.asked[1:]:
        assert sum(stretch.limit for stretch in stretches) < SIZE
        assert len({stretch.parent for stretch in stretches}) == len(stretches)
        assert all(stretch.cursor is None and not stretch.backwards for stretch in stretches)


writes = st.lists(
    st.tuples(st.sampled_from(["root", "reply", "vote", *Event]), st.integers(0, 1_000_000), vote_counts), max_size=8
)


@given(threads(most=80), sorts, st.lists(writes, max_size=12))
def test_cursors_are_stable_while_others_write(model: Model, sort: Sort, between: list[list[object]]) -> None:
    roots = {number: comment.rank(sort) for number, comment in model.shown().items() if not comment.parent}
    steady = set(roots)
    met: list[int] = []
    after, turn = None, 0
    while True:
        window = model.window(sort, after=after, size=7)
        met.extend(branch.comment.number for branch in window.branches)
        if window.after is None:
            break
        after = window.after
        for what, choice, votes in between[turn] if turn < len(between) else []:  # type: ignore[misc]
            _write(model, what, choice, votes)  # type: ignore[has-type]
        turn += 1
        shown = model.shown()
        steady = {number for number in steady if number in shown and shown[number].rank(sort) == roots[number]}

    counted = Counter(met)
    assert all(counted[number] == 1 for number in steady)


def _write(model: Model, what: str, choice: int, votes: tuple[int, int]) -> None:
    if what == "root" or not model.last:
        model.add()
        return
    number = choice % model.last + 1
    if what == "reply":
        if model.may_reply_to(number):
            model.add(number)
    elif what == "vote":
        if model.may_reply_to(number):
            model.vote(number, *votes)
    elif _can(model, number, Event(what)):
        model.happen(number, Event(what))


def _can(model: Model, number: int, event: Event) -> bool:

    return (model.comments[number].state, event) in TRANSITIONS


@pytest.mark.parametrize("nearness", [1, 3, 30, 2_000])
def test_every_comment_of_a_large_thread_is_met_exactly_once_in_every_sort(nearness: int) -> None:
    chance = random.Random(nearness)
    model = Model()
    for _ in range(700):
        is_root = not model.last or chance.random() < 0.1
        model.add(0 if is_root else max(1, model.last - chance.randrange(nearness)))
        model.vote(model.last, chance.randrange(9), chance.randrange(9))
    for number in chance.sample(range(1, 701), 100):
        model.happen(number, chance.choice([Event.HOLD, Event.REMOVE, Event.MARK_SPAM, Event.DELETE]))

    for sort in Sort:
        assert Counter(read_everything(model, sort)) == Counter(list(model.shown()))
