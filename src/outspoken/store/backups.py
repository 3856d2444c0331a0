"""Backups: one state of a whole database, whichever it is, as a SQLite file, encrypted to a key in the age format.

Theory of operation: SQLite copies itself, page by page, under one read transaction; PostgreSQL is read table by table
in one snapshot, in the batches that also carry a database across. Nobody who writes meanwhile waits. Beside the tables
stands one row that tells of the copy and holds the settings, so that a backup is one file. It is then encrypted to keys
whose other halves needn't be on this machine. Until then it is a plain file in a folder that only we may enter.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pyrage
import sqlalchemy as sa

from outspoken.store.batches import Sheet
from outspoken.store.database import Database
from outspoken.store.source import Source
from outspoken.store.tables import metadata
from outspoken.store.upgrading import newest_revision, revision_of, upgrade

Told = Callable[[str, int, int], None]
"""Told which step is how far: the step, done, in all."""

COPYING, ENCRYPTING, DECRYPTING = "Copying", "Encrypting", "Decrypting"
_NAME = re.compile(r"outspoken-\d{8}-\d{6}(?:-\d{6})?\.age")
_PAGES = 1_000
_HEADER = b"SQLite format 3\0"
_AGE = b"age-encryption.org/v1"

_metadata = sa.MetaData()
_about = sa.Table(
    "backup",
    _metadata,
    sa.Column("made", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("settings", sa.Text),
)
"""Tells of the copy, in the copy: when, whence, and the settings that were beside it."""


class Unusable(Exception):
    """A key or a backup can't be used. The message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup that was decrypted and brought up to date."""

    made: str
    source: str
    settings: str | None


def recipients_of(keys: Sequence[str]) -> list[Any]:
    """Read the public keys to which a backup is encrypted.

    Raises:
        Unusable: if one isn't such a key.
    """
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError:
        raise Unusable(
            "a recipient is a public key of age, such as age1…; “keys new --for backups” makes one."
        ) from None


