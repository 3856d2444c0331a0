"""The limiter that the processes of one server have in common: one key and one count for each sender and all of them.

Key and counts lie in memory that these processes share, and nowhere else.
"""

import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b

from outspoken.memory import Table
from outspoken.moderation.limiter import KEY_BYTES, KEY_LIFE, Address, Visitor, visitor_at

_ENTRIES = 200_000
_COUNT = struct.Struct("=I")
_DRAWN = struct.Struct("=d")


def table_of_counts() -> Table:
    """Return an empty table for a `CommonLimiter`."""
    return Table(_ENTRIES, _COUNT.size)


class CommonLimiter:
    """Counts in a table of `table_of_counts`. Under a flood of addresses, those that were counted longest ago go."""

    def __init__(self, table: Table, entropy: Callable[[int], bytes], now: Callable[[], datetime]) -> None:
        self._table = table
        self._entropy = entropy
        self._now = now

    def visitor(self, address: Address | None) -> Visitor:
        """Return what stands for an address."""
        with self._table.locked():
            return visitor_at(address, lambda: self._key(self._seconds()))

    def count(self, what: str, who: bytes, window: timedelta) -> int:
        """Count one more and return how many there were within this window, this one included."""
        with self._table.locked():
            now = self._seconds()
            name = self._name(what, who, now)
            count, ends = self._counted(name, now) or (0, now + window.total_seconds())
            self._table.put(name, _COUNT.pack(count + 1), ends, now)
        return count + 1

    def take_back(self, what: str, who: bytes) -> None:
        """Count one less: what was counted didn't happen."""
        with self._table.locked():
            now = self._seconds()
            name = self._name(what, who, now)
            count, ends = self._counted(name, now) or (0, now)
            if count:
                self._table.put(name, _COUNT.pack(count - 1), ends, now)

    def _seconds(self) -> float:
        return self._now().timestamp()

    def _counted(self, name: bytes, now: float) -> tuple[int, float] | None:
        found = self._table.find(name, now)
        return None if found is None else (_COUNT.unpack(found[0])[0], found[1])

    def _name(self, what: str, who: bytes, now: float) -> bytes:
        # Keyed, so that nobody can choose which of the others' counts have to go for theirs.
        return blake2b(what.encode() + b"|" + who, key=self._key(now), digest_size=16).digest()

    def _key(self, now: float) -> bytes:
        """Return the key of the day; the first who finds it too old draws another one and forgets what was counted."""
        head = self._table.head
        # A clock that was set back must not keep a key alive.
        if not 0 <= now - _DRAWN.unpack_from(head)[0] < KEY_LIFE.total_seconds():
            self._table.clear()
            head[_DRAWN.size : _DRAWN.size + KEY_BYTES] = self._entropy(KEY_BYTES)
            # Last, so that whoever is killed before has done nothing that counts.
            _DRAWN.pack_into(head, 0, now)
        return bytes(head[_DRAWN.size : _DRAWN.size + KEY_BYTES])
