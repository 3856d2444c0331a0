"""SQLite files that other programs wrote: tables read column by column, and nothing in the file trusted."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

LONGEST_VALUE = 8 * 1024**2
"""Bytes of a text or of the definition of a table; of a row, too."""

_PRAGMAS = (
    *("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"),
    "ignore_check_constraints = ON",  # else looking whether the file is whole would compute them
)
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA})
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 2,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 10,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}


class Damaged(Exception):
    """The file is no SQLite database, or not a whole one. The message is a short reason."""


class Foreign:
    """A database that is open for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.text_factory = self._text
        self.replaced = 0
        """Texts read so far that aren't in UTF-8, and of which some letters were replaced."""

    def columns(self, table: str) -> frozenset[str]:
        """Return the names of a table's columns; none if there is no such table, or it is a view or virtual."""
        found = self._all("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", table)
        if not found or not str(found[0][0]).upper().startswith("CREATE TABLE"):
            return frozenset()
        # Columns that are computed aren't among these: their expressions would be the file's own program.
        return frozenset(str(row[1]) for row in self._all(f"PRAGMA table_info({_quoted(table)})"))

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield these columns of every row of a table, in the order in which they lie. Values can be of any type.

        Raises:
            Damaged: if the file is, or a value is longer than `LONGEST_VALUE`.
        """
        wanted = ", ".join(map(_quoted, columns))
        with _told():
            # Both names were found in the file's own list before.
            yield from self._connection.execute(f"SELECT {wanted} FROM {_quoted(table)}")  # noqa: S608

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.replaced += 1
            return raw.decode("utf-8", "replace")

    def _all(self, statement: str, *values: str) -> list[Any]:
        with _told():
            return self._connection.execute(statement, values).fetchall()


@contextmanager
def foreign_database(path: Path) -> Iterator[Foreign]:
    """Open a SQLite file that somebody else wrote, without a trace beside it, and check that it is whole.

    Neither views nor triggers, extensions or functions of the file are run; only tables are read.

    Raises:
        Damaged: if it isn't such a file, is damaged, or something that belongs to it lies beside it.
    """
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise Damaged(f"it was copied while in use; stop the program that writes it until {beside.name} is gone")
    # Immutable: nothing is written beside the file, no lock, no log.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    with _told(), closing(sqlite3.connect(address, uri=True)) as connection:
        foreign = Foreign(connection)
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if _pages_end(connection) != path.stat().st_size:
            raise Damaged("it is cut off, or something was added to it")
        if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            raise Damaged("it is damaged")
        connection.set_authorizer(_authorise)
        yield foreign


def _pages_end(connection: sqlite3.Connection) -> int:
    """Return how long the file has to be. SQLite takes what isn't there of a page for zeros."""
    ((pages,), (size,)) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(pages) * int(size)


def _authorise(action: int, name: str | None, _: str | None, __: str | None, inner: str | None) -> int:
    """Allow reading tables and asking for their columns; `inner` names a view or trigger that wants something."""
    is_allowed = action in _ALLOWED and inner is None and (action != sqlite3.SQLITE_PRAGMA or name == "table_info")
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeError) as fault:
        raise Damaged("it is damaged, cut off or no SQLite database") from fault


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
