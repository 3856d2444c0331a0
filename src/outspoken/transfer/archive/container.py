"""The zip around an archive: written so that the same content gives the same bytes, opened without trusting it.

Only what we would have written ourselves is read: deflated members one after the other, no links, no paths out of it,
no second member of a name, nothing between them. So a change that content digests can't see is seen here.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from outspoken.transfer.records import Unreadable

MAGIC = b"PK\x03\x04"
"""How a zip that has members begins."""

_PIECE = 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
_ATTRIBUTES = 0o100644 << 16
_UNIX = 3
_NEEDED = 45
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_NARROW = (1 << 31) - 1
_FIRST_DAY = 1 << 5 | 1
_LOCATOR = struct.Struct("<4sLQL")
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_MOST_MEMBERS = 2_000_000
_LARGEST_DIRECTORY = 256 * 1024**2
_LARGEST_RATIO = 200
_RATIO_FROM = 64 * 1024**2
"""Below this size any ratio is let through: a small bomb does no harm."""


class Writing:
    """A zip that is being written, member after member."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Give what writes the bytes of the next member."""
        # Without the wide header a member couldn't grow beyond 4 GB, which isn't known before it is written.
        with self._zip.open(_blank(name), "w", force_zip64=True) as open_member:
            yield open_member.write

    def close(self) -> None:
        """Write the directory."""
        self._zip.close()


class Container:
    """A zip that was checked; its members can be read as streams, several at once."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`.

        Raises:
            Unreadable: if it isn't a zip as we write them.
        """
        try:
            self._file = path.open("rb")
        except OSError as fault:
            raise Unreadable(f"it can't be opened: {fault.strerror}.") from fault
        try:
            self._check_end()
            self._zip = zipfile.ZipFile(self._file)
            self._check_members()
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, struct.error) as fault:
            self._file.close()
            raise Unreadable(f"it isn't a whole zip: {fault}.") from fault
        except Unreadable:
            self._file.close()
            raise

    def names(self) -> tuple[str, ...]:
        """Return the names of the members, in their order."""
        return tuple(info.filename for info in self._zip.infolist())

    def pieces(self, name: str, limit: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a member, not more than `limit`.

        Raises:
            Unreadable: if it is damaged, is longer, or unfolds like a bomb.
        """
        info = self._zip.getinfo(name)
        given = 0
        try:
            with self._zip.open(info) as member:
                while piece := member.read(_PIECE):
                    given += len(piece)
                    if given > _RATIO_FROM and given > _LARGEST_RATIO * info.compress_size:
                        raise Unreadable(f"{name} unfolds to more than {_LARGEST_RATIO} times its size: a bomb.")
                    if limit is not None and given > limit:
                        raise Unreadable(f"{name} is longer than {limit} bytes.")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
            raise Unreadable(f"{name} is damaged.") from fault

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def _check_end(self) -> None:
        """Look at the end of the file before anything in it is believed."""
        end = self._file.seek(0, 2) - _END.size
        if end < 0:
            raise Unreadable("it is too short for a zip.")
        self._file.seek(end)
        signature, disk, first, here, count, size, start, comment = _END.unpack(self._file.read(_END.size))
        if signature != b"PK\x05\x06" or (disk, first, comment) != (0, 0, 0) or here != count:
            raise Unreadable("it doesn't end as a zip of ours does: cut off, or added to.")
        if count == 0xFFFF or size == 0xFFFFFFFF or start == 0xFFFFFFFF:
            end, count, size, start = self._large_end(end)
        if count > _MOST_MEMBERS or size > _LARGEST_DIRECTORY:
            raise Unreadable("it has more members than any archive.")
        if start + size != end:
            raise Unreadable("its directory isn't where it should be.")
        self._start = start

    def _large_end(self, end: int) -> tuple[int, int, int, int]:
        self._file.seek(end - _LOCATOR.size)
        signature, _, at, _ = _LOCATOR.unpack(self._file.read(_LOCATOR.size))
        if signature != b"PK\x06\x07" or at + _LARGE_END.size + _LOCATOR.size != end:
            raise Unreadable("it doesn't end as a zip of ours does: cut off, or added to.")
        self._file.seek(at)
        _, _, _, _, _, _, _, count, size, start = _LARGE_END.unpack(self._file.read(_LARGE_END.size))
        return at, count, size, start

    def _check_members(self) -> None:
        names: set[str] = set()
        position = 0
        for info in self._zip.infolist():
            name = info.filename
            if name in names:
                raise Unreadable(f"the member {name!r} is in it twice.")
            names.add(name)
            if not _is_plain(name):
                raise Unreadable(f"the member {name!r} has a name that leads elsewhere.")
            header = _header(info)
            self._file.seek(position)
            if info.header_offset != position or self._file.read(len(header)) != header:
                raise Unreadable(f"the header of the member {name!r} was changed.")
            position += len(header) + info.compress_size
        if position != self._start:
            raise Unreadable("there is something between its members.")
        self._file.seek(self._start)
        for info in self._zip.infolist():
            entry = _entry(info)
            if self._file.read(len(entry)) != entry:
                raise Unreadable(f"the member {info.filename!r} isn't a plain file as we write them.")


def _blank(name: str) -> zipfile.ZipInfo:
    """Return the head of a member that tells nothing of when, where and by whom it was written."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _ATTRIBUTES
    info.create_version = info.extract_version = _NEEDED
    return info


def _entry(info: zipfile.ZipInfo) -> bytes:
    """Return what stands in the directory for a member that was written here."""
    wide = [size for size in (info.file_size, info.compress_size, info.header_offset) if size > _NARROW]
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    sizes = (0xFFFFFFFF if size > _NARROW else size for size in (info.compress_size, info.file_size))
    offset = info.header_offset if info.header_offset <= _NARROW else 0xFFFFFFFF
    name = info.filename.encode()
    fields = (_NEEDED, _UNIX, _NEEDED, 0, 0, zipfile.ZIP_DEFLATED, 0, _FIRST_DAY, info.CRC, *sizes)
    return _ENTRY.pack(b"PK\x01\x02", *fields, len(name), len(extra), 0, 0, 0, _ATTRIBUTES, offset) + name + extra


def _header(info: zipfile.ZipInfo) -> bytes:
    expected = _blank(info.filename)
    expected.CRC, expected.compress_size, expected.file_size = info.CRC, info.compress_size, info.file_size
    return expected.FileHeader(zip64=True)


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return name.isascii() and name.isprintable() and "\\" not in name and not {"", ".", ".."} & set(parts)
