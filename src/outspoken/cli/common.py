"""What every command shares: the data folder, the database, and how a refusal is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import sqlalchemy as sa
import typer

from outspoken.discussion.errors import Refusal
from outspoken.pages.snapshots import LEASE
from outspoken.settings import Settings, Unusable, load_settings
from outspoken.store.ballast import NONE, Ballast
from outspoken.store.database import Database, open_database
from outspoken.store.erasure import finish_erasing
from outspoken.store.upgrading import NewerDatabase, Unfinished, upgrade
from outspoken.text.legible import one_line

Data = Annotated[Path, typer.Option("--data", help="Folder that holds everything: settings, database.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", envvar="OUTSPOKEN_DATABASE", help="postgresql://… instead of the file in the folder."),
]
SiteName = Annotated[str, typer.Option("--site", help="Short name of the site: a-z, 0-9 and hyphens.")]
HERE = Path("outspoken-data")
DATABASE_FILE = "outspoken.db"
_PATIENCE = 60
"""How often something is tried again, once a second."""


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def refuse(message: str, status: int = 2) -> NoReturn:
    """Say in one line why it isn't done, and end."""
    typer.echo(f"outspoken: {one_line(message)}", err=True)
    raise typer.Exit(status)


def counted(number: int, one: str, several: str) -> str:
    """Return a number with what is counted, as English says it."""
    return f"{number} {one if number == 1 else several}"


def settings_of(folder: Path) -> Settings:
    """Return the settings of a data folder, or end with what is wrong in them."""
    try:
        return load_settings(folder)
    except Unusable as wrong:
        refuse(str(wrong))


@contextmanager
def connected(folder: Path, url: str | None) -> Iterator[Database]:
    """Give the database as it is, and close it in the end; every refusal becomes one line."""
    try:
        database = open_database(folder, url)
    except (ValueError, sa.exc.ArgumentError) as wrong:
        refuse(str(wrong))
    except OSError as wrong:
        refuse(f"{folder}: {wrong.strerror}")
    try:
        yield database
    except (Refusal, NewerDatabase, Unfinished) as wrong:
        refuse(str(wrong))
    except sa.exc.DBAPIError as wrong:
        refuse(f"the database doesn't answer: {next(iter(str(wrong.orig).splitlines()), type(wrong).__name__)}")
    finally:
        database.close()


@contextmanager
def opened(folder: Path, url: str | None, *, must_be_there: bool = False) -> Iterator[Database]:
    """Open the database, brought up to date, and close it in the end; every refusal becomes one line.

    With `must_be_there`, a folder without a database is refused: nothing is to be found in a new one.
    """
    if must_be_there and url is None and not (folder / DATABASE_FILE).exists():
        refuse(f"there is no {DATABASE_FILE} in {folder}")
    with connected(folder, url) as database:
        copy = upgrade(database, now())
        if copy is not None:
            typer.echo(f"The database was brought up to date; it was first copied to {copy}.", err=True)
        yield database


def ballast_of(database: Database, settings: Settings) -> Ballast:
    """Return the room that is kept beside a SQLite file; PostgreSQL's disk isn't ours."""
    return NONE if database.file is None else Ballast(database.file.parent, settings.storage.ballast)


def make_room(folder: Path, url: str | None) -> None:
    """Give up the room that is kept if the disk is as good as full: even to open the file takes some."""
    if folder.is_dir():
        with connected(folder, url) as database:
            ballast_of(database, settings_of(folder)).make_room()


def clear_below(database: Database) -> bool:
    """Clear what was erased from below the rows; return whether it could be done in a minute."""
    for _ in range(_PATIENCE):
        if finish_erasing(database):
            return True
        time.sleep(1)
    return False


def tell_of_traces() -> None:
    """Say that what was erased couldn't be cleared yet, what is left of it, and when that goes."""
    typer.echo(
        "Traces of it are still in the database's files, where no request reaches them: something reads an old state,\n"
        "such as a copy that is being made, a dump or a replica. They are cleared after that has ended, when a server\n"
        "starts or something else is erased."
    )


def wait_for_servers() -> None:
    """Return when no server shows any longer what it had in memory."""
    time.sleep(LEASE)


def check_site_name(name: str) -> str:
    """Return the name of a site, or end if it can't stand in an address."""
    if not (0 < len(name) <= 63 and name.isascii() and name.replace("-", "").isalnum() and name == name.lower()):
        refuse(f"“{name}” can't be the name of a site; use a-z, 0-9 and hyphens.")
    return name
