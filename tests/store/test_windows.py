import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotFound
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import TRANSITIONS, Actor, Event, State
from outspoken.discussion.window import SIZE, Branch, Window
from outspoken.store.changes import change_state, delete
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.loading import take_in
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.threads import thread_by_id
from outspoken.store.votes import Ballot, vote
from outspoken.store.windows import (
    ancestors_of,
    comment_at,
    held_comments,
    in_reading_order,
    latest_comments,
    latest_on_site,
    window_of,
)
from tests.discussion.model import Model, branches_of
from tests.factories import MOMENT, a_body, a_submission, an_arrival, open_ferry, say

BODY = a_body("Words.")
KEY = b"k" * 32


def write_chain(database: Database, entropy: Entropy, length: int) -> None:
    open_ferry(database)
    say(database, entropy, *(a_submission(parent=parent, body=BODY) for parent in range(length)))


class Both:
    """A thread kept twice: in the database and in the model."""

    def __init__(self, database: Database, thread: str, entropy: Entropy) -> None:
        self.database, self.thread, self.entropy = database, thread, entropy
        self.model = Model()
        open_ferry(database, thread)

    def grow(self, steps: list[tuple[str, int, int]]) -> None:
        with self.database.writing() as connection:
            for what, choice, extra in steps:
                number = choice % max(1, self.model.last) + 1
                if what == "root" or not self.model.last:
                    state = State.HELD if extra % 7 == 0 else State.PUBLISHED
                    self.model.add(state=state)
                    publish(connection, self.submission(0, state), MOMENT, self.entropy)
                elif what == "reply":
                    if self.model.may_reply_to(number):
                        self.model.add(number)
                        publish(connection, self.submission(number), MOMENT, self.entropy)
                elif what == "vote":
                    if self.model.may_reply_to(number):
                        up, down = self.model.comments[number].up, self.model.comments[number].down
                        value = 1 if extra % 2 else -1
                        self.model.vote(number, up + (value > 0), down + (value < 0))
                        vote(connection, Ballot(self.thread, number, self.entropy(8), None, value))
                elif (self.model.comments[number].state, Event(what)) in TRANSITIONS:
                    self.model.happen(number, Event(what))
                    if what == Event.DELETE:
                        delete(connection, self.thread, number, key_hash=KEY, now=MOMENT)
                    else:
                        change_state(
                            *(connection, self.thread, number, Event(what), Actor.MODERATOR),
                            rule="",
                            reason="",
                            now=MOMENT,
                        )

    def submission(self, parent: int, state: State = State.PUBLISHED):  # type: ignore[no-untyped-def]
        words = a_body(f"Words {self.model.last}.")
        return a_submission(self.thread, parent=parent, body=words, state=state, name="", key_hash=KEY)


def outline(branch: Branch) -> tuple[object, ...]:
    comment = branch.comment
    replies = tuple(outline(reply) for reply in branch.replies)
    told = (comment.number, comment.parent, comment.depth, comment.state, comment.up, comment.down, comment.replies)
    return (*told, comment.body is None, branch.hidden, branch.after, replies)


def outlines(window: Window) -> tuple[object, ...]:
    return (*(outline(branch) for branch in window.branches), window.before, window.after)


def turning(both: Both, sort: Sort, parent: int) -> Iterator[tuple[Window, Window]]:
    after = None
    with both.database.reading() as connection:
        while True:
            expected = both.model.window(sort, parent=parent, after=after)
            yield window_of(connection, both.thread, sort, parent=parent, after=after), expected
            if expected.after is None:
                return
            after = expected.after


def walk(shown: dict[int, Comment], parent: int = 0) -> Iterator[int]:
    for number, comment in shown.items():
        if comment.parent == parent:
            yield number
            yield from walk(shown, number)


steps = st.lists(
    st.tuples(
        st.sampled_from(["root", "root", "reply", "reply", "reply", "reply", "vote", *Event]),
        st.integers(0, 1_000),
        st.integers(0, 1_000),
    ),
    max_size=120,
)


