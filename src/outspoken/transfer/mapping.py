"""Where the pages of a file go: a table that is written for whoever runs the import, and read back when edited.

As CSV, with the columns `from` and `to` and whatever else; an empty `to` leaves a page out. Or as lines `from -> to`,
where a `*` at the end of both stands for whatever follows. The first line that fits counts; http, https and www. don't
matter on the left.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

import msgspec

from outspoken.transfer.addresses import fold_url
from outspoken.transfer.records import Unreadable

_LARGEST = 64 * 1024**2
_COLUMNS = ("from", "to", "comments", "what", "thread")
_SCHEME = re.compile(r"^(?:https?:)?//(?:www\.)?", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""With these a spreadsheet takes a cell for something to be worked out; `'` is what keeps it from doing so."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """What becomes of one page of the file."""

    address: str
    """As the file has it; `id:` before an identifier where it has no address."""
    target: str
    """Where its comments go; empty if they are left out."""
    comments: int
    what: str
    """"page", "merged" (with others that have the same target), "copy" (proxies, local hosts), "left out"."""
    thread: str | None
    """The thread that is there already, None if it will be opened."""

    def as_json(self) -> dict[str, str | int | None]:
        """Return the row as `--json` prints it."""
        return {
            "from": self.address,
            "to": self.target,
            "comments": self.comments,
            "what": self.what,
            "thread": self.thread,
        }


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Row).decode


class Table:
    """Rows in the order in which they were told, in a file without a name: there may be a million."""

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 -- closed when the table is left
        self._count = 0

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        self._file.seek(0)
        try:
            for line in self._file:
                yield _decode(line)
        finally:
            self._file.seek(0, os.SEEK_END)

    def add(self, row: Row) -> None:
        """Put a row below the others; not while they are gone through."""
        self._file.write(_encode(row) + b"\n")
        self._count += 1


@dataclass(frozen=True, slots=True)
class Map:
    """Tells where pages go that don't go where the file has them."""

    exact: dict[str, str] = field(default_factory=dict)
    beginnings: tuple[tuple[str, str], ...] = ()

    def target_of(self, address: str) -> str | None:
        """Return where a page goes: an address, empty for nowhere, None if nothing is said about it."""
        key, row = _key(address), self.row_for(address)
        if row is None:
            return None
        if row in self.exact:
            return self.exact[row]
        beginning = row[:-1]
        target = next(target for start, target in self.beginnings if start == beginning)
        return target[:-1] + key[len(beginning) :] if target.endswith("*") else target

    def row_for(self, address: str) -> str | None:
        """Return the left side of the line that tells where a page goes, None if none does."""
        key = _key(address)
        if key in self.exact:
            return key
        return next((f"{beginning}*" for beginning, _ in self.beginnings if key.startswith(beginning)), None)

    def rows(self) -> Iterator[str]:
        """Yield the left sides of all lines."""
        yield from self.exact
        yield from (f"{beginning}*" for beginning, _ in self.beginnings)


def write_map(path: Path, rows: Iterable[Row]) -> None:
    """Write the table as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for row in rows:
            cells = (row.address, row.target, row.comments, row.what, row.thread or "")
            table.writerow([_guarded(str(cell)) for cell in cells])


def read_map(path: Path) -> Map:
    """Read a table or a list of rules.

    Raises:
        Unreadable: if it is neither, or a line of it can't be meant; the line is named.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Unreadable(f"The map {path.name} is too large.")
        text = path.read_text("utf-8-sig")
    except OSError as fault:
        raise Unreadable(f"The map {path.name} can't be opened: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise Unreadable(f"The map {path.name} isn't in UTF-8.") from fault
    first = next((line for line in text.splitlines() if line.strip()), "")
    pairs = _rules(text) if " -> " in first or first.startswith("#") else _cells(text)
    exact: dict[str, str] = {}
    beginnings: list[tuple[str, str]] = []
    for line, address, meant in pairs:
        target = _checked(line, meant)
        if address.endswith("*"):
            beginnings.append((_key(address[:-1]), target))
        elif exact.setdefault(_key(address), target) != target:
            raise Unreadable(f"Line {line} of the map sends {address} elsewhere than a line before it.")
    return Map(exact, tuple(beginnings))


def _rules(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        address, arrow, target = (part.strip() for part in f"{line} ".partition(" -> "))
        if not arrow or not address:
            raise Unreadable(f"Line {number} of the map isn't of the kind “from -> to”.")
        if target.endswith("*") and not address.endswith("*"):
            raise Unreadable(f"Line {number} of the map has a * on the right, but none on the left.")
        yield number, address, target


def _cells(text: str) -> Iterator[tuple[int, str, str]]:
    lines = text.splitlines(keepends=True)
    try:
        # Spreadsheets of half the world part cells by semicolons, or by tabs.
        parts = (mark for mark in ",;\t" if {"from", "to"} <= set(next(csv.reader(lines, delimiter=mark), ())))
        table = csv.DictReader(lines, strict=True, delimiter=next(parts, ","))
        if not {"from", "to"} <= set(table.fieldnames or ()):
            raise Unreadable("The map has no columns “from” and “to”, nor lines “from -> to”.")
        for row in table:
            address = _unguarded(row["from"] or "")
            if address:
                yield table.line_num, address, _unguarded(row["to"] or "").strip()
    except csv.Error as fault:
        raise Unreadable(f"Line {table.line_num} of the map isn't CSV: {fault}.") from fault


def _checked(line: int, target: str) -> str:
    if not target or target.startswith("id:"):
        return target
    address = target if "//" in target else f"https://{target}"
    try:
        fold_url(address.removesuffix("*"))
    except ValueError as fault:
        raise Unreadable(f"Line {line} of the map: {fault}") from fault
    return address


def _key(address: str) -> str:
    return _SCHEME.sub("", address.strip())


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell.removeprefix("'")
