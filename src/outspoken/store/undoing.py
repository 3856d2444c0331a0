"""Taking out again what an import brought in, a few hundred comments a transaction.

Theory of operation: thread by thread and from the highest number down, so that a comment is met after all its replies.
What nobody answered since is deleted without a trace but its number; below what was answered the answers keep their
place, and it becomes a tombstone. So does what a moderator removed, and the ledger knows it: brought in again it would
be there for all to read. Each step leaves the thread whole, and forgets where its comments came from, so that
whoever is interrupted begins again and finds only what is left. A thread that the import opened and that is empty then
goes too. What the import filled into comments that were there before it stays.
"""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.state import WITH_TEXT, Actor, State
from outspoken.store import imports, jobs, redirects
from outspoken.store.changes import erase, forget_unused, show_or_hide
from outspoken.store.database import Database
from outspoken.store.decisions import record
from outspoken.store.jobs import Job
from outspoken.store.rows import Row, each_of, place_of
from outspoken.store.tables import (
    addresses,
    bodies,
    comments,
    contacts,
    decisions,
    job_threads,
    keys,
    provenance,
    reports,
    threads,
    votes,
)
from outspoken.store.threads import lock_thread

STEP = 250
"""Comments in a transaction."""

_RULE = "import undone"
_REMOVED = (State.REMOVED, State.REJECTED, State.SPAM)


@dataclass(frozen=True, slots=True)
class Undone:
    """What one step did."""

    deleted: int = 0
    tombstones: int = 0
    """Comments that had been answered, or that a moderator had removed."""
    threads: int = 0


def undo(database: Database, job: Job, now: datetime) -> Iterator[Undone]:
    """Take out what a job brought in; yield after each step what it did. Others can write between the steps."""
    with database.writing() as connection:
        imports.one_at_a_time(connection, job.site)
        jobs.mark_undone(connection, job.id, now)
    while (thread := _next_thread(database, job)) is not None:
        is_left = True
        while is_left:
            with database.writing() as connection:
                imports.one_at_a_time(connection, job.site)
                step, is_left = _step(connection, job, thread, now)
            yield step


def _next_thread(database: Database, job: Job) -> str | None:
    with database.reading() as connection:
        return connection.execute(
            sa.select(job_threads.c.thread)
            .where(job_threads.c.site == job.site, job_threads.c.job == job.id)
            .order_by(job_threads.c.thread)
            .limit(1)
        ).scalar()


def _step(connection: sa.Connection, job: Job, thread: str, now: datetime) -> tuple[Undone, bool]:
    """Take out the highest numbers of a thread; return what was done, and whether there may be more of it."""
    lock_thread(connection, thread)
    numbers = (
        connection.execute(
            sa.select(provenance.c.number)
            .where(provenance.c.site == job.site, provenance.c.thread == thread, provenance.c.job == job.id)
            .order_by(provenance.c.number.desc())
            .limit(STEP)
        )
        .scalars()
        .all()
    )
    if numbers:
        there = sorted(set(numbers), reverse=True)
        return take_out(connection, job.site, thread, there, now, kept=_removed(connection, thread, there)), True
    return Undone(threads=_leave(connection, job, thread)), False


def _removed(connection: sa.Connection, thread: str, numbers: Sequence[int]) -> frozenset[int]:
    """Return those of these comments that a moderator removed here; others came so, and will again."""
    decided = (
        sa.select(decisions.c.number)
        .join(comments, (comments.c.thread == decisions.c.thread) & (comments.c.number == decisions.c.number))
        .where(decisions.c.thread == thread, decisions.c.number.in_(numbers))
        .where(decisions.c.actor == Actor.MODERATOR.value, comments.c.state.in_([state.value for state in _REMOVED]))
    )
    return frozenset(connection.execute(decided).scalars())


