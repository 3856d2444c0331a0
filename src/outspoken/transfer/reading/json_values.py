"""JSON of any length, read as it comes: the values at places that are asked for, each bounded in depth and size.

A place is written `comments[].id`: the member `id` of each item of the array `comments`. What stands elsewhere is
passed over. JSON line by line is read by `json_lines`.
"""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import ijson

from outspoken.transfer.reading.decoding import refuse_wide
from outspoken.transfer.reading.opening import Source
from outspoken.transfer.records import Unreadable

_PIECE = 64 * 1024
_STARTS = ("start_map", "start_array")
_ENDS = ("end_map", "end_array")
_NO_VALUES = (*_ENDS, "map_key")
_ELSEWHERE = "\0"
_SHAPE_REACH = 6
_SHAPE_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large one value may be. No comment of a real system comes near."""

    depth: int = 64
    """Objects and arrays within each other."""
    parts: int = 200_000
    """Names, values and ends of one value; names of an object that values are looked for in."""
    size: int = 4 * 1024**2
    """Characters in the texts of one value; bytes of a single text."""

    def check_depth(self, around: int) -> None:
        """Refuse an object or array that begins within `around` others.

        Raises:
            Unreadable: if that is too deep.
        """
        if around >= self.depth:
            raise Unreadable(f"The file is nested more than {self.depth} levels deep.")


class Found(NamedTuple):
    """A value that stood at a place that was asked for."""

    place: str
    item: int
    """Which item of the file's outermost array it stood in, counted from 0; -1 where the file is no array."""
    value: Any


def values(source: Source, *places: str, bounds: Bounds | None = None) -> Iterator[Found]:
    """Yield what stands at `places`, in the order of the file.

    Whole numbers come as int and others as float, both within 64 bits; the rest is as `json` has it.

    Raises:
        Unreadable: if it isn't JSON in UTF-8, is cut off, has a value beyond the bounds, or an object that has a name
            twice.
    """
    walk = _Walk(source, reach=max(map(_reach, places)), bounds=bounds or Bounds())
    try:
        yield from walk.values(frozenset(places))
    except (ijson.JSONError, ValueError) as fault:
        given = f"{walk.feed.given:,}"
        raise Unreadable(f"The file is cut off or isn't valid JSON, within its first {given} bytes.") from fault


@lru_cache(maxsize=4)
def shape_of(head: bytes) -> frozenset[str]:
    """Return the places of the values with which a file of one or several JSON values begins."""
    walk = _Walk(io.BytesIO(head), reach=_SHAPE_REACH, bounds=Bounds(), many=True)
    seen: set[str] = set()
    try:
        for number, (place, _, _) in enumerate(walk.placed()):
            seen.add(place)
            if number == _SHAPE_EVENTS:
                break
    except (ijson.JSONError, ValueError, Unreadable):
        # The head of a file breaks off somewhere; what it began with is known all the same.
        pass
    return frozenset(seen - {"", _ELSEWHERE})


def _reach(place: str) -> int:
    """Return how many objects and arrays a value at `place` stands in."""
    return place.count(".") + place.count("[]") + (not place.startswith("[]"))


@dataclass(slots=True)
class _Open:
    """An object or array that hasn't ended."""

    place: str
    is_array: bool
    names: set[str] = field(default_factory=set)


