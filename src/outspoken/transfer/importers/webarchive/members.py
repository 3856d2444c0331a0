"""The bytes of a WARC file, gzip member by gzip member. After a damaged one reading goes on with the next."""

import zlib
from collections.abc import Iterator
from typing import Protocol

from outspoken.transfer.reading.limits import Limits, refuse_a_bomb
from outspoken.transfer.reading.opening import Source

LIMITS = Limits(unfolded=1024**4)
"""Web archives are large; what is kept of them isn't."""

_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b\x08"
_GZIP_OR_NOTHING_ELSE = 16 + zlib.MAX_WBITS


class Stream(Protocol):
    """Bytes that end where they end or where they are damaged."""

    fault: str
    """What was wrong, "" while nothing is."""

    def place(self, offset: int) -> int:
        """Return where in the file a byte of the stream is; of compressed ones, where they begin."""
        ...

    def read(self) -> bytes:
        """Return some bytes, none at the end and behind a fault."""
        ...


class _Raw:
    """The file as it is."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.waiting = b""
        self.taken = 0

    @property
    def place(self) -> int:
        """Where the waiting bytes begin."""
        return self.taken - len(self.waiting)

    def fill(self) -> bool:
        """Take more if nothing is waiting. Tell whether something is."""
        if not self.waiting:
            self.waiting = self._source.read(_PIECE)
            self.taken += len(self.waiting)
        return bool(self.waiting)

    def find_member(self) -> bool:
        """Drop bytes up to what looks like the beginning of a gzip member. Tell whether there is one."""
        while True:
            at = self.waiting.find(_GZIP)
            if at >= 0:
                self.waiting = self.waiting[at:]
                return True
            kept = self.waiting[-(len(_GZIP) - 1) :]
            self.waiting = b""
            if not self.fill():
                return False
            self.waiting = kept + self.waiting


class _Plain:
    """A file that isn't compressed."""

    fault = ""

    def __init__(self, raw: _Raw) -> None:
        self._raw = raw
        self._begin = raw.place

    def place(self, offset: int) -> int:
        return self._begin + offset

    def read(self) -> bytes:
        self._raw.fill()
        piece, self._raw.waiting = self._raw.waiting, b""
        return piece


class _Unfolding:
    """How far a file has unfolded, over all its members."""

    def __init__(self, raw: _Raw, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        self._given = 0

    def count(self, size: int) -> None:
        """Count bytes that came out.

        Raises:
            Unreadable: if they are too many for what went in.
        """
        self._given += size
        refuse_a_bomb(self._given, self._raw.taken, self._limits)


class _Member:
    """One gzip member."""

    def __init__(self, raw: _Raw, unfolding: _Unfolding) -> None:
        self._raw = raw
        self._unfolding = unfolding
        self._member = zlib.decompressobj(_GZIP_OR_NOTHING_ELSE)
        self._begin = raw.place
        self.fault = ""

    def place(self, offset: int) -> int:  # noqa: ARG002
        return self._begin

    def read(self) -> bytes:
        while not self._member.eof and not self.fault:
            if not self._raw.fill():
                self.fault = "is cut off"
                break
            try:
                piece = self._member.decompress(self._raw.waiting, _PIECE)
            except zlib.error:
                self.fault = "is damaged: what is compressed can't be unfolded"
                if self._raw.place == self._begin:
                    # Nothing of it was taken yet: without this step it would be found again.
                    self._raw.waiting = self._raw.waiting[1:]
                break
            self._raw.waiting = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if piece:
                self._unfolding.count(len(piece))
                return piece
        return b""


def streams(source: Source, limits: Limits = LIMITS) -> Iterator[Stream]:
    """Yield the parts of a WARC file in which records stand: each gzip member, or all of a file that isn't compressed.

    Each is to be read to its end before the next is asked for.

    Raises:
        Unreadable: while reading, if the file unfolds to more than its size allows.
    """
    raw = _Raw(source)
    if not raw.fill():
        return
    if not raw.waiting.startswith(_GZIP[: len(raw.waiting)]):
        yield _Plain(raw)
        return
    unfolding = _Unfolding(raw, limits)
    while raw.fill() and raw.find_member():
        yield _Member(raw, unfolding)
