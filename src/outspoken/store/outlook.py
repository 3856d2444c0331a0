"""What joining or splitting threads would do, counted before anything is written."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.discussion.state import State
from outspoken.store.rows import each_of
from outspoken.store.tables import addresses, comments

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would go from one thread into another."""

    published: int
    others: int
    """What is held, was rejected or removed, and tombstones."""
    authors: int
    addresses: int
    """Addresses of pages that would lead to the other thread."""


def outlook_of_merge(connection: sa.Connection, site: str, thread: str) -> Outlook:
    """Return what goes where all of a thread goes."""
    query = sa.select(sa.func.count()).where(addresses.c.site == site, addresses.c.thread == thread)
    return _counted(connection, thread, None, connection.execute(query).scalar_one())


def outlook_of_split(connection: sa.Connection, thread: str, tops: Collection[int]) -> Outlook:
    """Return what goes with these comments.

    Raises:
        NotFound: if one of them isn't there.
    """
    if len(each_of(connection, thread, sorted(set(tops)))) != len(set(tops)):
        raise NotFound("There is no such comment.")
    return _counted(connection, thread, tops, 1)


def _counted(connection: sa.Connection, thread: str, tops: Collection[int] | None, pages: int) -> Outlook:
    query = (
        sa.select(comments.c.number, comments.c.parent, comments.c.state, comments.c.author)
        .where(comments.c.thread == thread)
        .order_by(comments.c.number)
        .execution_options(yield_per=_AT_ONCE)
    )
    going: set[int] = set()
    authors: set[int] = set()
    published = 0
    for row in connection.execute(query):
        if tops is None or row.number in tops or row.parent in going:
            going.add(row.number)
            published += row.state == State.PUBLISHED.value
            if row.author is not None:
                authors.add(row.author)
    return Outlook(published, len(going) - published, len(authors), pages)
