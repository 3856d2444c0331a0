"""What will become of a page: which of its records are here already, what is fresh, in which order, in which thread.

Only asks and counts; nothing is written here. What is here from the same job was taken in before an interruption, or by
a second process that works on it: it is counted as if it came now.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import sqlalchemy as sa

from outspoken.discussion.place import root
from outspoken.store import imports
from outspoken.store.exports import addresses_of
from outspoken.store.imports import Known, Name
from outspoken.store.numbers import Names, Numbers
from outspoken.store.scratch import Waiting
from outspoken.transfer.arranging import Arranged, Arrangement, arrange
from outspoken.transfer.completing import may_be_completed
from outspoken.transfer.destination import Job
from outspoken.transfer.mapping import Row
from outspoken.transfer.pages import Page, hosts_of
from outspoken.transfer.preparing import Standing
from outspoken.transfer.records import Problem
from outspoken.transfer.report import Report

Part = tuple[Sequence[Waiting], Mapping[Name, Known]]
"""Records, and what is known of them."""

_SAME_IDENTIFIER = "has the identifier of a page of another host, which is here; a map can make them one page"
_SAME_NUMBER = "another comment, of another date, has its number here: bring each old site into a site of its own"
_NUMBER = re.compile("[0-9]+")
_FURTHEST_ZONE, _ZONES_ARE_APART = 14 * 60, 15
"""Minutes."""

_ASKED = 1_000
"""Records of which it is asked at once whether they are known."""


class Places(Protocol):
    """Where comments stand, by source."""

    def __setitem__(self, source: str, at: Standing, /) -> None: ...

    def __contains__(self, source: object, /) -> bool: ...


@dataclass(slots=True)
class Plan:
    """What will become of a page."""

    page: Page
    thread: str | None
    """None if there is none yet."""
    lead: str | None
    """The same, if one of the page's addresses leads there."""
    arrangement: Arrangement
    lacking: Sequence[int]
    """Positions of what is there from another import, but with something missing."""
    mapping: Sequence[Row]
    is_complete: bool
    """Whether nothing has to be written."""
    report: Report


@dataclass(frozen=True, slots=True)
class _Without:
    """Records, passing over those of some positions; both in the order of the file."""

    passed_over: Sequence[int]
    records: Iterable[Waiting]

    def __iter__(self) -> Iterator[Waiting]:
        passed_over = iter(self.passed_over)
        passed = next(passed_over, None)
        for record in self.records:
            if record.position == passed:
                passed = next(passed_over, None)
            else:
                yield record


