"""Taking one page of an import into the store: its thread, its authors, its comments, a part at a time."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body, Origin, Quotation
from outspoken.discussion.errors import NotFound
from outspoken.discussion.place import Place, root
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Site, Story
from outspoken.store import imports, sites, threads
from outspoken.store.database import Database
from outspoken.store.imports import Arrival
from outspoken.store.scratch import Scratch
from outspoken.store.sealing import Entropy
from outspoken.text.hygiene import clean
from outspoken.text.quotations import find_quotations
from outspoken.text.render import RENDERER, render
from outspoken.transfer.arranging import Arranged, arrange
from outspoken.transfer.records import Problem, SourceComment, SourceStory
from outspoken.transfer.report import Report

CHUNK = 500
"""Comments in a transaction, about: enough to be fast, few enough that a reader who writes meanwhile hardly waits."""
QUOTED_ANCESTORS = 10
"""How far up a quotation is looked for."""

_FIRST_MEASURED = 5_000
"""Comments after which a database looks for the first time at how its tables have grown."""
_MOST_VOTES = 10**9
_WITH_TEXT = (State.PUBLISHED, State.HELD)
_decode = msgspec.msgpack.Decoder(SourceComment).decode


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an import goes, and with what."""

    database: Database
    site: str
    format: str
    job: str
    now: Callable[[], datetime]
    entropy: Entropy
    is_rehearsal: bool

    def begin(self) -> None:
        """Note that the job has begun; a site of that name is made if there is none."""
        if not self.is_rehearsal:
            with self.database.writing() as connection:
                try:
                    sites.site_named(connection, self.site)
                except NotFound:
                    sites.add_site(connection, Site(self.site, self.site, ()))
                imports.begin_job(connection, id=self.job, site=self.site, format=self.format, now=self.now())

    def finish(self, report: Report) -> None:
        """Note that the job is done."""
        if not self.is_rehearsal:
            with self.database.writing() as connection:
                imports.finish_job(connection, self.job, report.as_json(), self.now())
            imports.measure(self.database)


class Parts:
    """One transaction after another, each of about `CHUNK` comments; a rehearsal only reads."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._open = destination.database.reading if destination.is_rehearsal else destination.database.writing
        self._stack = ExitStack()
        self._taken = self._all = 0
        self._to_be_measured = _FIRST_MEASURED

    def __enter__(self) -> "Parts":
        self.connection = self._stack.enter_context(self._open())
        return self

    def __exit__(self, *failure: Any) -> None:
        self._stack.__exit__(*failure)

    def count(self, comments: int) -> None:
        """Note that so many comments were taken in; commit and begin anew when there are enough."""
        self._taken += comments
        self._all += comments
        if self._taken >= CHUNK:
            self._stack.close()
            if self._all >= self._to_be_measured and not self._destination.is_rehearsal:
                imports.measure(self._destination.database)
                self._to_be_measured = 10 * self._all
            self.connection = self._stack.enter_context(self._open())
            self._taken = 0


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a comment of this page stands, new or known."""

    number: int
    place: Place
    depth: int


def take_page(
    destination: Destination,
    parts: Parts,
    story: SourceStory,
    addresses: Sequence[str],
    scratch: Scratch,
    sources: Sequence[str],
    report: Report,
) -> None:
    """Take in the comments of one page that aren't there yet, and count them in the report."""
    records = scratch.records_of(sources)
    known = imports.known_sources(
        parts.connection, destination.site, destination.format, [record.source for record in records]
    )
    thread = threads.thread_at(parts.connection, destination.site, addresses)
    if thread is None and known:
        thread = next(iter(known.values())).thread
    standing = {source: _Standing(at.number, at.place, at.depth) for source, at in known.items() if at.thread == thread}
    fresh = [record for record in records if record.source not in known]
    report.duplicates += len(known)
    arrangement = arrange(fresh, standing)
    for record in arrangement.childless:
        report.skipped[record.state] += 1
    for record, what in arrangement.problems:
        report.tell(Problem(f"comment {record.source}", what))
    if not arrangement.kept:
        return
    report.threads += 1
    comments = _Comments(destination, story, scratch, report, standing)
    if destination.is_rehearsal:
        comments.rehearse(arrangement.kept)
        return
    if thread is None:
        thread = _open(destination, parts.connection, story, addresses, arrangement.kept[0].waiting.created)
    for start in range(0, len(arrangement.kept), CHUNK):
        part = arrangement.kept[start : start + CHUNK]
        comments.take(parts.connection, thread, part)
        parts.count(len(part))


def _open(
    destination: Destination,
    connection: sa.Connection,
    story: SourceStory,
    addresses: Sequence[str],
    first: int | None,
) -> str:
    now = destination.now()
    id = threads.new_thread_id(destination.entropy)
    threads.open_thread(
        connection,
        id=id,
        site=destination.site,
        story=Story(
            headline=" ".join(clean(story.headline).split()) or story.url or story.identifier or story.source,
            url=story.url,
            attribution=story.attribution,
            attribution_url=story.attribution_url,
            excerpt=clean(story.excerpt),
            published=story.published,
        ),
        addresses_of_page=addresses,
        now=now,
        opening=Opening.CLOSED if story.closed else Opening.OPEN,
        listed=None if first is None else datetime.fromtimestamp(first, now.tzinfo),
    )
    return id


