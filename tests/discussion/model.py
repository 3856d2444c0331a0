"""A thread in memory, told in the plainest words: what the windows and the database are held against."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.order import Cursor, Sort, best_rank, controversial_rank
from outspoken.discussion.state import Actor, Event, State, next_state
from outspoken.discussion.window import SIZE, Branch, Stretch, Window, read_window
from tests.factories import a_comment


class Model:
    """Comments by number. Nothing is counted ahead: what is shown is worked out each time it is asked."""

    def __init__(self) -> None:
        self.comments: dict[int, Comment] = {}
        self.last = 0
        self.asked: list[tuple[Stretch, ...]] = []

    def add(self, parent: int = 0, state: State = State.PUBLISHED) -> int:
        self.last += 1
        assert self.last not in self.comments
        depth = self.comments[parent].depth + 1 if parent else 0
        self.comments[self.last] = a_comment(self.last, parent, depth=depth, state=state)
        return self.last

    def may_reply_to(self, number: int) -> bool:
        return self.comments[number].state is State.PUBLISHED

    def vote(self, number: int, up: int, down: int) -> None:
        self.comments[number] = replace(
            self.comments[number],
            up=up,
            down=down,
            best_rank=best_rank(up, down),
            controversial_rank=controversial_rank(up, down),
        )

    def happen(self, number: int, event: Event) -> None:
        actor = Actor.AUTHOR if event is Event.DELETE else Actor.MODERATOR
        state = next_state(self.comments[number].state, event, actor)
        self.comments[number] = replace(self.comments[number], state=state)
        if state is State.DELETED:
            self.vote(number, 0, 0)

    def children(self, number: int) -> list[int]:
        return [child for child, comment in self.comments.items() if comment.parent == number]

    def shown(self) -> dict[int, Comment]:
        """Return what readers see: published comments, and tombstones that keep one in place."""
        replies = dict.fromkeys([0, *self.comments], 0)
        found: dict[int, Comment] = {}
        for number in sorted(self.comments, reverse=True):
            comment = replace(self.comments[number], replies=replies[number])
            if comment.is_shown:
                found[number] = as_shown(comment)
                replies[comment.parent] += 1
        return dict(reversed(found.items()))

    def answer(self, sort: Sort, stretch: Stretch, shown: dict[int, Comment]) -> list[Comment]:
        siblings = [comment for comment in shown.values() if comment.parent == stretch.parent]
        siblings.sort(key=lambda comment: (comment.rank(sort), comment.number), reverse=stretch.backwards)
        if stretch.cursor is not None:
            siblings = [comment for comment in siblings if _is_beyond(sort, comment, stretch.cursor, stretch.backwards)]
        return siblings[: stretch.limit]

    def window(self, sort: Sort, **named: Any) -> Window:
        shown = self.shown()
        self.asked = []
        reading = read_window(sort, **named)
        stretches = next(reading)
        try:
            while True:
                self.asked.append(stretches)
                stretches = reading.send([self.answer(sort, stretch, shown) for stretch in stretches])
        except StopIteration as done:
            window: Window = done.value
            return window


def _is_beyond(sort: Sort, comment: Comment, cursor: Cursor, backwards: bool) -> bool:
    # By number alone where the number is the order, as the tables do: there the rank says nothing more.
    here, there = (comment.rank(sort), comment.number), (cursor.rank, cursor.number)
    if sort in (Sort.OLDEST, Sort.NEWEST):
        sign = 1 if sort is Sort.OLDEST else -1
        here, there = (sign * comment.number, 0), (sign * cursor.number, 0)
    return here < there if backwards else here > there


def branches_of(window: Window) -> Iterator[Branch]:
    """Yield every branch of a window, parents first."""
    waiting = list(window.branches)
    while waiting:
        branch = waiting.pop(0)
        yield branch
        waiting.extend(branch.replies)


def pages(model: Model, sort: Sort, parent: int = 0, **named: Any) -> Generator[Window, None, None]:
    """Turn the pages of a thread (or of the replies to a comment) from the first to the last."""
    while True:
        window = model.window(sort, parent=parent, **named)
        yield window
        if window.after is None:
            return
        named["after"] = window.after


def read_everything(model: Model, sort: Sort, size: int = SIZE) -> list[int]:
    """Follow every cursor there is, the way a reader would, and return the numbers met."""
    met: list[int] = []
    waiting: list[tuple[int, Cursor | None]] = [(0, None)]
    while waiting:
        parent, after = waiting.pop()
        for window in pages(model, sort, parent, after=after, size=size):
            for branch in branches_of(window):
                met.append(branch.comment.number)
                if branch.hidden:
                    waiting.append((branch.comment.number, branch.after))
    return met
