"""The one writer: takes all that is waiting, commits it in one transaction, then answers each caller.

Theory of operation: callers hand in pieces of work and get a future. The writer's thread takes what has gathered,
runs each piece inside a savepoint of one transaction, and commits. Only then are the futures resolved, so whoever has
an answer has it from disk; under load one fsync serves many. A piece that fails is rolled back alone and only its
caller hears of it. Pieces are ordered by thread, because two processes that lock the same rows in different orders
would wait for each other for ever.

What waits is bounded in pieces and in bytes: who comes beyond that is told so at once instead of waiting for nothing.
The last of the room is kept for what hides or erases. So it is on a full disk: whatever only adds is refused then, and
the rest is done with the room that the ballast has taken up.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from outspoken.store.ballast import NONE, Ballast, lacks_room
from outspoken.store.database import Database

T = TypeVar("T")
Work = Callable[[sa.Connection], T]


@dataclass(frozen=True, slots=True)
class Changed:
    """The threads that a transaction touched."""

    added: frozenset[str]
    """Those to which something was only added."""
    altered: frozenset[str]
    """Those in which something that readers were shown was hidden or altered."""


Announce = Callable[[Changed], None]
"""Told what a transaction touched, after it is on disk and before any caller is answered."""

_log = logging.getLogger(__name__)

_BATCH = 512
_ATTEMPTS = 5
_PIECES = 2_048
_BYTES = 16 * 1024 * 1024
_KEPT_FREE = 256


class Unavailable(Exception):
    """Nothing can be written at the moment: the queue is full, the disk is full, or the database is gone."""


@dataclass(slots=True)
class _Piece:
    thread: str
    work: Work[Any]
    size: int
    alters: bool
    answer: "Future[Any]"


class Writer:
    """Owns the only connection of this process that writes. Start it once; close it to finish what waits."""

    def __init__(self, database: Database, announce: Announce = lambda _: None, ballast: Ballast = NONE) -> None:
        self._database = database
        self._announce = announce
        self._ballast = ballast
        self._ballast.put_back()
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self.depth = 0
        """How many pieces are waiting."""
        self.bytes = 0
        """How large they are."""
        self._is_closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, thread: str, work: Work[T], size: int = 0) -> "Future[T]":
        """Hand in `work` that only adds to `thread`; the future is resolved when its effect is on disk, or fails.

        `work` may run more than once (after a lost connection or a deadlock), so it must have no effect but its SQL.
        `size` is in bytes, of what it keeps in memory while it waits.

        Raises:
            Unavailable: if too much is waiting or the writer is closed.
        """
        return self._take_in(_Piece(thread, work, size, alters=False, answer=Future()), _PIECES)

    def submit_change(self, thread: str, work: Work[T], size: int = 0) -> "Future[T]":
        """Hand in `work` that may hide or alter what readers of `thread` were shown; otherwise like `submit`.

        Raises:
            Unavailable: if too much is waiting or the writer is closed.
        """
        return self._take_in(_Piece(thread, work, size, alters=True, answer=Future()), _PIECES + _KEPT_FREE)

    def _take_in(self, piece: _Piece, most: int) -> "Future[Any]":
        # What comes in behind the end of the queue would never be answered.
        with self._door:
            if self._is_closed:
                raise Unavailable("The server is stopping. Please try again in a minute.")
            if self.depth >= most or self.bytes + piece.size > _BYTES:
                raise Unavailable("Too many people are writing at this moment. Please try again in a minute.")
            self.depth += 1
            self.bytes += piece.size
            self._waiting.put(piece)
        return piece.answer

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._door:
            was_closed, self._is_closed = self._is_closed, True
        if not was_closed:
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._take()
            batch.sort(key=lambda piece: piece.thread)
            if batch:
                self._write(batch)

    def _take(self) -> tuple[list[_Piece], bool]:
        batch: list[_Piece] = []
        piece = self._waiting.get()
        while piece is not None:
            with self._door:
                self.depth -= 1
                self.bytes -= piece.size
            if piece.answer.set_running_or_notify_cancel():
                batch.append(piece)
            if len(batch) == _BATCH:
                return batch, True
            try:
                piece = self._waiting.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _write(self, batch: list[_Piece]) -> None:
        if not self._ballast.put_back():
            batch = _without_additions(batch, None)
        if not batch:
            return
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._database.writing() as connection:
                    outcomes = [_attempt(connection, piece) for piece in batch]
            except Exception as failure:
                # Whatever it is: a thread that ended here would leave every later caller waiting for ever.
                if attempt < _ATTEMPTS and _may_pass(failure):
                    continue
                if attempt < _ATTEMPTS and lacks_room(failure):
                    changes = _without_additions(batch, failure)
                    was_mixed, batch = len(changes) < len(batch), changes
                    if batch and (was_mixed or self._give_up_ballast()):
                        continue
                _fail(batch, failure)
                return
            break
        try:
            self._announce(_changed(batch))
        except Exception:
            _log.exception("What was written couldn't be announced.")
        for piece, (result, refusal) in zip(batch, outcomes, strict=True):
            if refusal is not None:
                piece.answer.set_exception(refusal)
            else:
                piece.answer.set_result(result)

    def _give_up_ballast(self) -> bool:
        is_given_up = self._ballast.give_up()
        if is_given_up:
            _log.error("the disk is full: room was made for what hides and erases, and nothing is added any more")
        return is_given_up


def _without_additions(batch: Iterable[_Piece], failure: Exception | None) -> list[_Piece]:
    """Refuse the pieces that only add and return the others."""
    changes = []
    for piece in batch:
        if piece.alters:
            changes.append(piece)
        else:
            _fail([piece], failure)
    return changes


def _changed(batch: Iterable[_Piece]) -> Changed:
    altered = frozenset(piece.thread for piece in batch if piece.alters)
    return Changed(frozenset(piece.thread for piece in batch) - altered, altered)


def _attempt(connection: sa.Connection, piece: _Piece) -> tuple[Any, Exception | None]:
    # SQLAlchemy's own savepoints take a tenth of all the time a comment takes.
    connection.exec_driver_sql("SAVEPOINT piece")
    try:
        result = piece.work(connection)
    except Exception as refusal:
        if _concerns_all(refusal):
            raise
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT piece")
        return None, refusal
    connection.exec_driver_sql("RELEASE SAVEPOINT piece")
    return result, None


def _concerns_all(failure: Exception) -> bool:
    """Tell whether a failure is of the connection, the disk or a lock, and not only of the piece that met it.

    Source: SQLite's result codes, of which only SQLITE_ERROR is the statement's own; PostgreSQL, appendix A.
    """
    if isinstance(failure, sa.exc.DBAPIError) and failure.connection_invalidated:
        return True
    if not isinstance(failure, sa.exc.OperationalError):
        return False
    if isinstance(failure.orig, sqlite3.Error):
        return getattr(failure.orig, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR
    state = getattr(failure.orig, "sqlstate", None)
    return state is None or state[:2] in ("08", "25", "40", "53", "55", "57", "58")


def _may_pass(failure: Exception) -> bool:
    """Tell whether the same work may succeed at once: a lost connection, or a deadlock that chose us as victim."""
    if not isinstance(failure, sa.exc.DBAPIError):
        return False
    state = getattr(failure.orig, "sqlstate", None)
    return failure.connection_invalidated or state in ("40P01", "40001", "57P01")


def _fail(batch: Iterable[_Piece], failure: Exception | None) -> None:
    for piece in batch:
        refusal = Unavailable("It can't be saved at the moment. Nothing of it is lost: please try again in a minute.")
        refusal.__cause__ = failure
        piece.answer.set_exception(refusal)
