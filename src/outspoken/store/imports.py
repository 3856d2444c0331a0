"""Comments that come from elsewhere: what of them is known already, their authors, and taking many in at once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body, Origin, Quotation
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store.changes import show_or_hide
from outspoken.store.database import Database
from outspoken.store.rows import encode_quotes
from outspoken.store.sealing import Entropy, seal
from outspoken.store.tables import IMPORTED, authors, bodies, comments, jobs, keys, provenance, threads
from outspoken.text.names import skeleton

Item = TypeVar("Item")

_LOOK_UP = 500
_encode_origin = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Known:
    """A comment that was imported before."""

    thread: str
    number: int
    place: Place
    depth: int


@dataclass(frozen=True, slots=True)
class Arrival:
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


def known_sources(connection: sa.Connection, site: str, format: str, sources: Sequence[str]) -> dict[str, Known]:
    """Return which of these records were imported before, and where they stand."""
    places: dict[str, dict[int, str]] = {}
    for part in _parts(sources):
        rows = connection.execute(
            sa.select(provenance.c.source, provenance.c.thread, provenance.c.number).where(
                provenance.c.site == site, provenance.c.format == format, provenance.c.source.in_(part)
            )
        )
        for row in rows:
            places.setdefault(row.thread, {})[row.number] = row.source
    return {
        source: known
        for thread, numbers in places.items()
        for source, known in _known_in_thread(connection, thread, numbers)
    }


def _known_in_thread(connection: sa.Connection, thread: str, numbers: Mapping[int, str]) -> Iterator[tuple[str, Known]]:
    for part in _parts(list(numbers)):
        rows = connection.execute(
            sa.select(comments.c.number, comments.c.depth, comments.c.trunk, comments.c.path).where(
                comments.c.thread == thread, comments.c.number.in_(part)
            )
        )
        for row in rows:
            yield numbers[row.number], Known(thread, row.number, Place(row.trunk, row.path), row.depth)


def _parts(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(values), _LOOK_UP):
        yield values[start : start + _LOOK_UP]


def author_numbers(
    connection: sa.Connection, thread: str, people: Iterable[tuple[str, str | None]], entropy: Entropy
) -> dict[tuple[str, str | None], int]:
    """Return the author of each (name, source id) in a thread that is locked, adding those that are new."""
    wanted = dict.fromkeys(people)
    found = _known_authors(connection, thread, wanted)
    missing = [person for person in wanted if person not in found]
    if missing:
        last = connection.execute(sa.select(threads.c.last_author).where(threads.c.id == thread)).scalar_one()
        for number, person in enumerate(missing, start=last + 1):
            found[person] = number
        connection.execute(
            authors.insert(),
            [
                {
                    "thread": thread,
                    "number": found[person],
                    "name": person[0],
                    "skeleton": skeleton(person[0]),
                    "mark": entropy(16),
                    "key_hash": None,
                    "source": person[1],
                }
                for person in missing
            ],
        )
        connection.execute(threads.update().where(threads.c.id == thread).values(last_author=last + len(missing)))
    return found


def _known_authors(
    connection: sa.Connection, thread: str, people: Iterable[tuple[str, str | None]]
) -> dict[tuple[str, str | None], int]:
    """Return those of these people who are in the thread; of a thread with 100,000 authors no others are read."""
    sources = list(dict.fromkeys(source for _, source in people if source is not None))
    names = [name for name, source in people if source is None]
    by_source = [authors.c.source.in_(part) for part in _parts(sources)]
    by_name = [authors.c.source.is_(None) & authors.c.name.in_(part) for part in _parts(names)]
    found: dict[tuple[str, str | None], int] = {}
    for which in (*by_source, *by_name):
        rows = connection.execute(
            sa.select(authors.c.number, authors.c.name, authors.c.source).where(
                authors.c.thread == thread, IMPORTED, which
            )
        )
        found |= {(row.name, row.source): row.number for row in rows}
    return found


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
    replies = _shown_replies(arrivals)
    at_hand = {arrival.number for arrival in arrivals}
    connection.execute(comments.insert(), [_row(thread, arrival, replies[arrival.number]) for arrival in arrivals])
    _insert_bodies(connection, thread, arrivals, entropy)
    connection.execute(
        provenance.insert(),
        [
            {
                "site": site,
                "format": format,
                "source": arrival.source,
                "thread": thread,
                "number": arrival.number,
                "job": job,
                "line": arrival.line,
            }
            for arrival in arrivals
        ],
    )
    _count_in_thread(connection, thread, arrivals)
    for parent, added in replies.items():
        if parent and parent not in at_hand:
            connection.execute(
                comments.update()
                .where(comments.c.thread == thread, comments.c.number == parent)
                .values(replies=comments.c.replies + added)
            )
            show_or_hide(connection, thread, parent)


def _shown_replies(arrivals: Sequence[Arrival]) -> Counter[int]:
    """Count, from the last to the first, the replies of each parent that readers will see."""
    replies: Counter[int] = Counter()
    for arrival in reversed(arrivals):
        if arrival.state is State.PUBLISHED or replies[arrival.number]:
            replies[arrival.parent] += 1
    return replies


def _row(thread: str, arrival: Arrival, replies: int) -> dict[str, Any]:
    return {
        "thread": thread,
        "number": arrival.number,
        "parent": arrival.parent,
        "depth": arrival.depth,
        "trunk": arrival.place.trunk,
        "path": arrival.place.path,
        "state": arrival.state.value,
        "author": arrival.author,
        "created": arrival.created,
        "edited": arrival.edited,
        "up": arrival.up,
        "down": arrival.down,
        "best_rank": best_rank(arrival.up, arrival.down),
        "controversial_rank": controversial_rank(arrival.up, arrival.down),
        "replies": replies,
        "shown": arrival.state is State.PUBLISHED or replies > 0,
        "quotes": encode_quotes(arrival.quotes) if arrival.quotes else None,
        "origin": _encode_origin(arrival.origin) if arrival.state is not State.DELETED else None,
        "submission": None,
    }


def _insert_bodies(connection: sa.Connection, thread: str, arrivals: Sequence[Arrival], entropy: Entropy) -> None:
    sealed = [
        (arrival.number, arrival.body.renderer, seal(arrival.body, thread, arrival.number, entropy))
        for arrival in arrivals
        if arrival.body is not None
    ]
    if sealed:
        connection.execute(
            bodies.insert(),
            [
                {"thread": thread, "number": number, "renderer": renderer, "sealed": body.sealed}
                for number, renderer, body in sealed
            ],
        )
        connection.execute(
            keys.insert(), [{"thread": thread, "number": number, "key": body.key} for number, _, body in sealed]
        )


def _count_in_thread(connection: sa.Connection, thread: str, arrivals: Sequence[Arrival]) -> None:
    published = [arrival for arrival in arrivals if arrival.state is State.PUBLISHED]
    latest = max((arrival.created for arrival in published if arrival.created), default=None)
    active = connection.execute(sa.select(threads.c.active).where(threads.c.id == thread)).scalar()
    connection.execute(
        threads.update()
        .where(threads.c.id == thread)
        .values(
            last_number=arrivals[-1].number,
            comments=threads.c.comments + len(published),
            version=threads.c.version + 1,
            active=max(filter(None, (latest, active)), default=None),
        )
    )


def measure(database: Database) -> None:
    """Let PostgreSQL look at what its tables hold now.

    It does so by itself, but later, and till then takes a full table for a small one of which all may be read.
    """
    if not database.is_sqlite:
        database.maintain("ANALYZE")


def begin_job(connection: sa.Connection, *, id: str, site: str, format: str, now: datetime) -> None:
    """Note that an import has begun."""
    connection.execute(jobs.insert().values(id=id, site=site, format=format, started=now, finished=None, report=None))


def finish_job(connection: sa.Connection, id: str, report: dict[str, Any], now: datetime) -> None:
    """Note that an import is done, with its report."""
    connection.execute(jobs.update().where(jobs.c.id == id).values(finished=now, report=report))
