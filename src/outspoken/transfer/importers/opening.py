"""Opening what people bring: a plain or gzipped file, told apart by content, guarded against bombs.

No importer opens a file by itself; all bytes come through `opened`.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from outspoken.transfer.records import Progress, Unreadable

HEAD = 64 * 1024
"""Bytes (decompressed) by which a format is recognised."""

_GZIP = b"\x1f\x8b"
_PIECE = 64 * 1024
_GZIP_OR_NOTHING_ELSE = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a compressed file may unfold, in bytes. Real exports compress about 4 to 20 times."""

    unfolded: int = 4 * 1024**3
    ratio: int = 200
    ratio_from: int = 64 * 1024**2
    """Below this size any ratio is let through: a small bomb does no harm."""


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
        self._refuse_a_bomb()
        return piece

    def _refuse_a_bomb(self) -> None:
        limits = self._limits
        if self._given > limits.unfolded:
            raise Unreadable(f"The compressed file unfolds to more than {limits.unfolded // 1024**2} MiB.")
        if self._given > limits.ratio_from and self._given > limits.ratio * self._taken:
            raise Unreadable(f"The compressed file unfolds to more than {limits.ratio} times its size: a bomb.")


@contextmanager
def opened(path: Path, progress: Progress, limits: Limits | None = None) -> Iterator[Plain | Gunzipped]:
    """Open `path` for reading its plain bytes, whether it is gzipped or not.

    Raises:
        Unreadable: if it can't be opened, or isn't a file.
    """
    if path.exists() and not path.is_file():
        raise Unreadable(f"{path.name} isn't a file.")
    try:
        file = path.open("rb")
    except OSError as fault:
        raise Unreadable(f"{path.name} can't be opened: {fault.strerror}.") from fault
    with file:
        zipped = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        yield Gunzipped(file, progress, limits or Limits()) if zipped else Plain(file, progress)


def head_of(path: Path) -> bytes:
    """Return the first `HEAD` bytes of `path`, decompressed.

    Raises:
        Unreadable: as `opened` and reading do.
    """
    with opened(path, lambda _: None) as source:
        return whole(source, HEAD)


def whole(source: Plain | Gunzipped, limit: int) -> bytes:
    """Return all that is in `source`, but at most `limit` bytes."""
    pieces = []
    while limit > 0 and (piece := source.read(min(limit, _PIECE))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)
