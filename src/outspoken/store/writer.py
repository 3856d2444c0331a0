"""The one writer: takes all that is waiting, commits it in one transaction, then answers each caller.

Theory of operation: callers hand in pieces of work and get a future. The writer's thread takes what has gathered, does
it in one transaction (see `batch`), and commits. Only then are the futures resolved, so whoever has an answer has it
from disk; under load one fsync serves many. A piece that fails is rolled back alone and only its caller hears of it.

Where more is on its way, a transaction waits a moment for it: each costs the processor about as much as ten pieces, and
what it takes, readers wait for.

What waits is bounded in pieces and in bytes: who comes beyond that is told so at once instead of waiting for nothing.
The last of the room is kept for what hides or erases. So it is on a full disk: whatever only adds is refused then, and
the rest is done with the room that the ballast has taken up.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from outspoken.figures import Figures
from outspoken.store.ballast import NONE, Ballast, lacks_room
from outspoken.store.batch import Joint, Outcome, Piece, may_pass, run
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


Tell = Callable[[sa.Connection, Changed], None]
"""Given what a transaction touched while it can still write something beside it."""
Announce = Callable[[Changed], None]
"""Told what a transaction touched, after it is on disk and before any caller is answered."""

_log = logging.getLogger(__name__)

_BATCH = 512
_ATTEMPTS = 5
_PIECES = 2_048
_BYTES = 16 * 1024 * 1024
_KEPT_FREE = 256
GATHERING = 0.045
"""Seconds for which a transaction waits for more, at most."""
_LOOKING = 0.002
"""Seconds after which it looks whether any more is coming."""


def tell_nobody(_connection: sa.Connection, _changed: Changed) -> None:
    """Write nothing beside a transaction: a file has no other processes to tell."""


class Unavailable(Exception):
    """Nothing can be written at the moment: the queue is full, the disk is full, or the database is gone."""


class Writer:
    """Owns the only connection of this process that writes. Start it once; close it to finish what waits.

    `coming` tells how many callers are about to hand something in; for them a transaction waits up to `gathering`
    seconds.
    """

    def __init__(
        self,
        database: Database,
        announce: Announce = lambda _: None,
        ballast: Ballast = NONE,
        figures: Figures | None = None,
        tell: Tell = tell_nobody,
        coming: Callable[[], int] = lambda: 0,
        gathering: float = GATHERING,
    ) -> None:
        self._database = database
        self._tell = tell
        self._coming = coming
        self._gathering = gathering
        self._announce = announce
        self._ballast = ballast
        self._ballast.put_back()
        self._figures = figures or Figures()
        self._waiting: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
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
        return self._take_in(Piece(thread, _alone(work), None, size, False, Future()), _PIECES)

    def submit_joint(self, thread: str, work: Joint, item: Any, size: int = 0) -> "Future[Any]":
        """Hand in `item` for `work`, which does in one call whatever has gathered for it; otherwise like `submit`.

        Raises:
            Unavailable: if too much is waiting or the writer is closed.
        """
        return self._take_in(Piece(thread, work, item, size, False, Future()), _PIECES)

    def submit_change(self, thread: str, work: Work[T], size: int = 0) -> "Future[T]":
        """Hand in `work` that may hide or alter what readers of `thread` were shown; otherwise like `submit`.

        Raises:
            Unavailable: if too much is waiting or the writer is closed.
        """
        return self._take_in(Piece(thread, _alone(work), None, size, True, Future()), _PIECES + _KEPT_FREE)

    def _take_in(self, piece: Piece, most: int) -> "Future[Any]":
        # What comes in behind the end of the queue would never be answered.
        with self._door:
            if self._is_closed:
                raise Unavailable("The server is stopping. Please try again in a minute.")
            if self.depth >= most or self.bytes + piece.size > _BYTES:
                self._figures.refused += 1
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
            if batch:
                self._write(batch)

    def _take(self) -> tuple[list[Piece], bool]:
        batch: list[Piece] = []
        piece = self._waiting.get()
        self._gather()
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

    def _gather(self) -> None:
        until = time.monotonic() + self._gathering
        while self._coming() and time.monotonic() < until:
            time.sleep(_LOOKING)

    def _write(self, batch: list[Piece]) -> None:
        began = time.monotonic()
        if not self._ballast.put_back():
            batch = _without_additions(batch, None)
        if not batch:
            return
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._database.writing() as connection:
                    outcomes = run(connection, batch)
                    changed = _changed(outcomes)
                    self._tell(connection, changed)
            except Exception as failure:
                # Whatever it is: a thread that ended here would leave every later caller waiting for ever.
                if attempt < _ATTEMPTS and may_pass(failure):
                    continue
                if attempt < _ATTEMPTS and lacks_room(failure):
                    changes = _without_additions(batch, failure)
                    was_mixed, batch = len(changes) < len(batch), changes
                    if batch and (was_mixed or self._give_up_ballast()):
                        continue
                self._figures.commit_failures += 1
                _fail(batch, failure)
                return
            break
        self._figures.pieces += len(batch)
        self._figures.commits.observe(time.monotonic() - began)
        try:
            self._announce(changed)
        except Exception:
            _log.exception("What was written couldn't be announced.")
        for piece, result in outcomes:
            if isinstance(result, Exception):
                piece.answer.set_exception(result)
            else:
                piece.answer.set_result(result)

    def _give_up_ballast(self) -> bool:
        is_given_up = self._ballast.give_up()
        if is_given_up:
            _log.error("the disk is full: room was made for what hides and erases, and nothing is added any more")
        return is_given_up


def _without_additions(batch: Iterable[Piece], failure: Exception | None) -> list[Piece]:
    """Refuse the pieces that only add and return the others."""
    changes = []
    for piece in batch:
        if piece.alters:
            changes.append(piece)
        else:
            _fail([piece], failure)
    return changes


def _alone(work: Work[T]) -> Joint:
    return lambda connection, _: [work(connection)]


def _changed(outcomes: Iterable[Outcome]) -> Changed:
    done = [piece for piece, result in outcomes if not isinstance(result, Exception)]
    altered = frozenset(piece.thread for piece in done if piece.alters)
    return Changed(frozenset(piece.thread for piece in done) - altered, altered)


def _fail(batch: Iterable[Piece], failure: Exception | None) -> None:
    for piece in batch:
        refusal = Unavailable("It can't be saved at the moment. Nothing of it is lost: please try again in a minute.")
        refusal.__cause__ = failure
        piece.answer.set_exception(refusal)