class _Comments:
    """The comments of one page on their way in."""

    def __init__(
        self,
        destination: Destination,
        story: SourceStory,
        scratch: Scratch,
        report: Report,
        standing: Mapping[str, _Standing],
    ) -> None:
        self._destination = destination
        self._story = story
        self._scratch = scratch
        self._report = report
        self._standing = dict(standing)

    def rehearse(self, arranged: Sequence[Arranged]) -> None:
        """Count what would be taken in."""
        for start in range(0, len(arranged), CHUNK):
            part = arranged[start : start + CHUNK]
            self._count(part, self._read(part), self._stand(part, last=10**9))

    def take(self, connection: sa.Connection, thread: str, arranged: Sequence[Arranged]) -> None:
        """Take in a part, within one transaction."""
        last = threads.lock_thread(connection, thread).last_number
        read = self._read(arranged)
        stand = self._stand(arranged, last)
        people = imports.author_numbers(
            connection,
            thread,
            [_person(comment) for comment in read.values() if comment.author],
            self._destination.entropy,
        )
        bodies = self._bodies(arranged, read, stand)
        arrivals = [self._arrival(record, read[record.waiting.position], stand, people, bodies) for record in arranged]
        imports.take_in(
            connection,
            thread,
            arrivals,
            site=self._destination.site,
            format=self._destination.format,
            job=self._destination.job,
            entropy=self._destination.entropy,
        )
        self._count(arranged, read, stand)

    def _read(self, arranged: Sequence[Arranged]) -> dict[int, SourceComment]:
        positions = [record.waiting.position for record in arranged]
        return {position: _decode(payload) for position, payload in self._scratch.payloads(positions)}

    def _stand(self, arranged: Sequence[Arranged], last: int) -> dict[str, _Standing]:
        """Give each comment its number and its place below its parent."""
        for number, record in enumerate(arranged, start=last + 1):
            above = self._standing[record.parent] if record.parent else None
            place = above.place.below(number) if above else root(number)
            self._standing[record.waiting.source] = _Standing(number, place, above.depth + 1 if above else 0)
        return self._standing

    def _bodies(
        self, arranged: Sequence[Arranged], read: Mapping[int, SourceComment], stand: Mapping[str, _Standing]
    ) -> dict[int, Body]:
        return {
            stand[record.waiting.source].number: Body(
                comment.body, comment.markup, render(comment.body, comment.markup), RENDERER
            )
            for record in arranged
            if (comment := read[record.waiting.position]).state in _WITH_TEXT
        }

    def _arrival(
        self,
        record: Arranged,
        comment: SourceComment,
        stand: Mapping[str, _Standing],
        people: Mapping[tuple[str, str | None], int],
        bodies: Mapping[int, Body],
    ) -> Arrival:
        at = stand[record.waiting.source]
        body = bodies.get(at.number)
        return Arrival(
            source=record.waiting.source,
            number=at.number,
            parent=stand[record.parent].number if record.parent else 0,
            place=at.place,
            depth=at.depth,
            state=comment.state,
            author=people[_person(comment)] if comment.author and body else None,
            created=comment.created if body else None,
            body=body,
            quotes=self._quotes(at, body, bodies) if body else (),
            origin=Origin(
                self._destination.format,
                comment.lost,
                (*comment.guessed, "parent") if record.is_adopted else comment.guessed,
                " ".join(clean(comment.provenance).split()),
            ),
            line=comment.line,
            edited=comment.edited if body else None,
            up=_votes(comment.up) if body else 0,
            down=_votes(comment.down) if body else 0,
        )

    def _quotes(self, at: _Standing, body: Body, bodies: Mapping[int, Body]) -> tuple[Quotation, ...]:
        above = at.place.ancestors()[-QUOTED_ANCESTORS:]
        return find_quotations(
            body.html,
            clean(self._story.excerpt),
            {number: bodies[number].html for number in reversed(above) if number in bodies},
        )

    def _count(
        self, arranged: Sequence[Arranged], read: Mapping[int, SourceComment], stand: Mapping[str, _Standing]
    ) -> None:
        for record in arranged:
            comment = read[record.waiting.position]
            if comment.state in _WITH_TEXT:
                self._report.count_comment(stand[record.waiting.source].depth)
                if comment.author:
                    self._report.authors.add(comment.author_source or comment.author)
                if "body" in comment.lost:
                    where = f"line {comment.line}" if comment.line else f"comment {comment.source}"
                    self._report.tell(Problem(where, "has no text: the picture or video that stood here was lost"))
            else:
                self._report.tombstones += 1


def _votes(told: int) -> int:
    """Return a count of votes as a column can hold it; files say what they like."""
    return min(max(told, 0), _MOST_VOTES)


def _person(comment: SourceComment) -> tuple[str, str | None]:
    return " ".join(clean(comment.author).split()), comment.author_source
