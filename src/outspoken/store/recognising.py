"""Finding imported comments by who they are said to be by, and what is shown of them to be recognised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.state import State
from outspoken.store.contacts import Found, by_thread
from outspoken.store.rows import each_of
from outspoken.store.tables import authors, comments, threads
from outspoken.text.names import skeleton


@dataclass(frozen=True, slots=True)
class Written:
    """A comment that somebody may have written, as far as it has to be recognised."""

    thread: str
    number: int
    headline: str
    name: str
    created: datetime | None
    is_published: bool


def written(connection: sa.Connection, found: Iterable[Found]) -> list[Written]:
    """Return what is to be known of comments to recognise them; those that are erased or gone are left out."""
    recognised = []
    for thread, numbers in by_thread(found).items():
        headline = connection.execute(sa.select(threads.c.headline).where(threads.c.id == thread)).scalar()
        rows = {row.number: row for row in each_of(connection, thread, numbers, is_whole=True)}
        recognised += [
            Written(thread, number, headline or "", row.name or "", row.created, row.state == State.PUBLISHED.value)
            for number in numbers
            if (row := rows.get(number)) is not None and row.state != State.DELETED.value
        ]
    return recognised


def written_as(
    connection: sa.Connection, site: str, *, name: str | None = None, account: str | None = None
) -> Iterator[Found]:
    """Yield the imported comments of a site by whoever went by a name, or by an account of the old system."""
    ids = connection.execute(sa.select(threads.c.id).where(threads.c.site == site).order_by(threads.c.id))
    who = [] if name is None else [authors.c.skeleton == skeleton(name), authors.c.name == name]
    who += [] if account is None else [authors.c.source == account]
    for thread in ids.scalars().all():
        query = sa.select(authors.c.number).where(authors.c.thread == thread, authors.c.key_hash.is_(None), *who)
        for author in connection.execute(query).scalars().all():
            numbers = sa.select(comments.c.number).where(comments.c.thread == thread, comments.c.author == author)
            for number in connection.execute(numbers.order_by(comments.c.number)).scalars():
                yield thread, number
