"""The list of what was erased: ids only, beside the database, so that no older copy of it brings anything back.

A line for each comment that its author took back: its thread and its number. It is written when the erasure is on
disk and before anybody is told so, and applied to whatever is restored before anything of that is served.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from outspoken.discussion.state import Actor, Event, State
from outspoken.store.changes import change_state
from outspoken.store.database import Database
from outspoken.store.erasure import finish_erasing
from outspoken.store.tables import comments, redirects

FILE = "erased.list"
Erased = tuple[str, int]
"""Thread and number of a comment."""


class Erasures:
    """The list in a folder, which may not be there yet."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE

    def add(self, erased: Iterable[Erased]) -> None:
        """Note what was erased; on disk when this returns. Several processes may write.

        Raises:
            OSError: if it can't be written.
        """
        lines = "".join(f"{thread} {number}\n" for thread, number in erased)
        if not lines:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, lines.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> Iterator[Erased]:
        """Yield what was erased. A line that was cut off by a crash is nothing."""
        if not self.file.exists():
            return
        with self.file.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                thread, _, number = line.rstrip("\n").partition(" ")
                if line.endswith("\n") and thread and number.isascii() and number.isdigit():
                    yield thread, int(number)


def erased_in(connection: sa.Connection) -> Iterator[Erased]:
    """Yield all that a database knows to be erased, also by the addresses it had in older copies."""
    query = sa.select(comments.c.thread, comments.c.number).where(comments.c.state == State.DELETED.value)
    former = (
        sa.select(redirects.c.was.label("thread"), redirects.c.was_number.label("number"))
        .join(comments, (comments.c.thread == redirects.c.thread) & (comments.c.number == redirects.c.number))
        .where(comments.c.state == State.DELETED.value)
    )
    for asked in (query, former):
        for row in connection.execute(asked.execution_options(yield_per=1_000)):
            yield row.thread, row.number


def apply(
    database: Database, erased: Iterable[Erased], now: datetime, told: Callable[[int], None] = lambda _: None
) -> int:
    """Erase again what is here and shouldn't be, and return how much that was."""
    found = 0
    for done, (thread, number) in enumerate(dict.fromkeys(erased), start=1):
        with database.writing() as connection:
            state = connection.execute(
                sa.select(comments.c.state).where(comments.c.thread == thread, comments.c.number == number)
            ).scalar()
            if state is not None and state != State.DELETED.value:
                change_state(connection, thread, number, Event.DELETE, Actor.AUTHOR, rule="erased", reason="", now=now)
                found += 1
        told(done)
    if found:
        finish_erasing(database)
    return found
