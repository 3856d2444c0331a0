"""Rendered pages in memory, compressed once, dropped the moment what they show has changed.

A page is rendered when somebody asks for it and kept until its thread changes. A change can come while a page is being
rendered; then what was rendered is already old, and is shown once but not kept.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import brotli

BUDGET = 256 * 1024 * 1024
"""Bytes that snapshots may take."""
_CHANGES_KEPT = 100_000


@dataclass(slots=True)
class Snapshot:
    """A rendered page with its compressed forms, each made when first asked for."""

    thread: str
    """The thread it shows; empty for pages that show several."""
    version: int
    content: bytes
    content_type: bytes
    rendered: float
    """When it was rendered, in seconds of a clock that never goes back."""
    checked: float = field(init=False)
    """When it was last known to be current, by the same clock."""
    _digest: bytes = field(init=False)
    _encoded: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.checked = self.rendered
        self._digest = sha256(self.content).hexdigest()[:20].encode()

    def etag_for(self, encoding: bytes) -> bytes:
        """Return the entity tag of the content in a content coding."""
        return b'"' + self._digest + (b"-" + encoding if encoding else b"") + b'"'

    def encoded(self, encoding: bytes) -> bytes:
        """Return the content in a content coding: `br`, `gzip`, or anything else for none."""
        if encoding not in (b"br", b"gzip"):
            return self.content
        if encoding not in self._encoded:
            self._encoded[encoding] = (
                brotli.compress(self.content, quality=5)
                if encoding == b"br"
                else gzip.compress(self.content, compresslevel=6, mtime=0)
            )
        return self._encoded[encoding]

    @property
    def size(self) -> int:
        """Bytes it takes at most."""
        return 2 * len(self.content)


class Snapshots:
    """Snapshots by address, the least recently used dropped first when the budget is full."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()
        self._of_thread: dict[str, set[str]] = {}
        self._size = 0
        self._moment = 0
        self._changed: dict[str, int] = {}
        self._forgotten = 0
        # Commits are announced from the writer's thread.
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size(self) -> int:
        """Bytes that the snapshots take, about."""
        return self._size

    def get(self, key: str) -> Snapshot | None:
        """Return the snapshot at an address, if there is one."""
        with self._lock:
            snapshot = self._kept.get(key)
            if snapshot is not None:
                self._kept.move_to_end(key)
            return snapshot

    def moment(self) -> int:
        """Return a mark to be taken before reading what a snapshot will show."""
        return self._moment

    def keep(self, key: str, snapshot: Snapshot, moment: int) -> None:
        """Keep a snapshot, unless its thread has changed since `moment`."""
        with self._lock:
            if self._changed.get(snapshot.thread, self._forgotten) > moment:
                return
            self._remove(key)
            self._kept[key] = snapshot
            self._of_thread.setdefault(snapshot.thread, set()).add(key)
            self._size += snapshot.size
            while self._size > self._budget and self._kept:
                self._remove(next(iter(self._kept)))

    def drop(self, threads: Iterable[str]) -> None:
        """Forget everything that shows these threads, and the pages that show several."""
        with self._lock:
            self._moment += 1
            if len(self._changed) > _CHANGES_KEPT:
                self._changed.clear()
                self._forgotten = self._moment
            for thread in {*threads, ""}:
                self._changed[thread] = self._moment
                for key in list(self._of_thread.get(thread, ())):
                    self._remove(key)

    def _remove(self, key: str) -> None:
        snapshot = self._kept.pop(key, None)
        if snapshot is None:
            return
        self._size -= snapshot.size
        keys = self._of_thread[snapshot.thread]
        keys.discard(key)
        if not keys:
            del self._of_thread[snapshot.thread]
