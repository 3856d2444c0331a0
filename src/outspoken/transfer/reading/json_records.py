"""Records that come as a JSON array somewhere in a file, or as a line each: what exports of databases look like."""

import codecs
from collections.abc import Iterator
from typing import Any

from outspoken.transfer.reading.json_lines import values_by_line
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.opening import Peeked, Source
from outspoken.transfer.records import Unreadable

_WRAPPINGS = ("$oid", "$date", "$numberLong", "$numberInt", "iso")


def records(source: Source, *arrays: str) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """Yield (line, record) of one of the `arrays` ("results[]") that the file has, or else of its lines.

    Raises:
        Unreadable: as `values` and `values_by_line` do, and if a record is no object.
    """
    begun = Peeked(source)
    if _has_one(begun.head, arrays):
        found: Iterator[tuple[int | None, Any]] = ((None, each.value) for each in values(begun, *arrays))
    else:
        found = iter(values_by_line(begun))
    for line, record in found:
        if not isinstance(record, dict):
            where = "It" if line is None else f"Line {line}"
            raise Unreadable(f"{where} holds something that is no record of a comment.")
        yield line, record


def _has_one(head: bytes, arrays: tuple[str, ...]) -> bool:
    shape = shape_of(head)
    is_list = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
    return any(is_list if array == "[]" else array.removesuffix("[]") in shape for array in arrays)


def plain(value: Any) -> Any:
    """Return what databases wrap so that JSON keeps its type: `{"$oid": …}`, `{"$date": …}`, `{"iso": …}`."""
    for _ in range(2):
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in _WRAPPINGS if key in value), None)
    return value