class _Feed:
    """What the parser reads from. It knows nobody who knows the parser: nothing would ever collect that circle."""

    def __init__(self, source: Source, bounds: Bounds) -> None:
        self.given = 0
        """Bytes read so far."""
        self.unheard = 0
        """Bytes read since the parser told of anything."""
        self._source = source
        self._bounds = bounds

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end."""
        # The parser asks for nothing at first, to learn whether it gets bytes; a gunzipping source gives all then.
        if size == 0:
            return b""
        piece = self._source.read(size)
        if self.given == 0:
            refuse_wide(piece)
            self.given = len(piece)
            piece = piece.removeprefix(codecs.BOM_UTF8) or self._source.read(size)
        else:
            self.given += len(piece)
        self.unheard += len(piece)
        if self.unheard > self._bounds.size + _PIECE:
            raise Unreadable(f"The file holds a text of more than {self._bounds.size // 1024**2} MiB.")
        return piece


class _Walk:
    """One way through a file. It gives up where a single text has no end."""

    def __init__(self, source: Source, *, reach: int, bounds: Bounds, many: bool = False) -> None:
        self.feed = _Feed(source, bounds)
        self._reach = reach
        self._bounds = bounds
        self._item = -1
        self._containers: list[_Open] = []
        # Without `use_float`, a number of more digits than Python reads at once would crash the parser.
        self._events = ijson.basic_parse(self.feed, buf_size=_PIECE, use_float=True, multiple_values=many)

    def values(self, wanted: frozenset[str]) -> Iterator[Found]:
        """Yield the values at the places wanted."""
        for place, event, value in self.placed():
            if place in wanted and event not in _NO_VALUES:
                yield Found(place, self._item, self._built(event) if event in _STARTS else value)

    def placed(self) -> Iterator[tuple[str, str, Any]]:
        """Yield each event with the place of the value that it belongs to."""
        containers = self._containers
        place = ""
        for event, value in self._events:
            self.feed.unheard = 0
            if event in _ENDS:
                place = containers.pop().place
            elif len(containers) > self._reach:
                place = _ELSEWHERE
            elif event == "map_key":
                place = self._named(containers[-1], value)
            elif containers and containers[-1].is_array:
                place = f"{containers[-1].place}[]"
                self._item += len(containers) == 1
            if event in _STARTS:
                self._bounds.check_depth(len(containers))
                containers.append(_Open(place, event == "start_array"))
            yield place, event, value

    def _built(self, start: str) -> Any:
        """Take all events of the object or array that has just begun, and return it."""
        around = len(self._containers) - 1
        self._containers.pop()
        building = _Building(self._bounds, around)
        building.takes(start, None)
        for event, value in self._events:
            self.feed.unheard = 0
            if building.takes(event, value):
                return building.value
        raise ValueError("it isn't complete")

    def _named(self, container: _Open, name: str) -> str:
        if name in container.names:
            raise Unreadable(f"The file has an object that has the name “{name[:40]}” twice.")
        if len(container.names) == self._bounds.parts:
            raise Unreadable(f"The file has an object of more than {self._bounds.parts:,} names.")
        container.names.add(name)
        return f"{container.place}.{name}" if container.place else name


class _Building:
    """One value, put together from its events."""

    def __init__(self, bounds: Bounds, around: int) -> None:
        self.value: Any = None
        self._bounds = bounds
        self._around = around
        """How many objects and arrays it stands in."""
        self._open: list[tuple[Any, str]] = []
        """Each object or array that hasn't ended, and the name under which it will stand in the one around it."""
        self._name = ""
        self._parts = self._size = 0

    def takes(self, event: str, value: Any) -> bool:
        """Take an event in; tell whether the value is complete."""
        self._count(value)
        if event == "map_key":
            if value in self._open[-1][0]:
                raise Unreadable(f"The file has an object that has the name “{value[:40]}” twice.")
            self._name = value
        elif event in _ENDS:
            self.value, self._name = self._open.pop()
            self._put(self.value)
        elif event in _STARTS:
            self._bounds.check_depth(self._around + len(self._open))
            self._open.append(({} if event == "start_map" else [], self._name))
        else:
            self._put(value)
        return not self._open

    def _put(self, value: Any) -> None:
        if self._open:
            around = self._open[-1][0]
            if isinstance(around, dict):
                around[self._name] = value
            else:
                around.append(value)

    def _count(self, value: Any) -> None:
        self._parts += 1
        if isinstance(value, str):
            self._size += len(value)
        if self._parts > self._bounds.parts or self._size > self._bounds.size:
            most = f"{self._bounds.parts:,} parts or {self._bounds.size // 1024**2} MiB"
            raise Unreadable(f"The file holds a value of more than {most}.")
