"""Which things belong together because they share a name, in a scratch file: there may be a million of each.

Of a thing nothing is held in memory but a number, and that only while they are gathered.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from outspoken.store.parts import in_parts

_THINGS = "CREATE TABLE things (number INTEGER PRIMARY KEY, first INTEGER NOT NULL, payload BLOB NOT NULL)"
_NAMES = "CREATE TABLE names (name TEXT PRIMARY KEY, thing INTEGER NOT NULL) WITHOUT ROWID"

_NAMED = "SELECT thing FROM names WHERE name"


class Groups:
    """Things that share a name are one group, and so are groups of which a later thing has names of both."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        file.execute(_THINGS)
        file.execute(_NAMES)

    def gather(self, things: Iterable[tuple[Sequence[str], bytes]]) -> None:
        """Group all (names, payload)."""
        firsts = array("Q")
        """Of each thing an earlier one of its group, or itself if it is the first."""
        self._file.execute("BEGIN")
        for number, (names, payload) in enumerate(things):
            firsts.append(number)
            self._file.execute("INSERT INTO things VALUES (?, ?, ?)", (number, number, payload))
            groups = {_first(firsts, thing) for thing in self._named(names)} | {number}
            earliest = min(groups)
            for group in groups:
                firsts[group] = earliest
            self._file.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", ((name, number) for name in names))
        later = ((first, number) for number in range(len(firsts)) if (first := _first(firsts, number)) != number)
        self._file.executemany("UPDATE things SET first = ? WHERE number = ?", later)
        self._file.execute("CREATE INDEX things_by_group ON things (first, number)")
        self._file.execute("COMMIT")

    def __iter__(self) -> Iterator[list[bytes]]:
        """Yield the payloads of each group in their order, the groups in the order in which they began."""
        rows = self._file.execute("SELECT first, payload FROM things ORDER BY first, number")
        for _, group in groupby(rows, key=itemgetter(0)):
            yield [payload for _, payload in group]

    def _named(self, names: Sequence[str]) -> Iterator[int]:
        for part in in_parts(names):
            places = ",".join("?" * len(part))
            yield from (thing for (thing,) in self._file.execute(f"{_NAMED} IN ({places})", part))


def _first(firsts: "array[int]", number: int) -> int:
    """Return the first thing of a group, and let the way there be shorter from now on."""
    while (first := firsts[number]) != number:
        firsts[number] = number = firsts[first]
    return first
