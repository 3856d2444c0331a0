"""Taking in many comments of one or several threads, with one statement a table.

A thread that is new has its last counts when it is written. One that is there already must be locked by whoever calls.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body, Origin, Quotation
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import Place, root
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Story
from outspoken.store.bulk import Values, add_rows
from outspoken.store.changes import count_replies
from outspoken.store.rows import Row, each_of, encode_quotes, place_of
from outspoken.store.sealing import Entropy, seal
from outspoken.store.tables import (
    addresses,
    authors,
    bodies,
    comments,
    contacts,
    job_threads,
    keys,
    minutes,
    provenance,
    threads,
)
from outspoken.text.names import skeleton

_COMMENT = (
    *("thread", "number", "parent", "depth", "trunk", "path", "state", "author", "created", "edited", "up", "down"),
    *("best_rank", "controversial_rank", "replies", "shown", "quotes", "origin", "submission"),
)
_THREAD = (
    *("id", "site", "headline", "url", "attribution", "attribution_url", "excerpt", "published", "listed"),
    *("opening", "opened", "active", "comments", "last_number", "last_author", "version"),
)
AUTHOR = ("thread", "number", "name", "skeleton", "mark", "key_hash", "source")
_PROVENANCE = ("site", "format", "source", "thread", "number", "job", "line")
_NO_VOTES = (best_rank(0, 0), controversial_rank(0, 0))
_encode_origin = msgspec.msgpack.Encoder().encode

Person = tuple[str, str | None]
"""Name, and the old system's id of who it is, if that is public."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """An imported comment that has its number and its place."""

    source: str
    number: int
    parent: int
    place: Place
    depth: int
    state: State
    author: int | None
    created: datetime | None
    body: Body | None
    quotes: tuple[Quotation, ...]
    origin: Origin
    line: int | None = None
    edited: datetime | None = None
    up: int = 0
    down: int = 0
    same_as: tuple[tuple[str, str], ...] = ()
    contact: bytes = b""
    """The e-mail it was written under, sealed; empty if it isn't kept."""


@dataclass(frozen=True, slots=True)
class NewThread:
    """A thread that an import opens, with the people in it, numbered from 1."""

    id: str
    story: Story
    opening: Opening
    opened: datetime
    listed: datetime | None
    addresses: tuple[str, ...]
    """None of them leads anywhere yet."""
    people: Sequence[Person]


@dataclass(frozen=True, slots=True)
class Load:
    """The rows of one transaction, gathered and then written."""

    site: str
    format: str
    job: str
    entropy: Entropy
    _threads: list[Values] = field(default_factory=list)
    _addresses: list[Values] = field(default_factory=list)
    _authors: list[Values] = field(default_factory=list)
    _comments: list[Values] = field(default_factory=list)
    _bodies: list[Values] = field(default_factory=list)
    _keys: list[Values] = field(default_factory=list)
    _contacts: list[Values] = field(default_factory=list)
    _provenance: list[Values] = field(default_factory=list)
    _job_threads: list[Values] = field(default_factory=list)
    _names: set[tuple[str, str]] = field(default_factory=set)

    def open(self, thread: NewThread, arrivals: Sequence[Arrival]) -> None:
        """Gather a thread that is new, and what is said in it."""
        story = thread.story
        published = [arrival for arrival in arrivals if arrival.state is State.PUBLISHED]
        self._threads.append(
            (
                *(thread.id, self.site, story.headline, story.url, story.attribution, story.attribution_url),
                *(story.excerpt, minutes(story.published), minutes(story.published or thread.listed or thread.opened)),
                *(thread.opening.value, minutes(thread.opened), minutes(_latest(published)), len(published)),
                *(arrivals[-1].number if arrivals else 0, len(thread.people), 2 if arrivals else 1),
            )
        )
        self._addresses.extend((self.site, address, thread.id) for address in thread.addresses)
        self.add_people(thread.id, enumerate(thread.people, start=1))
        self._job_threads.append((self.site, self.job, thread.id, True))
        self.add(thread.id, arrivals)

    def add_people(self, thread: str, people: Iterable[tuple[int, Person]]) -> None:
        """Gather authors that are new in a thread."""
        self._authors.extend(author_row(thread, number, person, self.entropy) for number, person in people)

    def add(self, thread: str, arrivals: Sequence[Arrival]) -> Counter[int]:
        """Gather comments of a thread, parents before replies; return by parent how many replies readers will see."""
        replies = shown_replies(arrivals)
        for arrival in arrivals:
            number, body = arrival.number, arrival.body
            self._comments.append(_row(thread, arrival, replies[number]))
            self._add_provenance(thread, arrival)
            if arrival.contact:
                self._contacts.append((self.site, thread, number, arrival.contact))
            if body is not None:
                sealed = seal(body, thread, number, self.entropy)
                self._bodies.append((thread, number, body.renderer, sealed.sealed))
                self._keys.append((thread, number, sealed.key))
        return replies

    def write(self, connection: sa.Connection) -> None:
        """Write all that was gathered."""
        for table, columns, rows in (
            (threads, _THREAD, self._threads),
            (addresses, ("site", "address", "thread"), self._addresses),
            (authors, AUTHOR, self._authors),
            (comments, _COMMENT, self._comments),
            (bodies, ("thread", "number", "renderer", "sealed"), self._bodies),
            (keys, ("thread", "number", "key"), self._keys),
            (contacts, ("site", "thread", "number", "sealed"), self._contacts),
            (provenance, _PROVENANCE, self._provenance),
            (job_threads, ("site", "job", "thread", "opened"), self._job_threads),
        ):
            if rows:
                add_rows(connection, table, columns, rows)

    def _add_provenance(self, thread: str, arrival: Arrival) -> None:
        """Remember under which names a comment may come again; a name that two claim is the first one's."""
        for format, source in ((self.format, arrival.source), *arrival.same_as):
            if (format, source) not in self._names:
                self._names.add((format, source))
                self._provenance.append((self.site, format, source, thread, arrival.number, self.job, arrival.line))


