"""Taking pages into the store, a part a transaction: several small pages together, or a piece of a large one.

Theory of operation: a part is read, rendered and put in order first; only then the database is locked, asked what of it
is here already, and given the rest, so that whoever writes meanwhile waits as little as may be. Pages whose threads
exist are taken one at a time, because whoever holds two threads may wait for whoever holds the same two in another
order.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body
from outspoken.discussion.state import WITH_TEXT
from outspoken.discussion.thread import Opening
from outspoken.store import imports, loading, threads
from outspoken.store.completing import complete, complete_story
from outspoken.store.imports import Known, Name
from outspoken.store.loading import Load, NewThread, Person
from outspoken.store.parts import in_parts
from outspoken.store.scratch import Records, Scratch
from outspoken.store.windows import comment_at
from outspoken.transfer.arranging import Arranged
from outspoken.transfer.completing import completion_of
from outspoken.transfer.destination import Job
from outspoken.transfer.pages import Page
from outspoken.transfer.planning import Plan, Planner, stand
from outspoken.transfer.preparing import Preparation, Standing, body_of, person_of, story_of
from outspoken.transfer.records import Problem, SourceComment
from outspoken.transfer.report import Report

CHUNK = 500
"""Comments in a transaction, about: enough to be fast, few enough that a reader who writes meanwhile hardly waits."""

_NOTED_AT_ONCE = 1_000
_ANY_NUMBER = 10**9
"""After which a rehearsal counts."""
_decode = msgspec.msgpack.Decoder(SourceComment).decode
_encode_standing = msgspec.msgpack.Encoder().encode
_decode_standing = msgspec.msgpack.Decoder(Standing).decode


@dataclass(frozen=True, slots=True)
class _Part:
    """Records in order, read and rendered."""

    arranged: Sequence[Arranged]
    read: Mapping[int, SourceComment]
    bodies: Mapping[int, Body | None]
    persons: Mapping[int, Person | None]
    taken: Container[Name]
    """Names under which other comments are known."""
    standing: dict[str, Standing]
    """Where these comments stand, and what they answer, by source."""

    def people(self) -> list[Person]:
        """Return who wrote these records, each once."""
        persons = [self.persons[record.waiting.position] for record in self.arranged]
        return list(dict.fromkeys(person for person in persons if person is not None))


class _NotedPlaces:
    """Where the comments of one page stand, in the scratch: there may be a million."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._unnoted: dict[str, Standing] = {}
        scratch.forget_places()

    def __setitem__(self, source: str, at: Standing) -> None:
        self._unnoted[source] = at
        if len(self._unnoted) >= _NOTED_AT_ONCE:
            self.note()

    def __contains__(self, source: object) -> bool:
        return source in self._unnoted or any(self._scratch.places_of([str(source)]))

    def note(self, places: Mapping[str, Standing] | None = None) -> None:
        """Put down what isn't yet, and these places."""
        self._unnoted.update(places or {})
        self._scratch.note_places((source, _encode_standing(at)) for source, at in self._unnoted.items())
        self._unnoted.clear()

    def above(self, arranged: Sequence[Arranged]) -> dict[str, Standing]:
        """Return where those stand whom records answer, as far as that was put down."""
        above = list({record.parent: None for record in arranged if record.parent is not None})
        return {source: _decode_standing(place) for source, place in self._scratch.places_of(above)}


