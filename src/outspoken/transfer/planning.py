"""What will become of a page: which of its records are here already, what is fresh, in which order, in which thread.

Only asks and counts; nothing is written here. What is here from the same job was taken in before an interruption, or by
a second process that works on it: it is counted as if it came now.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from outspoken.discussion.place import root
from outspoken.store import imports
from outspoken.store.imports import Known, Name
from outspoken.store.scratch import Waiting
from outspoken.transfer.arranging import Arranged, Arrangement, arrange
from outspoken.transfer.completing import may_be_completed
from outspoken.transfer.destination import Job
from outspoken.transfer.mapping import Row
from outspoken.transfer.pages import Page
from outspoken.transfer.preparing import Standing
from outspoken.transfer.records import Problem
from outspoken.transfer.report import Report

_ASKED = 5_000
"""Records of which it is asked at once whether they are known."""


@dataclass(slots=True)
class Plan:
    """What will become of a page."""

    page: Page
    thread: str | None
    """None if there is none yet."""
    arrangement: Arrangement
    standing: dict[str, Standing]
    """Where the comments stand that are there or have been given their place, by source: of a page that is taken in
    by parts, those that the part needs."""
    lacking: list[tuple[Waiting, Known]]
    """What is there from another import, but with something missing."""
    is_complete: bool
    """Whether nothing has to be written."""
    report: Report


@dataclass(frozen=True, slots=True)
class _Without:
    """Records, passing over those of some positions."""

    passed_over: Container[int]
    records: Iterable[Waiting]

    def __iter__(self) -> Iterator[Waiting]:
        return (record for record in self.records if record.position not in self.passed_over)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the pages of one job."""

    job: Job

    def known(self, connection: sa.Connection, records: Iterable[Waiting]) -> dict[Name, Known]:
        """Return what is known under any name of these records."""
        return self._known(connection, [name for record in records for name in self._names(record)])

    def known_with_parents(self, connection: sa.Connection, records: Iterable[Waiting]) -> dict[Name, Known]:
        """Return the same, and what is known of comments that they answer and that aren't among them."""
        known: dict[Name, Known] = {}
        coming = iter(records)
        while part := list(islice(coming, _ASKED)):
            there = {record.source for record in part}
            above = {record.parent for record in part if record.parent is not None} - there
            names = [name for record in part for name in self._names(record)]
            known |= self._known(connection, names + [(self.job.to.format, parent) for parent in sorted(above)])
        return known

    def plan(
        self, page: Page, records: Iterable[Waiting], known: Mapping[Name, Known], leads: Mapping[str, str]
    ) -> Plan:
        """Return what will become of a page; `leads` are the threads that addresses lead to."""
        report = Report(self.job.to.format)
        thread = next((leads[name] for name in page.names if name in leads), None)
        # Of what isn't known nothing is held, and without anything known nobody goes through a million records.
        maybe_known = records if known else ()
        found = {record.position: at for record in maybe_known if (at := self._find(record, known, thread)) is not None}
        if thread is None and found:
            thread = next(iter(found.values())).thread
        mine = {position for position, at in found.items() if at.job == self.job.id and at.thread == thread}
        lacking: list[tuple[Waiting, Known]] = []
        there: dict[str, Known] = {}
        for record in maybe_known:
            # What is answered may have come with an earlier file, and not be in this one.
            if record.parent is not None and (above := known.get((self.job.to.format, record.parent))) is not None:
                there.setdefault(record.parent, above)
            at = found.get(record.position)
            if at is not None:
                there[record.source] = at
            if at is None or record.position in mine:
                continue
            if may_be_completed(at):
                lacking.append((record, at))
            else:
                count_known(report, at)
        there = {source: at for source, at in there.items() if at.thread == thread}
        arrangement = arrange(_Without(found.keys() - mine, records), there)
        _count_arrangement(report, arrangement)
        report.mapping = self._mapping(page, thread)
        standing = {source: _standing(at) for source, at in there.items()}
        is_there = all(position in mine for position in arrangement.kept)
        is_known_by_all = all(address in leads for address in page.addresses)
        is_complete = is_there and not lacking and (is_known_by_all or thread is None)
        return Plan(page, thread, arrangement, standing, lacking, is_complete, report)

    def sort(
        self, part: Sequence[Arranged], known: Mapping[Name, Known], plan: Plan, report: Report
    ) -> tuple[list[Arranged], list[Arranged]]:
        """Return what of a part this job brings, and what of that isn't there yet."""
        taken: list[Arranged] = []
        fresh: list[Arranged] = []
        for record in part:
            at = self._find(record.waiting, known, plan.thread)
            if at is None:
                fresh.append(record)
            else:
                plan.standing[record.waiting.source] = _standing(at)
            if at is None or at.job == self.job.id:
                taken.append(record)
            else:
                count_known(report, at)
        return taken, fresh

    def _known(self, connection: sa.Connection, names: list[Name]) -> dict[Name, Known]:
        return imports.known_records(connection, self.job.to.site, names, self.job.salt)

    def _names(self, record: Waiting) -> tuple[Name, ...]:
        return ((self.job.to.format, record.source), *record.same_as)

    def _find(self, record: Waiting, known: Mapping[Name, Known], thread: str | None) -> Known | None:
        """Return what a record is the same as.

        What only another file calls so must be on the same page, if that is known: two blogs both have a comment 12.
        Nor can it have come in the record's own format: there it would have its name.
        """
        if not known:
            return None
        own, *others = self._names(record)
        if own in known:
            return known[own]
        found = ((name, at) for name in others if (at := known.get(name)) is not None)
        return next((at for name, at in found if self._may_be(name, at) and thread in (None, at.thread)), None)

    def _may_be(self, name: Name, at: Known) -> bool:
        own = self.job.to.format
        return name[0] == own or at.origin is None or at.origin.format != own

    def _mapping(self, page: Page, thread: str | None) -> list[Row]:
        what = "copy" if page.is_copy else "merged" if len(page.sources) > 1 else "page"
        there = None if thread in self.job.opened else thread
        return [Row(origin, page.names[0], count, what, there) for origin, count in page.origins]


def stand(standing: dict[str, Standing], arranged: Sequence[Arranged], last: int) -> None:
    """Give each comment its number, counted from the `last` one, and its place below its parent."""
    for number, record in enumerate(arranged, start=last + 1):
        above = standing[record.parent] if record.parent else None
        place = above.place.below(number) if above else root(number)
        standing[record.waiting.source] = Standing(number, place, above.depth + 1 if above else 0)


def count_known(report: Report, at: Known) -> None:
    """Count a record that is here already."""
    if at.job:
        report.duplicates += 1
    else:
        report.skip("erased here by who wrote it")


def _standing(at: Known) -> Standing:
    return Standing(at.number, at.place, at.depth)


def _count_arrangement(report: Report, arrangement: Arrangement) -> None:
    report.threads += bool(arrangement.kept)
    report.orphans += arrangement.orphans
    report.circles += arrangement.circles
    for state, count in arrangement.childless.items():
        report.skip(state, count)
    for record, what in arrangement.problems:
        report.tell(Problem(f"comment {record.source}", what))
