"""What was imported and then erased by who wrote it, or removed before its import was undone: it must not come back.

Of such a comment neither format nor id is kept, only a digest of both under the site's salt, and where its tombstone
stands, so that replies to it still find their place. Whoever holds the database holds the salt too, and can ask the
ledger about an id that they have; they can't read any out of it.
"""

import hashlib
import hmac
from collections.abc import Sequence

import sqlalchemy as sa

from outspoken.store.parts import in_parts
from outspoken.store.sealing import Entropy
from outspoken.store.tables import ledger, provenance, sites

_SALT, _DIGEST = 32, 16


def salt_of(connection: sa.Connection, site: str) -> bytes | None:
    """Return the salt of a site's ledger, None as long as nothing was imported there."""
    return connection.execute(sa.select(sites.c.ledger_salt).where(sites.c.name == site)).scalar()


def ensure_salt(connection: sa.Connection, site: str, entropy: Entropy) -> bytes:
    """Return the salt of a site's ledger, drawing one if there is none."""
    salt = salt_of(connection, site)
    if salt is None:
        salt = entropy(_SALT)
        connection.execute(sites.update().where(sites.c.name == site).values(ledger_salt=salt))
    return salt


def digest(salt: bytes, format: str, source: str) -> bytes:
    """Return by what the ledger knows a record."""
    return hmac.digest(salt, f"{format}\0{source}".encode("utf-8", "surrogatepass"), hashlib.sha256)[:_DIGEST]


def enter(connection: sa.Connection, site: str, thread: str, number: int) -> None:
    """Replace all that is known of where a comment came from by digests: it was erased for good."""
    rows = connection.execute(
        sa.select(provenance.c.format, provenance.c.source).where(
            provenance.c.site == site, provenance.c.thread == thread, provenance.c.number == number
        )
    ).all()
    salt = salt_of(connection, site) if rows else None
    if salt is None:
        return
    for format, source in rows:
        entry = digest(salt, format, source)
        connection.execute(ledger.delete().where(ledger.c.site == site, ledger.c.digest == entry))
        connection.execute(ledger.insert().values(site=site, digest=entry, thread=thread, number=number))
    connection.execute(
        provenance.delete().where(
            provenance.c.site == site, provenance.c.thread == thread, provenance.c.number == number
        )
    )


def erased(
    connection: sa.Connection, site: str, salt: bytes, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, int]]:
    """Return which of these records (format, source) were erased here, and where their tombstones stand."""
    is_empty = connection.execute(sa.select(ledger.c.thread).where(ledger.c.site == site).limit(1)).first() is None
    if is_empty:
        return {}
    named = {digest(salt, *name): name for name in names}
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for part in in_parts(list(named)):
        rows = connection.execute(
            sa.select(ledger.c.digest, ledger.c.thread, ledger.c.number).where(
                ledger.c.site == site, ledger.c.digest.in_(part)
            )
        )
        found |= {named[bytes(row.digest)]: (row.thread, row.number) for row in rows}
    return found
