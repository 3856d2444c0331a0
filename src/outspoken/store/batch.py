"""One batch of work: what waits for the same thing is done together, what fails is undone alone."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Joint = Callable[[sa.Connection, Sequence[Any]], Sequence[Any]]
"""Does what several callers asked of one thread; returns, in their order, each one's result or exception."""


@dataclass(slots=True, eq=False)
class Piece:
    """What one caller asked for."""

    thread: str
    work: Joint
    item: Any
    size: int
    """Bytes it keeps in memory while it waits."""
    alters: bool
    """Whether it may hide or alter what readers were shown."""
    answer: "Future[Any]"


Outcome = tuple[Piece, Any]
"""A piece and its result, or the exception that its caller is to be told."""


def run(connection: sa.Connection, batch: Iterable[Piece]) -> list[Outcome]:
    """Do all that is asked inside the connection's transaction.

    Pieces for one thread that ask for the same work are done in one call. Threads come in one order everywhere,
    because two processes that lock the same rows in different orders would wait for each other for ever.

    Raises:
        Exception: whatever concerns the connection, the disk or a lock, and so all of the batch.
    """
    groups: dict[tuple[str, int], list[Piece]] = {}
    for piece in sorted(batch, key=lambda piece: piece.thread):
        groups.setdefault((piece.thread, id(piece.work)), []).append(piece)
    outcomes: list[Outcome] = []
    for pieces in groups.values():
        outcomes += _together(connection, pieces)
    return outcomes


def _together(connection: sa.Connection, pieces: list[Piece]) -> list[Outcome]:
    # SQLAlchemy's own savepoints take a tenth of all the time a comment takes.
    connection.exec_driver_sql("SAVEPOINT piece")
    try:
        results = pieces[0].work(connection, [piece.item for piece in pieces])
    except Exception as refusal:
        if _concerns_all(refusal):
            raise
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT piece")
        if len(pieces) == 1:
            return [(pieces[0], refusal)]
        return [outcome for piece in pieces for outcome in _together(connection, [piece])]
    connection.exec_driver_sql("RELEASE SAVEPOINT piece")
    return list(zip(pieces, results, strict=True))


def _concerns_all(failure: Exception) -> bool:
    """Tell whether a failure is of the connection, the disk or a lock, and not only of the piece that met it.

    Source: SQLite's result codes, of which only SQLITE_ERROR is the statement's own; PostgreSQL, appendix A.
    """
    if isinstance(failure, sa.exc.DBAPIError) and failure.connection_invalidated:
        return True
    # A server that turned read-only while we were connected counts as an internal error to the driver.
    if not isinstance(failure, sa.exc.OperationalError | sa.exc.InternalError):
        return False
    if isinstance(failure.orig, sqlite3.Error):
        return getattr(failure.orig, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR
    state = getattr(failure.orig, "sqlstate", None)
    return state is None or state[:2] in ("08", "25", "40", "53", "55", "57", "58")


def may_pass(failure: Exception) -> bool:
    """Tell whether the same batch may succeed at once: a lost connection, or a deadlock that chose us as victim."""
    if not isinstance(failure, sa.exc.DBAPIError):
        return False
    state = getattr(failure.orig, "sqlstate", None)
    return failure.connection_invalidated or state in ("40P01", "40001", "57P01")
