"""Opening a database: SQLite with the pragmas that keep promises, or PostgreSQL. Readers can't write."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_BUSY_MS = 30_000
_PATIENCE_MS = 500
_AVOIDED = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin", "material")
_GO_BY_INDEXES = "SELECT set_config('jit', 'off', true), " + ", ".join(
    f"set_config('enable_{way}', 'off', true)" for way in _AVOIDED
)


class Database:
    """Two engines on one database: one for the writer, one that can only read."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writing = _sqlite_engine(url, "BEGIN IMMEDIATE", query_only=False)
            self._reading = _sqlite_engine(url, "BEGIN", query_only=True)
        else:
            # Without `hide_parameters` an error's message, and so a log, would hold names, keys and hashes.
            self._writing = sa.create_engine(url, pool_size=1, max_overflow=1, pool_pre_ping=True, hide_parameters=True)
            self._reading = sa.create_engine(
                url,
                pool_size=2,
                max_overflow=2,
                pool_pre_ping=True,
                hide_parameters=True,
                isolation_level="REPEATABLE READ",
                execution_options={"postgresql_readonly": True},
            )
            for engine in (self._writing, self._reading):
                sa.event.listen(engine, "connect", _expect_a_pooler)
                sa.event.listen(engine, "begin", _go_by_indexes)

    @property
    def file(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database and can't change it."""
        with self._reading.begin() as connection:
            yield connection

    def bare_reading(self) -> sa.PoolProxiedConnection:
        """Give a connection of the driver that can't change anything and sees, with each statement, what is there then.

        Only for a file. Whoever takes it closes it.
        """
        return self._reading.raw_connection()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection inside a transaction that is committed at the end, on disk when this returns."""
        with self._writing.begin() as connection:
            yield connection

    def maintain(self, statement: str) -> tuple[Any, ...]:
        """Run a statement that can't stand in a transaction, such as a checkpoint; return its first row, if any."""
        if self.is_sqlite:
            raw = self._writing.raw_connection()
            try:
                cursor = raw.cursor()
                # A checkpoint that waits for a reader holds up all writers meanwhile: rather give up and come back.
                cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
                cursor.execute(statement)
                return tuple(cursor.fetchone() or ())
            finally:
                cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
                raw.close()
        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)
            return ()

    def rewrite(self, table: sa.Table) -> bool:
        """Write a table of PostgreSQL anew without its dead rows and return whether none had to be kept for a reader.

        Only the rewriting itself knows what it had to keep for transactions that began before a row died, be they a
        dump, a look at statistics or a replica's reader; it says so in a notice, whose detail begins with the number.
        """
        kept: list[int] = []

        def count(notice: Any) -> None:
            if first := re.match(r"\D*(\d+)", notice.message_detail or ""):
                kept.append(int(first[1]))

        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.driver_connection
            driver.add_notice_handler(count)
            try:
                connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {table.name}")
            finally:
                driver.remove_notice_handler(count)
        return kept == [0]

    def close(self) -> None:
        """Close every connection."""
        self._reading.dispose()
        self._writing.dispose()


def open_database(folder: Path, url: str | None = None) -> Database:
    """Open the database at `url`, or the SQLite file of `folder` if none is given. Creates the folder, not the tables.

    Raises:
        ValueError: if the address is of neither kind.
    """
    if url is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Database(sa.URL.create("sqlite", database=str(folder / "outspoken.db")))
    return Database(address_of(url))


def address_of(url: str) -> sa.URL:
    """Read the address of a database, and name the driver for it.

    Raises:
        ValueError: if the address is of no kind we know.
    """
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"“{other}” isn't a database we know. Give a postgresql:// address, or none for SQLite.")


def is_pooled(connection: Any) -> bool:
    """Tell whether a pooler such as PgBouncer stands between a connection of the driver and PostgreSQL.

    PostgreSQL says at the start which of its processes it is that answers; a pooler can't know and makes something up.
    """
    (answers,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    return bool(answers != connection.info.backend_pid)


def _expect_a_pooler(connection: Any, _record: Any) -> None:
    """Keep the driver from preparing statements on connections that are somebody else's in the next transaction."""
    if is_pooled(connection):
        connection.prepare_threshold = None
    connection.rollback()


def _go_by_indexes(connection: sa.Connection) -> None:
    """Keep PostgreSQL from reading all of a thread where an index gives the few rows that are asked for.

    Its figures are of the whole table and of some time ago: after an import, or for the one comment that everybody
    answers, it takes thousands of rows for a few and gathers, hashes or sorts them. Set for the transaction only,
    because a pooler may give the connection to somebody else afterwards. What is avoided counts as very dear, and what
    is dear would be compiled first: hence no `jit`.
    """
    connection.exec_driver_sql(_GO_BY_INDEXES)


def _sqlite_engine(url: sa.URL, begin: str, *, query_only: bool) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=4, max_overflow=4, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling starts one too late for BEGIN IMMEDIATE and savepoints.
        connection.isolation_level = None
        _apply_pragmas(connection, query_only=query_only)

    @sa.event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _apply_pragmas(connection: sqlite3.Connection, *, query_only: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    if not query_only:
        connection.execute("PRAGMA journal_mode=WAL")
        # Each of a thread's many indexes is written somewhere else: with SQLite's own 2 MB an import reads them anew.
        connection.execute("PRAGMA cache_size=-32000")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    if connection.execute("PRAGMA secure_delete").fetchone() != (1,):
        raise RuntimeError("This SQLite can't overwrite what is deleted (secure_delete); use another build.")
    if query_only:
        connection.execute("PRAGMA query_only=ON")
