"""Tickets for one look: how a writer whose browser keeps no cookies is shown their comment's code, once.

A ticket stands in an address, so it must be worth nothing a moment later: it lives in memory, opens once, and not long.
"""

import binascii
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from outspoken.memory import Table

_LIFE = timedelta(minutes=10)
_ENTRIES = 10_000
_ROOM = 128
_KEY_BYTES = 16


class Posted(msgspec.Struct, frozen=True, array_like=True):
    """What a ticket shows."""

    thread: str
    number: int
    code: str


def table_of_tickets() -> Table:
    """Return an empty table for `Tickets`."""
    return Table(_ENTRIES, _ROOM)


class Tickets:
    """Tickets that were given out and not yet used, in a table that several processes may have in common."""

    def __init__(self, table: Table, entropy: Callable[[int], bytes]) -> None:
        self._table = table
        self._entropy = entropy

    def issue(self, thread: str, number: int, code: str, now: datetime) -> str:
        """Return a ticket for the code of a comment."""
        ticket = self._entropy(_KEY_BYTES)
        with self._table.locked():
            packed = msgspec.msgpack.encode(Posted(thread, number, code)).ljust(_ROOM, b"\0")
            self._table.put(ticket, packed, (now + _LIFE).timestamp(), now.timestamp())
        return ticket.hex()

    def use(self, ticket: str, now: datetime) -> Posted | None:
        """Return what a ticket shows, this once; None if it was used, is too old or never was."""
        try:
            key = binascii.unhexlify(ticket)
        except (binascii.Error, ValueError):
            return None
        if len(key) != _KEY_BYTES:
            return None
        with self._table.locked():
            found = self._table.find(key, now.timestamp())
            self._table.remove(key)
        return None if found is None else _decode(found[0])


def _decode(packed: bytes) -> Posted:
    return msgspec.msgpack.decode(packed.rstrip(b"\0"), type=Posted)
