"""What is discussed: a site, its stories, and the thread below each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Opening(StrEnum):
    """What may still happen in a thread."""

    OPEN = "open"
    CLOSED = "closed"
    """No new comments; votes, edits and deletions go on."""
    READ_ONLY = "read-only"
    """Nothing changes any more, except that people take back what they wrote."""


@dataclass(frozen=True, slots=True)
class Site:
    """A publication."""

    name: str
    """Its short name, used in addresses and on the command line."""
    title: str
    origins: tuple[str, ...]
    """Where its pages live, such as `https://news.example`."""
    language: str = "en"
    staff_names: tuple[str, ...] = ()
    """Names nobody else may come close to."""
    indexed: bool = True
    """Whether search engines are invited."""
    live_tick: int = 0
    """Seconds between two moments at which pages that follow are told anything; 0 for at once.

    With a tick, and a random delay after it, nobody can match an event to the moment at which somebody wrote.
    """


@dataclass(frozen=True, slots=True)
class Story:
    """What a thread discusses."""

    headline: str
    url: str | None = None
    """The page it was published on, if it has one elsewhere."""
    attribution: str = ""
    """Who reported it, when it is quoted."""
    attribution_url: str | None = None
    excerpt: str = ""
    """Plain text in paragraphs, parted by blank lines."""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A story's discussion."""

    id: str
    site: str
    story: Story
    opening: Opening
    comments: int
    """Published comments."""
    version: int
    """Counts every change that readers can see."""
    opened: datetime
    active: datetime | None
    """When the latest comment was published; None before the first and where an import had no dates."""
