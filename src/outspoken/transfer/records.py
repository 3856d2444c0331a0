"""What an importer reads out of a file: plain records in any order, with their place in the file.

An importer only reads. It knows nothing of the store, of numbers or of paths; the job puts its records in order.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from outspoken.discussion.state import State
from outspoken.text.legible import one_line
from outspoken.text.markup import Markup


class Unreadable(Exception):
    """The file is not what it should be. The message is one clear line for the person who ran the import.

    It may quote what the file holds, whatever that is: it stays one line, and a short one.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class SourceStory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A page that was discussed, as the file tells it."""

    source: str
    """Id that is unique among the stories of this file; comments name it."""
    url: str | None = None
    identifier: str | None = None
    """The old system's own name for the page, where it is not a URL."""
    headline: str = ""
    attribution: str = ""
    """Who reported it ("Example Wire"), where the page quotes another."""
    attribution_url: str | None = None
    excerpt: str = ""
    """The quoted part of the story, plain text in paragraphs."""
    published: datetime | None = None
    """Aware, UTC. None where the file has no date: never invented."""
    closed: bool = False
    also: tuple[str, ...] = ()
    """Further addresses of the same page."""


class SourceComment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A comment, as the file tells it."""

    source: str
    """Id that is the same whenever the same comment is read again (unique within the format and the site)."""
    story: str
    """`SourceStory.source` of the page it stands under."""
    parent: str | None = None
    """`source` of the comment it replies to, None for a root. May be unknown or come later in the file."""
    author: str = ""
    """Name as shown; empty where the file has none."""
    author_source: str | None = None
    """The old system's id of the author, if it is public there (never an e-mail or a hash of one)."""
    body: str = ""
    markup: Markup = Markup.HTML
    created: datetime | None = None
    """Aware, UTC. None where the file has no date."""
    state: State = State.PUBLISHED
    line: int | None = None
    """Line of the file where it begins, counted from 1."""
    lost: tuple[str, ...] = ()
    """What is known to be missing: "body" (only media stood there), "author", "link", "zone" (of its date, then
    taken as UTC)."""
    guessed: tuple[str, ...] = ()
    """What was decided without certainty: "author", "parent", "depth"."""
    edited: datetime | None = None
    """When its author changed it last, if they did. Aware, UTC."""
    up: int = 0
    """Votes that the old system shows; taken over as counts, because who cast them isn't known."""
    down: int = 0
    same_as: tuple[tuple[str, str], ...] = ()
    """(format, source) under which the same comment may have come before, from another file."""
    provenance: str = ""
    """For readers, what it was restored from ("a page saved on 3 May 2016"); empty for exports."""
    email: str = ""
    """The address under which it was written, where the file has one. It ends with the reading: the job drops it, or
    seals it if the owner wants it kept for claiming."""
    contact: bytes = b""
    """The same sealed; only the job fills it in."""

    def __repr__(self) -> str:
        """Show all but the address, wherever a record may be printed."""
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name != "email")
        return f"SourceComment({', '.join(shown)})"


class Skipped(msgspec.Struct, frozen=True):
    """A record that is left out on purpose, counted by `reason` ("spam", "deleted", "pingback", "empty thread")."""

    reason: str
    where: str = ""


class Problem(msgspec.Struct, frozen=True):
    """Something that could not be placed or read; reported with its place, never guessed."""

    where: str
    """For instance "line 128" or "post 4000000999"."""
    what: str


Record = SourceStory | SourceComment | Skipped | Problem

Progress = Callable[[int], None]
"""Called with the number of bytes read so far."""


class Importer(Protocol):
    """One format. Each module in `importers/` holds one, as `IMPORTER`."""

    name: str
    """As in `--format`: "disqus", "flattened"."""
    title: str
    """For people: "Disqus XML export"."""

    def recognises(self, head: bytes) -> bool:
        """Tell from the first 64 KiB (decompressed) whether this is a file of that format."""
        ...

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream the records of the file, in any order, in bounded memory.

        Raises:
            Unreadable: if the file is not of this format, is cut off, or is a bomb. May come after records were
                yielded: whoever reads must have written nothing by then.
        """
        ...


@runtime_checkable
class RecognisesPaths(Protocol):
    """An importer to which the first 64 KiB of one file don't tell enough: it reads folders, archives, databases."""

    def recognises_path(self, path: Path) -> bool:
        """Tell whether what is at `path` is of that format. Asked before `recognises`; of a folder the head is empty.

        Raises:
            Unreadable: if it can't be opened.
        """
        ...
