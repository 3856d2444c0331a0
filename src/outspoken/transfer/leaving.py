"""What an exporter is given of a site: what readers see, thread by thread, parents before replies, numbered throughout.

An exporter only writes. It says beforehand what its format can't carry; how often that happened is counted here.
"""

import os
import shutil
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Site, Thread
from outspoken.store import exports
from outspoken.store.sites import site_named
from outspoken.store.threads import as_thread, thread_row
from outspoken.text.markup import Markup
from outspoken.transfer.unhinted import without_hosts

_IDENTIFIER = "id:"

Told = Callable[[int, int], None]
"""Told how many comments of how many are written."""


class Loss(StrEnum):
    """Something that a format has no place for."""

    VOTES = "votes"
    TOMBSTONES = "tombstones"
    DEPTH = "depth"
    EDITS = "edits"
    DATES = "dates"
    SOURCE = "source"
    STORIES = "stories"
    CLOSED = "closed"


SENTENCES = {
    Loss.VOTES: "Votes stay behind.",
    Loss.TOMBSTONES: "Places of comments that are gone stay behind; replies to them go to what stood above.",
    Loss.DEPTH: "Replies to replies become replies to the first comment of their branch.",
    Loss.EDITS: "That and when a comment was edited stays behind.",
    Loss.DATES: "What has no date gets one, because the format needs it: a comment that of its story, a story that of "
    "its earliest comment, or else the day on which the discussion was opened here.",
    Loss.SOURCE: "Texts go as HTML; how they were written stays behind.",
    Loss.STORIES: "Who reported a story, and what is quoted of it, stays behind.",
    Loss.CLOSED: "That a discussion is closed stays behind.",
}
"""What is said of each before anything is written."""
ALWAYS = (
    "Only what readers see goes; names are no accounts there, and nobody can edit what they wrote here.",
    "Which passages a comment quotes stays behind.",
)
"""What no other system's format carries."""


@dataclass(frozen=True, slots=True)
class LeavingThread:
    """A thread with the number it has in the file, and where its page is."""

    id: int
    thread: Thread
    url: str
    """Empty if none is known."""
    identifier: str
    """What an older system called the page, or the thread's id."""
    offset: int
    """What is added to a comment's number, so that numbers are unique in the file."""
    first: datetime | None
    """The earliest date of its comments; None if none of them has one."""

    @property
    def address(self) -> str:
        """Where its page is, or what would stand for that in an address."""
        return self.url or f"/{self.identifier.lstrip('/')}"

    @property
    def began(self) -> datetime:
        """A date for what has none. That of an import, when it was opened here, says nothing of when people wrote."""
        return self.thread.story.published or self.first or self.thread.opened


@dataclass(frozen=True, slots=True)
class LeavingComment:
    """A comment as readers see it, with its numbers in the file."""

    id: int
    parent: int
    """0 for a root."""
    top: int
    """The root of its branch; itself, if it is one."""
    depth: int
    comment: Comment

    @property
    def html(self) -> str:
        """Its text, without what is shown beside it; empty for a tombstone."""
        return without_hosts(self.comment.body.html) if self.comment.body else ""

    @property
    def markdown(self) -> str:
        """Its text as it was written; empty where that wasn't in Markdown."""
        body = self.comment.body
        return body.source if body and body.markup in (Markup.MARKDOWN, Markup.MIXED) else ""

    @property
    def name(self) -> str:
        """The name it is shown under; empty if there is none."""
        return self.comment.author.name if self.comment.author else ""

    def date(self, thread: LeavingThread) -> datetime:
        """When it was written, or else when its discussion began."""
        return self.comment.created or thread.began


class Exporter(Protocol):
    """One format. Each module in `exporters/` holds one, or a family."""

    name: str
    """As in `--format`."""
    title: str
    """For people."""
    loses: tuple[Loss, ...]

    def write(self, leaving: "Leaving", path: Path) -> None:
        """Write what is leaving to `path`, which isn't there yet.

        Raises:
            OSError: if it can't be written.
        """
        ...


