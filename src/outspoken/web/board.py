"""The figures of all processes of a server, side by side: each writes its own, any of them can tell the sum."""

import struct

import msgspec

from outspoken.figures import Figures
from outspoken.memory import Memory

_ROOM = 64 * 1024
_LENGTH = struct.Struct("=I")
_PAST = 0


class Board:
    """Places for the figures of processes, numbered from 1; before them that of the processes that have ended."""

    def __init__(self, places: int) -> None:
        self._places = places + 1
        self._memory = Memory(self._places * _ROOM)

    def write(self, place: int, figures: Figures) -> None:
        """Put the figures of a process in its place."""
        with self._memory.locked():
            self._write(place, figures)

    def total(self) -> Figures:
        """Return the figures of all processes together, and of those that were there before them."""
        with self._memory.locked():
            return sum((self._read(place) for place in range(self._places)), start=Figures(processes=0))

    def retire(self, place: int) -> None:
        """Empty the place of a process that has ended. What it has counted stays counted: sums never go back."""
        with self._memory.locked():
            past = self._read(_PAST) + self._read(place).past()
            self._clear(place)
            self._write(_PAST, past)

    def _write(self, place: int, figures: Figures) -> None:
        content, start = msgspec.msgpack.encode(figures), place * _ROOM
        if len(content) > _ROOM - _LENGTH.size:
            raise ValueError("there are more routes than a board has room for")
        self._clear(place)
        begin = start + _LENGTH.size
        self._memory.content[begin : begin + len(content)] = content
        # Last: whoever is killed before leaves an empty place.
        _LENGTH.pack_into(self._memory.content, start, len(content))

    def _read(self, place: int) -> Figures:
        start = place * _ROOM
        length = _LENGTH.unpack_from(self._memory.content, start)[0]
        if not length:
            return Figures(processes=0)
        begin = start + _LENGTH.size
        return msgspec.msgpack.decode(self._memory.content[begin : begin + length], type=Figures)

    def _clear(self, place: int) -> None:
        _LENGTH.pack_into(self._memory.content, place * _ROOM, 0)
