"""Opening what people bring: plain, gzipped or zipped files, told apart by content, guarded against bombs.

No importer opens a file by itself; all bytes come through `opened`, or `members` where a zip holds several files.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from outspoken.transfer.reading.limits import Limits, refuse_a_bomb
from outspoken.transfer.reading.zips import Member, file_at, is_zip, members
from outspoken.transfer.records import Progress, Unreadable

__all__ = [
    "HEAD",
    "Gunzipped",
    "Limits",
    "Member",
    "Peeked",
    "Plain",
    "Source",
    "files_in",
    "halves",
    "head_of",
    "is_zip",
    "members",
    "opened",
    "whole",
]

HEAD = 64 * 1024
"""Bytes (decompressed) by which a format is recognised."""

_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024
_GZIP_OR_NOTHING_ELSE = 16 + zlib.MAX_WBITS


class Source(Protocol):
    """Whatever bytes can be read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class Plain:
    """A source of plain bytes."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._taken = 0

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end."""
        piece = self._file.read(_PIECE if size < 0 else size)
        self._taken += len(piece)
        self._progress(self._taken)
        return piece


class Gunzipped:
    """A source of the bytes inside a gzip file, member after member. Progress counts compressed bytes."""

    def __init__(self, file: BinaryIO, progress: Progress, limits: Limits) -> None:
        self._file = file
        self._progress = progress
        self._limits = limits
        self._taken = 0
        self._given = 0
        self._waiting = b""
        self._member: zlib._Decompress | None = None

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises:
            Unreadable: if the file is damaged, cut off, or unfolds beyond its limits.
        """
        while True:
            ended = not self._waiting and not self._fill()
            if self._member is None:
                # Some tools pad the end of a file, or of each member, with zeros.
                self._waiting = self._waiting.lstrip(b"\0")
                if self._waiting:
                    self._member = zlib.decompressobj(_GZIP_OR_NOTHING_ELSE)
                elif ended:
                    return b""
                else:
                    continue
            piece = self._unfold(self._member, _PIECE if size < 0 else size)
            if piece:
                return piece
            if ended:
                raise Unreadable("The compressed file is cut off.")

    def _fill(self) -> bool:
        self._waiting = self._file.read(_PIECE)
        self._taken += len(self._waiting)
        self._progress(self._taken)
        return bool(self._waiting)

    def _unfold(self, member: "zlib._Decompress", size: int) -> bytes:
        try:
            piece = member.decompress(self._waiting, size)
        except zlib.error as fault:
            raise Unreadable("The compressed file is damaged.") from fault
        self._waiting = member.unconsumed_tail
        if member.eof:
            self._waiting = member.unused_data
            self._member = None
        self._given += len(piece)
        refuse_a_bomb(self._given, self._taken, self._limits)
        return piece


@contextmanager
def opened(path: Path, progress: Progress, limits: Limits | None = None) -> Iterator[Source]:
    """Open `path` for reading its plain bytes, be it plain, gzipped, or a zip with one file in it.

    Raises:
        Unreadable: if it can't be opened, isn't a file, or is a zip with another number of files.
    """
    if is_zip(path):
        number = sum(1 for _ in members(path, lambda _: None, limits))
        if number != 1:
            raise Unreadable(f"{path.name} is a zip with {number} files in it, where one was looked for.")
        yield from members(path, progress, limits)
        return
    with file_at(path) as file:
        zipped = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        yield Gunzipped(file, progress, limits or Limits()) if zipped else Plain(file, progress)


def files_in(path: Path, progress: Progress) -> Iterator[tuple[str, Source]]:
    """Yield the name and bytes of `path`, or of each file in it if it is a zip.

    Raises:
        Unreadable: as `opened` and `members` do.
    """
    if is_zip(path):
        for member in members(path, progress):
            yield member.name, member
    else:
        with opened(path, progress) as source:
            yield path.name, source


class Peeked:
    """A source whose first bytes were looked at, and are given all the same."""

    def __init__(self, source: Source) -> None:
        self.head = whole(source, HEAD)
        self._source = source
        self._place = 0

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end."""
        if self._place < len(self.head):
            piece = self.head[self._place : self._place + (_PIECE if size < 0 else size)]
            self._place += len(piece)
            return piece
        return self._source.read(size)


def head_of(path: Path) -> bytes:
    """Return the first `HEAD` bytes of `path`, decompressed.

    Raises:
        Unreadable: as `opened` and reading do.
    """
    with opened(path, lambda _: None) as source:
        return whole(source, HEAD)


def halves(path: Path, progress: Progress) -> tuple[Progress, Progress]:
    """Share out the progress for a file that is read twice."""
    size = path.stat().st_size if path.exists() else 0
    return (lambda done: progress(done // 2)), (lambda done: progress((size + done + 1) // 2))


def whole(source: Source, limit: int) -> bytes:
    """Return all that is in `source`, but at most `limit` bytes."""
    pieces = []
    while limit > 0 and (piece := source.read(min(limit, _PIECE))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)
