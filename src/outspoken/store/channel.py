"""How the processes on one PostgreSQL tell each other what has changed: LISTEN and NOTIFY.

A notice is sent by the transaction that it is about, so it comes exactly when the change can be read. It makes others
fast and nothing more: should one be lost, everything is asked for anew, and the version of a thread is looked at before
a page is shown for longer.
"""

import logging
import os
import select
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.store.database import is_pooled
from outspoken.store.writer import Changed

NAME = "outspoken"
_LONGEST = 7_900
"""Bytes of a notice. PostgreSQL takes 7,999."""
_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to listen again."""
_FAREWELL = 1.0
_DEAD_AFTER = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "connect_timeout": 5}

_NOTIFY = sa.select(sa.func.pg_notify(NAME, sa.bindparam("notice")))

_log = logging.getLogger("outspoken.store")


class Notice(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """What one process tells the others."""

    sender: str
    added: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    is_of_everything: bool = False
    """Whether more has changed than can be said."""


Hear = Callable[[Changed | None], None]
"""Given what another process has changed; None if anything may have changed unheard."""


class Pooled(Exception):
    """There is a pooler in between: what is told comes to whoever has the connection at that moment."""


def teller(sender: str) -> Callable[[sa.Connection, Changed], None]:
    """Return what tells all others, once its transaction is committed, what `sender` has changed."""

    def tell(connection: sa.Connection, changed: Changed) -> None:
        if not changed.added and not changed.altered:
            return
        notice = msgspec.json.encode(Notice(sender, tuple(changed.added), tuple(changed.altered)))
        if len(notice) > _LONGEST:
            notice = msgspec.json.encode(Notice(sender, is_of_everything=True))
        connection.execute(_NOTIFY, {"notice": notice.decode()})

    return tell


class Listener:
    """Hears what others tell, on a connection and a thread of its own. Start it once; `close` it in the end."""

    def __init__(self, url: sa.URL, own: str, hear: Hear) -> None:
        """`own` is the sender whose notices are no news here; `hear` is called from the listener's thread."""
        self._engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args=_DEAD_AFTER)
        self._own = own
        self._hear = hear
        self._bell, self._rope = os.pipe()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        os.close(self._rope)
        self._thread.join(_FAREWELL)

    def _run(self) -> None:
        with open(self._bell, "rb"):
            self._keep_listening()

    def _keep_listening(self) -> None:
        attempt = 0
        is_told = False
        while True:
            try:
                connection = self._connected()
                attempt, is_told = 0, False
                try:
                    # Whatever was told before this moment was told to nobody.
                    self._hear(None)
                    if self._listen(connection):
                        return
                finally:
                    connection.close()
            except Pooled:
                if not is_told:
                    _log.warning("a pooler stands before the database: what others change is seen only on looking")
            except Exception as failure:
                if not is_told:
                    _log.warning("nobody tells what other processes change", exc_info=failure)
            is_told = True
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            attempt += 1
            if self._is_closed_within(pause):
                return
            # Deaf, so all has to be looked at.
            self._hear(None)

    def _connected(self) -> Any:
        """Return a connection of the driver that listens.

        Raises:
            Pooled: if it isn't the database that is at the other end.
        """
        connection = self._engine.raw_connection()
        raw: Any = connection.driver_connection
        connection.detach()
        try:
            raw.autocommit = True
            if is_pooled(raw):
                raise Pooled
            raw.execute(f"LISTEN {NAME}")
        except BaseException:
            raw.close()
            raise
        return raw

    def _listen(self, connection: Any) -> bool:
        """Hear until the connection is lost, or until this is closed: then it returns True."""
        while True:
            if self._bell in _ready(None, self._bell, connection.fileno()):
                return True
            connection.pgconn.consume_input()
            while (told := connection.pgconn.notifies()) is not None:
                self._take(told.extra)

    def _is_closed_within(self, seconds: float) -> bool:
        return bool(_ready(seconds, self._bell))

    def _take(self, text: bytes) -> None:
        try:
            notice = msgspec.json.decode(text, type=Notice)
        except msgspec.DecodeError:
            # Of another version of the program, perhaps.
            self._hear(None)
            return
        if notice.sender == self._own:
            return
        if notice.is_of_everything:
            self._hear(None)
        else:
            self._hear(Changed(frozenset(notice.added), frozenset(notice.altered)))


def _ready(seconds: float | None, *files: int) -> set[int]:
    """Return which of these files have something to be read, once one of them has or the time is over."""
    waiting = select.poll()
    for file in files:
        waiting.register(file, select.POLLIN)
    return {file for file, _ in waiting.poll(None if seconds is None else seconds * 1000)}
