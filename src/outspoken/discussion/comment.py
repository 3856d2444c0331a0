"""What is said: a comment, who it is shown as, its text, and what an edit or a deletion leaves of it."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import State


@dataclass(frozen=True, slots=True)
class Author:
    """Who a comment is shown as, in one thread. Nothing here tells who is behind it."""

    number: int
    """Counts from 1 within the thread."""
    name: str
    """As given; empty for somebody who gave none."""
    mark: bytes
    """Sixteen random-looking bytes from which the drawn mark is made; the same person in another thread has others."""


class Body(msgspec.Struct, frozen=True, gc=False):
    """A text as it was written and as it is shown."""

    source: str
    markup: str
    html: str
    renderer: int
    """Version of the renderer that made `html`."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """A passage of a comment that stands word for word elsewhere in the thread."""

    target: int
    """Number of the comment that is quoted; 0 for the story."""
    start: int
    """First character in the story's plain text; 0 for comments."""
    length: int
    """Characters; 0 for comments."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an imported comment came from."""

    format: str
    lost: tuple[str, ...]
    guessed: tuple[str, ...]
    provenance: str = ""
    """What it was restored from, in words for readers; empty where there was an export."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of a thread. A tombstone has neither author nor body."""

    thread: str
    number: int
    parent: int
    """Number of the comment it replies to, 0 for a root."""
    depth: int
    """0 for a root."""
    state: State
    author: Author | None
    body: Body | None
    created: datetime | None
    """To the minute, UTC; None where an import had no date."""
    edited: datetime | None = None
    up: int = 0
    down: int = 0
    best_rank: int = 0
    controversial_rank: int = 0
    replies: int = 0
    """Direct replies that are shown."""
    quotes: tuple[Quotation, ...] = ()
    origin: Origin | None = None

    @property
    def is_shown(self) -> bool:
        """Whether readers see it, be it only as the tombstone that keeps its replies in place."""
        return self.state is State.PUBLISHED or self.replies > 0

    @property
    def is_tombstone(self) -> bool:
        """Whether readers see only that something stood here."""
        return self.state is not State.PUBLISHED

    def cursor(self, sort: Sort) -> Cursor:
        """Return the point among its siblings at which it stands in `sort`."""
        return Cursor(self.rank(sort), self.number)

    def rank(self, sort: Sort) -> int:
        """Return its rank among its siblings; smaller stands first."""
        match sort:
            case Sort.OLDEST:
                return self.number
            case Sort.NEWEST:
                return -self.number
            case Sort.BEST:
                return self.best_rank
            case Sort.CONTROVERSIAL:
                return self.controversial_rank


def as_shown(comment: Comment) -> Comment:
    """Return what readers may know of a comment: all of a published one, of any other only its place."""
    if not comment.is_tombstone:
        return comment
    return replace(comment, author=None, body=None, created=None, edited=None, up=0, down=0, quotes=(), origin=None)
