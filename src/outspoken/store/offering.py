"""Making a code: which comments may be claimed at all. Only the command line does this."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.state import State
from outspoken.store.claims import forget_expired
from outspoken.store.contacts import Found, by_thread
from outspoken.store.rows import each_of
from outspoken.store.tables import claimed, claims, threads
from outspoken.store.taking_over import nobodys


def offer(
    connection: sa.Connection, site: str, digest: bytes, found: Iterable[Found], until: datetime, now: datetime
) -> int:
    """Let a code lead to these comments of a site; return how many that is.

    Raises:
        NotFound, NotPossible: as `check` says.
    """
    forget_expired(connection, site, now)
    found = list(dict.fromkeys(found))
    check(connection, site, found)
    connection.execute(claims.insert().values(site=site, digest=digest, until=until, act=None, holder=None))
    connection.execute(
        claimed.insert(),
        [{"site": site, "digest": digest, "thread": thread, "number": number} for thread, number in found],
    )
    return len(found)


def check(connection: sa.Connection, site: str, found: Iterable[Found]) -> None:
    """Let pass what may be claimed: comments of the site that were imported and are nobody's here.

    Raises:
        NotFound: if one isn't there, or is another site's.
        NotPossible: if one belongs to a browser's key, wasn't imported, or is erased.
    """
    for thread, numbers in by_thread(found).items():
        _check(connection, site, thread, numbers)


def _check(connection: sa.Connection, site: str, thread: str, numbers: Sequence[int]) -> None:
    whose = connection.execute(sa.select(threads.c.site).where(threads.c.id == thread)).scalar()
    rows = {row.number: row for row in each_of(connection, thread, numbers)}
    free = set(nobodys(connection, thread, numbers))
    for number in numbers:
        row = rows.get(number)
        if whose != site or row is None:
            raise NotFound(f"{thread}/{number} isn't there, or belongs to another site.")
        if row.state == State.DELETED.value:
            raise NotPossible(f"{thread}/{number} is erased already.")
        if number not in free:
            raise NotPossible(f"{thread}/{number} belongs to a reader's browser already.")
        if row.origin is None:
            raise NotPossible(f"{thread}/{number} wasn't imported: who wrote it here has its key or its code.")
