"""From a web archive to records: every page in it, and all captures of a page as one story."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from outspoken.transfer.importers.saved.capture import capture_of
from outspoken.transfer.importers.saved.frames import absent_discussion
from outspoken.transfer.importers.saved.merging import page_of as page_of_capture
from outspoken.transfer.importers.saved.page import page_of
from outspoken.transfer.importers.saved.restoring import records_of
from outspoken.transfer.importers.webarchive.framing import ArchiveRecord, records_in
from outspoken.transfer.importers.webarchive.members import streams
from outspoken.transfer.importers.webarchive.responses import (
    NoPage,
    Response,
    address_of,
    is_html_revisit,
    response_in,
)
from outspoken.transfer.importers.webarchive.spool import Place, Spool
from outspoken.transfer.reading import fields
from outspoken.transfer.reading.opening import Limits, Source, is_zip, members
from outspoken.transfer.reading.zips import file_at
from outspoken.transfer.records import Problem, Progress, Record, Skipped, Unreadable

_BEGIN = b"WARC/"
_WARC = re.compile(r"(?:^|/)archive/[^/]+\.warc(?:\.gz)?$")
_WACZ_LIMITS = Limits(unfolded=1024**4)
_PIECE = 64 * 1024


def is_web_archive(path: Path) -> bool:
    """Tell whether a file is a WARC, plain or gzipped, or a zip with WARCs where WACZ has them."""
    if is_zip(path):
        return any(_WARC.search(member.name) for member in members(path, lambda _: None, _WACZ_LIMITS))
    with file_at(path) as file:
        head = file.read(_PIECE)
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, len(_BEGIN))
        except zlib.error:
            return False
    return head.startswith(_BEGIN)


def read_web_archive(path: Path, progress: Progress) -> Iterator[Record]:
    """Yield what can't be read, by record; then each story with the comments that all captures of it show.

    Raises:
        Unreadable: if it can't be opened, unfolds to more than its size allows, or has no comments in it.
    """
    spool = Spool()
    try:
        reading = _Reading(spool)
        if is_zip(path):
            for member in members(path, progress, _WACZ_LIMITS):
                if _WARC.search(member.name):
                    yield from reading.read(member)
        else:
            with file_at(path) as file:
                yield from reading.read(_Told(file, progress))
        found = False
        for captures in spool.pages():
            if any(capture.comments for capture in captures):
                found = True
                yield from records_of(captures)
        if not found:
            raise Unreadable(f"No page in {path.name} has comments on it. {reading.told()}")
    finally:
        spool.close()


class _Told:
    """A file that tells how far it was read."""

    def __init__(self, file: "Source", progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._taken = 0

    def read(self, size: int = _PIECE, /) -> bytes:
        piece = self._file.read(size)
        self._taken += len(piece)
        self._progress(self._taken)
        return piece


class _Reading:
    """Reads the pages of one or several WARC files into a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._kept: dict[str, Place] = {}
        """Captures by their records' ids and by the digests of what was answered, for those who found it unchanged."""
        self._pages = 0
        self._absent = 0

    def told(self) -> str:
        """Return what to say of an archive without comments."""
        absent = f"; the discussions of {self._absent} were shown by scripts or in frames" if self._absent else ""
        return f"{self._pages} pages were looked at{absent}."

    def read(self, source: Source) -> Iterator[Record]:
        """Read a WARC file, and yield what is to be told of it."""
        for stream in streams(source):
            for record in records_in(stream):
                if isinstance(record, Problem):
                    yield record
                elif record.headers["warc-type"] == "revisit":
                    yield from self._revisit(record)
                else:
                    yield from self._response(record)

    def _response(self, record: ArchiveRecord) -> Iterator[Record]:
        try:
            response = response_in(record)
        except NoPage as fault:
            if str(fault):
                yield Problem(_where(record), str(fault))
            return
        self._pages += 1
        try:
            yield from self._page(record, response)
        except Unreadable as fault:
            yield Problem(_where(record), str(fault))

    def _page(self, record: ArchiveRecord, response: Response) -> Iterator[Record]:
        page = page_of(response.content, response.url, charset=response.charset, url=response.url, saved=response.saved)
        capture, notes = capture_of(page)
        if not capture.comments:
            kind = absent_discussion(page.tree)
            if not kind:
                yield Skipped("page without comments", response.url)
                return
            # The story of a discussion that may stand in the archive as a frame.
            self._absent += 1
            yield Skipped("page without the discussion it shows by script", response.url)
        place = self._spool.add(page_of_capture(capture), capture)
        for name in _names(record):
            self._kept[name] = place
        yield from (
            Problem(f"{_where(record)}, {note.where}", note.what) if isinstance(note, Problem) else note
            for note in notes
        )
        if not response.is_whole:
            yield Problem(_where(record), "is cut off; what there is of the page was read")
        if page.is_foreign_encoding:
            yield Problem(_where(record), "isn't in the encoding it declares; some letters may be wrong")

    def _revisit(self, record: ArchiveRecord) -> Iterator[Record]:
        """Note a page that was found unchanged: it was there at one more time."""
        try:
            address_of(record)
        except NoPage:
            return
        kept = next((self._kept[name] for name in _names(record, is_revisit=True) if name in self._kept), None)
        if kept is not None:
            saved, _ = fields.moment(record.headers.get("warc-date"), "")
            self._spool.add_again(kept, saved)
        elif is_html_revisit(record):
            yield Skipped("unchanged page, of which the archive holds no comments", record.headers["warc-target-uri"])


def _names(record: ArchiveRecord, *, is_revisit: bool = False) -> list[str]:
    """Return by what a revisit names a capture: its record's id, or the digest of its page and the page's address."""
    id = record.headers.get("warc-refers-to" if is_revisit else "warc-record-id", "")
    digest = record.headers.get("warc-payload-digest", "")
    named = record.headers.get("warc-refers-to-target-uri") if is_revisit else None
    url = named or record.headers.get("warc-target-uri", "")
    return [name for name, is_there in ((id, id), (f"{digest} {url}", digest)) if is_there]


def _where(record: ArchiveRecord) -> str:
    return f"record at byte {record.place} ({record.headers.get('warc-target-uri', '')[:200]})"
