"""Imported comments become those of a browser's key, or are erased for who wrote them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.state import Actor, Event, State
from outspoken.store.changes import change_state, forget_unused
from outspoken.store.contacts import Found, by_thread
from outspoken.store.rows import Row, change_each, each_of
from outspoken.store.tables import authors, comments, threads
from outspoken.store.threads import lock_thread
from outspoken.text.names import skeleton

PART = 250
"""Comments that are taken over or erased in one transaction."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The browser that uses a code."""

    digest: bytes
    """Stands for its key beside the claim, and for nothing anywhere else."""
    key_hash: bytes = b""
    """Of its key in the thread at hand."""
    mark: bytes = b""


def nobodys(connection: sa.Connection, thread: str, numbers: Collection[int]) -> list[int]:
    """Return those of these comments that are there, not erased, and no browser's."""
    return sorted(
        number
        for author, mine in _by_author(connection, thread, numbers).items()
        if (known := _author(connection, thread, author)) is None or known.key_hash is None
        for number in mine
    )


def take_over(connection: sa.Connection, thread: str, numbers: Collection[int], holder: Holder) -> None:
    """Make these comments, which are nobody's, those of a browser's key.

    Whoever else went by the same name keeps what isn't among them.
    """
    last_author = lock_thread(connection, thread).last_author
    for author, mine in _by_author(connection, thread, numbers).items():
        known = _author(connection, thread, author)
        name = "" if known is None else known.name
        there = connection.execute(
            sa.select(sa.func.min(authors.c.number)).where(
                authors.c.thread == thread, authors.c.key_hash == holder.key_hash, authors.c.name == name
            )
        ).scalar()
        if there is None and known is not None and _wrote_only(connection, thread, author, mine):
            connection.execute(
                authors.update()
                .where(authors.c.thread == thread, authors.c.number == author)
                .values(key_hash=holder.key_hash, source=None)
            )
            continue
        if there is None:
            last_author += 1
            there = last_author
            _add_author(connection, thread, there, name, holder)
        change_each(connection, thread, mine, author=there)
        if known is not None:
            forget_unused(connection, thread, author)
    connection.execute(
        threads.update().where(threads.c.id == thread).values(last_author=last_author, version=threads.c.version + 1)
    )


def erase_all(connection: sa.Connection, thread: str, numbers: Collection[int], now: datetime) -> list[int]:
    """Erase these comments as if their author had deleted each, and return which weren't erased before."""
    erased = []
    for row in sorted(each_of(connection, thread, list(numbers)), key=lambda row: -row.number):
        if row.state != State.DELETED.value:
            change_state(connection, thread, row.number, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=now)
            erased.append(row.number)
    return erased


def parts_of(found: Iterable[Found]) -> Iterator[tuple[str, list[int]]]:
    """Yield comments by thread, at most `PART` at a time."""
    for thread, numbers in by_thread(found).items():
        for at in range(0, len(numbers), PART):
            yield thread, numbers[at : at + PART]


def _author(connection: sa.Connection, thread: str, number: int) -> Row | None:
    return connection.execute(
        authors.select().where(authors.c.thread == thread, authors.c.number == number)
    ).one_or_none()


def _by_author(connection: sa.Connection, thread: str, numbers: Collection[int]) -> dict[int, list[int]]:
    """Return which of these comments each author wrote; what has none, and isn't erased, is under 0."""
    found: dict[int, list[int]] = {}
    for row in sorted(each_of(connection, thread, list(numbers)), key=lambda row: row.number):
        if row.state != State.DELETED.value:
            found.setdefault(row.author or 0, []).append(row.number)
    return found


def _wrote_only(connection: sa.Connection, thread: str, author: int, mine: Collection[int]) -> bool:
    query = sa.select(comments.c.number).where(comments.c.thread == thread, comments.c.author == author)
    return set(connection.execute(query.limit(len(mine) + 1)).scalars()) <= set(mine)


def _add_author(connection: sa.Connection, thread: str, number: int, name: str, holder: Holder) -> None:
    connection.execute(
        authors.insert().values(
            thread=thread,
            number=number,
            name=name,
            skeleton=skeleton(name),
            mark=holder.mark,
            key_hash=holder.key_hash,
            source=None,
        )
    )
