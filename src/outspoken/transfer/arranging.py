"""Putting the records of one page in order: parents first, tombstones only where something hangs below them. Pure.

Any order of records comes in. Who replies to a comment that isn't there, to themselves or round in a circle becomes a
root and is named; nothing that somebody wrote is dropped.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import msgspec

from outspoken.discussion.state import State
from outspoken.store.scratch import Waiting

_LIVE = frozenset({State.PUBLISHED.value, State.HELD.value})


class Arranged(msgspec.Struct, frozen=True):
    """A record that keeps its place: its parent comes before it, or was imported earlier."""

    waiting: Waiting
    parent: str | None
    is_adopted: bool
    """Whether its real parent could not be found, so that it became a root."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The records of a page in order, and what was left out of them."""

    kept: tuple[Arranged, ...]
    childless: tuple[Waiting, ...]
    """Deleted comments and spam that nothing hangs below."""
    problems: tuple[tuple[Waiting, str], ...]
    orphans: int = 0
    circles: int = 0


def arrange(records: Sequence[Waiting], known: Container[str]) -> Arrangement:
    """Order the records of a page; `known` are the sources of comments that are there from an earlier import."""
    by_source = {record.source: record for record in records}
    problems: list[tuple[Waiting, str]] = []
    parents: dict[str, str | None] = {}
    adopted: set[str] = set()
    for record in records:
        parent = record.parent
        if parent is not None and parent not in by_source and parent not in known:
            problems.append((record, f"replies to {parent}, which isn't on its page; it became a root"))
            parent = None
            adopted.add(record.source)
        parents[record.source] = parent
    orphans = len(problems)
    for source in _circles(parents):
        problems.append((by_source[source], "replies to itself, round in a circle; it became a root"))
        parents[source] = None
        adopted.add(source)
    needed = _needed(records, parents)
    kept = [
        Arranged(record, parents[record.source], record.source in adopted)
        for record in _parents_first(_by_time(records), parents, by_source)
        if record.source in needed
    ]
    childless = tuple(record for record in records if record.source not in needed)
    return Arrangement(tuple(kept), childless, tuple(problems), orphans, len(problems) - orphans)


def _circles(parents: dict[str, str | None]) -> list[str]:
    """Return one member of each circle of replies."""
    found: list[str] = []
    settled: set[str] = set()
    for start in parents:
        way: set[str] = set()
        at: str | None = start
        while at is not None and at in parents and at not in settled:
            if at in way:
                found.append(at)
                break
            way.add(at)
            at = parents[at]
        settled |= way
    return found


def _needed(records: Sequence[Waiting], parents: dict[str, str | None]) -> set[str]:
    """Return the sources of what is live and of everything above it."""
    needed: set[str] = set()
    for record in records:
        if record.state in _LIVE:
            at: str | None = record.source
            while at is not None and at in parents and at not in needed:
                needed.add(at)
                at = parents[at]
    return needed


def _by_time(records: Sequence[Waiting]) -> list[Waiting]:
    """Order by date where every record has one, else leave the order of the file."""
    if any(record.created is None for record in records):
        return list(records)
    return sorted(records, key=lambda record: (record.created or 0, record.position))


def _parents_first(
    records: Sequence[Waiting], parents: dict[str, str | None], by_source: dict[str, Waiting]
) -> list[Waiting]:
    ordered: list[Waiting] = []
    placed: set[str] = set()
    for record in records:
        line: list[Waiting] = []
        at: str | None = record.source
        while at is not None and at in by_source and at not in placed:
            line.append(by_source[at])
            placed.add(at)
            at = parents[at]
        ordered.extend(reversed(line))
    return ordered
