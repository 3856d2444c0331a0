"""What was found on the pages of an archive, kept on disk until all captures of a page are there."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from outspoken.transfer.importers.saved.capture import Capture
from outspoken.transfer.records import Unreadable

MOST_CAPTURES = 1_000_000
"""Of pages with comments, in one archive."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Capture).decode


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture is kept, and when it was made: the same capture may have been made again."""

    page: str
    offset: int
    size: int
    saved: datetime | None


class Spool:
    """Captures by page. The file has no name and is gone with the program."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._end = 0
        self._count = 0
        self._pages: dict[str, list[Place]] = {}

    def add(self, page: str, capture: Capture) -> Place:
        """Keep a capture of a page."""
        packed = _encode(capture)
        self._file.seek(self._end)
        self._file.write(packed)
        place = Place(page, self._end, len(packed), capture.saved)
        self._end += len(packed)
        self.add_again(place, capture.saved)
        return place

    def add_again(self, place: Place, saved: datetime | None) -> None:
        """Note that a page was found as it was kept before.

        Raises:
            Unreadable: if there are more captures than any archive has.
        """
        self._count += 1
        if self._count > MOST_CAPTURES:
            raise Unreadable(f"The archive has more than {MOST_CAPTURES:,} pages with comments; take it apart first.")
        self._pages.setdefault(place.page, []).append(replace(place, saved=saved))

    def pages(self) -> Iterator[list[Capture]]:
        """Yield the captures of each page, in the order in which pages were met."""
        for places in self._pages.values():
            yield [self._read(place) for place in places]

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()

    def _read(self, place: Place) -> Capture:
        self._file.seek(place.offset)
        capture = _decode(self._file.read(place.size))
        return replace(capture, saved=place.saved)
