"""Any history of a thread: written, answered, voted on, held, removed, restored, deleted, in any order."""

from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from outspoken.discussion.comment import as_shown
from outspoken.discussion.order import Sort
from outspoken.discussion.state import TRANSITIONS, Event, State
from outspoken.discussion.window import LEVELS, SIZE, comments_in
from tests.discussion.model import Model, branches_of, read_everything
from tests.factories import a_body


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.given: list[int] = []

    @rule(count=st.integers(1, 15), state=st.sampled_from([State.PUBLISHED, State.PUBLISHED, State.HELD]))
    def write(self, count: int, state: State) -> None:
        self.given.extend(self.model.add(state=state) for _ in range(count))

    @precondition(lambda self: self.model.last)
    @rule(choice=st.integers(0, 10_000), count=st.integers(1, 15), is_chain=st.booleans())
    def reply(self, choice: int, count: int, is_chain: bool) -> None:
        parent = choice % self.model.last + 1
        for _ in range(count if self.model.may_reply_to(parent) else 0):
            self.given.append(self.model.add(parent))
            parent = self.model.last if is_chain else parent

    @precondition(lambda self: self.model.last)
    @rule(choice=st.integers(0, 10_000), up=st.integers(0, 4), down=st.integers(0, 4))
    def vote(self, choice: int, up: int, down: int) -> None:
        if self.model.may_reply_to(choice % self.model.last + 1):
            self.model.vote(choice % self.model.last + 1, up, down)

    @precondition(lambda self: self.model.last)
    @rule(choice=st.integers(0, 10_000), words=st.text(max_size=5))
    def edit(self, choice: int, words: str) -> None:
        number = choice % self.model.last + 1
        self.model.comments[number] = replace(self.model.comments[number], body=a_body(words))

    @precondition(lambda self: self.model.last)
    @rule(choice=st.integers(0, 10_000), event=st.sampled_from(Event))
    def happen(self, choice: int, event: Event) -> None:
        number = choice % self.model.last + 1
        if (self.model.comments[number].state, event) in TRANSITIONS:
            self.model.happen(number, event)

    @invariant()
    def numbers_are_unique_and_never_used_again(self) -> None:
        assert self.given == list(range(1, self.model.last + 1))

    @invariant()
    def every_shown_comment_is_reachable_exactly_once_in_every_sort(self) -> None:
        shown = self.model.shown()
        for sort in Sort:
            assert Counter(read_everything(self.model, sort)) == Counter(list(shown))

    @invariant()
    def replies_stand_below_their_parents(self) -> None:
        for number, comment in self.model.shown().items():
            assert comment.parent < number
            assert not comment.parent or comment.parent in self.model.shown()

    @invariant()
    def the_first_view_is_small_and_tells_nothing_that_is_hidden(self) -> None:
        for sort in Sort:
            window = self.model.window(sort)
            told = comments_in(window)
            assert len(told) <= SIZE
            assert all(comment == as_shown(comment) for comment in told)
            assert max((branch.comment.depth for branch in branches_of(window)), default=0) < LEVELS


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
