"""Memory that several processes share, and a table in it that outlives a process killed in the middle of a change.

It has no name and is on no disk: whoever makes it hands it on by forking, and with the last process it is gone. What
the bytes mean, those say who keep something in them.
"""

import fcntl
import mmap
import os
import struct
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

_WAYS = 8
_VOID = 0.0
_HEAD = mmap.PAGESIZE


class Memory:
    """Bytes that every process sees which was forked after they were made. All are 0 at first."""

    def __init__(self, size: int) -> None:
        file = os.memfd_create("outspoken")
        os.ftruncate(file, size)
        self._file = file
        self.content = mmap.mmap(file, size)
        weakref.finalize(self, os.close, file)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep all other processes out. The threads of one process don't keep each other out.

        The kernel itself lets others in when a process is killed, so whatever is done inside must be harmless if only
        the first part of it is done.
        """
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


class Table:
    """Some bytes by a key, each until a moment. A key may stand in few places; if all are taken, the oldest goes.

    Moments are in seconds since 1970. Each call but `locked` has to stand inside of `locked`.
    """

    def __init__(self, entries: int, room: int) -> None:
        """Make a table for about so many entries, each with `room` bytes beside its key of 16 random bytes."""
        self._entry = struct.Struct(f"=d16s{room}s")
        self._buckets = -(-entries // _WAYS)
        self._memory = Memory(_HEAD + self._buckets * _WAYS * self._entry.size)
        self.locked = self._memory.locked

    @property
    def head(self) -> memoryview:
        """Bytes for whatever is to be known of the whole table; `clear` leaves them."""
        return memoryview(self._memory.content)[:_HEAD]

    def find(self, key: bytes, now: float) -> tuple[bytes, float] | None:
        """Return what stands under a key, and until when; None if there is nothing any more."""
        for place in self._places(key):
            ends, found, content = self._entry.unpack_from(self._memory.content, place)
            if found == key and now < ends:
                return content, ends
        return None

    def put(self, key: bytes, content: bytes, ends: float, now: float) -> None:
        """Let something stand under a key until `ends`, in place of what stood there."""
        best, soonest = 0, float("inf")
        for place in self._places(key):
            until, found, _ = self._entry.unpack_from(self._memory.content, place)
            if found == key:
                best = place
                break
            until = until if now < until else _VOID
            if until < soonest:
                best, soonest = place, until
        # Void until it is whole.
        struct.pack_into("=d", self._memory.content, best, _VOID)
        self._entry.pack_into(self._memory.content, best, _VOID, key, content)
        struct.pack_into("=d", self._memory.content, best, ends)

    def remove(self, key: bytes) -> None:
        """Let nothing stand under a key."""
        for place in self._places(key):
            if self._entry.unpack_from(self._memory.content, place)[1] == key:
                self._entry.pack_into(self._memory.content, place, _VOID, b"", b"")

    def clear(self) -> None:
        """Let nothing stand anywhere."""
        # A hole in the memory reads as zeros, and is given back.
        self._memory.content.madvise(mmap.MADV_REMOVE, _HEAD)

    def _places(self, key: bytes) -> range:
        first = _HEAD + int.from_bytes(key[:8]) % self._buckets * _WAYS * self._entry.size
        return range(first, first + _WAYS * self._entry.size, self._entry.size)
