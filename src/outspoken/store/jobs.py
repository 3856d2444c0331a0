"""The journal of imports: what began when, what came of it, what was interrupted, what was undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.store.numbers import Names
from outspoken.store.tables import job_threads, jobs

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Job:
    """One import."""

    id: str
    site: str
    format: str
    started: datetime
    finished: datetime | None
    """None while it runs, and when it was interrupted."""
    undone: datetime | None
    report: dict[str, Any] | None


def begin_job(connection: sa.Connection, *, id: str, site: str, format: str, fingerprint: str, now: datetime) -> None:
    """Note that an import has begun, of what `fingerprint` stands for."""
    connection.execute(
        jobs.insert().values(
            id=id,
            site=site,
            format=format,
            started=now,
            finished=None,
            report=None,
            fingerprint=fingerprint,
            undone=None,
        )
    )


def unfinished_job(connection: sa.Connection, site: str, fingerprint: str) -> str | None:
    """Return the import of the same thing that was begun and neither ended nor undone, if there is one."""
    return connection.execute(
        sa.select(sa.func.min(jobs.c.id))
        .where(jobs.c.site == site, jobs.c.fingerprint == fingerprint)
        .where(jobs.c.finished.is_(None), jobs.c.undone.is_(None))
    ).scalar()


def is_finished(connection: sa.Connection, site: str, fingerprint: str) -> bool:
    """Tell whether an import of the same thing has ended and wasn't undone."""
    done = (jobs.c.site == site, jobs.c.fingerprint == fingerprint, jobs.c.finished.is_not(None))
    return connection.execute(sa.select(jobs.c.id).where(*done, jobs.c.undone.is_(None)).limit(1)).first() is not None


def finish_job(connection: sa.Connection, id: str, report: dict[str, Any], now: datetime) -> None:
    """Note that an import is done, with its report."""
    connection.execute(jobs.update().where(jobs.c.id == id).values(finished=now, report=report))


def mark_undone(connection: sa.Connection, id: str, now: datetime) -> None:
    """Note that what an import brought in is being taken out; it doesn't go on any more."""
    connection.execute(jobs.update().where(jobs.c.id == id).values(undone=now))


def job_named(connection: sa.Connection, id: str) -> Job:
    """Return an import.

    Raises:
        NotFound: if there is none.
    """
    row = connection.execute(jobs.select().where(jobs.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("There is no such import. “outspoken import --jobs” lists them.")
    return _job(row)


def jobs_of(connection: sa.Connection, site: str) -> list[Job]:
    """Return the imports into a site, the first one first."""
    rows = connection.execute(jobs.select().where(jobs.c.site == site).order_by(jobs.c.started, jobs.c.id))
    return [_job(row) for row in rows]


def _job(row: sa.Row[Any]) -> Job:
    return Job(row.id, row.site, row.format, row.started, row.finished, row.undone, row.report)


def threads_opened_by(connection: sa.Connection, site: str, job: str) -> Names:
    """Return the threads that an import opened."""
    found = Names()
    opened = sa.select(job_threads.c.thread).where(
        job_threads.c.site == site, job_threads.c.job == job, job_threads.c.opened.is_(True)
    )
    for thread in connection.execute(opened.execution_options(yield_per=_AT_ONCE)).scalars():
        found.add(thread)
    return found