@dataclass(slots=True)
class Leaving:
    """A site, or one of its threads, on its way out."""

    connection: sa.Connection
    site: Site
    loses: tuple[Loss, ...]
    ids: list[str]
    told: Told
    written: int = 0
    tombstones: int = 0
    expected: int = 0
    discussed: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def threads(self) -> Iterator[LeavingThread]:
        """Yield the threads in which readers see something."""
        offset = number = 0
        for id in self.ids:
            row = thread_row(self.connection, id)
            last, _ = exports.last_shown(self.connection, id)
            if last:
                number += 1
                url, identifier = _page(self.connection, self.site.name, id)
                first = None if row.published else exports.first_date(self.connection, id)
                yield LeavingThread(number, as_thread(row), row.url or url, identifier or id, offset, first)
            offset += row.last_number

    def comments(self, thread: LeavingThread) -> Iterator[LeavingComment]:
        """Yield what readers see of a thread, parents before replies; where the format has no tombstones, without."""
        self.discussed += 1
        # Of each comment by its place in the list of numbers: a thread may have a million.
        numbers, tops, depths = array("I"), array("I"), array("I")
        above: dict[int, int] = {}
        self._count_story(thread)
        for whole in exports.comments_by_number(self.connection, thread.thread.id, only_shown=True):
            comment = as_shown(whole)
            number, parent = comment.number, comment.parent
            parent = above.get(parent, parent)
            self._count(comment)
            if comment.is_tombstone and Loss.TOMBSTONES in self.loses:
                above[number] = parent
                continue
            at = bisect_left(numbers, parent)
            numbers.append(number)
            tops.append(tops[at] if parent else number)
            depths.append(depths[at] + 1 if parent else 0)
            self.written += not comment.is_tombstone
            self.tombstones += comment.is_tombstone
            self.told(self.written + self.tombstones, max(self.expected, self.written + self.tombstones))
            yield LeavingComment(
                thread.offset + number,
                thread.offset + parent if parent else 0,
                thread.offset + tops[-1],
                depths[-1],
                replace(comment, parent=parent),
            )

    def _count_story(self, thread: LeavingThread) -> None:
        story = thread.thread.story
        happened = {
            Loss.STORIES: bool(story.attribution or story.excerpt),
            Loss.CLOSED: thread.thread.opening.value != "open",
        }
        self.lost.update(loss.value for loss, is_so in happened.items() if is_so and loss in self.loses)

    def _count(self, comment: Comment) -> None:
        happened = {
            Loss.VOTES: bool(comment.up or comment.down),
            Loss.TOMBSTONES: comment.is_tombstone,
            Loss.DEPTH: comment.depth > 1,
            Loss.EDITS: comment.edited is not None,
            Loss.DATES: comment.created is None and not comment.is_tombstone,
            Loss.SOURCE: comment.body is not None and comment.body.markup != Markup.HTML,
        }
        self.lost.update(loss.value for loss, is_so in happened.items() if is_so and loss in self.loses)


def leave(
    exporter: Exporter,
    connection: sa.Connection,
    site: str,
    path: Path,
    *,
    thread: str | None = None,
    told: Told = lambda _done, _of: None,
) -> dict[str, Any]:
    """Write a site, or one of its threads, in another system's format, and return a report; only a whole file remains.

    Raises:
        NotFound: if there is no such site or thread.
        FileExistsError: if there is something at `path` already that isn't a file.
        OSError: if it can't be written.
    """
    publication = site_named(connection, site)
    ids = exports.thread_ids(connection, site, only_public=True)
    if thread is not None and thread not in ids:
        raise NotFound("There is no such discussion on this site.")
    if path.is_dir():
        raise FileExistsError(17, "file exists", str(path))
    leaving = Leaving(connection, publication, exporter.loses, ids if thread is None else [thread], told)
    leaving.expected = exports.comments_of(connection, site)
    beside = path.with_name(f"{path.name}.part")
    _remove(beside)
    try:
        exporter.write(leaving, beside)
        os.replace(beside, path)
    except BaseException:
        _remove(beside)
        raise
    return {
        "format": exporter.name,
        "threads": leaving.discussed,
        "comments": leaving.written,
        "tombstones": leaving.tombstones,
        "lost": dict(sorted(leaving.lost.items())),
    }


def _page(connection: sa.Connection, site: str, thread: str) -> tuple[str, str]:
    """Return the URL of a thread's first page and its first identifier, each empty if it has none."""
    addresses = exports.addresses_of(connection, site, thread)
    urls = (f"https://{address}" for address in addresses if not address.startswith(_IDENTIFIER))
    identifiers = (address.removeprefix(_IDENTIFIER) for address in addresses if address.startswith(_IDENTIFIER))
    return next(urls, ""), next(filter(None, identifiers), "")


def _remove(path: Path) -> None:
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
