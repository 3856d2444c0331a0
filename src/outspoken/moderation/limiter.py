"""Counting who does how much, without knowing who: a keyed hash in memory whose key is thrown away every day.

An address enters only as an argument of `Limiter.visitor` and leaves as eight bytes that nobody can turn back once the
key is gone. Nothing of this is ever written down.
"""

import hmac
import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

Visitor = bytes
"""Stands for an address, until the day's key is forgotten. Empty for the machine itself (and so for Tor's door)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOCAL: Visitor = b""
KEY_BYTES = 32
KEY_LIFE = timedelta(hours=24)
_ENTRIES = 200_000


def parse_address(text: str) -> Address | None:
    """Read an address as proxies write it, with or without brackets, port and zone; IPv4 within IPv6 is IPv4."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def visitor_at(address: Address | None, key: Callable[[], bytes]) -> Visitor:
    """Return what stands for an address: IPv4 whole, IPv6 by its /64. `LOCAL` for loopback and for no address."""
    if address is None or address.is_loopback:
        return LOCAL
    prefix = address.packed if address.version == 4 else address.packed[:8]
    return hmac.digest(key(), prefix, "sha256")[:8]


class AnyLimiter(Protocol):
    """Fixed windows of time in memory. What is counted is forgotten with the key, at the latest."""

    def visitor(self, address: Address | None) -> Visitor:
        """Return what stands for an address, as `visitor_at` says."""

    def count(self, what: str, who: bytes, window: timedelta) -> int:
        """Count one more and return how many there were within this window, this one included."""

    def take_back(self, what: str, who: bytes) -> None:
        """Count one less: what was counted didn't happen."""


class Limiter:
    """The limiter of a process that is alone."""

    def __init__(self, entropy: Callable[[int], bytes], now: Callable[[], datetime]) -> None:
        self._entropy = entropy
        self._now = now
        self._forget()

    def visitor(self, address: Address | None) -> Visitor:
        """Return what stands for an address."""
        self._forget_in_time()
        return visitor_at(address, lambda: self._key)

    def count(self, what: str, who: bytes, window: timedelta) -> int:
        """Count one more and return how many there were within this window, this one included."""
        self._forget_in_time()
        now = self._now()
        began, count = self._counts.get((what, who), (now, 0))
        if now - began >= window:
            began, count = now, 0
        if len(self._counts) >= _ENTRIES:
            # Under a flood of addresses memory stays bounded; the price is that everybody starts anew.
            self._counts.clear()
        self._counts[what, who] = (began, count + 1)
        return count + 1

    def take_back(self, what: str, who: bytes) -> None:
        """Count one less: what was counted didn't happen."""
        began, count = self._counts.get((what, who), (self._now(), 0))
        if count:
            self._counts[what, who] = (began, count - 1)

    def _forget_in_time(self) -> None:
        age = self._now() - self._drawn
        # A clock that was set back must not keep a key alive.
        if not timedelta() <= age < KEY_LIFE:
            self._forget()

    def _forget(self) -> None:
        self._key = self._entropy(KEY_BYTES)
        self._drawn = self._now()
        self._counts: dict[tuple[str, bytes], tuple[datetime, int]] = {}
