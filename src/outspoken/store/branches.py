"""Taking down a branch: a comment and all that was said below it, a few hundred comments a transaction.

Theory of operation: the comment itself goes first, because it is what a moderator wants gone. What is below follows in
reverse reading order, so that every comment is taken down after its replies and vanishes at once, instead of leaving a
tombstone that has to be cleared up later. Each step leaves the thread whole. Whoever is interrupted begins again: what
is down already is passed over. Replies that came in behind the walk are found by walking once more, until there are
none; below a tombstone no new ones can be written.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.state import Actor, Event, State, next_state
from outspoken.store.changes import show_or_hide
from outspoken.store.database import Database
from outspoken.store.decisions import record_alike
from outspoken.store.rows import Row, change_each, each_of, place_of
from outspoken.store.tables import comments, threads
from outspoken.store.threads import lock_thread
from outspoken.store.windows import comment_at

STEP = 250
"""Comments taken down in a transaction."""

_CHUNK = 500
_STANDING: sa.Select[Any] = sa.select(
    comments.c.number, comments.c.parent, comments.c.state, comments.c.replies, comments.c.trunk, comments.c.path
)


def remove_branch(
    database: Database, thread: str, number: int, *, rule: str, reason: str, now: datetime
) -> Iterator[int]:
    """Remove a comment and every published one below it; yield after each step how many it took down.

    Others can write between the steps. What waits for a moderator stays in the queue.

    Raises:
        NotFound: if there is no such thread or comment.
    """
    with database.writing() as connection:
        lock_thread(connection, thread)
        comment_at(connection, thread, number)
        first = remove_all(connection, thread, [number], rule=rule, reason=reason, now=now)
    yield first
    while True:
        removed = 0
        for step in _steps(database, thread, number):
            with database.writing() as connection:
                taken = remove_all(connection, thread, step, rule=rule, reason=reason, now=now)
            removed += taken
            yield taken
        if not removed:
            return


def remove_all(
    connection: sa.Connection, thread: str, numbers: Sequence[int], *, rule: str, reason: str, now: datetime
) -> int:
    """Remove those of these comments that are published and return how many they were."""
    lock_thread(connection, thread)
    rows = [row for row in each_of(connection, thread, numbers) if row.state == State.PUBLISHED.value]
    if not rows:
        return 0
    after = next_state(State.PUBLISHED, Event.REMOVE, Actor.MODERATOR)
    found = [row.number for row in rows]
    change_each(connection, thread, found, state=after.value)
    _hide(connection, thread, rows)
    connection.execute(
        threads.update()
        .where(threads.c.id == thread)
        .values(comments=threads.c.comments - len(found), version=threads.c.version + 1)
    )
    record_alike(connection, thread, found, State.PUBLISHED, after, Actor.MODERATOR, rule, reason, now)
    return len(found)


def _hide(connection: sa.Connection, thread: str, rows: Sequence[Row]) -> None:
    """Hide those of these comments, published until now, that have no replies left, and count them at their parents."""
    vanished: Counter[int] = Counter()
    hidden: list[int] = []
    for row in sorted(rows, key=lambda row: -row.number):
        if row.replies == vanished[row.number]:
            hidden.append(row.number)
            vanished[row.parent] += 1
    change_each(connection, thread, hidden, shown=False)
    by_count: dict[int, list[int]] = {}
    for parent, count in vanished.items():
        if parent and count:
            by_count.setdefault(count, []).append(parent)
    for count, parents in by_count.items():
        change_each(connection, thread, parents, replies=comments.c.replies - count)
    taken = {row.number for row in rows}
    for parent in vanished:
        if parent not in taken:
            show_or_hide(connection, thread, parent)


def _steps(database: Database, thread: str, number: int) -> Iterator[list[int]]:
    """Yield the published comments below a comment, a step at a time, replies before what they answer."""
    step: list[int] = []
    for row in _from_the_end(database, thread, number):
        if row.state == State.PUBLISHED.value:
            step.append(row.number)
        if len(step) == STEP:
            yield step
            step = []
    if step:
        yield step


def _from_the_end(database: Database, thread: str, number: int) -> Iterator[Row]:
    """Read all that stands below a comment backwards, a chunk a transaction."""
    with database.reading() as connection:
        top = connection.execute(_STANDING.where(comments.c.thread == thread, comments.c.number == number)).one()
    waiting: list[tuple[Row, Iterator[Row]]] = [(top, _chunks(database, thread, top))]
    while waiting:
        above, below = waiting[-1]
        row = next(below, None)
        if row is None:
            waiting.pop()
            if waiting:
                yield above
        elif row.replies and place_of(row).is_full():
            waiting.append((row, _chunks(database, thread, row)))
        else:
            yield row


def _chunks(database: Database, thread: str, above: Row) -> Iterator[Row]:
    """Yield what stands below a comment within one stretch, last first."""
    place = place_of(above)
    trunk, start, end = (above.number, b"", None) if place.is_full() else (place.trunk, place.path, place.end())
    while True:
        query = _STANDING.where(comments.c.thread == thread, comments.c.trunk == trunk, comments.c.path > start)
        if end is not None:
            query = query.where(comments.c.path < end)
        with database.reading() as connection:
            rows = connection.execute(query.order_by(comments.c.path.desc()).limit(_CHUNK)).all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        end = rows[-1].path
