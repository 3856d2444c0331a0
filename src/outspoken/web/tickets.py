"""Tickets for one look: how a writer whose browser keeps no cookies is shown their comment's code, once.

A ticket stands in an address, so it must be worth nothing a moment later: it lives in memory, opens once, and not long.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_LIFE = timedelta(minutes=10)
_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Posted:
    """What a ticket shows."""

    thread: str
    number: int
    code: str
    issued: datetime


class Tickets:
    """Tickets that were given out and not yet used."""

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        self._entropy = entropy
        self._open: OrderedDict[str, Posted] = OrderedDict()

    def issue(self, thread: str, number: int, code: str, now: datetime) -> str:
        """Return a ticket for the code of a comment."""
        ticket = self._entropy(16).hex()
        self._open[ticket] = Posted(thread, number, code, now)
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return ticket

    def use(self, ticket: str, now: datetime) -> Posted | None:
        """Return what a ticket shows, this once; None if it was used, is too old or never was."""
        posted = self._open.pop(ticket, None)
        return posted if posted is not None and now - posted.issued <= _LIFE else None
