"""Large discussions, made fast: whole rows go in by the thousand, as the product's own doors would have left them."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import Place, root
from outspoken.discussion.state import State
from outspoken.store.database import Database
from outspoken.store.sealing import seal
from outspoken.store.tables import (
    addresses,
    authors,
    bodies,
    comments,
    decisions,
    keys,
    provenance,
    redirects,
    reports,
    threads,
    votes,
)
from outspoken.text.names import skeleton
from tests.factories import MOMENT, a_body

MINUTE = int(MOMENT.timestamp() // 60)
SITE = "harbour"
HUB = 2
"""The comment of a mixed discussion that a third of all others answer."""
VOTED = 1
"""The comment for which a tenth of a discussion's size have voted."""

_BATCH = 5_000
_DECIDED = {State.HELD: (None, "held", "rule"), State.REMOVED: ("published", "removed", "moderator")}
_BODY = a_body()
_ranks = cache(lambda up, down: (best_rank(up, down), controversial_rank(up, down)))

Shape = Callable[[int, random.Random], int]
"""Gives the parent of the comment of that number."""


def mixed(number: int, chance: random.Random) -> int:
    """Some roots, one comment that everybody answers, and lively branches some dozen levels deep."""
    if number <= HUB:
        return number - 1
    lot = chance.random()
    if lot < 0.1:
        return 0
    if lot < 0.4:
        return HUB
    return max(1, number - 1 - int(chance.random() * 30))


def wide(number: int, chance: random.Random) -> int:
    """One root and its direct replies."""
    return min(1, number - 1)


def chain(number: int, chance: random.Random) -> int:
    """Each answers the one before."""
    return number - 1


States = Callable[[int], State]
"""Gives the state of the comment of that number."""


def usual(number: int) -> State:
    """Most are published, some are held, some were removed."""
    if number > HUB and number % 50 == 7:
        return State.HELD
    return State.REMOVED if number > HUB and number % 40 == 31 else State.PUBLISHED


def calm(number: int) -> State:
    """All are published."""
    return State.PUBLISHED


def flooded(number: int) -> State:
    """After the first forty everything has to wait."""
    return State.PUBLISHED if number <= 40 else State.HELD


@dataclass(frozen=True, slots=True)
class Sibling:
    """A comment that stands in the middle of a list of siblings."""

    number: int
    best_rank: int
    controversial_rank: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """A discussion to ask about."""

    thread: str
    size: int
    hub: int
    """The comment with the most direct replies."""
    deepest: int
    siblings: Mapping[int, Sibling]
    """By parent, 0 for the roots."""
    state: States

    def number(self, below: int) -> int:
        """Return a published comment's number, so many before the last that somebody wrote here."""
        return next(
            n for n in range(self.size - below, 0, -1) if self.state(n) is State.PUBLISHED and not is_imported(n)
        )

    @property
    def held(self) -> int:
        """The number of the last comment that waits."""
        return next(number for number in range(self.size, 0, -1) if self.state(number) is State.HELD)


REPORTED = 60
"""Reports of the comment that most answer."""