def identities_of(path: Path) -> list[Any]:
    """Read the secret keys in a file.

    Raises:
        Unusable: if there are none, or others may read the file.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text("utf-8", "replace")
    except OSError as wrong:
        raise Unusable(f"{path}: {wrong.strerror}") from None
    if mode & 0o077:
        raise Unusable(f"others may read {path}. Say “chmod 600 {path}” first.")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Unusable(f"{path} holds no secret key of age (AGE-SECRET-KEY-1…).")
    return found


def new_identity(path: Path) -> str:
    """Write a fresh secret key to a new file that only its owner may read, and return the public key.

    Raises:
        Unusable: if the file is there, or can't be written.
    """
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unusable(f"{path} is there already; a key is never written over.") from None
    except OSError as wrong:
        raise Unusable(f"{path}: {wrong.strerror}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


def back_up(
    database: Database, folder: Path, recipients: Sequence[Any], settings: str | None, now: datetime, told: Told
) -> Path:
    """Write a backup of one state of the database into a folder and return its path.

    Raises:
        Unusable: if the database was written by another version of the program.
        OSError: if it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # To the microsecond: two that are made in one second are two.
    path = folder / f"outspoken-{now:%Y%m%d-%H%M%S-%f}.age"
    plain, sealed = path.with_suffix(".copying"), path.with_suffix(".part")
    try:
        # Made beforehand, so that there is no moment in which others may read it.
        os.close(os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        source = _copy(database, plain, now, told)
        _tell(plain, now, source, settings)
        _encrypt(plain, sealed, recipients, told)
        sealed.replace(path)
    finally:
        for rest in (plain, sealed, *(plain.with_name(plain.name + end) for end in ("-wal", "-shm", "-journal"))):
            with suppress(OSError):
                rest.unlink()
    return path


def rotate(folder: Path, keep: int) -> list[Path]:
    """Delete all backups in a folder but the `keep` newest, and return which those were."""
    found = sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    old = found[: max(0, len(found) - keep)]
    for path in old:
        path.unlink()
    return old


def open_backup(path: Path, identities: Sequence[Any], into: Path, now: datetime, told: Told) -> Opened:
    """Decrypt a backup into a new file that only we may read, bring it up to date and return what it tells of itself.

    Raises:
        Unusable: if it isn't a backup, is damaged, is for another key, or is of a newer version of the program.
        NewerDatabase: if it is ahead of this program.
        OSError: if it can't be read or written.
    """
    with path.open("rb") as head:
        if head.read(len(_AGE)) != _AGE:
            raise Unusable(f"{path} isn't encrypted in the age format, as backups are.")
    size = path.stat().st_size
    with path.open("rb") as file, os.fdopen(os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as plain:
        try:
            pyrage.decrypt_io(_Counted(file, lambda done: told(DECRYPTING, done, size)), plain, identities)
        except pyrage.DecryptError as wrong:
            raise Unusable(f"{path} can't be decrypted with this key: {wrong}.") from None
        except OSError as wrong:
            raise Unusable(f"{path} is damaged or cut off: {wrong}.") from None
    with into.open("rb") as plain_again:
        if plain_again.read(len(_HEADER)) != _HEADER:
            raise Unusable(f"{path} was decrypted, but holds no database.")
    about = _about_of(path, into)
    database = Database(sa.URL.create("sqlite", database=str(into)))
    try:
        copy = upgrade(database, now)
    finally:
        database.close()
    if copy is not None:
        copy.unlink()
    return about


def _copy(database: Database, plain: Path, now: datetime, told: Told) -> str:
    with Source(database) as source:
        if revision_of(source.connection) != newest_revision():
            raise Unusable(f"{source.name} was not written by this version of the program; serve it once with it.")
        if database.is_sqlite:
            _copy_pages(source, plain, told)
        else:
            _copy_rows(source, plain, now, told)
        return source.name


def _copy_pages(source: Source, plain: Path, told: Told) -> None:
    # The source holds its state by a read transaction; without it, a backup begins anew whenever somebody writes.
    driver: Any = source.connection.connection.driver_connection
    target = sqlite3.connect(plain)
    try:
        driver.backup(target, pages=_PAGES, progress=lambda _, left, of: told(COPYING, of - left, of), sleep=0)
    finally:
        target.close()


def _copy_rows(source: Source, plain: Path, now: datetime, told: Told) -> None:
    sheets = [Sheet(table) for table in metadata.sorted_tables]
    of, done = sum(sheet.count(source.connection) for sheet in sheets), 0
    target = Database(sa.URL.create("sqlite", database=str(plain)))
    try:
        upgrade(target, now)
        for sheet in sheets:
            for rows in sheet.batches(source.connection):
                with target.writing() as connection:
                    sheet.add(connection, rows)
                done += len(rows)
                told(COPYING, done, of)
        target.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        target.close()


def _tell(plain: Path, now: datetime, source: str, settings: str | None) -> None:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(plain)))
    with engine.begin() as connection:
        _metadata.create_all(connection)
        connection.execute(_about.insert().values(made=f"{now:%Y-%m-%dT%H:%M:%SZ}", source=source, settings=settings))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Else part of it would lie in a file beside it.
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    engine.dispose()


def _about_of(path: Path, plain: Path) -> Opened:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(plain)))
    try:
        with engine.begin() as connection:
            row = connection.execute(_about.select()).one()
            _about.drop(connection)
        return Opened(row.made, row.source, row.settings)
    except sa.exc.SQLAlchemyError:
        raise Unusable(f"{path} holds a database, but not one that “backup” wrote.") from None
    finally:
        engine.dispose()


def _encrypt(plain: Path, sealed: Path, recipients: Sequence[Any], told: Told) -> None:
    size = plain.stat().st_size
    with plain.open("rb") as file, os.fdopen(os.open(sealed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        pyrage.encrypt_io(_Counted(file, lambda done: told(ENCRYPTING, done, size)), out, recipients)
        out.flush()
        os.fsync(out.fileno())


class _Counted:
    """A file whose reading is told of."""

    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file = file
        self._told = told
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, none at the end."""
        piece = self._file.read(size)
        self._done += len(piece)
        self._told(self._done)
        return piece
