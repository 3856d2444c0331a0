"""What a process counts about itself while it runs: numbers for operators, and nothing that can tell a person.

Every room may count here, so this file knows none of them. Nothing is locked: each figure is bumped from one thread
alone, the writer's own from the writer's thread and all others from the event loop. The figures of several processes
are added, and travel between them as JSON or MessagePack.
"""

from bisect import bisect_left
from typing import Any

import msgspec

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of a histogram's buckets, in seconds; above the last there is one more."""


_MOMENTARY = ("snapshots", "snapshot_bytes", "waiting", "waiting_bytes", "live_pages", "memory_bytes")
"""The figures of what a process has at this moment."""


class Histogram(msgspec.Struct):
    """How often something took how long."""

    counts: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """One for each bucket, not cumulative."""
    seconds: float = 0.0
    """All of them together."""

    def observe(self, seconds: float) -> None:
        """Count one more that took this long."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def __add__(self, other: "Histogram") -> "Histogram":
        return Histogram([a + b for a, b in zip(self.counts, other.counts, strict=True)], self.seconds + other.seconds)


class Answers(msgspec.Struct):
    """What was answered on one route."""

    statuses: dict[int, int] = {}
    """How many answers by status, such as 404."""
    begun: Histogram = msgspec.field(default_factory=Histogram)
    """Seconds until an answer began. A page that follows a thread ends only when its reader leaves."""

    def __add__(self, other: "Answers") -> "Answers":
        return Answers(_merged(self.statuses, other.statuses), self.begun + other.begun)


class Figures(msgspec.Struct):
    """One process's figures since it began; `+` gives those of two processes."""

    hits: int = 0
    """Reads of pages that are the same for everybody, answered with the page; it may have been rendered for it."""
    unchanged: int = 0
    """Such reads answered with 304."""
    hit_bytes: int = 0
    """Bytes of such answers that were sent at the wire; of others they are in `answer_bytes`."""
    renderings: Histogram = msgspec.field(default_factory=Histogram)
    """Pages that were made, and how long each took."""
    routes: dict[str, Answers] = {}
    """Answers that weren't sent at the wire, by route: a template such as `/t/{thread}`, or `other`."""
    answer_bytes: int = 0
    """Bytes of the bodies of these answers."""
    failures: int = 0
    """Requests that met a fault of the program."""
    live_events: int = 0
    """Times that a page which follows a thread was told of a change."""
    live_dropped: int = 0
    """Pages that followed and were let go because they didn't keep up."""

    pieces: int = 0
    """Pieces of work that are on disk. The writer's thread."""
    commits: Histogram = msgspec.field(default_factory=Histogram)
    """Transactions, each from its beginning until it is on disk. The writer's thread."""
    commit_failures: int = 0
    """Transactions that couldn't be put on disk. The writer's thread."""
    refused: int = 0
    """Pieces of work that were refused because too many waited."""

    snapshots: int = 0
    """Pages kept at this moment, as are all that follow."""
    snapshot_bytes: int = 0
    evictions: int = 0
    """Pages that had to go because the room for them was full, since the process began."""
    waiting: int = 0
    """Pieces of work that wait for the writer."""
    waiting_bytes: int = 0
    live_pages: int = 0
    memory_bytes: int = 0
    """Resident memory."""
    processes: int = 1
    started: float = 0.0
    """When the newest of the processes began, in seconds since 1970."""

    def answers(self, route: str) -> Answers:
        """Return what is counted of a route."""
        found = self.routes.get(route)
        if found is None:
            found = self.routes[route] = Answers()
        return found

    def past(self) -> "Figures":
        """Return what remains to be told of a process that has ended: what it counted, nothing that it had."""
        return msgspec.structs.replace(self, processes=0, **dict.fromkeys(_MOMENTARY, 0))

    def __add__(self, other: "Figures") -> "Figures":
        both = {name: _added(getattr(self, name), getattr(other, name)) for name in self.__struct_fields__}
        both["started"] = max(self.started, other.started)
        return Figures(**both)


def _added(one: Any, other: Any) -> Any:
    return _merged(one, other) if isinstance(one, dict) else one + other


def _merged(one: dict[Any, Any], other: dict[Any, Any]) -> dict[Any, Any]:
    merged = dict(one)
    for key, value in other.items():
        merged[key] = merged[key] + value if key in merged else value
    return merged
