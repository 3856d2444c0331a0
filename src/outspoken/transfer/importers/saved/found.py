"""What a layout hands over: the comments of a page in its order, before they get their ids."""

from dataclasses import dataclass, field
from datetime import datetime

from outspoken.discussion.state import State
from outspoken.transfer.records import Problem, Skipped


@dataclass(slots=True)
class Found:
    """A comment as one page shows it."""

    line: int | None
    author: str
    body: str
    """HTML, "" where nothing is left of it."""
    text: str = ""
    """Its words."""
    text_without_addresses: str = ""
    """Its words without links that show their address, and ..."""
    text_without_links: str = ""
    """... without any words of links: what copies of the page may have left of it."""
    links: int = 0
    """How many links and pictures it has."""
    is_author_linked: bool = False
    parent: int | None = None
    """Position of the comment it replies to among those found."""
    id: str = ""
    """The number the old system gave it, where the page shows one."""
    system: str = ""
    """The format whose exports name it by that number: "wordpress", "disqus"; "" for none."""
    author_source: str | None = None
    created: datetime | None = None
    edited: datetime | None = None
    state: State = State.PUBLISHED
    up: int = 0
    down: int = 0
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class Discussion:
    """What one layout makes of a page."""

    comments: list[Found] = field(default_factory=list)
    notes: list[Problem | Skipped] = field(default_factory=list)
    url: str | None = None
    """The discussed page's address, where it isn't the page it stands on."""
    headline: str = ""
    identifier: str | None = None
    also: str | None = None
    """A further address of the page."""
    has_story: bool = True
    """Whether the story stands on the page too, and not only the discussion."""
