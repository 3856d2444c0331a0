"""What a file tells of people or pages that others of its records name only by their ids. There may be a million."""

from collections.abc import Iterator

from outspoken.store.numbers import Slots

_LENGTH = 4
"""Bytes before each note that tell how long it is."""


class Notes:
    """Short texts by id: their bytes one after the other, and some 20 more for each id."""

    def __init__(self) -> None:
        self._told = bytearray()
        self._begins = Slots(self._id)
        """Where the note of each id begins."""

    def __len__(self) -> int:
        return len(self._begins)

    def __contains__(self, id: str) -> bool:
        return self._begins.of(_plain(id)) is not None

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Yield each note, its id first, in their order; not while notes are added."""
        at = 0
        while at < len(self._told):
            id, *texts = self._note(at)
            if self._begins.of(id) == at:
                yield (id, *texts)
            at += _LENGTH + self._length(at)

    def add(self, id: str, *texts: str) -> None:
        """Note this of an id, instead of what may have been noted before; no text holds a NUL."""
        id, at = _plain(id), len(self._told)
        told = "\0".join((id, *texts)).encode("utf-8", "surrogatepass")
        self._told += len(told).to_bytes(_LENGTH) + told
        self._begins.put(id, at)

    def of(self, id: str) -> tuple[str, ...] | None:
        """Return what was noted of an id, None if nothing was."""
        at = self._begins.of(_plain(id))
        return None if at is None else self._note(at)[1:]

    def _id(self, at: int) -> str:
        return self._note(at)[0]

    def _note(self, at: int) -> tuple[str, ...]:
        first = at + _LENGTH
        return tuple(self._told[first : first + self._length(at)].decode("utf-8", "surrogatepass").split("\0"))

    def _length(self, at: int) -> int:
        return int.from_bytes(self._told[at : at + _LENGTH])


def _plain(id: str) -> str:
    return id.replace("\0", "\N{REPLACEMENT CHARACTER}")
