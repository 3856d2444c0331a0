"""What a file tells of people or pages that others of its records name only by their ids. There may be a million."""

from array import array
from collections.abc import Iterator

_FEWEST = 8
_ROOM = array("Q", [0]).itemsize
_LENGTH = 4
"""Bytes before each note that tell how long it is."""


class Notes:
    """Short texts by id: their bytes one after the other, and some 20 more for each id.

    Where the note of an id begins stands in a table as that of `store.numbers`, in the first free slot from the one on
    that the hash of the id tells.
    """

    def __init__(self) -> None:
        self._told = bytearray()
        self._slots = array("Q", bytes(_FEWEST * _ROOM))
        """1 more than where a note begins, 0 in a free slot."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, id: str) -> bool:
        return bool(self._slots[self._slot_of(_plain(id))])

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield each note, its id first, in their order; not while notes are added."""
        at = 0
        while at < len(self._told):
            id, *texts = self._note(at)
            if self._slots[self._slot_of(id)] == at + 1:
                yield (id, *texts)
            at += _LENGTH + self._length(at)

    def add(self, id: str, *texts: str) -> None:
        """Note this of an id, instead of what may have been noted before; no text holds a NUL."""
        id = _plain(id)
        slot = self._slot_of(id)
        is_new = not self._slots[slot]
        self._slots[slot] = len(self._told) + 1
        told = "\0".join((id, *texts)).encode("utf-8", "surrogatepass")
        self._told += len(told).to_bytes(_LENGTH) + told
        self._count += is_new
        if 3 * self._count > 2 * len(self._slots):
            self._grow()

    def of(self, id: str) -> tuple[str, ...] | None:
        """Return what was noted of an id, None if nothing was."""
        kept = self._slots[self._slot_of(_plain(id))]
        return self._note(kept - 1)[1:] if kept else None

    def _note(self, at: int) -> tuple[str, ...]:
        first = at + _LENGTH
        return tuple(self._told[first : first + self._length(at)].decode("utf-8", "surrogatepass").split("\0"))

    def _length(self, at: int) -> int:
        return int.from_bytes(self._told[at : at + _LENGTH])

    def _slot_of(self, id: str) -> int:
        last = len(self._slots) - 1
        slot = hash(id) & last
        while (kept := self._slots[slot]) and self._note(kept - 1)[0] != id:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(2 * len(before) * _ROOM))
        for kept in before:
            if kept:
                self._slots[self._slot_of(self._note(kept - 1)[0])] = kept


def _plain(id: str) -> str:
    return id.replace("\0", "\N{REPLACEMENT CHARACTER}")
