"""Sets of numbers and of names as large as a site: 12 to 24 bytes for each, where a set of Python's takes a hundred."""

from array import array
from collections.abc import Iterator

_FEWEST = 8
_ROOM = array("Q", [0]).itemsize
_ALL = (1 << 64) - 1


class Numbers:
    """A set of whole numbers from 0 on and below 2⁶⁴ - 1, from which nothing is taken away.

    A table of twice to three times as many slots as were needed before it last grew, each of them 8 bytes. A number
    stands in the first free slot from the one on that its hash tells, which is another one in each process, so that
    nobody can choose numbers that get into each other's way.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(_FEWEST * _ROOM))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return (kept - 1 for kept in self._slots if kept)

    def __contains__(self, number: int) -> bool:
        return bool(self._slots[self._slot_of(number)])

    def add(self, number: int) -> None:
        """Put a number into the set."""
        slot = self._slot_of(number)
        if self._slots[slot]:
            return
        self._slots[slot] = number + 1
        self._count += 1
        if 3 * self._count > 2 * len(self._slots):
            self._grow()

    def _slot_of(self, number: int) -> int:
        """Return the slot in which a number stands, or a free one, where it would."""
        slots, last = self._slots, len(self._slots) - 1
        slot = hash(number.to_bytes(8)) & last
        while slots[slot] not in (0, number + 1):
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(2 * len(before) * _ROOM))
        for kept in before:
            if kept:
                self._slots[self._slot_of(kept - 1)] = kept


class Names:
    """A set of texts, of which nothing is held but 64 bits of their hash.

    Of a million texts two share these by a chance of one in forty million; then they count as one.
    """

    def __init__(self) -> None:
        self._hashes = Numbers()

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, name: str) -> bool:
        return hash(name) % _ALL in self._hashes

    def add(self, name: str) -> None:
        """Put a text into the set."""
        self._hashes.add(hash(name) % _ALL)

    def join(self, others: "Names") -> None:
        """Put the texts of another set into this one."""
        for each in others._hashes:
            self._hashes.add(each)
