"""Putting the records of one page in order: parents first, tombstones only where something hangs below them. Pure.

Any order of records comes in. Who replies to a comment that isn't there, to themselves or round in a circle becomes a
root and is named; nothing that somebody wrote is dropped.

A page may have a million records. They are gone through, never held: what is kept of each are a few numbers in arrays,
by its index, which counts the records of the page.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import msgspec

from outspoken.discussion.state import State
from outspoken.store.numbers import Numbers
from outspoken.store.scratch import Waiting
from outspoken.transfer.report import PROBLEMS_KEPT

_STATES = tuple(state.value for state in State)
_LIVE = frozenset(at for at, state in enumerate(State) if state in (State.PUBLISHED, State.HELD))
_NONE = -1
_ON_THE_WAY, _SETTLED = 1, 2


class Arranged(msgspec.Struct, frozen=True, gc=False):
    """A record that keeps its place: its parent comes before it, or was imported earlier."""

    waiting: Waiting
    parent: str | None
    is_adopted: bool
    """Whether its real parent could not be found, so that it became a root."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The positions of a page's records in order, and what was left out of them."""

    kept: Sequence[int]
    adopted: Numbers
    """Positions of those whose real parent could not be found, so that they became roots."""
    childless: Counter[str]
    """How many deleted comments, and how much spam, nothing hangs below."""
    problems: Sequence[tuple[Waiting, str]]
    """The first of those who became roots, and why; as many as a report lists."""
    orphans: int
    circles: int

    def arranged(self, part: Iterable[int], records: Mapping[int, Waiting]) -> list[Arranged]:
        """Return the records of some of the positions, with the parents that they have now."""
        return [
            Arranged(records[position], None, True)
            if position in self.adopted
            else Arranged(records[position], records[position].parent, False)
            for position in part
        ]


def arrange(records: Iterable[Waiting], known: Container[str]) -> Arrangement:
    """Order the records of a page, which come in the order of the file and may be gone through again.

    `known` are the sources of comments that are there from an earlier import.
    """
    positions, above, states, created = _numbers(records)
    parents = _indexes(above, positions)
    adopted = Numbers()
    problems: list[tuple[Waiting, str]] = []
    for record in _orphans(records, parents, known):
        adopted.add(record.position)
        if len(problems) < PROBLEMS_KEPT:
            problems.append((record, f"replies to {record.parent}, which isn't on its page; it became a root"))
    orphans = len(adopted)
    if circles := _circles(parents):
        why = "replies to itself, round in a circle; it became a root"
        in_circles = (record for index, record in enumerate(records) if index in circles)
        problems += ((record, why) for record in islice(in_circles, PROBLEMS_KEPT - len(problems)))
        for index in circles:
            adopted.add(positions[index])
            parents[index] = _NONE
    needed = _needed(states, parents)
    return Arrangement(
        kept=array("q", (positions[index] for index in _parents_first(_by_time(created), parents) if needed[index])),
        adopted=adopted,
        childless=Counter(_STATES[state] for index, state in enumerate(states) if not needed[index]),
        problems=problems,
        orphans=orphans,
        circles=len(circles),
    )


def _numbers(records: Iterable[Waiting]) -> "tuple[array[int], array[int], bytearray, array[float]]":
    """Return of each record its position, its parent's, its state and when it was written (NaN: nobody knows)."""
    positions, above, states, created = array("q"), array("q"), bytearray(), array("d")
    for record in records:
        positions.append(record.position)
        above.append(_NONE if record.above is None else record.above)
        states.append(_STATES.index(record.state))
        created.append(float("nan") if record.created is None else record.created)
    return positions, above, states, created


def _indexes(above: "array[int]", positions: "array[int]") -> "array[int]":
    """Return for each record the index of its parent, if that is on its page."""
    parents = array("q")
    for position in above:
        index = _NONE if position == _NONE else bisect_left(positions, position)
        parents.append(index if index < len(positions) and positions[index] == position else _NONE)
    return parents


def _orphans(records: Iterable[Waiting], parents: "array[int]", known: Container[str]) -> Iterator[Waiting]:
    """Yield those that answer what is neither on their page nor there from an earlier import."""
    for index, record in enumerate(records):
        if record.parent is not None and parents[index] == _NONE and record.parent not in known:
            yield record


def _circles(parents: "array[int]") -> Numbers:
    """Return one member of each circle of replies."""
    found = Numbers()
    passed = bytearray(len(parents))
    for start in range(len(parents)):
        at = start
        while at != _NONE and not passed[at]:
            passed[at] = _ON_THE_WAY
            at = parents[at]
        if at != _NONE and passed[at] == _ON_THE_WAY:
            found.add(at)
        at = start
        while at != _NONE and passed[at] == _ON_THE_WAY:
            passed[at] = _SETTLED
            at = parents[at]
    return found


def _needed(states: bytearray, parents: "array[int]") -> bytearray:
    """Mark what is live and everything above it."""
    needed = bytearray(len(states))
    for index, state in enumerate(states):
        if state in _LIVE:
            at = index
            while at != _NONE and not needed[at]:
                needed[at] = True
                at = parents[at]
    return needed


def _by_time(created: "array[float]") -> Sequence[int]:
    """Order by date where every record has one, else leave the order of the file."""
    order = range(len(created))
    if any(moment != moment for moment in created):  # noqa: PLR0124 -- only NaN differs from itself
        return order
    if all(earlier <= later for earlier, later in pairwise(created)):
        # As most files are; to sort a million holds twice as many objects meanwhile.
        return order
    return array("q", sorted(order, key=created.__getitem__))


def _parents_first(order: Iterable[int], parents: "array[int]") -> "array[int]":
    ordered = array("q")
    placed = bytearray(len(parents))
    for index in order:
        line = array("q")
        at = index
        while at != _NONE and not placed[at]:
            line.append(at)
            placed[at] = True
            at = parents[at]
        line.reverse()
        ordered.extend(line)
    return ordered