class Taker:
    """Takes the pages of one job in and counts them in its report."""

    def __init__(self, job: Job, scratch: Scratch, report: Report) -> None:
        self._job = job
        self._to = job.to
        self._scratch = scratch
        self._report = report
        self._planner = Planner(job)

    def take(self, pages: Sequence[Page]) -> None:
        """Take in several pages that are small together."""
        records = {page: self._scratch.records_of(page.sources) for page in pages}
        everything = [record for found in records.values() for record in found]
        read = self._read([record.position for record in everything])
        bodies, persons = self._bodies(read), _persons(read)
        aside: list[Page] = []
        plans: list[tuple[Plan, list[Arranged], dict[str, Standing]]] = []
        by_position = {record.position: record for record in everything}
        load = self._load()
        with self._job.part() as connection:
            known = self._planner.known_with_parents(connection, everything)
            leads = imports.threads_at(connection, self._to.site, [each for page in pages for each in page.addresses])
            strangers = self._planner.strangers(connection, pages, leads)
            for page in pages:
                standing: dict[str, Standing] = {}
                parts = [(records[page], known)]
                plan = self._planner.plan(page, records[page], parts, leads, standing, strangers.get(page))
                if plan.thread is not None and not plan.is_complete:
                    aside.append(page)
                    continue
                arranged = plan.arrangement.arranged(plan.arrangement.kept, by_position)
                plans.append((plan, arranged, standing))
                if not plan.is_complete:
                    stand(standing, arranged, last=0)
                    if not self._to.is_rehearsal:
                        leads |= self._open(load, plan, _Part(arranged, read, bodies, persons, known, standing), leads)
            load.write(connection)
        for plan, arranged, standing in plans:
            self._told(plan)
            _count(self._report, arranged, read, standing)
        for page in aside:
            self.take_long(page)

    def take_long(self, page: Page) -> None:
        """Take in a page by itself, in as many parts as it needs."""
        with self._to.database.reading() as connection:
            records = Records(self._scratch, page.sources)
            leads = imports.threads_at(connection, self._to.site, page.addresses)
            places = _NotedPlaces(self._scratch)
            stranger = self._planner.strangers(connection, [page], leads).get(page)
            parts = self._planner.asked_in_parts(connection, records)
            plan = self._planner.plan(page, records, parts, leads, places, stranger)
        places.note()
        self._told(plan)
        if plan.thread is not None:
            self._complete(plan, plan.thread)
        for positions in in_parts(plan.arrangement.kept, CHUNK):
            arranged = plan.arrangement.arranged(positions, self._scratch.records_at(positions))
            standing = places.above(arranged)
            read = self._read(positions)
            bodies, persons = self._bodies(read), _persons(read)
            report = Report(self._to.format)
            with self._job.part() as connection:
                known = self._planner.known(connection, [record.waiting for record in arranged])
                taken, fresh = self._planner.sort(arranged, known, plan.thread, standing, report)
                if self._to.is_rehearsal:
                    stand(standing, fresh, _ANY_NUMBER)
                elif fresh:
                    self._add(connection, plan, _Part(fresh, read, bodies, persons, known, standing))
            places.note(standing)
            self._report.add(report)
            _count(self._report, taken, read, standing)

    def _told(self, plan: Plan) -> None:
        for row in plan.mapping:
            self._report.mapped(row)
        self._report.add(plan.report)

    def _complete(self, plan: Plan, thread: str) -> None:
        """Let a thread that is there have what its story and its comments lack and this file has."""
        if not self._to.is_rehearsal:
            with self._job.part() as connection:
                threads.lock_thread(connection, thread)
                complete_story(connection, thread, story_of(plan.page.story))
                self._lead(connection, plan.page, thread)
        for positions in in_parts(plan.lacking, CHUNK):
            records = self._scratch.records_at(positions)
            read = self._read(positions)
            report = Report(self._to.format)
            with self._job.part() as connection:
                known = self._planner.known(connection, records.values())
                for position in positions:
                    at = self._planner.find(records[position], known, plan.lead)
                    if at is not None and self._complete_one(connection, at, read[position]):
                        report.completed += 1
                    else:
                        report.duplicates += 1
            self._report.add(report)

    def _complete_one(self, connection: sa.Connection, at: Known, record: SourceComment) -> bool:
        if not self._to.is_rehearsal:
            threads.lock_thread(connection, at.thread)
        comment = comment_at(connection, at.thread, at.number)
        completion = completion_of(comment, record)
        if completion is None or self._to.is_rehearsal:
            return completion is not None
        person = person_of(record)
        if "author" in completion.found and person:
            people = imports.author_numbers(connection, at.thread, [person], self._to.entropy)
            completion = replace(completion, author=people[person])
        complete(connection, comment, completion, self._to.entropy)
        return True

    def _open(self, load: Load, plan: Plan, part: _Part, leads: Mapping[str, str]) -> dict[str, str]:
        """Gather a new thread with all that is said in it; return the addresses that lead to it."""
        people = part.people()
        addresses = tuple(address for address in plan.page.addresses if address not in leads)
        thread = self._new_thread(plan.page, part.arranged, addresses, people)
        load.open(thread, self._arrivals(plan, part, {person: at for at, person in enumerate(people, start=1)}))
        return dict.fromkeys(addresses, thread.id)

    def _add(self, connection: sa.Connection, plan: Plan, part: _Part) -> None:
        """Add to a thread, which is opened if there is none."""
        to = self._to
        if plan.thread is None:
            plan.thread = threads.thread_at(connection, to.site, plan.page.names)
        if plan.thread is None:
            load = self._load()
            thread = self._new_thread(plan.page, part.arranged, (), ())
            load.open(thread, ())
            load.write(connection)
            plan.thread = thread.id
            self._lead(connection, plan.page, thread.id)
        locked = threads.lock_thread(connection, plan.thread)
        stand(part.standing, part.arranged, locked.last_number)
        people = imports.author_numbers(connection, plan.thread, part.people(), to.entropy)
        loading.take_in(
            connection,
            plan.thread,
            self._arrivals(plan, part, people),
            site=to.site,
            format=to.format,
            job=self._job.id,
            entropy=to.entropy,
        )

    def _lead(self, connection: sa.Connection, page: Page, thread: str) -> None:
        for address in page.addresses:
            threads.add_address(connection, self._to.site, address, thread)

    def _load(self) -> Load:
        return Load(self._to.site, self._to.format, self._job.id, self._to.entropy)

    def _arrivals(self, plan: Plan, part: _Part, people: Mapping[Person, int]) -> list[loading.Arrival]:
        preparation = Preparation(
            self._to.format, plan.page.story.excerpt, part.standing, part.bodies, part.persons, people, part.taken
        )
        return preparation.arrivals(part.arranged, part.read)

    def _new_thread(
        self, page: Page, arranged: Sequence[Arranged], addresses: tuple[str, ...], people: Sequence[Person]
    ) -> NewThread:
        first, now = arranged[0].waiting.created, self._to.now()
        return NewThread(
            id=threads.new_thread_id(self._to.entropy),
            story=story_of(page.story),
            opening=Opening.CLOSED if page.story.closed else Opening.OPEN,
            opened=now,
            listed=None if first is None else datetime.fromtimestamp(first, now.tzinfo),
            addresses=addresses,
            people=people,
        )

    def _read(self, positions: Sequence[int]) -> dict[int, SourceComment]:
        return {position: _decode(payload) for position, payload in self._scratch.payloads(positions)}

    def _bodies(self, read: Mapping[int, SourceComment]) -> dict[int, Body | None]:
        if self._to.is_rehearsal:
            return {}
        return {position: body_of(comment) for position, comment in read.items()}


def _persons(read: Mapping[int, SourceComment]) -> dict[int, Person | None]:
    return {position: person_of(comment) for position, comment in read.items()}


def _count(
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
