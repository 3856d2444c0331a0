"""E-mails under which imported comments were written, kept so that their authors can claim them, if the owner asks.

Each is sealed to a public key whose other half isn't on this machine, with chance of its own, all of one length: what
lies here can neither be read nor compared, not with each other and not with an address that somebody guesses.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyrage
import sqlalchemy as sa

from outspoken.store.database import Database
from outspoken.store.tables import contacts

_ROOM = 256
"""Bytes that are sealed, however short the address is, so that its length tells nothing."""
_BATCH = 500
Found = tuple[str, int]
"""Thread and number of a comment."""


def by_thread(found: Iterable[Found]) -> dict[str, list[int]]:
    """Return the numbers of comments by thread, each once."""
    numbers: dict[str, list[int]] = {}
    for thread, number in dict.fromkeys(found):
        numbers.setdefault(thread, []).append(number)
    return numbers


def folded(email: str) -> str:
    """Return an address as it is compared: however it is written, it is the same mailbox nearly everywhere."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _packed(email: str) -> bytes:
    return folded(email).encode("utf-8", "replace")[:_ROOM].ljust(_ROOM, b"\0")


class NotOpened(Exception):
    """All addresses that are kept were sealed to other keys."""


def sealing(recipients: Sequence[Any]) -> Callable[[str], bytes]:
    """Return what seals an address to these public keys."""

    def seal(email: str) -> bytes:
        sealed: bytes = pyrage.encrypt(_packed(email), list(recipients))
        return sealed

    return seal


def written_under(
    database: Database,
    site: str,
    email: str,
    identities: Sequence[Any],
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Found]:
    """Yield the comments of a site that were written under an address; opens every one that is kept.

    `told` is how many were looked at.

    Raises:
        NotOpened: in the end, if some are kept and none of them was sealed to these keys.
    """
    wanted, opened, looked_at = _packed(email), 0, 0
    for looked_at, row in enumerate(_all_of(database, site), start=1):
        try:
            is_it = pyrage.decrypt(row.sealed, list(identities)) == wanted
            opened += 1
        except pyrage.DecryptError:
            # Sealed to another key, of an earlier import perhaps.
            is_it = False
        if is_it:
            yield row.thread, row.number
        told(looked_at)
    if looked_at and not opened:
        raise NotOpened


def count(connection: sa.Connection, site: str) -> int:
    """Return how many addresses are kept."""
    return connection.execute(
        sa.select(sa.func.count()).select_from(contacts).where(contacts.c.site == site)
    ).scalar_one()


def forget_all(database: Database, site: str) -> Iterator[int]:
    """Destroy all addresses that are kept of a site; yield after each step how many it destroyed."""
    while True:
        with database.writing() as connection:
            some = connection.execute(_some(site)).all()
            forget(connection, site, ((row.thread, row.number) for row in some))
        if not some:
            return
        yield len(some)


def forget(connection: sa.Connection, site: str, comments: Iterable[Found]) -> None:
    """Destroy the addresses of some comments."""
    at = [{"of_thread": thread, "of_number": number} for thread, number in comments]
    if at:
        here = (contacts.c.thread == sa.bindparam("of_thread"), contacts.c.number == sa.bindparam("of_number"))
        connection.execute(contacts.delete().where(contacts.c.site == site, *here), at)


def _some(site: str) -> "sa.Select[Any]":
    return (
        sa.select(contacts.c.thread, contacts.c.number, contacts.c.sealed)
        .where(contacts.c.site == site)
        .order_by(contacts.c.thread, contacts.c.number)
        .limit(_BATCH)
    )


def _all_of(database: Database, site: str) -> Iterator[Any]:
    thread, number = "", 0
    place = sa.tuple_(contacts.c.thread, contacts.c.number)
    while True:
        with database.reading() as connection:
            rows = connection.execute(_some(site).where(place > sa.tuple_(thread, number))).all()
        if not rows:
            return
        yield from rows
        thread, number = rows[-1].thread, rows[-1].number
