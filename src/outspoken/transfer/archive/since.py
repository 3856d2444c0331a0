"""What is new or otherwise since an archive was written: an increment, to be brought in after what it goes on from.

Both are streams in the same order, so they are read side by side. Of what was changed an increment holds the digest
of how it was, so that only what is still so is changed by it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from outspoken.discussion.state import State
from outspoken.transfer.archive.lines import (
    AddressLine,
    AuthorLine,
    CommentLine,
    DecisionLine,
    ErasedLine,
    ProvenanceLine,
    RedirectLine,
    SiteLine,
    ThreadLine,
    digest_of,
    digest_of_story,
)
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.archive.telling import Telling
from outspoken.transfer.records import Unreadable

L = TypeVar("L")
Key = Callable[[Any], tuple[Any, ...]]

_KEYS: dict[str, Key] = {
    "threads": lambda line: (line.id,),
    "addresses": lambda line: (line.thread, line.address),
    "comments": lambda line: (line.thread, line.number),
    "decisions": lambda line: (line.thread, line.number, line.sequence),
    "provenance": lambda line: (line.format, line.source),
    "redirects": lambda line: (line.thread, line.old_thread, line.old_number),
    "erased": lambda line: (line.digest,),
}


class Base:
    """What was written before: an archive, and increments of which each goes on from the one before it."""

    def __init__(self, archives: Sequence[Archive], site: str, *, is_complete: bool, thread: str | None) -> None:
        """Take the archives.

        Raises:
            Unreadable: if they aren't of the same, or don't follow each other.
        """
        self._archives = archives
        last = None
        for archive in archives:
            manifest = archive.manifest
            if (manifest.site, archive.is_complete, manifest.thread) != (site, is_complete, thread):
                raise Unreadable(
                    "it is an archive of something else, or not as complete; an increment has to be alike."
                )
            if manifest.since != last:
                raise Unreadable("name the archive that holds everything first, then each increment in its order.")
            last = sha256(archive.manifest_bytes).hexdigest()
        self.digest = last
        """Of the last one's manifest."""

    def lines(self, kind: str) -> Iterator[Any]:
        """Yield the lines of a kind as they were in the end."""
        key = _KEYS[kind]
        streams = [
            (((key(line), age), line) for _, line in archive.lines(kind)) for age, archive in enumerate(self._archives)
        ]
        ordered = merge(*streams, key=itemgetter(0))
        for _, same in groupby(ordered, key=lambda found: found[0][0]):
            *_, (_, line) = same
            yield replace(line, was="") if hasattr(line, "was") else line

    def compared(self, kind: str, lines: Iterable[L]) -> Iterator[tuple[L | None, L | None]]:
        """Yield (line, as it was) of all that differs: what is new was None, and what is gone is None now."""
        key = _KEYS[kind]
        before = self.lines(kind)
        old: Any = next(before, None)
        for line in lines:
            while old is not None and key(old) < key(line):
                yield None, old
                old = next(before, None)
            if old is None or key(old) != key(line):
                yield line, None
                continue
            if old != line:
                yield line, old
            old = next(before, None)
        while old is not None:
            yield None, old
            old = next(before, None)


class Increment:
    """What of a site differs from what was written before."""

    def __init__(self, telling: Telling, base: Base) -> None:
        self._telling = telling
        self._base = base
        self._named: dict[str, list[int]] = defaultdict(list)
        self._changed: set[str] = set()
        self._ids = frozenset(telling.ids)
        self._gone: dict[str, set[int]] = defaultdict(set)
        for redirect in telling.redirects():
            if redirect.old_thread in self._ids:
                self._gone[redirect.old_thread].add(redirect.old_number)
        # Authors stand before the comments that name them, so what will be written of those is looked up first.
        for line in self.comments():
            self._changed.add(line.thread)
            if line.author is not None and line.author not in self._named[line.thread]:
                self._named[line.thread].append(line.author)

    @property
    def discussed(self) -> Sequence[str]:
        """The threads in which something differs."""
        return [id for id in self._telling.ids if id in self._changed]

    @property
    def since(self) -> str | None:
        """Digest of the manifest that this goes on from."""
        return self._base.digest

    def site(self) -> Iterator[SiteLine]:
        """Yield the site."""
        return self._telling.site()

    def threads(self) -> Iterator[ThreadLine]:
        """Yield all threads; a story that was changed with what it was."""
        before = self._base.lines("threads")
        old: ThreadLine | None = next(before, None)
        for line in self._telling.threads():
            while old is not None and old.id < line.id:
                old = next(before, None)
            is_changed = old is not None and old.id == line.id and digest_of_story(old) != digest_of_story(line)
            yield replace(line, was=digest_of_story(old)) if old is not None and is_changed else line

    def addresses(self) -> Iterator[AddressLine]:
        """Yield the new addresses."""
        return self._new("addresses", self._telling.addresses())

    def authors(self) -> Iterator[AuthorLine]:
        """Yield the authors whom these comments name."""
        for thread, lines in groupby(self._telling.authors(), key=lambda line: line.thread):
            if thread in self._named:
                found = {line.number: line for line in lines if line.number in set(self._named[thread])}
                yield from (found[number] for number in self._named[thread])

    def comments(self) -> Iterator[CommentLine]:
        """Yield the comments that are new or otherwise; what readers don't see any more counts as deleted."""
        for line, old in self._base.compared("comments", self._telling.comments()):
            if line is None and old is not None and old.state is not State.DELETED and not self._has_moved(old):
                yield CommentLine(old.thread, old.number, State.DELETED, old.parent, was=digest_of(old))
            elif line is not None:
                yield line if old is None else replace(line, was=digest_of(old))

    def decisions(self) -> Iterator[DecisionLine]:
        """Yield the new decisions."""
        return self._new("decisions", self._telling.decisions())

    def provenance(self) -> Iterator[ProvenanceLine]:
        """Yield where new comments came from."""
        return self._new("provenance", self._telling.provenance())

    def redirects(self) -> Iterator[RedirectLine]:
        """Yield the new addresses of what has moved."""
        return self._new("redirects", self._telling.redirects())

    def erased(self) -> Iterator[ErasedLine]:
        """Yield what was erased since."""
        return self._new("erased", self._telling.erased())

    def _has_moved(self, line: CommentLine) -> bool:
        """Tell whether a comment isn't where it was because it is elsewhere, or its thread is no more."""
        return line.thread not in self._ids or line.number in self._gone[line.thread]

    def _new(self, kind: str, lines: Iterable[L]) -> Iterator[L]:
        return (line for line, _ in self._base.compared(kind, lines) if line is not None)
