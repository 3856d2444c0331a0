"""CSV of any length, row by row, in UTF-8 or, where a line isn't, in Windows-1252."""

import codecs
import csv
from collections.abc import Iterator

from outspoken.transfer.reading.decoding import refuse_wide
from outspoken.transfer.reading.opening import Source
from outspoken.transfer.records import Problem, Unreadable

LONGEST_ROW = 1024**2
"""In bytes, with all its lines."""

_PIECE = 64 * 1024


def csv_rows(source: Source, file: str) -> Iterator[tuple[int, list[str]] | Problem]:
    """Yield (line, fields) of each row that isn't empty; the line is that on which it begins, counted from 1.

    What is wrong with the whole `file`, as it is called in messages, comes last.

    Raises:
        Unreadable: if it is in UTF-16, quotes don't end, or a row or one of its fields (128 KiB) is longer than any.
    """
    lines = _Lines(source)
    rows = csv.reader(lines, strict=True)
    while True:
        begin = lines.number + 1
        lines.unheard = 0
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as fault:
            raise Unreadable(f"The row at line {begin} is cut off or isn't valid CSV.") from fault
        if row:
            yield begin, row
    if lines.foreign:
        yield Problem(file, f"{lines.foreign} lines aren't in UTF-8; they were read as Windows-1252")


class _Lines:
    """The lines of a source with their ends."""

    def __init__(self, source: Source) -> None:
        self.number = 0
        """Lines given so far."""
        self.unheard = 0
        """Bytes given since a row was complete; whoever hears of one puts it to 0."""
        self.foreign = 0
        """Lines that weren't UTF-8."""
        self._lines = self._split(source)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.unheard += len(line)
        self._refuse(self.unheard)
        if self.number == 1:
            refuse_wide(line)
            line = line.removeprefix(codecs.BOM_UTF8)
        return self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.foreign += 1
            return line.decode("windows-1252", "replace")

    def _split(self, source: Source) -> Iterator[bytes]:
        rest = b""
        while piece := source.read(_PIECE):
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line + b"\n"
            self._refuse(len(rest))
        if rest:
            yield rest

    def _refuse(self, size: int) -> None:
        if size > LONGEST_ROW:
            raise Unreadable(f"The row that ends below line {self.number} is longer than {LONGEST_ROW // 1024**2} MiB.")
