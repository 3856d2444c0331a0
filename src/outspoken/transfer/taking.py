"""Taking pages into the store, a part a transaction: several small pages together, or a piece of a large one.

Theory of operation: a part is read, rendered and put in order first; only then the database is locked, asked what of it
is here already, and given the rest, so that whoever writes meanwhile waits as little as may be. What is here from the
same job was taken in before an interruption, or by a second process that works on it: it is counted as if it came now,
and so a job that was interrupted ends with the report of one that wasn't. Pages whose threads exist are taken one at a
time, because whoever holds two threads may wait for whoever holds the same two in another order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body
from outspoken.discussion.place import root
from outspoken.discussion.thread import Opening
from outspoken.store import imports, loading, threads
from outspoken.store.imports import Known, Name
from outspoken.store.loading import Load, NewThread, Person
from outspoken.store.parts import in_parts
from outspoken.store.scratch import Scratch, Waiting
from outspoken.transfer.arranging import Arranged, Arrangement, arrange
from outspoken.transfer.destination import Job
from outspoken.transfer.mapping import Row
from outspoken.transfer.pages import Page
from outspoken.transfer.preparing import WITH_TEXT, Preparation, Standing, body_of, person_of, story_of
from outspoken.transfer.records import Problem, SourceComment
from outspoken.transfer.report import Report

CHUNK = 500
"""Comments in a transaction, about: enough to be fast, few enough that a reader who writes meanwhile hardly waits."""

_decode = msgspec.msgpack.Decoder(SourceComment).decode


@dataclass(slots=True)
class _Plan:
    """What will become of a page."""

    page: Page
    thread: str | None
    """None if there is none yet."""
    arrangement: Arrangement
    standing: dict[str, Standing]
    """Where the comments stand that are there or have been given their place, by source."""
    is_complete: bool
    """Whether all of it is there."""
    report: Report


class Taker:
    """Takes the pages of one job in and counts them in its report."""

    def __init__(self, job: Job, scratch: Scratch, report: Report) -> None:
        self._job = job
        self._to = job.to
        self._scratch = scratch
        self._report = report

    def take(self, pages: Sequence[Page]) -> None:
        """Take in several pages that are small together."""
        records = {page: self._scratch.records_of(page.sources) for page in pages}
        read = self._read([record.position for found in records.values() for record in found])
        bodies = self._bodies(read)
        aside: list[Page] = []
        plans: list[_Plan] = []
        load = Load(self._to.site, self._to.format, self._job.id, self._to.entropy)
        with self._job.part() as connection:
            known = self._known(connection, [record for found in records.values() for record in found])
            leads = imports.threads_at(connection, self._to.site, [each for page in pages for each in page.addresses])
            for page in pages:
                plan = self._plan(page, records[page], known, leads)
                if plan.thread is not None and not plan.is_complete:
                    aside.append(page)
                    continue
                plans.append(plan)
                if not plan.is_complete:
                    arranged = plan.arrangement.kept
                    _stand(plan.standing, arranged, last=0)
                    if not self._to.is_rehearsal:
                        leads |= self._open(load, plan, arranged, read, bodies, leads)
            if not self._to.is_rehearsal:
                load.write(connection)
        for plan in plans:
            self._count(plan.report, plan.arrangement.kept, read, plan.standing)
            self._report.add(plan.report)
        for page in aside:
            self.take_long(page)

    def take_long(self, page: Page) -> None:
        """Take in a page by itself, in as many parts as it needs."""
        records = self._scratch.records_of(page.sources)
        with self._to.database.reading() as connection:
            leads = imports.threads_at(connection, self._to.site, page.addresses)
            plan = self._plan(page, records, self._known(connection, records), leads)
        del records
        self._report.add(plan.report)
        for part in in_parts(plan.arrangement.kept, CHUNK):
            read = self._read([record.waiting.position for record in part])
            bodies = self._bodies(read)
            report = Report(self._to.format)
            with self._job.part() as connection:
                known = self._known(connection, [record.waiting for record in part])
                taken, fresh = self._sort(part, known, plan.standing, report)
                if self._to.is_rehearsal:
                    _stand(plan.standing, fresh, last=10**9)
                elif fresh:
                    self._add(connection, plan, fresh, read, bodies)
            self._count(report, taken, read, plan.standing)
            self._report.add(report)

    def _known(self, connection: sa.Connection, records: Iterable[Waiting]) -> dict[Name, Known]:
        names = [name for record in records for name in self._names(record)]
        return imports.known_records(connection, self._to.site, names, self._job.salt)

    def _names(self, record: Waiting) -> tuple[Name, ...]:
        return ((self._to.format, record.source), *record.same_as)

    def _find(self, record: Waiting, known: Mapping[Name, Known]) -> Known | None:
        return next((found for name in self._names(record) if (found := known.get(name)) is not None), None)

    def _plan(
        self, page: Page, records: Sequence[Waiting], known: Mapping[Name, Known], leads: Mapping[str, str]
    ) -> _Plan:
        report = Report(self._to.format)
        found = {record.source: at for record in records if (at := self._find(record, known)) is not None}
        thread = next((leads[name] for name in page.names if name in leads), None)
        if thread is None and found:
            thread = next(iter(found.values())).thread
        mine = {source for source, at in found.items() if at.job == self._job.id and at.thread == thread}
        for source, at in found.items():
            if source not in mine:
                _count_known(report, at)
        arrangement = arrange(
            [record for record in records if record.source not in found or record.source in mine],
            {source for source, at in found.items() if source not in mine and at.thread == thread},
        )
        _count_arrangement(report, arrangement)
        report.mapping = [
            Row(
                origin,
                page.names[0],
                count,
                "copy" if page.is_copy else "merged" if len(page.sources) > 1 else "page",
                None if thread in self._job.opened else thread,
            )
            for origin, count in page.origins
        ]
        return _Plan(
            page=page,
            thread=thread,
            arrangement=arrangement,
            standing={
                source: Standing(at.number, at.place, at.depth) for source, at in found.items() if at.thread == thread
            },
            is_complete=all(record.waiting.source in mine for record in arrangement.kept),
            report=report,
        )

    def _sort(
        self, part: Sequence[Arranged], known: Mapping[Name, Known], standing: dict[str, Standing], report: Report
    ) -> tuple[list[Arranged], list[Arranged]]:
        """Return what of a part this job brings, and what of that isn't there yet."""
        taken: list[Arranged] = []
        fresh: list[Arranged] = []
        for record in part:
            at = self._find(record.waiting, known)
            if at is None:
                fresh.append(record)
            else:
                standing[record.waiting.source] = Standing(at.number, at.place, at.depth)
            if at is None or at.job == self._job.id:
                taken.append(record)
            else:
                _count_known(report, at)
        return taken, fresh

    def _open(
        self,
        load: Load,
        plan: _Plan,
        arranged: Sequence[Arranged],
        read: Mapping[int, SourceComment],
        bodies: Mapping[int, Body | None],
        leads: Mapping[str, str],
    ) -> dict[str, str]:
        """Gather a new thread with all that is said in it; return the addresses that lead to it."""
        people = _people(arranged, read)
        thread = NewThread(
            id=threads.new_thread_id(self._to.entropy),
            story=story_of(plan.page.story),
            opening=Opening.CLOSED if plan.page.story.closed else Opening.OPEN,
            opened=self._to.now(),
            listed=self._first(arranged),
            addresses=tuple(address for address in plan.page.addresses if address not in leads),
            people=people,
        )
        numbers = {person: number for number, person in enumerate(people, start=1)}
        preparation = Preparation(self._to.format, plan.page.story.excerpt, plan.standing, bodies, numbers)
        load.open(thread, preparation.arrivals(arranged, read))
        return dict.fromkeys(thread.addresses, thread.id)

    def _add(
        self,
        connection: sa.Connection,
        plan: _Plan,
        fresh: Sequence[Arranged],
        read: Mapping[int, SourceComment],
        bodies: Mapping[int, Body | None],
    ) -> None:
        """Add to a thread, which is opened if there is none."""
        to = self._to
        if plan.thread is None:
            plan.thread = threads.thread_at(connection, to.site, plan.page.names) or self._open_alone(
                connection, plan.page, fresh
            )
        locked = threads.lock_thread(connection, plan.thread)
        _stand(plan.standing, fresh, locked.last_number)
        people = imports.author_numbers(connection, plan.thread, _people(fresh, read), to.entropy)
        preparation = Preparation(to.format, plan.page.story.excerpt, plan.standing, bodies, people)
        loading.take_in(
            connection,
            plan.thread,
            preparation.arrivals(fresh, read),
            site=to.site,
            format=to.format,
            job=self._job.id,
            entropy=to.entropy,
        )
        for address in plan.page.addresses:
            threads.add_address(connection, to.site, address, plan.thread)

    def _open_alone(self, connection: sa.Connection, page: Page, first: Sequence[Arranged]) -> str:
        load = Load(self._to.site, self._to.format, self._job.id, self._to.entropy)
        id = threads.new_thread_id(self._to.entropy)
        opening = Opening.CLOSED if page.story.closed else Opening.OPEN
        load.open(NewThread(id, story_of(page.story), opening, self._to.now(), self._first(first), (), ()), arrivals=())
        load.write(connection)
        return id

    def _first(self, arranged: Sequence[Arranged]) -> datetime | None:
        created = arranged[0].waiting.created
        return None if created is None else datetime.fromtimestamp(created, self._to.now().tzinfo)

    def _read(self, positions: Sequence[int]) -> dict[int, SourceComment]:
        return {position: _decode(payload) for position, payload in self._scratch.payloads(positions)}

    def _bodies(self, read: Mapping[int, SourceComment]) -> dict[int, Body | None]:
        if self._to.is_rehearsal:
            return {}
        return {position: body_of(comment) for position, comment in read.items()}

    def _count(
        self,
        report: Report,
        arranged: Sequence[Arranged],
        read: Mapping[int, SourceComment],
        standing: Mapping[str, Standing],
    ) -> None:
        for record in arranged:
            comment = read[record.waiting.position]
            if comment.state not in WITH_TEXT:
                report.tombstones += 1
                continue
            report.count_comment(standing[record.waiting.source].depth)
            if comment.author:
                report.authors.add(comment.author_source or comment.author)
            if "body" in comment.lost:
                where = f"line {comment.line}" if comment.line else f"comment {comment.source}"
                report.tell(Problem(where, "has no text: the picture or video that stood here was lost"))


def _count_known(report: Report, at: Known) -> None:
    if at.job:
        report.duplicates += 1
    else:
        report.skip("erased here by who wrote it")


def _count_arrangement(report: Report, arrangement: Arrangement) -> None:
    report.threads += bool(arrangement.kept)
    report.orphans += arrangement.orphans
    report.circles += arrangement.circles
    for record in arrangement.childless:
        report.skip(record.state)
    for record, what in arrangement.problems:
        report.tell(Problem(f"comment {record.source}", what))


def _stand(standing: dict[str, Standing], arranged: Sequence[Arranged], last: int) -> None:
    """Give each comment its number and its place below its parent."""
    for number, record in enumerate(arranged, start=last + 1):
        above = standing[record.parent] if record.parent else None
        place = above.place.below(number) if above else root(number)
        standing[record.waiting.source] = Standing(number, place, above.depth + 1 if above else 0)


def _people(arranged: Sequence[Arranged], read: Mapping[int, SourceComment]) -> list[Person]:
    people = (person_of(read[record.waiting.position]) for record in arranged)
    return list(dict.fromkeys(person for person in people if person is not None))
