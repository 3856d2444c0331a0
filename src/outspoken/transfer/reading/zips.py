"""The files in a zip, read in place: nothing is unpacked to anywhere, what isn't to be trusted is refused by name."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from outspoken.text.legible import one_line
from outspoken.transfer.reading.limits import Limits, refuse_a_bomb
from outspoken.transfer.records import Progress, Unreadable

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_LEADS_OUT = re.compile(r"^[/\\]|^[A-Za-z]:[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)")
_LEFT_BY_SYSTEMS = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_PIECE = 64 * 1024
_SHOWN = 80
"""Characters of a name in a message."""


class Member:
    """A file inside a zip; can be read until the next one is asked for."""

    def __init__(self, name: str, archive: "_Archive", entry: zipfile.ZipInfo) -> None:
        self.name = name
        self._archive = archive
        self._entry = entry
        self._file: IO[bytes] | None = None

    def read(self, size: int = _PIECE) -> bytes:
        """Return up to `size` bytes, none at the end.

        Raises:
            Unreadable: if the zip is damaged, cut off, or unfolds beyond its limits.
        """
        with self._archive.told_plainly(self.name):
            if self._file is None:
                self._file = self._archive.zip.open(self._entry)
            piece = self._file.read(_PIECE if size < 0 else size)
        self._archive.count(len(piece))
        return piece

    def close(self) -> None:
        """Let go of what was opened for reading."""
        if self._file is not None:
            self._file.close()


class _Archive:
    """A zip that is open, and how far it has unfolded."""

    def __init__(self, path: Path, file: "_Directory", limits: Limits) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._limits = limits
        self._given = 0
        with self.told_plainly(path.name):
            self.zip = zipfile.ZipFile(file)

    def entries(self) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """Yield the files that people put in, without what their systems leave behind.

        Raises:
            Unreadable: if one of them is not to be trusted. Then none is.
        """
        entries = self.zip.infolist()
        if len(entries) > self._limits.members:
            raise Unreadable(f"{self._path.name} holds more than {self._limits.members:,} files.")
        names: set[str] = set()
        for entry in entries:
            self._refuse(entry, names)
            names.add(entry.filename)
        for entry in entries:
            if not entry.is_dir() and not _LEFT_BY_SYSTEMS.search(entry.filename):
                yield entry.filename, entry

    def _refuse(self, entry: zipfile.ZipInfo, names: set[str]) -> None:
        shown = one_line(entry.filename, _SHOWN)
        if not entry.filename:
            raise Unreadable(f"{self._path.name} holds a file without a name.")
        if _LEADS_OUT.search(entry.filename):
            raise Unreadable(f"{self._path.name} holds a path that leads out of it: “{shown}”.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Unreadable(f"{self._path.name} holds a link, “{shown}”; only files are read.")
        if entry.filename in names:
            raise Unreadable(f"{self._path.name} holds “{shown}” twice.")
        if entry.flag_bits & 1:
            raise Unreadable(f"“{shown}” in {self._path.name} is encrypted; unpack it and pack it without a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # The other methods can't be unfolded piece by piece, so a bomb in them couldn't be stopped.
            raise Unreadable(f"“{shown}” in {self._path.name} is packed in an unusual way; pack it as a common zip.")

    def count(self, size: int) -> None:
        """Count bytes that came out; the zip as a whole is held to its limits, so that files may overlap in vain."""
        self._given += size
        refuse_a_bomb(self._given, self._size, self._limits)

    @contextmanager
    def told_plainly(self, name: str) -> Iterator[None]:
        """Turn what goes wrong inside into one line for people."""
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError, OSError) as fault:
            raise Unreadable(f"“{one_line(name, _SHOWN)}” is cut off or damaged: its zip can't be read.") from fault


class _Directory:
    """The bytes of a zip for `zipfile`, which would read a list of files of any length at once."""

    def __init__(self, file: BinaryIO, progress: Progress, size: int, limits: Limits) -> None:
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable
        self._file = file
        self._progress = progress
        self._size = size
        self._limits = limits
        self._taken = 0

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, where that is no more than a list of files may have."""
        if size > self._limits.directory:
            raise Unreadable(f"The zip's list of files is larger than {self._limits.directory // 1024**2} MiB.")
        piece = self._file.read(self._limits.directory if size < 0 else size)
        self._taken += len(piece)
        self._progress(min(self._taken, self._size))
        return piece


def is_zip(path: Path) -> bool:
    """Tell by its first bytes whether `path` is a zip; no for what can't be opened."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _ZIP
    except OSError:
        return False


def members(path: Path, progress: Progress, limits: Limits | None = None) -> Iterator[Member]:
    """Yield the files of a zip one after the other, in its order. Nothing is written anywhere.

    Folders are passed over, and what systems leave behind (`__MACOSX/`, `.DS_Store`). Progress counts bytes of the zip.

    Raises:
        Unreadable: if it can't be opened, is no zip, is damaged, or any of its files is a link, leads out of it, is
            there twice, encrypted or packed in an unusual way; while reading, if it unfolds beyond the limits.
    """
    limits = limits or Limits()
    with file_at(path) as file:
        archive = _Archive(path, _Directory(file, progress, path.stat().st_size, limits), limits)
        for name, entry in archive.entries():
            member = Member(name, archive, entry)
            yield member
            member.close()


@contextmanager
def file_at(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading its bytes.

    Raises:
        Unreadable: if it can't be opened, or isn't a file.
    """
    if path.exists() and not path.is_file():
        raise Unreadable(f"{path.name} isn't a file.")
    try:
        file = path.open("rb")
    except OSError as fault:
        raise Unreadable(f"{path.name} can't be opened: {fault.strerror}.") from fault
    with file:
        yield file