def assert_equal(both: Both) -> None:
    shown = both.model.shown()
    for sort in Sort:
        for parent in (0, *[number for number in shown if shown[number].replies][:3]):
            for found, expected in turning(both, sort, parent):
                assert outlines(found) == outlines(expected)
                if expected.before is not None:
                    with both.database.reading() as connection:
                        back = window_of(connection, both.thread, sort, parent=parent, before=expected.before)
                    assert outlines(back) == outlines(both.model.window(sort, parent=parent, before=expected.before))
    with both.database.reading() as connection:
        read = list(in_reading_order(connection, both.thread))
        assert thread_by_id(connection, both.thread).comments == sum(
            comment.state is State.PUBLISHED for comment in both.model.comments.values()
        )
    assert [comment.number for comment in read] == list(walk(shown))
    assert [(comment.state, comment.replies) for comment in read] == [
        (shown[comment.number].state, shown[comment.number].replies) for comment in read
    ]


def test_windows_are_those_of_the_model_whatever_happened(database: Database, entropy: Entropy) -> None:
    names = (f"thread{number}" for number in count(1))

    @given(steps)
    @settings(max_examples=20, database=None)
    def compare(happened: list[tuple[str, int, int]]) -> None:
        both = Both(database, next(names), entropy)
        both.grow(happened)
        assert_equal(both)

    compare()

    assert list(check(database)) == []


def test_windows_of_a_large_thread_are_those_of_the_model(database: Database, entropy: Entropy) -> None:
    chance = random.Random(7)
    happenings = ["root", *["reply"] * 6, *["vote"] * 4]
    both = Both(database, "large", entropy)
    both.grow([(chance.choice(happenings), chance.randrange(10_000), chance.randrange(10_000)) for _ in range(600)])
    both.grow([(chance.choice(list(Event)), chance.randrange(10_000), 1) for _ in range(60)])

    assert_equal(both)
    assert list(check(database)) == []


@pytest.mark.parametrize("sort", Sort)
def test_every_comment_is_met_once_by_following_the_cursors(database: Database, entropy: Entropy, sort: Sort) -> None:
    open_ferry(database)
    say(database, entropy, *(a_submission(body=BODY) for _ in range(3)))
    say(database, entropy, *(a_submission(parent=1 + number % 3, body=BODY) for number in range(160)))
    say(database, entropy, *(a_submission(parent=number, body=BODY) for number in range(163, 180)))

    met: list[int] = []
    waiting: list[tuple[int, Cursor | None]] = [(0, None)]
    with database.reading() as connection:
        while waiting:
            parent, after = waiting.pop()
            window = window_of(connection, "ferry", sort, parent=parent, after=after)
            if window.after:
                waiting.append((parent, window.after))
            for branch in branches_of(window):
                met.append(branch.comment.number)
                if branch.hidden:
                    waiting.append((branch.comment.number, branch.after))

    assert Counter(met) == Counter(range(1, 181))


@pytest.mark.parametrize("cursor", [Cursor(-(10**12) + 1, 0), Cursor(10**12 - 1, 2**31 - 1), Cursor(0, 2**31 - 1)])
@pytest.mark.parametrize("sort", Sort)
def test_cursors_from_the_edge_of_the_world_are_harmless(
    database: Database, entropy: Entropy, sort: Sort, cursor: Cursor
) -> None:
    write_chain(database, entropy, 2)

    with database.reading() as connection:
        for window in (
            window_of(connection, "ferry", sort, after=cursor),
            window_of(connection, "ferry", sort, before=cursor),
        ):
            assert len(window.branches) <= 1


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**63, 2**80])
def test_a_number_that_was_never_given_is_not_found(database: Database, entropy: Entropy, number: int) -> None:
    write_chain(database, entropy, 1)

    with database.reading() as connection, pytest.raises(NotFound):
        comment_at(connection, "ferry", number)


