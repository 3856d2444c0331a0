"""YAML as texts, lists and mappings of texts: put together from the parser's events, so that nothing in a file can
make an object, a number of a million digits, or a tree that refers to itself.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from outspoken.transfer.reading.decoding import refuse_wide
from outspoken.transfer.reading.opening import Source, whole
from outspoken.transfer.records import Unreadable

LONGEST = 1024**2
"""Bytes of a file that is read as a whole; of a single text otherwise."""

_DEEPEST = 16
_MOST_PARTS = 20_000
_NOTHING = ("", "~", "null", "Null", "NULL")
_PIECE = 64 * 1024


def yaml_value(source: Source) -> Any:
    """Return the first document of a short file: texts, None, and lists and dicts of them.

    Raises:
        Unreadable: if it isn't YAML in UTF-8, is longer than `LONGEST`, nests too deep, or refers to itself.
    """
    content = whole(source, LONGEST + 1)
    if len(content) > LONGEST:
        raise Unreadable(f"It is longer than {LONGEST // 1024**2} MiB.")
    document = _Document(_Bounded(content, None))
    return document.value(document.next())


def yaml_items(source: Source) -> Iterator[tuple[int, Any]]:
    """Yield (line, item) of a file that is one list, however long.

    Raises:
        Unreadable: if it isn't a list, or as `yaml_value` does, by item.
    """
    document = _Document(_Bounded(b"", source))
    first = document.next()
    if not isinstance(first, yaml.SequenceStartEvent):
        raise Unreadable("It isn't a list.")
    while not isinstance(event := document.next(), yaml.SequenceEndEvent):
        document.parts = 0
        yield _line(event), document.value(event)


class _Bounded:
    """What the parser reads from. It gives up where a single text has no end."""

    def __init__(self, begun: bytes, rest: Source | None) -> None:
        self.unheard = 0
        self._begun = begun
        self._rest = rest

    def read(self, size: int = _PIECE) -> bytes:
        piece, self._begun = self._begun[:size], self._begun[size:]
        if not piece and self._rest is not None:
            piece = self._rest.read(size)
        self.unheard += len(piece)
        if self.unheard > LONGEST + _PIECE:
            raise Unreadable(f"It holds a text of more than {LONGEST // 1024**2} MiB.")
        refuse_wide(piece)
        return piece


class _Document:
    """The events of the first document, one after the other."""

    def __init__(self, source: _Bounded) -> None:
        self.parts = 0
        """Events taken for the value that is being put together."""
        self._source = source
        self._events = yaml.parse(source, Loader=yaml.CSafeLoader)
        for kind in (yaml.StreamStartEvent, yaml.DocumentStartEvent):
            if not isinstance(self.next(), kind):
                raise Unreadable("It is empty.")

    def next(self) -> Any:
        """Return the next event."""
        try:
            event: Any = next(self._events)
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            where = f", at line {mark.line + 1}" if mark else ""
            raise Unreadable(f"It is cut off or isn't valid YAML in UTF-8{where}.") from fault
        except StopIteration:
            raise Unreadable("It is empty.") from None
        self._source.unheard = 0
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise Unreadable(f"It has a value of more than {_MOST_PARTS:,} parts, at line {_line(event)}.")
        return event

    def value(self, event: Any, depth: int = 0) -> Any:
        """Return what begins with `event`."""
        line = _line(event)
        if depth > _DEEPEST:
            raise Unreadable(f"It is nested more than {_DEEPEST} levels deep, at line {line}.")
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise Unreadable(f"It refers to itself at line {line}; that can be used to do harm.")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(depth)
        return None if event.style is None and event.value in _NOTHING else event.value

    def _list(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            items.append(self.value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            line = _line(event)
            key = self.value(event, depth + 1)
            if not isinstance(key, str) or key in fields:
                raise Unreadable(f"It has a name that is no text, or that is there twice, at line {line}.")
            fields[key] = self.value(self.next(), depth + 1)
        return fields


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