def gather(database: Database, thread: str, size: int, shape: Shape = mixed, state: States = usual) -> Crowd:
    """Put a discussion of that many comments into the database, committed when this returns."""
    chance = random.Random(f"{thread} {size}")
    siblings: dict[int, Sibling] = {}
    depths: list[int] = []
    parents = [0, *(shape(number, chance) for number in range(1, size + 1))]
    replies = [0] * (size + 1)
    for number in range(size, 0, -1):
        if state(number) is State.PUBLISHED or replies[number]:
            replies[parents[number]] += 1
    people = max(2, size // 4)
    with database.writing() as connection:
        published = sum(state(number) is State.PUBLISHED for number in range(1, size + 1))
        _load(connection, threads, [_thread(thread, size, people, published)])
        _load(connection, addresses, [(SITE, f"harbour.example/{thread}", thread)])
        _load(connection, authors, (_author(thread, number) for number in range(1, people + 1)))
        rows = _comments(thread, parents, replies, people, chance, state)
        _load(connection, comments, _noting(rows, size, siblings, depths))
        texts = [(number, seal(_BODY, thread, number, chance.randbytes)) for number in range(1, min(size, 50) + 1)]
        _load(connection, bodies, ((thread, number, _BODY.renderer, text.sealed) for number, text in texts))
        _load(connection, keys, ((thread, number, text.key) for number, text in texts))
        for start in range(51, size + 1, _BATCH):
            part = [(n, seal(_BODY, thread, n, chance.randbytes)) for n in range(start, min(start + _BATCH, size + 1))]
            _load(connection, bodies, ((thread, number, _BODY.renderer, text.sealed) for number, text in part))
            _load(connection, keys, ((thread, number, text.key) for number, text in part))
        _load(connection, votes, ((thread, VOTED, _word(n), 1) for n in range(_voters(size))))
        _load(
            connection,
            decisions,
            (
                (thread, number, 1, *_DECIDED[state(number)], "links", "It has many links.", MINUTE)
                for number in range(1, size + 1)
                if state(number) in _DECIDED
            ),
        )
        _load(
            connection,
            provenance,
            ((SITE, "example", f"{thread} {n}", thread, n, "job", n) for n in range(1, size + 1) if is_imported(n)),
        )
        _load(connection, redirects, ((f"{thread}-once", n, thread, n) for n in range(1, size + 1)))
    hub = max(range(1, size + 1), key=lambda number: replies[number])
    deepest = max(
        (number for number in range(1, size + 1) if state(number) is State.PUBLISHED),
        key=lambda number: (depths[number - 1], number),
    )
    with database.writing() as connection:
        _load(
            connection,
            reports,
            ((thread, hub, at, SITE, "spam", "", MINUTE - at) for at in range(1, REPORTED + 1)),
        )
    return Crowd(thread, size, hub, deepest, {parent: siblings[parent] for parent in {0, hub} & siblings.keys()}, state)


def publish_stories(database: Database, site: str, count: int) -> None:
    """Put that many stories of a site, each with its page and without comments, into the database."""
    with database.writing() as connection:
        _load(
            connection,
            threads,
            (_thread(f"{site}-{n:07}", 0, 0, 0, site=site, listed=MINUTE - n) for n in range(count)),
        )
        _load(connection, addresses, ((site, f"{site}.example/{n}", f"{site}-{n:07}") for n in range(count)))


def measured(database: Database) -> None:
    """Let PostgreSQL gather its figures, as it does by itself after a while; SQLite never does."""
    if not database.is_sqlite:
        database.maintain("VACUUM ANALYZE")


def _load(connection: sa.Connection, table: sa.Table, rows: Iterable[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    waiting = iter(rows)
    if connection.dialect.name == "sqlite":
        holders = ", ".join("?" for _ in table.columns)
        while batch := list(islice(waiting, _BATCH)):
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({holders})", batch)
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in waiting:
            copy.write_row(row)


def _thread(
    id: str, size: int, people: int, published: int, *, site: str = SITE, listed: int = MINUTE
) -> tuple[Any, ...]:
    story = ("Ferry line to close in autumn", f"https://{site}.example/{id}", "", None, "", listed, listed)
    return (id, site, *story, "open", listed, listed, published, size, people, 1, None)


def _author(thread: str, number: int) -> tuple[Any, ...]:
    name = f"Reader {number}"
    is_imported = number % 2 == 0
    key, source = (None, f"s{number}") if is_imported else (key_of(thread, number), None)
    return (thread, number, name, skeleton(name), number.to_bytes(16), key, source)


def key_of(thread: str, author: int) -> bytes:
    """Return the hash of the key that an author of a discussion writes with."""
    return f"{thread} {author}".encode().ljust(32, b".")[:32]


def attempt_of(number: int) -> bytes:
    """Return the key with which a comment was sent."""
    return b"sent" + number.to_bytes(12)


def author_of(crowd: Crowd, number: int) -> int:
    """Return the number of the author of a comment."""
    return _author_number(number, max(2, crowd.size // 4))


def _author_number(number: int, people: int) -> int:
    among = people // 2
    return 2 + 2 * (number // 4 % among) if is_imported(number) else 1 + 2 * ((number - number // 4) % among)


def _comments(
    thread: str, parents: list[int], replies: list[int], people: int, chance: random.Random, state_of: States
) -> Iterator[tuple[Any, ...]]:
    places: list[tuple[Place, int]] = [(Place(0, b""), -1)]
    for number in range(1, len(parents)):
        parent = parents[number]
        above, depth = places[parent]
        place, depth = (above.below(number) if parent else root(number)), depth + 1
        places.append((place, depth))
        up, down = (_voters(len(parents) - 1), 0) if number == VOTED else _some_votes(chance)
        state = state_of(number)
        yield (
            *(thread, number, parent, depth, place.trunk, place.path, state.value),
            *(_author_number(number, people), MINUTE, None, up, down, *_ranks(up, down)),
            *(replies[number], state is State.PUBLISHED or replies[number] > 0, None, None),
            None if is_imported(number) else attempt_of(number),
        )


def _noting(
    rows: Iterable[tuple[Any, ...]], size: int, siblings: dict[int, Sibling], depths: list[int]
) -> Iterator[tuple[Any, ...]]:
    """Pass the rows on, and note how deep they are and one in the middle of each list of siblings."""
    names = {column.name: at for at, column in enumerate(comments.columns)}
    number, parent, best, other = (names[n] for n in ("number", "parent", "best_rank", "controversial_rank"))
    for row in rows:
        depths.append(row[names["depth"]])
        if row[number] >= size // 2 and row[names["state"]] == State.PUBLISHED.value:
            siblings.setdefault(row[parent], Sibling(row[number], row[best], row[other]))
        yield row


def _some_votes(chance: random.Random) -> tuple[int, int]:
    return min(200, int(chance.paretovariate(0.8)) - 1), min(100, int(chance.paretovariate(1.2)) - 1)


def _voters(size: int) -> int:
    return size // 10


def _word(number: int) -> bytes:
    return number.to_bytes(16)


def is_imported(number: int) -> bool:
    return number % 4 == 0