@dataclass(slots=True)
class _Here:
    """What of a page is here already: a few numbers for each record, because all of a million may be."""

    thread: str | None
    mine: Numbers
    """Positions of what this job brought before it was interrupted."""
    passed_over: Sequence[int]
    """Positions of the rest, in order."""
    lacking: Sequence[int]
    """Positions of those of them of which something is missing here."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the pages of one job."""

    job: Job

    def known(self, connection: sa.Connection, records: Iterable[Waiting]) -> dict[Name, Known]:
        """Return what is known under any name of these records."""
        return self._known(connection, [name for record in records for name in self._names(record)])

    def known_with_parents(self, connection: sa.Connection, records: Sequence[Waiting]) -> dict[Name, Known]:
        """Return the same, and what is known of comments that they answer and that aren't among them."""
        there = {record.source for record in records}
        above = {record.parent for record in records if record.parent is not None} - there
        names = [name for record in records for name in self._names(record)]
        return self._known(connection, names + [(self.job.to.format, parent) for parent in sorted(above)])

    def asked_in_parts(self, connection: sa.Connection, records: Iterable[Waiting]) -> Iterator[Part]:
        """Yield records in parts, each with what is known of it and of what it answers."""
        coming = iter(records)
        while part := list(islice(coming, _ASKED)):
            yield part, self.known_with_parents(connection, part)

    def strangers(self, connection: sa.Connection, pages: Iterable[Page], leads: Mapping[str, str]) -> dict[Page, str]:
        """Return the pages whose identifier alone leads to a thread, which is on other hosts, and that thread.

        What a page leads to since this job opened it doesn't count, so that a job that goes on tells the same.
        """
        found = {}
        for page in pages:
            lead, other = page.leads(leads)
            if other is None or other == lead or not page.hosts or (lead is not None and lead not in self.job.opened):
                continue
            hosts = hosts_of(addresses_of(connection, self.job.to.site, other))
            if hosts and not hosts & page.hosts:
                found[page] = other
        return found

    def plan(
        self,
        page: Page,
        records: Iterable[Waiting],
        parts: Iterable[Part],
        leads: Mapping[str, str],
        standing: Places,
        stranger: str | None = None,
    ) -> Plan:
        """Return what will become of a page, of which `records` are all, and `parts` the same in parts.

        `leads` are the threads that addresses lead to, `stranger` is one that only an identifier does, from another
        host. What is there already gets its place in `standing`.
        """
        report = Report(self.job.to.format)
        by_address, by_identifier = page.leads(leads)
        lead = by_address or (by_identifier if stranger is None else None)
        here = self._here(parts, lead, standing, report)
        if stranger is not None and here.thread == stranger:
            # It has comments of this page, so a community moved to another host, and this isn't another community.
            lead = stranger
        elif stranger is not None:
            page = page.without_identifiers()
            report.tell(Problem(f"page {page.names[0]}", _SAME_IDENTIFIER))
        arrangement = arrange(_Without(here.passed_over, records), standing)
        _count_arrangement(report, arrangement)
        mapping = self._mapping(page, here.thread)
        is_there = all(position in here.mine for position in arrangement.kept)
        is_known_by_all = all(address in leads for address in page.addresses)
        is_complete = is_there and not here.lacking and (is_known_by_all or here.thread is None)
        return Plan(page, here.thread, lead, arrangement, here.lacking, mapping, is_complete, report)

    def _here(self, parts: Iterable[Part], lead: str | None, standing: Places, report: Report) -> _Here:
        """Find what is here already, count it, and note where it stands in its thread."""
        thread, mine, passed_over, lacking = lead, Numbers(), array("q"), array("q")
        waiting: list[tuple[str, Known]] = []
        others = Names()
        for records, known in parts:
            for record in records if known else ():
                # What is answered may have come with an earlier file, and not be in this one.
                if record.parent is not None and (above := known.get((self.job.to.format, record.parent))) is not None:
                    waiting.append((record.parent, above))
                if self._is_another(record, known):
                    others.add(record.source)
                    passed_over.append(record.position)
                    report.skip("another comment has its number here")
                    report.tell(Problem(f"comment {record.source}", _SAME_NUMBER))
                    continue
                at = self.find(record, known, lead)
                if at is None:
                    continue
                waiting.append((record.source, at))
                thread = thread or at.thread
                if at.job == self.job.id and at.thread == thread:
                    mine.add(record.position)
                    continue
                passed_over.append(record.position)
                if may_be_completed(at):
                    lacking.append(record.position)
                else:
                    count_known(report, at)
            if thread is not None:
                for source, at in waiting:
                    if at.thread == thread and source not in others:
                        standing[source] = _standing(at)
                waiting.clear()
        return _Here(thread, mine, passed_over, lacking)

    def sort(
        self,
        part: Sequence[Arranged],
        known: Mapping[Name, Known],
        thread: str | None,
        standing: Places,
        report: Report,
    ) -> tuple[list[Arranged], list[Arranged]]:
        """Return what of a part this job brings, and what of that isn't there yet."""
        taken: list[Arranged] = []
        fresh: list[Arranged] = []
        for record in part:
            at = self.find(record.waiting, known, thread)
            if at is None:
                fresh.append(record)
            else:
                standing[record.waiting.source] = _standing(at)
            if at is None or at.job == self.job.id:
                taken.append(record)
            else:
                count_known(report, at)
        return taken, fresh

    def _known(self, connection: sa.Connection, names: list[Name]) -> dict[Name, Known]:
        return imports.known_records(connection, self.job.to.site, names, self.job.salt)

    def _names(self, record: Waiting) -> tuple[Name, ...]:
        return ((self.job.to.format, record.source), *record.same_as)

    def find(self, record: Waiting, known: Mapping[Name, Known], thread: str | None) -> Known | None:
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

    def _is_another(self, record: Waiting, known: Mapping[Name, Known]) -> bool:
        """Tell whether a record has the number of a comment that it isn't: other systems count from 1 like its own.

        A date may have been read once in the zone of the blog and once as if that stood in Greenwich.
        """
        at = known.get((self.job.to.format, record.source))
        if at is None or at.created is None or record.created is None or not _NUMBER.fullmatch(record.source):
            return False
        apart = abs(record.created // 60 - int(at.created.timestamp()) // 60)
        return apart > _FURTHEST_ZONE or apart % _ZONES_ARE_APART != 0

    def _may_be(self, name: Name, at: Known) -> bool:
        own = self.job.to.format
        return name[0] == own or at.origin is None or at.origin.format != own

    def _mapping(self, page: Page, thread: str | None) -> list[Row]:
        what = "copy" if page.is_copy else "merged" if len(page.sources) > 1 else "page"
        there = None if thread is None or thread in self.job.opened else thread
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
        report.skip("erased or removed here")


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
    report.problems_unlisted += arrangement.orphans + arrangement.circles - len(arrangement.problems)
