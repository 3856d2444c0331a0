"""Threads that are joined, and parts of one that become a thread of their own.

Theory of operation: the journal's entry and a mark in the old thread's row are made first; from then on nobody else
writes there. Its comments are carried, a few hundred a transaction, parents before replies, each with where its old
address leads. Until all are carried the old thread can be read as it was. Then, in one transaction, a thread that was
joined ends: its row goes, its pages and its old id lead to the other. At last what was copied is deleted, again in
steps, and then the journal's entry. Every step begins with the journal, so that whoever is interrupted, or does it
twice at once, goes on; each leaves both threads whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.thread import Opening, Story
from outspoken.store import imports, redirects
from outspoken.store.carrying import STEP, Carrying
from outspoken.store.completing import complete_story
from outspoken.store.database import Database
from outspoken.store.rows import Row, each_of
from outspoken.store.sealing import Entropy
from outspoken.store.sites import all_sites
from outspoken.store.tables import (
    addresses,
    authors,
    bodies,
    comments,
    decisions,
    job_threads,
    joinings,
    keys,
    reports,
    threads,
    votes,
)
from outspoken.store.threads import add_address, as_thread, lock_leaving, lock_thread, open_thread, thread_at
from outspoken.store.undoing import take_out

_OF_COMMENTS = (keys, bodies, votes, decisions, reports, comments)


@dataclass(frozen=True, slots=True)
class Joining:
    """What is being joined or split."""

    site: str
    origin: str
    target: str
    tops: tuple[int, ...] | None
    """The comments that are taken away with their replies; None if all of the thread goes."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did."""

    carried: int = 0
    cleared: int = 0


def unfinished(connection: sa.Connection, site: str) -> list[Joining]:
    """Return what was begun on a site and isn't done, by the thread that it empties."""
    rows = connection.execute(joinings.select().where(joinings.c.site == site).order_by(joinings.c.origin))
    return [_joining(row) for row in rows]


def finish_all(database: Database, now: datetime, entropy: Entropy) -> None:
    """Finish whatever was begun, on all sites.

    Raises:
        Refusal, Damaged: as `go_on`.
    """
    with database.reading() as connection:
        begun = [joining for site in all_sites(connection) for joining in unfinished(connection, site.name)]
    for joining in begun:
        for _ in go_on(database, joining, now, entropy):
            pass


def begin_merge(connection: sa.Connection, site: str, origin: str, target: str, now: datetime) -> Joining:
    """Note that all of `origin` is to go into `target`; from now on nobody else writes in `origin`.

    What the other doesn't know of its story it learns here.

    Raises:
        NotFound: if the site has no such threads.
        NotPossible: if they are one, or one of them is just being joined or split.
    """
    if origin == target:
        raise NotPossible("These are one discussion already.")
    # In one order, so that two who join the same threads the other way round don't wait for each other.
    first, second = (_locked(connection, site, id) for id in sorted((origin, target)))
    complete_story(connection, target, as_thread(first if first.id == origin else second).story)
    return _begin(connection, Joining(site, origin, target, None), now, opened=False)


def begin_split(
    connection: sa.Connection,
    site: str,
    origin: str,
    tops: Sequence[int],
    *,
    id: str,
    story: Story,
    address: str,
    now: datetime,
) -> Joining:
    """Note that some comments of a thread are to be the new thread `id`, each with all that answers it.

    An address that led to the old thread leads to the new one from now on.

    Raises:
        NotFound: if the site has no such thread, or the thread no such comments.
        NotPossible: if it is just being joined or split, or the address leads to another one.
    """
    thread = _locked(connection, site, origin)
    if len(each_of(connection, origin, sorted(set(tops)))) != len(set(tops)):
        raise NotFound("There is no such comment.")
    if thread_at(connection, site, [address]) not in (None, origin):
        raise NotPossible("That page has a discussion already.")
    open_thread(
        connection,
        id=id,
        site=site,
        story=story,
        addresses_of_page=[],
        now=now,
        opening=Opening(thread.opening),
    )
    add_address(connection, site, address, id)
    connection.execute(
        addresses.update().where(addresses.c.site == site, addresses.c.address == address).values(thread=id)
    )
    return _begin(connection, Joining(site, origin, id, tuple(sorted(set(tops)))), now, opened=True)


def go_on(database: Database, joining: Joining, now: datetime, entropy: Entropy) -> Iterator[Step]:
    """Do what is left of it; yield after each step what it did. Others read and write between the steps.

    Raises:
        NotFound, NotPossible, Damaged: as `Carrying.step` says, or if somebody took away the other thread.
    """
    while True:
        with database.writing() as connection:
            imports.one_at_a_time(connection, joining.site)
            step = _step(connection, joining, now, entropy)
        if step is None:
            return
        yield step


