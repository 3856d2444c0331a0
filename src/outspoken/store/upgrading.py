"""Bringing a database to the program's state: by itself on start, after a copy was put aside, never backwards."""

import sqlite3
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from outspoken.store import journal
from outspoken.store.database import Database

REVISIONS = "alembic_version"
"""The table that says which version the tables are at."""

_SCRIPTS = str(files("outspoken").joinpath("store", "migrations"))
_REVISION: sa.Select[str] = sa.select(sa.column("version_num", sa.Text)).select_from(sa.table(REVISIONS))
_LOCK = 0x0075_7473_706F_6B65


class NewerDatabase(Exception):
    """The database was written by a newer version of the program."""


class Unfinished(Exception):
    """The database is being filled by a move that was not ended."""


def newest_revision() -> str:
    """Return the version of the tables that this program works with."""
    return max(_known())


def revision_of(connection: sa.Connection) -> str | None:
    """Return the version that the tables of a database are at, None if there are none."""
    if not sa.inspect(connection).has_table(REVISIONS):
        return None
    return connection.execute(_REVISION).scalar()


def upgrade(database: Database, now: datetime) -> Path | None:
    """Bring the tables to the newest state and return where the copy was put, if one was needed.

    Raises:
        NewerDatabase: if the database is ahead of this program; nothing is touched then.
        Unfinished: if only a part of what belongs into it is there.
    """
    with database.reading() as connection:
        current = revision_of(connection)
        if journal.is_begun(connection):
            raise Unfinished(
                "The database holds only a part of what is being moved into it. Run the same “outspoken move” again: "
                "it goes on where it stopped."
            )
    if current == newest_revision():
        return None
    if current is not None and current not in _known():
        raise NewerDatabase(
            f"The database is at version {current}, which this program doesn't know. "
            "It was written by a newer one: install that again, or go back to the copy beside the file."
        )
    copy = None if current is None else _put_aside(database, current, now)
    with database.writing() as connection:
        if not database.is_sqlite:
            # Several processes may start at once; the first one migrates, the others find it done.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _migrate(connection)
    return copy


def _known() -> set[str]:
    """Return the versions this program knows: the first part of the names of its migrations."""
    scripts = Path(_SCRIPTS) / "versions"
    return {script.name.partition("_")[0] for script in scripts.iterdir() if script.name[:1].isdigit()}


def _migrate(connection: sa.Connection) -> None:
    # Nearly every start finds nothing to do, and what does it takes 8 MB.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _put_aside(database: Database, revision: str, now: datetime) -> Path | None:
    """Copy the SQLite file as it is. PostgreSQL's owners have backups of their own."""
    if database.file is None:
        return None
    copy = database.file.with_name(f"{database.file.name}.before-{revision}-{now:%Y%m%d-%H%M}")
    source, target = sqlite3.connect(database.file), sqlite3.connect(copy)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    return copy
