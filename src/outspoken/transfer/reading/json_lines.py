"""JSON of which each line is a value by itself (NDJSON), read line by line."""

import json
from collections.abc import Iterator
from typing import Any

from outspoken.transfer.reading.decoding import refuse_wide
from outspoken.transfer.reading.opening import Source
from outspoken.transfer.records import Unreadable

LONGEST_LINE = 2 * 1024**2
"""In bytes. A line of empty arrays takes thirty times its length in memory."""

_PIECE = 64 * 1024


def values_by_line(source: Source) -> Iterator[tuple[int, Any]]:
    """Yield (line, value) of each line that isn't empty, counted from 1.

    Raises:
        Unreadable: if a line isn't JSON in UTF-8, is longer than `LONGEST_LINE`, nests too deep, or has an object that
            has a name twice.
    """
    for number, line in _lines(source):
        if not line.isspace() and line:
            yield number, _value(number, line)


class FirstLine:
    """The first line of a source as a source of its own, however long it is."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._is_over = False

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end of the line."""
        if self._is_over:
            return b""
        piece, newline, _ = self._source.read(size).partition(b"\n")
        self._is_over = bool(newline)
        return piece + newline


class AfterFirstLine:
    """What a source holds after its first line. The newline that ends that line is kept, so that lines count on."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._is_reached = False

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end."""
        while not self._is_reached and (piece := self._source.read(size)):
            _, newline, rest = piece.partition(b"\n")
            self._is_reached = bool(newline)
            if newline:
                return newline + rest
        return self._source.read(size) if self._is_reached else b""


def _lines(source: Source) -> Iterator[tuple[int, bytes]]:
    number, rest = 0, b""
    while piece := source.read(_PIECE):
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            yield number, line
        if len(rest) > LONGEST_LINE:
            raise Unreadable(f"Line {number + 1} is longer than {LONGEST_LINE // 1024**2} MiB.")
    yield number + 1, rest


def _value(number: int, line: bytes) -> Any:
    refuse_wide(line)
    try:
        return json.loads(
            line.decode("utf-8-sig" if number == 1 else "utf-8"),
            object_pairs_hook=_without_twins,
            parse_constant=_refused,
        )
    except _TwinError as twin:
        raise Unreadable(f"Line {number} has an object that has the name “{twin}” twice.") from twin
    except RecursionError as fault:
        raise Unreadable(f"Line {number} nests too deep.") from fault
    except ValueError as fault:
        raise Unreadable(f"Line {number} is cut off or isn't valid JSON in UTF-8.") from fault


class _TwinError(Exception):
    """An object has a name twice."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _TwinError(name[:40])
            seen.add(name)
    return made


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} isn't JSON")
