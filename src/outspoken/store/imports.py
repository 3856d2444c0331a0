"""What an import asks before it takes anything in: what is here already, where pages lead, who is in a thread."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from outspoken.discussion.comment import Origin
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store import ledger
from outspoken.store.database import Database
from outspoken.store.loading import Person
from outspoken.store.parts import in_parts
from outspoken.store.rows import each_of
from outspoken.store.sealing import Entropy
from outspoken.store.tables import IMPORTED, addresses, authors, provenance, threads
from outspoken.text.names import skeleton

_decode_origin = msgspec.msgpack.Decoder(Origin).decode

Name = tuple[str, str]
"""Format and source id: under what a record may be known."""


@dataclass(frozen=True, slots=True)
class Known:
    """A comment that was imported before."""

    thread: str
    number: int
    place: Place
    depth: int
    job: str
    """Which import brought it; empty for one that was erased since by who wrote it."""
    state: State
    created: datetime | None
    origin: Origin | None


def one_at_a_time(connection: sa.Connection, site: str) -> None:
    """Wait until no other import writes to the site, and keep others waiting until this transaction ends.

    SQLite has a single writer anyway.
    """
    if connection.dialect.name != "sqlite":
        # A plan that was kept from when the tables were empty reads all of what has come since, for each part again.
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"import|{site}", 0))))


def known_records(
    connection: sa.Connection, site: str, names: Iterable[Name], salt: bytes | None = None
) -> dict[Name, Known]:
    """Return which of these records are here already, and where they stand; `salt` opens the ledger of the erased."""
    names = list(dict.fromkeys(names))
    places = _by_provenance(connection, site, names)
    if salt is not None:
        unknown = [name for name in names if name not in places]
        places |= {name: (*at, "") for name, at in ledger.erased(connection, site, salt, unknown).items()}
    numbers: dict[str, set[int]] = {}
    for thread, number, _ in places.values():
        numbers.setdefault(thread, set()).add(number)
    rows = {
        (thread, row.number): row
        for thread, wanted in numbers.items()
        for row in each_of(connection, thread, sorted(wanted))
    }
    return {
        name: Known(
            thread=thread,
            number=number,
            place=Place(row.trunk, row.path),
            depth=row.depth,
            job=job,
            state=State(row.state),
            created=row.created,
            origin=_decode_origin(row.origin) if row.origin else None,
        )
        for name, (thread, number, job) in places.items()
        if (row := rows.get((thread, number))) is not None
    }


def _by_provenance(connection: sa.Connection, site: str, names: Sequence[Name]) -> dict[Name, tuple[str, int, str]]:
    by_format: dict[str, list[str]] = {}
    for format, source in names:
        by_format.setdefault(format, []).append(source)
    found: dict[Name, tuple[str, int, str]] = {}
    for format, sources in by_format.items():
        for part in in_parts(sources):
            rows = connection.execute(
                sa.select(provenance.c.source, provenance.c.thread, provenance.c.number, provenance.c.job).where(
                    provenance.c.site == site,
                    provenance.c.format == format,
                    _is_one_of(connection, provenance.c.source, part),
                )
            )
            found |= {(format, source): (thread, number, job) for source, thread, number, job in rows}
    return found


def threads_at(connection: sa.Connection, site: str, wanted: Sequence[str]) -> dict[str, str]:
    """Return to which threads those of these addresses lead that lead anywhere."""
    found: dict[str, str] = {}
    for part in in_parts(wanted):
        rows = connection.execute(
            sa.select(addresses.c.address, addresses.c.thread).where(
                addresses.c.site == site, _is_one_of(connection, addresses.c.address, part)
            )
        )
        found |= {address: thread for address, thread in rows}  # noqa: C416
    return found


def _is_one_of(connection: sa.Connection, column: sa.Column[str], values: Sequence[str]) -> sa.ColumnElement[bool]:
    """Compare with a list that is one value, so that the statement is the same for lists of every length."""
    if connection.dialect.name == "sqlite":
        given = sa.func.json_each(sa.literal(msgspec.json.encode(values).decode())).table_valued("value")
        return column.in_(sa.select(given.c.value))
    return column == sa.any_(sa.literal(list(values), ARRAY(sa.Text)))


def author_numbers(
    connection: sa.Connection, thread: str, people: Iterable[Person], entropy: Entropy
) -> dict[Person, int]:
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


def _known_authors(connection: sa.Connection, thread: str, people: Mapping[Person, None]) -> dict[Person, int]:
    """Return those of these people who are in the thread; of a thread with 100,000 authors no others are read."""
    found: dict[Person, int] = {}
    for which in _who(people):
        rows = connection.execute(
            sa.select(authors.c.number, authors.c.name, authors.c.source).where(
                authors.c.thread == thread, IMPORTED, which
            )
        )
        found |= {(row.name, row.source): row.number for row in rows}
    return found


def _who(people: Mapping[Person, None]) -> Iterator[sa.ColumnElement[bool]]:
    sources = list(dict.fromkeys(source for _, source in people if source is not None))
    names = [name for name, source in people if source is None]
    for part in in_parts(sources):
        yield authors.c.source.in_(part)
    for part in in_parts(names):
        yield authors.c.source.is_(None) & authors.c.name.in_(part)


def measure(database: Database) -> None:
    """Let PostgreSQL look at what its tables hold now.

    It does so by itself, but later, and till then takes a full table for a small one of which all may be read.
    """
    if not database.is_sqlite:
        database.maintain("ANALYZE")
