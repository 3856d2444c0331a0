"""Where records begin and end. Lengths may be wrong and ends missing: then the next record is looked for.

warcio reads what stands in a record's header, but doesn't come back after damage, waits for ever at some ends that are
missing, and takes lines of any length; so the frame is held here.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from outspoken.transfer.importers.saved.page import LONGEST_PAGE
from outspoken.transfer.importers.webarchive.members import Stream
from outspoken.transfer.records import Problem

LONGEST_BLOCK = LONGEST_PAGE + 1024**2
"""Bytes of a record that are kept; what is longer is passed over, being no page."""

_LONGEST_HEADER = 64 * 1024
_BEGIN = b"WARC/"
_BLANK = re.compile(rb"[\r\n\0]+")
_NEXT = re.compile(rb"\r?\n\r?\n(?=WARC/[01]\.\d+\r?\n)")
_NEXT_LINE = re.compile(rb"\n(?=WARC/[01]\.\d+\r?\n)")
_LONGEST_MARK = 32
_KINDS = frozenset({"response", "resource", "revisit"})
_HEADER = StatusAndHeadersParser(["WARC/1.1", "WARC/1.0", "WARC/0.18", "WARC/0.17"])


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """A record that may hold a page."""

    place: int
    """Where it begins in the file, or its gzip member does."""
    headers: dict[str, str]
    """By names in lower case; of several with one name, the first."""
    block: bytes
    is_whole: bool
    """Whether all of it is there."""


class _Reader:
    """A stream with a look ahead."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._held = bytearray()
        self._dropped = 0

    @property
    def fault(self) -> str:
        """What is wrong with the stream, if that was met."""
        return self._stream.fault

    @property
    def place(self) -> int:
        """How far into the stream reading is."""
        return self._dropped

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them; fewer at the end."""
        while len(self._held) < size and self._more():
            pass
        return bytes(self._held[:size])

    def take(self, size: int) -> bytes:
        """Return the next bytes; fewer at the end."""
        taken = self.peek(size)
        self._drop(len(taken))
        return taken

    def skip(self, size: int) -> int:
        """Pass over bytes, keeping none. Return how many are missing at the end."""
        while size > 0 and (self._held or self._more()):
            step = min(size, len(self._held))
            self._drop(step)
            size -= step
        return size

    def skip_blank(self) -> None:
        """Pass over line ends and padding."""
        while (self._held or self._more()) and (blank := _BLANK.match(self._held)):
            self._drop(blank.end())

    def give_back(self, taken: bytes) -> None:
        """Put bytes back that were taken."""
        self._held[:0] = taken
        self._dropped -= len(taken)

    def to_next(self, most: int) -> bytes:
        """Take what stands before the next line that begins a record; keep no more than `most` bytes of it."""
        kept = bytearray()
        while True:
            found = _NEXT_LINE.search(self._held)
            # The last bytes may be the beginning of that line.
            step = found.end() if found else len(self._held) - _LONGEST_MARK
            is_over = found is not None
            if not found and not self._more():
                step, is_over = len(self._held), True
            if step > 0:
                kept += self._held[: min(step, most - len(kept))]
                self._drop(step)
            if is_over:
                return bytes(kept)

    def _more(self) -> bool:
        piece = self._stream.read()
        self._held += piece
        return bool(piece)

    def _drop(self, size: int) -> None:
        del self._held[:size]
        self._dropped += size


def records_in(stream: Stream) -> Iterator[ArchiveRecord | Problem]:
    """Yield the records of a stream that may hold pages, and a Problem for each that isn't as it should be."""
    reader = _Reader(stream)
    while True:
        reader.skip_blank()
        place = stream.place(reader.place)
        if not reader.peek(1):
            break
        where = f"record at byte {place}"
        if not reader.peek(len(_BEGIN)).startswith(_BEGIN):
            yield Problem(where, "what stands here is no record; the next one was looked for")
            reader.to_next(0)
            continue
        headers = _headers(reader)
        length = _length(headers)
        if length is None:
            yield Problem(where, "has a header that can't be read, or no length; the next one was looked for")
            reader.to_next(0)
            continue
        yield from _record(reader, headers, length, place)
    if reader.fault:
        yield Problem(f"record at byte {stream.place(0)}", reader.fault)


def _headers(reader: _Reader) -> dict[str, str]:
    """Take a record's header. Empty if it has no end, or isn't one."""
    ahead = reader.peek(_LONGEST_HEADER)
    end = re.search(rb"\r?\n\r?\n", ahead)
    if end is None:
        reader.skip(len(_BEGIN))
        return {}
    try:
        header = _HEADER.parse(io.BytesIO(reader.take(end.end())))
    except (StatusAndHeadersParserException, EOFError, ValueError, IndexError):
        return {}
    named: dict[str, str] = {}
    for name, value in header.headers:
        named.setdefault(name.lower(), value)
    return named


def _length(headers: dict[str, str]) -> int | None:
    told = headers.get("content-length", "").strip()
    return int(told) if re.fullmatch(r"\d{1,15}", told) else None


def _record(reader: _Reader, headers: dict[str, str], length: int, place: int) -> Iterator[ArchiveRecord | Problem]:
    where = f"record at byte {place}"
    is_kept = headers.get("warc-type", "") in _KINDS
    if length > LONGEST_BLOCK:
        missing = reader.skip(length)
        if missing:
            yield Problem(where, f"says it has {length:,} bytes, but the file ends {missing:,} before; all were lost")
        elif is_kept:
            yield Problem(where, f"has {length:,} bytes; no page is so long, and it was passed over")
        return
    block = reader.take(length)
    is_whole = len(block) == length
    if not is_whole or not _ends(reader):
        inner = _NEXT.search(block)
        if inner:
            reader.give_back(block[inner.end() :])
            block, is_whole = block[: inner.start()], True
        elif is_whole:
            block += reader.to_next(LONGEST_BLOCK - length).rstrip(b"\r\n")
        if not reader.fault or inner:
            what = "its length is wrong; it was read to the next one" if is_whole else "its end is missing"
            yield Problem(where, what)
    if is_kept:
        yield ArchiveRecord(place, headers, block, is_whole and "warc-truncated" not in headers)


def _ends(reader: _Reader) -> bool:
    """Tell whether a record ends here: nothing follows, or blank lines and then another record."""
    ahead = reader.peek(4 + len(_BEGIN)).lstrip(b"\r\n")
    return not ahead or ahead.startswith(_BEGIN[: len(ahead)])
