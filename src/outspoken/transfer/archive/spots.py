"""Comments of an archive by where they stand, in the order of its files: 4 bytes for each, and some 40 for a thread."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable


class Spots:
    """Threads and numbers of comments in them. They come by thread, and then by number."""

    def __init__(self) -> None:
        self._ids = bytearray()
        self._ids_end = array("Q")
        self._numbers = array("I")
        self._numbers_end = array("Q")
        self._last: str | None = None

    def add(self, thread: str, numbers: Iterable[int]) -> None:
        """Add a thread, and comments that stand in it."""
        if thread != self._last:
            self._last = thread
            self._ids += thread.encode("ascii")
            self._ids_end.append(len(self._ids))
            self._numbers_end.append(len(self._numbers))
        self._numbers.extend(numbers)
        self._numbers_end[-1] = len(self._numbers)

    def has(self, thread: str, number: int) -> bool:
        """Tell whether a comment is among them, or with the number 0 whether a thread is."""
        at = bisect_left(range(len(self._ids_end)), thread, key=self._id)
        if at == len(self._ids_end) or self._id(at) != thread:
            return False
        first, end = self._numbers_end[at - 1] if at else 0, self._numbers_end[at]
        return not number or holds(self._numbers, number, first, end)

    def _id(self, at: int) -> str:
        return self._ids[self._ids_end[at - 1] if at else 0 : self._ids_end[at]].decode("ascii")


def holds(numbers: "array[int]", number: int, first: int = 0, end: int | None = None) -> bool:
    """Tell whether a number is among others in their order, or among those from one place to before another."""
    end = len(numbers) if end is None else end
    at = bisect_left(numbers, number, first, end)
    return at < end and numbers[at] == number
