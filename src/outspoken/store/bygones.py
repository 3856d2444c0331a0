"""What an archive tells of old addresses and of what was erased, brought into a site.

An old address may still be where a comment stands here, if the archive is newer than what is here: then the comment has
come back in its new place already, and goes from the old one.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.discussion.state import WITH_TEXT
from outspoken.store import redirects
from outspoken.store.redirects import Spot
from outspoken.store.rows import each_of
from outspoken.store.tables import addresses, job_threads, ledger, sites, threads
from outspoken.store.tables import redirects as rows
from outspoken.store.threads import lock_thread
from outspoken.store.undoing import take_out

Erased = tuple[bytes, str, int]
"""A digest of the ledger, and thread and number of the tombstone."""


def take_redirects(
    connection: sa.Connection, site: str, was: str, thread: str, numbers: Sequence[tuple[int, int]], now: datetime
) -> None:
    """Let (old number, new number) of the thread `was` lead to another one, highest first and the thread itself last.

    What leads nowhere, and old addresses at which something else stands, are passed over.
    """
    _take_from_old_place(connection, site, was, [old for old, _ in numbers if old], now)
    for old, new in numbers:
        if _is_here(connection, site, Spot(thread, new)) and _is_free(connection, site, Spot(was, old), thread):
            connection.execute(rows.delete().where(rows.c.was == was, rows.c.was_number == old))
            connection.execute(rows.insert().values(was=was, was_number=old, thread=thread, number=new))


def take_erased(connection: sa.Connection, site: str, erased: Sequence[Erased]) -> None:
    """Add what isn't in the ledger of a site, if its tombstone is here."""
    for digest, thread, number in erased:
        here = (ledger.c.site == site, ledger.c.digest == digest)
        found = each_of(connection, thread, [number])
        is_tombstone = bool(found) and found[0].state not in WITH_TEXT
        if is_tombstone and connection.execute(ledger.select().where(*here)).one_or_none() is None:
            connection.execute(ledger.insert().values(site=site, digest=digest, thread=thread, number=number))


def take_salt(connection: sa.Connection, site: str, salt: bytes) -> bool:
    """Let a site's ledger be salted like this if it has no salt yet, and return whether this is its salt now."""
    mine = sites.c.name == site
    connection.execute(sites.update().where(mine, sites.c.ledger_salt.is_(None)).values(ledger_salt=salt))
    return connection.execute(sa.select(sites.c.ledger_salt).where(mine)).scalar() == salt


def _take_from_old_place(
    connection: sa.Connection, site: str, thread: str, numbers: Sequence[int], now: datetime
) -> None:
    here = [row.number for row in each_of(connection, thread, numbers)]
    if here and lock_thread(connection, thread).site == site:
        take_out(connection, site, thread, sorted(here, reverse=True), now)


def _is_here(connection: sa.Connection, site: str, spot: Spot) -> bool:
    if _site_of(connection, spot.thread) != site:
        return False
    return not spot.number or bool(each_of(connection, spot.thread, [spot.number]))


def _is_free(connection: sa.Connection, site: str, old: Spot, thread: str) -> bool:
    """Tell whether nothing stands at an old address; a thread that is empty now ends for it."""
    if old.number:
        return not each_of(connection, old.thread, [old.number])
    there = _site_of(connection, old.thread)
    if there == site and not redirects.has_comments(connection, old.thread):
        connection.execute(
            addresses.update().where(addresses.c.site == site, addresses.c.thread == old.thread).values(thread=thread)
        )
        connection.execute(job_threads.delete().where(job_threads.c.site == site, job_threads.c.thread == old.thread))
        connection.execute(threads.delete().where(threads.c.id == old.thread))
        return True
    return there is None


def _site_of(connection: sa.Connection, thread: str) -> str | None:
    try:
        return str(lock_thread(connection, thread).site)
    except NotFound:
        return None
