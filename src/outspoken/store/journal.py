"""How far a move has come, kept in the database that is being filled. As long as it is there, that one isn't whole."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

if TYPE_CHECKING:
    # What carries rows brings PostgreSQL's driver along, which a server that looks in here may not need.
    from outspoken.store.batches import Key

_metadata = sa.MetaData()
_moving = sa.Table(
    "moving",
    _metadata,
    sa.Column("carried", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("last", sa.LargeBinary),
    sa.Column("is_whole", sa.Boolean, nullable=False),
)
NAME = _moving.name

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Any, ...]).decode


class Overtaken(Exception):
    """Another move is filling the same database."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one table is."""

    rows: int = 0
    last: "Key | None" = None
    """Key of the last row that was carried, in the source's order."""
    is_whole: bool = False


def is_begun(connection: sa.Connection) -> bool:
    """Tell whether a move into this database was begun and not ended."""
    return sa.inspect(connection).has_table(NAME)


def begin(connection: sa.Connection, source: str, tables: list[str]) -> None:
    """Begin a move from `source`."""
    _metadata.create_all(connection)
    connection.execute(
        _moving.insert(),
        [{"carried": table, "source": source, "rows": 0, "last": None, "is_whole": False} for table in tables],
    )


def source_of(connection: sa.Connection) -> str:
    """Return from where the move is that was begun."""
    return str(connection.execute(sa.select(_moving.c.source).limit(1)).scalar_one())


def stages(connection: sa.Connection) -> dict[str, Stage]:
    """Return how far each table is."""
    rows = connection.execute(sa.select(_moving.c.carried, _moving.c.rows, _moving.c.last, _moving.c.is_whole))
    return {row.carried: Stage(row.rows, None if row.last is None else _decode(row.last), row.is_whole) for row in rows}


def advance(connection: sa.Connection, table: str, before: Stage, after: Stage) -> None:
    """Note how far a table is, in the transaction that brings it there.

    Raises:
        Overtaken: if it isn't where we left it.
    """
    done = connection.execute(
        _moving.update()
        .where(_moving.c.carried == table, _moving.c.rows == before.rows, _moving.c.is_whole == before.is_whole)
        .values(rows=after.rows, last=None if after.last is None else _encode(after.last), is_whole=after.is_whole)
    )
    if done.rowcount != 1:
        raise Overtaken("another move is filling this database at the same time.")


def end(connection: sa.Connection) -> None:
    """Forget the journal: the database is whole."""
    _moving.drop(connection)
