"""Room on the disk that is kept for hiding and erasing: a full disk refuses to delete, too.

A file beside the database takes the room up. On a full disk it is given up for what hides or erases, and for nothing
else: as long as it is missing, nobody may add. When there is room again, it is the first to be put back. The file
itself is all there is to know, so a restart or another process changes nothing.
"""

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

FILE = "ballast"
_LITTLE = 4 * 1024 * 1024
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class Ballast:
    """A file of `size` bytes in the folder of the database; of none at all, if the database lies elsewhere."""

    def __init__(self, folder: Path, size: int) -> None:
        self._file = folder / FILE
        self._size = size

    def put_back(self) -> bool:
        """Take up the room if there is twice as much, and return whether others may use the rest."""
        if self._is_whole():
            return True
        try:
            if self._free() < 2 * self._size:
                return False
            with self._file.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except OSError as wrong:
            self.give_up()
            # If it isn't room that is missing, the database will say what it is.
            return wrong.errno not in (errno.ENOSPC, errno.EDQUOT)
        return True

    def make_room(self) -> None:
        """Give the room up beforehand if the disk is as good as full."""
        with contextlib.suppress(OSError):
            if self._size and self._free() < _LITTLE:
                self.give_up()

    def give_up(self) -> bool:
        """Make room and return whether there is more of it now."""
        if not self._size:
            return False
        try:
            self._file.unlink()
        except OSError:
            return False
        return True

    def _free(self) -> int:
        disk = os.statvfs(self._file.parent)
        return disk.f_bavail * disk.f_frsize

    def _is_whole(self) -> bool:
        try:
            return not self._size or self._file.stat().st_size >= self._size
        except OSError:
            return False


NONE = Ballast(Path(), 0)
"""Where the room isn't ours to keep: PostgreSQL."""


def lacks_room(failure: Exception) -> bool:
    """Tell whether a statement on SQLite failed as it does on a full disk.

    The write-ahead log says so by name; the file of shared memory beside it only by an error of reading or writing.
    """
    if not isinstance(failure, sa.exc.DBAPIError) or not isinstance(failure.orig, sqlite3.Error):
        return False
    return getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF in _FULL
