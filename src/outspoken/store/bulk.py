"""Many rows at once, past everything that is between a statement and the driver.

Measured: of what an import cost per comment, a third was naming values and converting them one by one
(docs/decisions). The rows come as the driver takes them, so a time is a number of minutes already.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Values = tuple[Any, ...]


def add_rows(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Values]) -> None:
    """Add rows to a table within the connection's transaction; each holds the values of these columns in order."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        driver.executemany(_insert(table.name, tuple(columns)), rows)
        return
    with driver.cursor() as cursor, cursor.copy(_copy(table.name, tuple(columns))) as copy:
        # In binary a sealed text is written as it is; as text it would be twice as long, and parsed.
        copy.set_types(_types(table, tuple(columns)))
        for row in rows:
            copy.write_row(row)


@cache
def _insert(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 -- names of our own tables


@cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"


@cache
def _types(table: sa.Table, columns: tuple[str, ...]) -> list[str]:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return [table.c[column].type.compile(dialect).lower() for column in columns]
