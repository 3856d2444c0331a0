"""Where imported records and their stories wait while a file is read: a scratch SQLite file, so that memory stays flat.

Nothing goes from here into the real database before the whole file has proved readable. The file has no name any more
once it is open, so that nothing of it is left behind however the process ends.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import Any

import msgspec

from outspoken.store.groups import Groups
from outspoken.store.parts import in_parts

_BATCH = 1_000
_REPEATED_KEPT = 1_000
_TABLE = """
    CREATE TABLE waiting (
        position INTEGER PRIMARY KEY,
        source TEXT NOT NULL UNIQUE,
        page TEXT NOT NULL,
        parent TEXT,
        created INTEGER,
        state TEXT NOT NULL,
        same_as BLOB,
        payload BLOB NOT NULL
    )
"""
_STORIES = "CREATE TABLE stories (page TEXT PRIMARY KEY, payload BLOB NOT NULL)"
_ADD = "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PLACES = "CREATE TABLE places (source TEXT PRIMARY KEY, place BLOB NOT NULL) WITHOUT ROWID"
_UNUSED = """
    SELECT count(*) FROM stories WHERE NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.page = stories.page)
"""
_RECORDS = """
    SELECT waiting.position, waiting.source, waiting.parent, waiting.created, waiting.state, waiting.same_as,
        answered.position
    FROM waiting LEFT JOIN waiting AS answered ON answered.source = waiting.parent
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[tuple[str, str], ...]).decode


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """What has to be known of a record to put it in order; the rest is in its payload."""

    position: int
    """Counts the file's comments from 0."""
    source: str
    parent: str | None
    created: int | None
    """Seconds since 1970."""
    state: str
    same_as: tuple[tuple[str, str], ...] = ()
    """(format, source) under which it may have come before."""
    above: int | None = None
    """Position of the parent, if it is in the file; on whatever page."""


class Records:
    """The records of some pages in the order of the file, read anew each time one goes through them.

    A page may have a million, so nobody holds them all.
    """

    def __init__(self, scratch: "Scratch", pages: Sequence[str]) -> None:
        self._scratch = scratch
        self._pages = pages

    def __iter__(self) -> Iterator[Waiting]:
        yield from self._scratch.each_of(self._pages)


class Scratch:
    """Comments of one import, by page, and the pages' stories. Not for threads; close it to be rid of what is in it."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        # A scratch file that is lost is simply made again. Without a journal of its own it may lose its name.
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "locking_mode=EXCLUSIVE", "cache_size=-16000"):
            self._file.execute(f"PRAGMA {pragma}").fetchone()
        self._file.execute(_TABLE)
        self._file.execute(_STORIES)
        self._file.execute(_PLACES)
        path.unlink()
        self._buffer: list[tuple[int, str, str, str | None, int | None, str, bytes | None, bytes]] = []
        self._count = 0
        self._stories: list[tuple[str, bytes]] = []
        self.repeated = 0
        """How many records had the source of one before them, and were not kept."""
        self.repeated_payloads: list[bytes] = []
        """The first thousand of them."""

    def add(
        self,
        *,
        source: str,
        page: str,
        parent: str | None,
        created: int | None,
        state: str,
        payload: bytes,
        same_as: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Keep a record, unless there is one of that source."""
        others = _encode(same_as) if same_as else None
        self._buffer.append((self._count, source, page, parent, created, state, others, payload))
        self._count += 1
        if len(self._buffer) >= _BATCH:
            self._flush()

    def add_story(self, page: str, payload: bytes) -> None:
        """Keep the story of a page, unless it has one."""
        self._stories.append((page, payload))
        if len(self._stories) >= _BATCH:
            self._flush_stories()

    def complete(self) -> None:
        """Note that all is here; only then can it be asked for."""
        self._flush()
        self._flush_stories()
        self._file.execute("CREATE INDEX waiting_by_page ON waiting (page)")

    def pages(self) -> Iterator[tuple[str, int, bytes | None]]:
        """Yield (page, how many records it has, its story) in the order in which pages appeared."""
        # The story is looked up for each: together with them all would be sorted.
        counts = self._file.execute("SELECT page, count(*) FROM waiting GROUP BY page ORDER BY min(position)")
        for page, count in counts:
            found = self._file.execute("SELECT payload FROM stories WHERE page = ?", (page,)).fetchone()
            yield page, count, found and found[0]

    def unused_stories(self) -> int:
        """Return how many stories have no records."""
        (count,) = self._file.execute(_UNUSED).fetchone()
        return int(count)

    def groups(self) -> Groups:
        """Return groups, none yet, that are kept here too."""
        return Groups(self._file)

    def records_of(self, pages: Sequence[str]) -> list[Waiting]:
        """Return the records of some pages, in the order of the file."""
        return list(self.each_of(pages))

    def each_of(self, pages: Sequence[str]) -> Iterator[Waiting]:
        """Yield the same one by one."""
        rows = (
            self._of(f"{_RECORDS} WHERE waiting.page", part, "ORDER BY waiting.position") for part in in_parts(pages)
        )
        return map(_waiting, merge(*rows))

    def records_at(self, positions: Sequence[int]) -> dict[int, Waiting]:
        """Return the records of these positions, by position."""
        rows = (row for part in in_parts(positions) for row in self._of(f"{_RECORDS} WHERE waiting.position", part))
        return {row[0]: _waiting(row) for row in rows}

    def note_places(self, places: Iterable[tuple[str, bytes]]) -> None:
        """Keep where comments of these sources stand now; whatever was noted of them is replaced."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR REPLACE INTO places VALUES (?, ?)", places)
        self._file.execute("COMMIT")

    def places_of(self, sources: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield what was noted of these sources, in no particular order."""
        for part in in_parts(sources):
            yield from self._of("SELECT source, place FROM places WHERE source", part)

    def forget_places(self) -> None:
        """Drop what was noted: the next page knows other comments."""
        self._file.execute("DELETE FROM places")

    def payloads(self, positions: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield (position, payload) of these records, in no particular order."""
        for part in in_parts(positions):
            yield from self._of("SELECT position, payload FROM waiting WHERE position", part)

    def close(self) -> None:
        """Give the room back."""
        self._file.close()

    def _of(self, statement: str, values: Sequence[str | int], order: str = "") -> sqlite3.Cursor:
        return self._file.execute(f"{statement} IN ({','.join('?' * len(values))}) {order}", values)

    def _flush(self) -> None:
        before = self._file.total_changes
        self._file.execute("BEGIN")
        self._file.executemany(_ADD, self._buffer)
        self._file.execute("COMMIT")
        if self._file.total_changes - before < len(self._buffer):
            self._note_repeated()
        self._buffer.clear()

    def _flush_stories(self) -> None:
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO stories VALUES (?, ?)", self._stories)
        self._file.execute("COMMIT")
        self._stories.clear()

    def _note_repeated(self) -> None:
        there = {position for (position,) in self._of_positions([row[0] for row in self._buffer])}
        for row in self._buffer:
            if row[0] not in there:
                self.repeated += 1
                if len(self.repeated_payloads) < _REPEATED_KEPT:
                    self.repeated_payloads.append(row[-1])

    def _of_positions(self, positions: Sequence[int]) -> Iterator[tuple[int]]:
        for part in in_parts(positions):
            yield from self._of("SELECT position FROM waiting WHERE position", part)


def _waiting(row: tuple[Any, ...]) -> Waiting:
    position, source, parent, created, state, same_as, above = row
    return Waiting(position, source, parent, created, state, _decode(same_as) if same_as else (), above)
