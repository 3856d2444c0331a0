"""Whole tables in batches by primary key, as the plain values that both databases have: text, numbers, bytes, truth.

For carrying and comparing. What a value means doesn't matter here: a time is its minutes, JSON is its text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

Key = tuple[Any, ...]
Values = tuple[Any, ...]

SIZE = 1_000
"""Rows of a batch; with the longest texts these are some 60 MB."""


class NotCarried(Exception):
    """A database refuses rows that the other one holds."""


@dataclass(frozen=True)
class Sheet:
    """One table, seen as rows of plain values."""

    table: sa.Table
    _places: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        columns = list(self.table.columns)
        object.__setattr__(self, "_places", tuple(columns.index(column) for column in self.table.primary_key))

    @property
    def name(self) -> str:
        """Name of the table."""
        return self.table.name

    def key_of(self, row: Values) -> Key:
        """Return the primary key of a row."""
        return tuple(row[place] for place in self._places)

    def count(self, connection: sa.Connection) -> int:
        """Return how many rows there are."""
        return connection.execute(sa.select(sa.func.count()).select_from(self.table)).scalar_one()

    def is_empty(self, connection: sa.Connection) -> bool:
        """Tell whether there is no row."""
        return connection.execute(sa.select(sa.literal(1)).select_from(self.table).limit(1)).first() is None

    def batches(self, connection: sa.Connection, after: Key | None = None) -> Iterator[list[Values]]:
        """Yield all rows behind the key `after`, in this database's own order of keys, which another needn't share."""
        query = self._every.limit(SIZE)
        while True:
            following = query if after is None else query.where(self._key > self._key_as_value(after))
            rows = [tuple(row) for row in connection.execute(following)]
            if rows:
                after = self.key_of(rows[-1])
                yield rows
            if len(rows) < SIZE:
                return

    def find(self, connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, Values]:
        """Return the rows that have one of these keys."""
        if connection.dialect.name == "postgresql":
            wanted = self._wanted(keys)
            found = [tuple(row) for row in connection.execute(self._plain.where(self._is_one_of(wanted)))]
        else:
            # Asked for many keys at once, SQLite reads the whole table; asked by the driver alone, one costs 4 µs.
            one = str(self._plain.where(self._key == self._any_key).compile(dialect=connection.dialect))
            driver: Any = connection.connection.driver_connection
            found = [row for key in keys if (row := driver.execute(one, key).fetchone()) is not None]
        return {self.key_of(row): row for row in found}

    def delete(self, connection: sa.Connection, keys: Sequence[Key]) -> None:
        """Delete the rows that have one of these keys."""
        if connection.dialect.name == "postgresql":
            connection.execute(self.table.delete().where(self._is_one_of(self._wanted(keys))))
        else:
            one = str(self.table.delete().where(self._key == self._any_key).compile(dialect=connection.dialect))
            connection.exec_driver_sql(one, list(keys))

    def add(self, connection: sa.Connection, rows: Sequence[Values]) -> None:
        """Add rows.

        Raises:
            NotCarried: if the database can't hold one of them.
        """
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in self.table.columns)
        into = f"{quote(self.name)} ({names})"
        try:
            if connection.dialect.name == "postgresql":
                with _cursor(connection) as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(self.table.columns))
                connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # noqa: S608
        except (psycopg.DataError, psycopg.IntegrityError, sa.exc.DataError, sa.exc.IntegrityError) as wrong:
            raise NotCarried(f"the table {self.name} doesn't take a row: {_without_values(wrong)}") from None

    @cached_property
    def _plain(self) -> sa.Select[Any]:
        return sa.select(*(_as_plain(column) for column in self.table.columns))

    @cached_property
    def _every(self) -> sa.Select[Any]:
        return self._plain.order_by(*self.table.primary_key)

    @cached_property
    def _key(self) -> sa.Tuple:
        return sa.tuple_(*self.table.primary_key)

    def _key_as_value(self, key: Key) -> sa.Tuple:
        parts = zip(self.table.primary_key, key, strict=True)
        return sa.tuple_(*(sa.literal(value, column.type) for column, value in parts))

    @cached_property
    def _any_key(self) -> sa.Tuple:
        return sa.tuple_(*(sa.bindparam(None, type_=column.type) for column in self.table.primary_key))

    def _wanted(self, keys: Sequence[Key]) -> sa.TableValuedAlias:
        columns = [
            sa.cast(list(values), ARRAY(column.type))
            for column, values in zip(self.table.primary_key, zip(*keys, strict=True), strict=True)
        ]
        names = [column.name for column in self.table.primary_key]
        return sa.func.unnest(*columns).table_valued(*names, name="wanted").render_derived()

    def _is_one_of(self, wanted: sa.TableValuedAlias) -> sa.ColumnElement[bool]:
        return sa.and_(*(column == wanted.c[column.name] for column in self.table.primary_key))


def _as_plain(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text)
    if isinstance(column.type, sa.types.TypeDecorator):
        return sa.type_coerce(column, column.type.impl)
    return column


def _cursor(connection: sa.Connection) -> psycopg.Cursor[Any]:
    driver: Any = connection.connection.driver_connection
    return cast("psycopg.Cursor[Any]", driver.cursor())


def _without_values(wrong: Exception) -> str:
    """Return the database's own words about a kind of mistake; the lines that follow would quote the row."""
    return str(getattr(wrong, "orig", wrong)).splitlines()[0]
