"""How long a kept page may be shown: for a moment at a time, as long as its thread is what it was.

Another process may have hidden something. Whoever hides something waits for as long as a lease before saying so.
"""

from collections.abc import Callable

from outspoken.pages.snapshots import LEASE, Snapshot
from outspoken.store.database import Database
from outspoken.store.versions import Versions

RENEW = 6 * 3600.0
"""Seconds after which a page is rendered again although nothing changed, because its form token grows old."""


class Leases:
    """Gives leases on snapshots. `steady` is a clock in seconds that never goes back."""

    def __init__(self, database: Database, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._versions = Versions(database) if database.is_sqlite else None

    def can_be_renewed(self, kept: Snapshot, asked: float) -> bool:
        """Tell whether it is worth asking at `asked` for the version of a page's thread."""
        return not kept.is_aged and bool(kept.thread) and asked - kept.rendered < RENEW

    def renew(self, kept: Snapshot, version: int | None, asked: float) -> bool:
        """Let a page be shown for longer if what was its thread's version at `asked` is its own; tell whether it is."""
        if version != kept.version:
            return False
        kept.good_until = min(asked + LEASE, kept.rendered + RENEW)
        return True

    def renew_at_once(self, kept: Snapshot) -> bool:
        """Do the same without having asked, which takes a file microseconds; False where it can't be known at once."""
        asked = self._steady()
        if self._versions is None or not self.can_be_renewed(kept, asked):
            return False
        return self.renew(kept, self._versions.of(kept.thread), asked)

    def close(self) -> None:
        """Give back what is used for asking."""
        if self._versions is not None:
            self._versions.close()
