"""What an import asks before it takes anything in: what is here already, where pages lead, who is in a thread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from outspoken.discussion.comment import Origin
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store import ledger
from outspoken.store.bulk import add_rows
from outspoken.store.database import Database
from outspoken.store.loading import AUTHOR, Person, author_row
from outspoken.store.parts import in_parts
from outspoken.store.rows import each_of
from outspoken.store.sealing import Entropy
from outspoken.store.tables import IMPORTED, addresses, authors, metadata, provenance, threads

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
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"import|{site}", 0))
        connection.execute(sa.select(lock))


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
            asked = {"at_site": site, "of_format": format, "wanted": _wanted(connection, part)}
            rows = connection.execute(_with_sources(connection.dialect.name), asked)
            found |= {(format, source): (thread, number, job) for source, thread, number, job in rows}
    return found


def threads_at(connection: sa.Connection, site: str, wanted: Sequence[str]) -> dict[str, str]:
    """Return to which threads those of these addresses lead that lead anywhere."""
    found: dict[str, str] = {}
    for part in in_parts(wanted):
        asked = {"at_site": site, "wanted": _wanted(connection, part)}
        rows = connection.execute(_with_addresses(connection.dialect.name), asked)
        found |= {address: thread for address, thread in rows}  # noqa: C416
    return found


@cache
def _with_sources(dialect: str) -> sa.Select[Any]:
    rows = sa.select(provenance.c.source, provenance.c.thread, provenance.c.number, provenance.c.job)
    of = (provenance.c.site == sa.bindparam("at_site"), provenance.c.format == sa.bindparam("of_format"))
    return _each_wanted(dialect, rows.where(*of), provenance.c.source)


@cache
def _with_addresses(dialect: str) -> sa.Select[Any]:
    rows = sa.select(addresses.c.address, addresses.c.thread).where(addresses.c.site == sa.bindparam("at_site"))
    return rows.where(_is_wanted(dialect, addresses.c.address))


@cache
def _of_authors(dialect: str, key: sa.Column[str]) -> sa.Select[Any]:
    """Ask for authors of a thread who came from elsewhere: by the old system's id, or by name who has none."""
    rows = sa.select(authors.c.number, authors.c.name, authors.c.source)
    here = rows.where(authors.c.thread == sa.bindparam("in_thread"), IMPORTED)
    return _each_wanted(dialect, here if key is authors.c.source else here.where(authors.c.source.is_(None)), key)


def _wanted(connection: sa.Connection, values: Sequence[str]) -> str | list[str]:
    """Return a list as the one value that statements take it for."""
    return msgspec.json.encode(values).decode() if connection.dialect.name == "sqlite" else list(values)


def _is_wanted(dialect: str, column: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Compare with a list that is one value, so that the statement is the same for lists of every length."""
    if dialect == "sqlite":
        given = sa.func.json_each(sa.bindparam("wanted", type_=sa.Text)).table_valued("value")
        return column.in_(sa.select(given.c.value))
    return column == sa.any_(sa.bindparam("wanted", type_=ARRAY(sa.Text)))


def _each_wanted(dialect: str, rows: sa.Select[Any], key: sa.Column[str]) -> sa.Select[Any]:
    """Narrow to the rows whose `key` is one of a list, each looked up.

    Given a list, PostgreSQL before 17 weighs whether to look each value up or to read all that the other conditions
    leave; of tables that an import has just filled it knows nothing yet, and reads. So each is asked for by itself.
    """
    if dialect == "sqlite":
        return rows.where(_is_wanted(dialect, key))
    given = sa.func.unnest(sa.bindparam("wanted", type_=ARRAY(sa.Text)))
    wanted = given.table_valued("value").render_derived("wanted")
    # What has an offset, be it none, is not taken apart and joined in another order.
    found = rows.where(key == wanted.c.value).offset(0).lateral("found")
    return sa.select(found).select_from(wanted).join(found, sa.true())


def author_numbers(
    connection: sa.Connection, thread: str, people: Iterable[Person], entropy: Entropy
) -> dict[Person, int]:
    """Return the author of each (name, source id) in a thread that is locked, adding those that are new."""
    wanted = dict.fromkeys(people)
    found = _known_authors(connection, thread, wanted)
    missing = [person for person in wanted if person not in found]
    if missing:
        last = connection.execute(sa.select(threads.c.last_author).where(threads.c.id == thread)).scalar_one()
        new = {person: number for number, person in enumerate(missing, start=last + 1)}
        add_rows(connection, authors, AUTHOR, (author_row(thread, new[person], person, entropy) for person in missing))
        connection.execute(threads.update().where(threads.c.id == thread).values(last_author=last + len(missing)))
        found |= new
    return found


def _known_authors(connection: sa.Connection, thread: str, people: Mapping[Person, None]) -> dict[Person, int]:
    """Return those of these people who are in the thread; of a thread with 100,000 authors no others are read."""
    sources = list(dict.fromkeys(source for _, source in people if source is not None))
    names = [name for name, source in people if source is None]
    found: dict[Person, int] = {}
    for key, values in ((authors.c.source, sources), (authors.c.name, names)):
        for part in in_parts(values):
            asked = {"in_thread": thread, "wanted": _wanted(connection, part)}
            rows = connection.execute(_of_authors(connection.dialect.name, key), asked)
            found |= {(row.name, row.source): row.number for row in rows}
    return found


def measure(database: Database) -> None:
    """Let PostgreSQL look at what our tables hold now, and at no others.

    It does so by itself, but later, and till then takes a full table for a small one of which all may be read.
    """
    if not database.is_sqlite:
        database.maintain(f"ANALYZE {', '.join(table.name for table in metadata.sorted_tables)}")
