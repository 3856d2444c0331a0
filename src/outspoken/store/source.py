"""One state of a database to carry away or compare, whatever is written to it meanwhile. It is only ever read."""

from types import TracebackType
from urllib.parse import quote

import sqlalchemy as sa

from outspoken.store.database import Database


class Source:
    """A connection that sees one state until it is told to look again. Of a SQLite file not a byte changes."""

    def __init__(self, database: Database) -> None:
        """Look at the database as it is now.

        Raises:
            FileNotFoundError: if it is a file that isn't there.
        """
        self._is_sqlite = database.is_sqlite
        self.name = _name(database)
        """Where it is, without what would let anybody in."""
        # The last connection that closes writes the log into the file, unless it may only read.
        url = _read_only(database) if self._is_sqlite else database.url
        self._engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, hide_parameters=True)
        self.connection = self._engine.connect()
        self._mark = self._look()

    def renew(self) -> bool:
        """See the newest state from here on and return whether it may be another one.

        PostgreSQL can't say it of one database: there, True means that something was written on that server.
        """
        self.connection.exec_driver_sql("ROLLBACK")
        before, self._mark = self._mark, self._look()
        return before != self._mark

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, trace: TracebackType | None) -> None:
        self.connection.close()
        self._engine.dispose()

    def _look(self) -> object:
        if self._is_sqlite:
            self.connection.exec_driver_sql("BEGIN")
            # The state is taken with the first question, not with BEGIN.
            self.connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema")
            return self.connection.exec_driver_sql("PRAGMA data_version").scalar()
        self.connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return self.connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar()


def _read_only(database: Database) -> sa.URL:
    file = database.file
    if file is None or not file.exists():
        raise FileNotFoundError(f"there is no {file}")
    return sa.URL.create("sqlite", database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"})


def _name(database: Database) -> str:
    if database.file is not None:
        return str(database.file.resolve())
    url = database.url
    given = url.host or url.query.get("host", "")
    hosts = given if isinstance(given, str) else ",".join(given)
    return f"postgresql {hosts}:{url.port or url.query.get('port', 5432)}/{url.database}"