def take_out(
    connection: sa.Connection,
    site: str,
    thread: str,
    numbers: Sequence[int],
    now: datetime,
    kept: Set[int] = frozenset(),
) -> Undone:
    """Take these comments, highest first, out of a thread that is locked; of those in `kept` the ledger knows then."""
    rows = sorted(each_of(connection, thread, numbers), key=lambda row: -row.number)
    gone: dict[int, Row] = {}
    answered: list[Row] = []
    for row in rows:
        if row.number in kept or _is_answered(connection, thread, row, gone):
            answered.append(row)
        else:
            gone[row.number] = row
    # Where those came from that are to be kept out is forgotten last: the ledger has to know it when they are erased.
    _forget_origins(connection, site, thread, [number for number in numbers if number not in kept])
    _delete(connection, thread, list(gone))
    for row in answered:
        _leave_tombstone(connection, site, thread, row, now)
    _forget_origins(connection, site, thread, [number for number in numbers if number in kept])
    published = sum(row.state == State.PUBLISHED.value for row in rows)
    connection.execute(
        threads.update()
        .where(threads.c.id == thread)
        .values(comments=threads.c.comments - published, version=threads.c.version + 1)
    )
    _hide(connection, thread, list(gone.values()), answered)
    _delete_unused_authors(connection, thread, {row.author for row in gone.values() if row.author is not None})
    return Undone(len(gone), len(answered))


def _is_answered(connection: sa.Connection, thread: str, row: Row, gone: dict[int, Row]) -> bool:
    """Tell whether anything stands below a comment that isn't going itself."""
    place = place_of(row)
    below = sa.select(comments.c.number).where(comments.c.thread == thread)
    if place.is_full():
        below = below.where(comments.c.trunk == row.number)
    else:
        below = below.where(
            comments.c.trunk == place.trunk, comments.c.path > place.path, comments.c.path < place.end()
        )
    found = connection.execute(below.limit(len(gone) + 1)).scalars()
    return any(number not in gone for number in found)


def _forget_origins(connection: sa.Connection, site: str, thread: str, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    for table in (provenance, contacts):
        connection.execute(
            table.delete().where(
                table.c.site == site, table.c.thread == thread, table.c.number == sa.bindparam("with_number")
            ),
            [{"with_number": number} for number in numbers],
        )


def _delete(connection: sa.Connection, thread: str, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    for table in (keys, bodies, votes, decisions, reports, comments):
        connection.execute(
            table.delete().where(table.c.thread == thread, table.c.number == sa.bindparam("with_number")),
            [{"with_number": number} for number in numbers],
        )
    redirects.forget(connection, thread, numbers)


def _leave_tombstone(connection: sa.Connection, site: str, thread: str, row: Row, now: datetime) -> None:
    if row.state in WITH_TEXT:
        # Neither did its author delete it nor did a moderator think ill of it, and readers are told neither.
        connection.execute(
            comments.update()
            .where(comments.c.thread == thread, comments.c.number == row.number)
            .values(state=State.REJECTED.value)
        )
        record(connection, thread, row.number, State(row.state), State.REJECTED, Actor.MODERATOR, _RULE, "", now)
    erase(connection, site, thread, row.number)


def _hide(connection: sa.Connection, thread: str, gone: Sequence[Row], answered: Sequence[Row]) -> None:
    """Count at what stays that replies are gone, and hide what is a tombstone without any now."""
    taken = {row.number for row in gone}
    vanished = Counter(row.parent for row in gone if row.shown and row.parent and row.parent not in taken)
    for parent, count in vanished.items():
        connection.execute(
            comments.update()
            .where(comments.c.thread == thread, comments.c.number == parent)
            .values(replies=comments.c.replies - count)
        )
    for number in sorted({*vanished, *(row.number for row in answered)}, reverse=True):
        show_or_hide(connection, thread, number)


def _delete_unused_authors(connection: sa.Connection, thread: str, numbers: set[Any]) -> None:
    for number in numbers:
        forget_unused(connection, thread, number)


def _leave(connection: sa.Connection, job: Job, thread: str) -> int:
    """Note that nothing of a job is left in a thread; if it opened it and it is empty, delete it and return 1."""
    mine = (job_threads.c.site == job.site, job_threads.c.job == job.id, job_threads.c.thread == thread)
    was_opened = connection.execute(sa.select(job_threads.c.opened).where(*mine)).scalar()
    connection.execute(job_threads.delete().where(*mine))
    rest = connection.execute(sa.select(comments.c.number).where(comments.c.thread == thread).limit(1)).first()
    if not was_opened or rest is not None:
        return 0
    connection.execute(addresses.delete().where(addresses.c.site == job.site, addresses.c.thread == thread))
    connection.execute(job_threads.delete().where(job_threads.c.site == job.site, job_threads.c.thread == thread))
    redirects.forget(connection, thread, [0])
    connection.execute(threads.delete().where(threads.c.id == thread))
    return 1
