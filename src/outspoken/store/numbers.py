"""Sets of numbers and of names as large as a site: 12 to 24 bytes for each, where a set of Python's takes a hundred."""

from array import array
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=bytes | str)

_FEWEST = 8
_ROOM = array("Q", [0]).itemsize
_ALL = (1 << 64) - 1


class Slots(Generic[Key]):
    """Whole numbers from 0 on and below 2⁶⁴ - 1, each found by what it stands for; nothing is taken away.

    A table of twice to three times as many slots as were needed before it last grew, each of them 8 bytes. A number
    stands in the first free slot from the one on that the hash of its key tells. Keys are bytes or texts, whose hash is
    another one in each process, so that nobody can choose some that get into each other's way.
    """

    def __init__(self, key_of: Callable[[int], Key]) -> None:
        """`key_of` tells what a number that was put here stands for."""
        self._key_of = key_of
        self._slots = array("Q", bytes(_FEWEST * _ROOM))
        """1 more than each number, 0 in a free slot."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return (kept - 1 for kept in self._slots if kept)

    def of(self, key: Key) -> int | None:
        """Return the number that stands for a key, None if there is none."""
        kept = self._slots[self._slot_of(key)]
        return kept - 1 if kept else None

    def put(self, key: Key, number: int) -> None:
        """Let a number stand for a key, instead of the one that did; `key_of` is asked of it from now on."""
        slot = self._slot_of(key)
        self._count += not self._slots[slot]
        self._slots[slot] = number + 1
        if 3 * self._count > 2 * len(self._slots):
            self._grow()

    def _slot_of(self, key: Key) -> int:
        """Return the slot of the number that stands for a key, or a free one, where it would."""
        slots, last, key_of = self._slots, len(self._slots) - 1, self._key_of
        slot = hash(key) & last
        while (kept := slots[slot]) and key_of(kept - 1) != key:
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(2 * len(before) * _ROOM))
        for kept in before:
            if kept:
                self._slots[self._slot_of(self._key_of(kept - 1))] = kept


class Numbers:
    """A set of whole numbers from 0 on and below 2⁶⁴ - 1, from which nothing is taken away."""

    def __init__(self) -> None:
        self._slots = Slots(_bytes)

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[int]:
        return iter(self._slots)

    def __contains__(self, number: int) -> bool:
        return self._slots.of(_bytes(number)) is not None

    def add(self, number: int) -> None:
        """Put a number into the set."""
        self._slots.put(_bytes(number), number)


def _bytes(number: int) -> bytes:
    return number.to_bytes(8)


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
