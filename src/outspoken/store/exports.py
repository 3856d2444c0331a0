"""A site as it is kept, streamed in an order that is the same on both databases; for whoever takes it along.

Texts are compared by their bytes here, whatever a database thinks of letters. A thread is read by its own key.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Comment
from outspoken.store.rows import WHOLE, Row, as_comment
from outspoken.store.tables import (
    PUBLISHED,
    SHOWN,
    addresses,
    authors,
    comments,
    decisions,
    ledger,
    provenance,
    redirects,
    threads,
)
from outspoken.store.threads import IN_PUBLIC

_AT_ONCE = 1_000
_ADDRESSES = sa.select(addresses.c.address).where(
    addresses.c.site == sa.bindparam("at_site"), addresses.c.thread == sa.bindparam("of_thread")
)


def thread_ids(connection: sa.Connection, site: str, *, only_public: bool = False) -> list[str]:
    """Return the ids of all threads of a site, or of those for everybody to see, sorted."""
    ids = sa.select(threads.c.id).where(threads.c.site == site)
    return sorted(connection.execute(ids.where(IN_PUBLIC) if only_public else ids).scalars())


def last_shown(connection: sa.Connection, thread: str) -> tuple[int, int]:
    """Return the highest number of what readers see in a thread, and the highest of its authors."""
    here = comments.c.thread == thread
    number = connection.execute(sa.select(sa.func.max(comments.c.number)).where(here, SHOWN)).scalar()
    author = connection.execute(sa.select(sa.func.max(comments.c.author)).where(here, PUBLISHED)).scalar()
    return number or 0, author or 0


def addresses_of(connection: sa.Connection, site: str, thread: str) -> list[str]:
    """Return the addresses that lead to a thread of a site, sorted."""
    return sorted(connection.execute(_ADDRESSES, {"at_site": site, "of_thread": thread}).scalars())


def authors_by_appearance(connection: sa.Connection, thread: str, *, only_shown: bool) -> Iterator[Row]:
    """Stream the authors of a thread, whoever is named by the lowest number of a comment first."""
    named = sa.select(comments.c.author, sa.func.min(comments.c.number).label("first")).where(
        comments.c.thread == thread, comments.c.author.is_not(None)
    )
    if only_shown:
        named = named.where(PUBLISHED)
    first = named.group_by(comments.c.author).subquery("appeared")
    return _stream(
        connection,
        sa.select(authors)
        .join(first, first.c.author == authors.c.number)
        .where(authors.c.thread == thread)
        .order_by(first.c.first),
    )


def comments_by_number(connection: sa.Connection, thread: str, *, only_shown: bool) -> Iterator[Comment]:
    """Stream the comments of a thread with all that is kept of them, whoever may see it."""
    query = WHOLE.where(comments.c.thread == thread)
    if only_shown:
        query = query.where(SHOWN)
    for row in _stream(connection, query.order_by(comments.c.number)):
        yield as_comment(row)


def decisions_in(connection: sa.Connection, thread: str) -> Iterator[Row]:
    """Stream what was decided in a thread, by comment and sequence."""
    return _stream(
        connection,
        decisions.select().where(decisions.c.thread == thread).order_by(decisions.c.number, decisions.c.sequence),
    )


def provenance_in(connection: sa.Connection, site: str, thread: str | None = None) -> Iterator[Row]:
    """Stream where the imported comments of a site, or of one of its threads, came from, by format and source."""
    by_bytes = _by_bytes(connection)
    query = provenance.select().where(provenance.c.site == site)
    if thread is not None:
        query = query.where(provenance.c.thread == thread)
    order = (provenance.c.format.collate(by_bytes), provenance.c.source.collate(by_bytes))
    return _stream(connection, query.order_by(*order))


def redirects_to(connection: sa.Connection, thread: str) -> Iterator[Row]:
    """Stream the old addresses that lead to a thread and into it, by old thread and number."""
    query = redirects.select().where(redirects.c.thread == thread)
    return _stream(connection, query.order_by(redirects.c.was.collate(_by_bytes(connection)), redirects.c.was_number))


def erased_imports(connection: sa.Connection, site: str) -> Iterator[Row]:
    """Stream the ledger of a site, by digest."""
    return _stream(connection, ledger.select().where(ledger.c.site == site).order_by(ledger.c.digest))


def first_date(connection: sa.Connection, thread: str) -> datetime | None:
    """Return the earliest date of what readers see in a thread, None if nothing there has one."""
    dates = sa.select(sa.func.min(comments.c.created)).where(comments.c.thread == thread, PUBLISHED)
    return connection.execute(dates).scalar()


def comments_of(connection: sa.Connection, site: str) -> int:
    """Return how many comments were ever numbered in the threads of a site: for bars that show how far it is."""
    query = sa.select(sa.func.coalesce(sa.func.sum(threads.c.last_number), 0)).where(threads.c.site == site)
    return int(connection.execute(query).scalar_one())


def _by_bytes(connection: sa.Connection) -> str:
    return "BINARY" if connection.dialect.name == "sqlite" else "C"


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Row]:
    yield from connection.execute(query.execution_options(yield_per=_AT_ONCE))