def test_ancestors_are_found_beyond_every_stretch(database: Database, entropy: Entropy) -> None:
    write_chain(database, entropy, 230)

    with database.reading() as connection:
        for number in (1, 2, 99, 100, 101, 102, 150, 200, 201, 202, 230):
            for limit in (0, 1, 20, 99, 100, 101, 1_000):
                found = ancestors_of(connection, "ferry", number, limit)
                assert [comment.number for comment in found] == list(range(max(1, number - limit), number))


def test_ancestors_are_shown_as_readers_see_them(database: Database, entropy: Entropy) -> None:
    write_chain(database, entropy, 3)
    with database.writing() as connection:
        change_state(connection, "ferry", 1, Event.REMOVE, Actor.MODERATOR, rule="", reason="", now=MOMENT)

    with database.reading() as connection:
        top, above = ancestors_of(connection, "ferry", 3)

    assert (top.body, top.author) == (None, None)
    assert above.body == BODY


def test_a_chain_through_several_stretches_is_read_in_order_with_its_side_branches(
    database: Database, entropy: Entropy
) -> None:
    write_chain(database, entropy, 230)
    parents = [99, 100, 101, 200, 50, 100, 230, 0, 201]
    say(database, entropy, *(a_submission(parent=parent, body=BODY) for parent in parents))
    tree = {**{number: number - 1 for number in range(1, 231)}, **dict(enumerate(parents, start=231))}

    expected: list[int] = []
    waiting = [number for number in reversed(tree) if not tree[number]]
    while waiting:
        expected.append(waiting.pop())
        waiting.extend(number for number in reversed(tree) if tree[number] == expected[-1])

    with database.reading() as connection:
        assert [comment.number for comment in in_reading_order(connection, "ferry")] == expected
    assert list(check(database)) == []


def test_a_thread_of_more_comments_than_one_statement_reads_is_read_whole(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    body = an_arrival(1).body
    with database.writing() as connection:
        arrivals = [an_arrival(number, body=body) for number in range(1, 1_004)]
        take_in(connection, "ferry", arrivals, site="harbour", format="x", job="j", entropy=entropy)

    with database.reading() as connection:
        assert [comment.number for comment in in_reading_order(connection, "ferry")] == list(range(1, 1_004))
    assert list(check(database)) == []


def test_the_latest_comments_are_published_and_newest_first(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, *(a_submission() for _ in range(4)), a_submission(state=State.HELD))
    with database.writing() as connection:
        change_state(connection, "ferry", 4, Event.REMOVE, Actor.MODERATOR, rule="", reason="", now=MOMENT)

    with database.reading() as connection:
        assert [comment.number for comment in latest_comments(connection, "ferry", 2)] == [3, 2]


def test_the_latest_comments_of_a_site_come_from_all_its_threads(database: Database, entropy: Entropy) -> None:
    for id in ("ferry", "bridge", "quiet"):
        open_ferry(database, id)
    for minute, id in enumerate(["ferry", "bridge", "ferry", "bridge", "bridge"]):
        say(database, entropy, a_submission(id), now=MOMENT + timedelta(minutes=minute))

    with database.reading() as connection:
        found = [(thread.id, comment.number) for thread, comment in latest_on_site(connection, "harbour", 4)]
        assert latest_on_site(connection, "elsewhere", 4) == []
    assert found == [("bridge", 3), ("bridge", 2), ("ferry", 2), ("bridge", 1)]


def test_held_comments_are_listed_oldest_first_with_their_text(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, *(a_submission(state=State.HELD, body=BODY) for _ in range(3)), a_submission())

    with database.reading() as connection:
        found = held_comments(connection, "ferry", 2)
    assert [(comment.number, comment.body) for comment in found] == [(1, BODY), (2, BODY)]


def test_a_window_of_a_thread_that_is_not_there_is_empty(database: Database) -> None:
    with database.reading() as connection:
        assert window_of(connection, "nowhere", Sort.BEST, size=SIZE) == Window(Sort.BEST, (), None, None)
