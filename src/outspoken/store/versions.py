"""Versions of threads, asked of a file all the time: a layer above the driver would take ten times as long."""

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from outspoken.store.database import Database
from outspoken.store.threads import VERSION


class Versions:
    """Asks one file which version its threads have, from one thread of the process. `close` it in the end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = str(VERSION.compile(dialect=sqlite.dialect()))
        self._connection: Any = None

    def of(self, thread: str) -> int | None:
        """Return the version that is on disk now; None if there is no such thread, or the file doesn't answer."""
        try:
            if self._connection is None:
                self._connection = self._database.bare_reading()
            row = self._connection.driver_connection.execute(self._statement, (thread,)).fetchone()
        except (sqlite3.Error, sa.exc.DBAPIError):
            self.close()
            return None
        return row[0] if row else None

    def close(self) -> None:
        """Give the connection back; the next question takes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