def _locked(connection: sa.Connection, site: str, id: str) -> Row:
    """Lock a thread that is neither being emptied nor filled."""
    row = lock_thread(connection, id)
    if row.site != site:
        raise NotFound("There is no such discussion.")
    if any(id in (other.origin, other.target) for other in unfinished(connection, site)):
        raise NotPossible("This discussion is being put together with another one. Please try again in a minute.")
    return row


def _begin(connection: sa.Connection, joining: Joining, now: datetime, *, opened: bool) -> Joining:
    connection.execute(threads.update().where(threads.c.id == joining.origin).values(leaving=joining.target))
    connection.execute(
        joinings.insert().values(
            site=joining.site,
            origin=joining.origin,
            target=joining.target,
            tops=sa.null() if joining.tops is None else list(joining.tops),
            last=0,
            is_carried=False,
            begun=now,
        )
    )
    _share_jobs(connection, joining, opened=opened)
    return joining


def _share_jobs(connection: sa.Connection, joining: Joining, *, opened: bool) -> None:
    """Let the imports that added to the old thread, or opened it, be found by the new one too."""
    mine = job_threads.c.site == joining.site
    there = set(
        connection.execute(sa.select(job_threads.c.job).where(mine, job_threads.c.thread == joining.target)).scalars()
    )
    rows = connection.execute(job_threads.select().where(mine, job_threads.c.thread == joining.origin)).all()
    shared = [
        {"site": row.site, "job": row.job, "thread": joining.target, "opened": opened and row.opened}
        for row in rows
        if row.job not in there
    ]
    if shared:
        connection.execute(job_threads.insert(), shared)


def _step(connection: sa.Connection, joining: Joining, now: datetime, entropy: Entropy) -> Step | None:
    entry = (joinings.c.site == joining.site, joinings.c.origin == joining.origin)
    row = connection.execute(joinings.select().where(*entry)).one_or_none()
    if row is None:
        return None
    if row.is_carried:
        cleared = _clear(connection, joining, now)
        if not cleared:
            connection.execute(joinings.delete().where(*entry))
        return Step(cleared=cleared)
    target = lock_thread(connection, joining.target)
    carrying = Carrying(
        connection=connection,
        origin=joining.origin,
        target=target,
        tops=None if joining.tops is None else frozenset(joining.tops),
        has_same_excerpt=_excerpt(connection, joining.origin) == target.excerpt,
        entropy=entropy,
    )
    carried = carrying.step(row.last)
    if carried.is_end and joining.tops is None:
        _end(connection, joining)
    connection.execute(joinings.update().where(*entry).values(last=carried.last, is_carried=carried.is_end))
    return Step(carried=carried.comments)


def _excerpt(connection: sa.Connection, thread: str) -> str | None:
    return connection.execute(sa.select(threads.c.excerpt).where(threads.c.id == thread)).scalar()


def _end(connection: sa.Connection, joining: Joining) -> None:
    """Let a thread whose comments are all carried end, and whatever leads to it lead to the other one."""
    site, origin, target = joining.site, joining.origin, joining.target
    connection.execute(
        addresses.update().where(addresses.c.site == site, addresses.c.thread == origin).values(thread=target)
    )
    redirects.lead_on(connection, origin, target, [(0, 0)])
    connection.execute(job_threads.delete().where(job_threads.c.site == site, job_threads.c.thread == origin))
    connection.execute(threads.delete().where(threads.c.id == origin))
    connection.execute(threads.update().where(threads.c.id == target).values(version=threads.c.version + 1))


def _clear(connection: sa.Connection, joining: Joining, now: datetime) -> int:
    """Delete the next of what was copied, and return how much it was."""
    if joining.tops is None:
        return _clear_thread(connection, joining.origin)
    lock_leaving(connection, joining.origin)
    numbers = redirects.copied_from(connection, joining.origin, joining.target, STEP)
    if numbers:
        take_out(connection, joining.site, joining.origin, numbers, now)
    else:
        connection.execute(threads.update().where(threads.c.id == joining.origin).values(leaving=None))
    return len(numbers)


def _clear_thread(connection: sa.Connection, thread: str) -> int:
    """Delete rows of a thread that has ended, comments first, then the authors."""
    for table, mine in ((comments, _OF_COMMENTS), (authors, (authors,))):
        numbers = _first_numbers(connection, table, thread)
        for each in mine if numbers else ():
            connection.execute(
                each.delete().where(each.c.thread == thread, each.c.number == sa.bindparam("with_number")),
                [{"with_number": number} for number in numbers],
            )
        if numbers:
            return len(numbers)
    return 0


def _first_numbers(connection: sa.Connection, table: sa.Table, thread: str) -> Sequence[int]:
    query = sa.select(table.c.number).where(table.c.thread == thread).order_by(table.c.number).limit(STEP)
    return connection.execute(query).scalars().all()


def _joining(row: Any) -> Joining:
    return Joining(row.site, row.origin, row.target, None if row.tops is None else tuple(row.tops))
