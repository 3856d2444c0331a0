"""Where an import goes, and its job there: begun, gone on with after an interruption, ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Site
from outspoken.store import imports, jobs, ledger, sites
from outspoken.store.database import Database
from outspoken.store.numbers import Names
from outspoken.store.sealing import Entropy
from outspoken.transfer.report import Report


@dataclass(frozen=True, slots=True)
class Destination:
    """A site in a database, and with what it is written to."""

    database: Database
    site: str
    format: str
    now: Callable[[], datetime]
    entropy: Entropy
    is_rehearsal: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One import on its way into its destination."""

    to: Destination
    id: str
    salt: bytes | None
    """Opens the ledger of what was erased here; None where nothing was ever imported."""
    opened: Names
    """Threads that this job opened before it was interrupted."""

    @contextmanager
    def part(self) -> Iterator[sa.Connection]:
        """Give a transaction for one part; a rehearsal only reads."""
        if self.to.is_rehearsal:
            with self.to.database.reading() as connection:
                yield connection
        else:
            with self.to.database.writing() as connection:
                imports.one_at_a_time(connection, self.to.site)
                yield connection

    def finish(self, report: Report) -> None:
        """Note that the job is done."""
        if not self.to.is_rehearsal:
            with self.to.database.writing() as connection:
                jobs.finish_job(connection, self.id, report.as_json(), self.to.now())
            imports.measure(self.to.database)


def begin(to: Destination, fingerprint: str) -> Job:
    """Begin a job, or go on with the one of the same fingerprint that was interrupted.

    A site is made if there is none of that name. If the other process still runs, both work on the one job: whatever
    the one has taken in the other passes over.
    """
    if to.is_rehearsal:
        with to.database.reading() as connection:
            id = jobs.unfinished_job(connection, to.site, fingerprint) or ""
            opened = jobs.threads_opened_by(connection, to.site, id)
            return Job(to, id, ledger.salt_of(connection, to.site), opened)
    with to.database.writing() as connection:
        imports.one_at_a_time(connection, to.site)
        try:
            sites.site_named(connection, to.site)
        except NotFound:
            sites.add_site(connection, Site(to.site, to.site, ()))
        salt = ledger.salt_of(connection, to.site)
        begun = jobs.unfinished_job(connection, to.site, fingerprint)
        if begun is not None:
            return Job(to, begun, salt, jobs.threads_opened_by(connection, to.site, begun))
        id = to.entropy(8).hex()
        jobs.begin_job(connection, id=id, site=to.site, format=to.format, fingerprint=fingerprint, now=to.now())
    return Job(to, id, salt, Names())


def with_ledger(job: Job) -> Job:
    """Return a job that opens the ledger of what was erased, which begins with the first import from another system."""
    if job.to.is_rehearsal or job.salt is not None:
        return job
    with job.part() as connection:
        return replace(job, salt=ledger.ensure_salt(connection, job.to.site, job.to.entropy))
