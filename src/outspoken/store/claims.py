"""Claims: codes by which people take over, or have erased, what they wrote before it was imported.

Whoever owns the site finds out which comments are somebody's and hands them a code; the database keeps its digest, and
to which comments it leads until each of them is taken over or erased. So a code that was used up leads nowhere, and no
row tells any more what one person wrote in several threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotAllowed, NotFound, NotPossible
from outspoken.store import contacts
from outspoken.store.contacts import Found
from outspoken.store.rows import Row
from outspoken.store.tables import claimed, claims
from outspoken.store.taking_over import Holder, erase_all, nobodys, take_over


class Act(StrEnum):
    """What somebody wants done with what they wrote."""

    TAKE = "take"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Claim:
    """A code that was handed out."""

    digest: bytes
    until: datetime
    act: Act | None
    """What was begun with it, None before anything is."""
    holder: bytes | None
    """Stands for the browser that began."""
    left: int
    """Comments that it still leads to."""


def claim_at(connection: sa.Connection, site: str, digest: bytes, now: datetime) -> Claim:
    """Return what a code is worth.

    Raises:
        NotFound: if there is none, or its time is over.
    """
    row = connection.execute(_claims(site).where(claims.c.digest == digest)).one_or_none()
    if row is None or row.until <= now:
        raise worthless()
    return _claim(row)


def claims_of(connection: sa.Connection, site: str) -> list[Claim]:
    """Return all codes that were handed out and not forgotten yet, the one that ends first before the others."""
    return [_claim(row) for row in connection.execute(_claims(site).order_by(claims.c.until, claims.c.digest))]


def may_use(claim: Claim, act: Act, holder: Holder) -> None:
    """Let whoever began with a code, or is the first, use it for one thing.

    Raises:
        NotAllowed: if another browser has used it.
        NotPossible: if it was used for the other act.
    """
    if claim.holder is not None and claim.holder != holder.digest:
        raise NotAllowed("This code was used in another browser. If it wasn't you, tell whoever gave it to you.")
    if claim.act not in (None, act):
        raise NotPossible("This code was used for something else already.")


def withdraw(connection: sa.Connection, site: str, digest: bytes) -> None:
    """Make a code worthless."""
    for table in (claimed, claims):
        connection.execute(table.delete().where(table.c.site == site, table.c.digest == digest))


def forget_expired(connection: sa.Connection, site: str, now: datetime) -> None:
    """Forget the codes whose time is over."""
    over = sa.select(claims.c.digest).where(claims.c.site == site, claims.c.until <= now)
    for digest in connection.execute(over).scalars().all():
        withdraw(connection, site, digest)


def what_is_left(connection: sa.Connection, site: str, digest: bytes, most: int) -> list[Found]:
    """Return the first comments that a code still leads to."""
    rows = connection.execute(
        sa.select(claimed.c.thread, claimed.c.number)
        .where(claimed.c.site == site, claimed.c.digest == digest)
        .order_by(claimed.c.thread, claimed.c.number)
        .limit(most)
    )
    return [(row.thread, row.number) for row in rows]


def settle(
    connection: sa.Connection,
    site: str,
    digest: bytes,
    act: Act,
    holder: Holder,
    part: tuple[str, Sequence[int]],
    now: datetime,
) -> list[int]:
    """Do with one part, comments of one thread, what the holder of a code wants; return those with which it was done.

    The first part binds the code to the act and to the holder. What has become another browser's meanwhile is let be.

    Raises:
        NotFound: if the code isn't worth anything.
        NotAllowed: if another browser has used it.
        NotPossible: if it was used for the other act.
    """
    thread, wanted = part
    _bind(connection, site, digest, act, holder, now)
    here = (claimed.c.site == site, claimed.c.digest == digest, claimed.c.thread == thread)
    left = set(connection.execute(sa.select(claimed.c.number).where(*here)).scalars())
    numbers = sorted(left.intersection(wanted))
    free = nobodys(connection, thread, numbers)
    if act is Act.TAKE:
        take_over(connection, thread, free, holder)
        contacts.forget(connection, site, ((thread, number) for number in free))
    else:
        erase_all(connection, thread, free, now)
    if numbers:
        connection.execute(
            claimed.delete().where(*here, claimed.c.number == sa.bindparam("done")),
            [{"done": number} for number in numbers],
        )
    return free


def _bind(connection: sa.Connection, site: str, digest: bytes, act: Act, holder: Holder, now: datetime) -> None:
    locked = sa.select(claims.c.digest).where(claims.c.site == site, claims.c.digest == digest).with_for_update()
    connection.execute(locked).all()
    may_use(claim_at(connection, site, digest, now), act, holder)
    connection.execute(
        claims.update()
        .where(claims.c.site == site, claims.c.digest == digest)
        .values(act=act.value, holder=holder.digest)
    )


def worthless() -> NotFound:
    """Return what is told about a code that leads nowhere, whatever the reason."""
    return NotFound("This code isn't valid here: it may be mistyped, used up or too old. Ask for a new one.")


def _claims(site: str) -> "sa.Select[Any]":
    of_claim = (claimed.c.site == claims.c.site) & (claimed.c.digest == claims.c.digest)
    left = sa.select(sa.func.count()).select_from(claimed).where(claimed.c.site == site, of_claim)
    return sa.select(claims, left.scalar_subquery().label("left_over")).where(claims.c.site == site)


def _claim(row: Row) -> Claim:
    return Claim(
        bytes(row.digest), row.until, Act(row.act) if row.act else None, row.holder and bytes(row.holder), row.left_over
    )