def take_in(
    connection: sa.Connection,
    thread: str,
    arrivals: Sequence[Arrival],
    *,
    site: str,
    format: str,
    job: str,
    entropy: Entropy,
) -> None:
    """Add comments, parents before replies, to a thread that is locked and whose next numbers they carry."""
    if not arrivals:
        return
    load = Load(site, format, job, entropy)
    replies = load.add(thread, arrivals)
    load.write(connection)
    _note_thread(connection, site, job, thread)
    _count_in_thread(connection, thread, arrivals)
    at_hand = {0, *(arrival.number for arrival in arrivals)}
    above = each_of(connection, thread, [parent for parent in replies if parent not in at_hand])
    count_replies(connection, thread, above, replies)


def author_row(thread: str, number: int, person: Person, entropy: Entropy) -> Values:
    """Return the row of an imported author, as `AUTHOR` names its values."""
    name, source = person
    return (thread, number, name, skeleton(name), entropy(16), None, source)


def _latest(arrivals: Sequence[Arrival]) -> datetime | None:
    return max((arrival.created for arrival in arrivals if arrival.created), default=None)


class Coming(Protocol):
    """A comment on its way in, as far as it decides what readers will see of others."""

    @property
    def number(self) -> int:
        """In its thread."""
        ...

    @property
    def parent(self) -> int:
        """Number of the comment it answers, 0 for a root."""
        ...

    @property
    def state(self) -> State:
        """The state in which it comes."""
        ...


def shown_replies(coming: Sequence[Coming]) -> Counter[int]:
    """Count the replies of each parent that readers will see; parents come before their replies."""
    replies: Counter[int] = Counter()
    for comment in reversed(coming):
        if comment.state is State.PUBLISHED or replies[comment.number]:
            replies[comment.parent] += 1
    return replies


def stands(coming: Iterable[Coming], above: Mapping[int, Row]) -> dict[int, tuple[Place, int]]:
    """Return where each comment stands and how deep, parents before replies; `above` are parents that are there."""
    found = {number: (place_of(row), int(row.depth)) for number, row in above.items()}
    for comment in coming:
        if comment.parent:
            place, depth = found[comment.parent]
            found[comment.number] = (place.below(comment.number), depth + 1)
        else:
            found[comment.number] = (root(comment.number), 0)
    return found


def _row(thread: str, arrival: Arrival, replies: int) -> Values:
    up, down, place, state = arrival.up, arrival.down, arrival.place, arrival.state
    best, controversial = (best_rank(up, down), controversial_rank(up, down)) if up or down else _NO_VOTES
    return (
        thread,
        arrival.number,
        arrival.parent,
        arrival.depth,
        place.trunk,
        place.path,
        state.value,
        arrival.author,
        minutes(arrival.created),
        minutes(arrival.edited),
        up,
        down,
        best,
        controversial,
        replies,
        state is State.PUBLISHED or replies > 0,
        encode_quotes(arrival.quotes) if arrival.quotes else None,
        _encode_origin(arrival.origin) if state is not State.DELETED else None,
        None,
    )


def _note_thread(connection: sa.Connection, site: str, job: str, thread: str) -> None:
    noted = sa.select(job_threads.c.thread).where(
        job_threads.c.site == site, job_threads.c.job == job, job_threads.c.thread == thread
    )
    if connection.execute(noted).one_or_none() is None:
        connection.execute(job_threads.insert().values(site=site, job=job, thread=thread, opened=False))


def _count_in_thread(connection: sa.Connection, thread: str, arrivals: Sequence[Arrival]) -> None:
    published = [arrival for arrival in arrivals if arrival.state is State.PUBLISHED]
    active = connection.execute(sa.select(threads.c.active).where(threads.c.id == thread)).scalar()
    connection.execute(
        threads.update()
        .where(threads.c.id == thread)
        .values(
            last_number=arrivals[-1].number,
            comments=threads.c.comments + len(published),
            version=threads.c.version + 1,
            active=max(filter(None, (_latest(published), active)), default=None),
        )
    )
