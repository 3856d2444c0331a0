"""Authors who come into another thread with what they wrote; whoever is known there is found, not added twice."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from outspoken.store.parts import in_parts
from outspoken.store.rows import Row
from outspoken.store.tables import IMPORTED, authors, threads

_COLUMNS = tuple(column.name for column in authors.columns)

_Who = tuple[bytes | None, str | None, str]
"""Hash of a key, an old system's id, and the name: by which somebody is the same in both threads."""


def bring_authors(connection: sa.Connection, origin: str, target: Row, numbers: Collection[int]) -> Mapping[int, int]:
    """Return by their number in `origin` the number these authors have in a thread that is locked.

    An imported author is who has the same name and id there, as it is with imports. Keys are of one thread, so
    whoever holds one is found only if an earlier step brought them.
    """
    coming = _rows(connection, origin, sorted(numbers))
    here = _known(connection, target.id, coming)
    last: int = target.last_author
    new: list[dict[str, Any]] = []
    for row in coming:
        if _who(row) not in here:
            last += 1
            here[_who(row)] = last
            new.append({name: getattr(row, name) for name in _COLUMNS} | {"thread": target.id, "number": last})
    if new:
        connection.execute(authors.insert(), new)
        connection.execute(threads.update().where(threads.c.id == target.id).values(last_author=last))
    return {row.number: here[_who(row)] for row in coming}


def _rows(connection: sa.Connection, thread: str, numbers: Sequence[int]) -> list[Row]:
    found: list[Row] = []
    for part in in_parts(numbers):
        found += connection.execute(
            authors.select().where(authors.c.thread == thread, authors.c.number.in_(part)).order_by(authors.c.number)
        )
    return found


def _known(connection: sa.Connection, thread: str, coming: Sequence[Row]) -> dict[_Who, int]:
    keyed = [row.key_hash for row in coming if row.key_hash is not None]
    sources = [row.source for row in coming if row.key_hash is None and row.source is not None]
    names = [row.name for row in coming if row.key_hash is None and row.source is None]
    asked = [
        *(authors.c.key_hash.in_(part) for part in in_parts(keyed)),
        *(IMPORTED & authors.c.source.in_(part) for part in in_parts(sources)),
        *(IMPORTED & authors.c.source.is_(None) & authors.c.name.in_(part) for part in in_parts(names)),
    ]
    found: dict[_Who, int] = {}
    for which in asked:
        for row in connection.execute(authors.select().where(authors.c.thread == thread, which)):
            found.setdefault(_who(row), row.number)
    return found


def _who(row: Row) -> _Who:
    return (row.key_hash, row.source, row.name)
