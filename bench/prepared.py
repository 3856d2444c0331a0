"""Databases made once and kept: a million comments are not to be taken in anew for every run.

They are written through the store, in bulk, without the file and the rendering that an import has to read and do.
"""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

import outspoken.store.tables
from bench import generate, product
from outspoken.discussion.comment import Body, Origin
from outspoken.discussion.place import Place, root
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Story
from outspoken.store import imports, loading, sites, threads
from outspoken.store.database import Database, open_database
from outspoken.store.loading import Arrival
from outspoken.store.upgrading import upgrade
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render
from outspoken.transfer.addresses import fold_url

_BEGAN = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)
_FORMAT = "disqus"
_PART = 5_000
"""Comments in a transaction, about."""
_POOL = 2_000
"""Texts that differ."""
_NAMES = 200
_SHOWN_EVERY = 50_000


def sqlite_with(cache: Path, target: Path, sizes: Sequence[int], tell: Callable[[str], None]) -> product.Place:
    """Return a folder with a site of its own that has one thread for each size; thread N is at https://news.example/N.

    What is prepared is kept in `cache` for the next run and copied to `target`.
    """
    kept = cache / f"{fingerprint(sizes)}.db"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        working = cache / "preparing"
        shutil.rmtree(working, ignore_errors=True)
        database = open_database(working)
        fill(database, sizes, tell)
        database.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        (working / "outspoken.db").rename(kept)
        shutil.rmtree(working)
    target.mkdir(parents=True)
    shutil.copyfile(kept, target / "outspoken.db")
    return product.Place(target)


def fill(database: Database, sizes: Sequence[int], tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """Bring a database up to date, put a site with these threads into it, and return their ids."""
    upgrade(database, _BEGAN)
    filling = _Filling(random.Random(1))
    with database.writing() as connection:
        sites.add_site(connection, Site(product.SITE, "The Harbour", ()))
    ids: list[str] = []
    done = shown = 0
    for part in _parts(sizes):
        number, size = part[0]
        if size > _PART:
            ids.append(filling.take_long(database, number, size))
        else:
            with database.writing() as connection:
                ids += [filling.take(connection, number, size) for number, size in part]
        done += sum(size for _, size in part)
        if done - shown >= _SHOWN_EVERY:
            shown = done
            tell(f"preparing: {done:,} of {sum(sizes):,} comments")
    return ids


def _parts(sizes: Sequence[int]) -> Iterator[list[tuple[int, int]]]:
    """Yield numbers and sizes of threads: small ones together, a long one by itself."""
    part: list[tuple[int, int]] = []
    for number, size in enumerate(sizes, 1):
        if part and sum(size + 5 for _, size in part) + size > _PART:
            yield part
            part = []
        part.append((number, size))
    if part:
        yield part


class _Filling:
    """Makes comments for one thread after the other."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        texts = [generate.words(chance, generate.length(chance)) for _ in range(_POOL)]
        self._bodies = [Body(text, Markup.MARKDOWN, render(text, Markup.MARKDOWN), RENDERER) for text in texts]
        self._people = [(name, None) for name in generate.names(chance, _NAMES)]

    def take(self, connection: sa.Connection, part: int, size: int) -> str:
        """Put a whole thread into the database and return its id."""
        thread = self._open(connection, part)
        people = self._authors(connection, thread, min(size, _NAMES))
        self._insert(connection, thread, list(self._arrivals(part, size, people)))
        return thread

    def take_long(self, database: Database, part: int, size: int) -> str:
        """Put a long thread into the database, in several transactions, and return its id."""
        with database.writing() as connection:
            thread = self._open(connection, part)
            people = self._authors(connection, thread, _NAMES)
        arrivals = self._arrivals(part, size, people)
        while chunk := list(islice(arrivals, _PART)):
            with database.writing() as connection:
                self._insert(connection, thread, chunk)
        return thread

    def _open(self, connection: sa.Connection, number: int) -> str:
        id = threads.new_thread_id(self._chance.randbytes)
        url = f"https://news.example/{number}"
        published = _BEGAN + timedelta(minutes=number)
        story = Story(f"What the harbour said, part {number}", url, "", None, "", published)
        threads.open_thread(
            connection, id=id, site=product.SITE, story=story, addresses_of_page=[fold_url(url)], now=_BEGAN
        )
        return id

    def _authors(self, connection: sa.Connection, thread: str, count: int) -> list[int]:
        found = imports.author_numbers(connection, thread, self._people[:count], self._chance.randbytes)
        return list(found.values())

    def _insert(self, connection: sa.Connection, thread: str, arrivals: list[Arrival]) -> None:
        loading.take_in(
            connection,
            thread,
            arrivals,
            site=product.SITE,
            format=_FORMAT,
            job="bench",
            entropy=self._chance.randbytes,
        )

    def _arrivals(self, part: int, size: int, people: list[int]) -> Iterator[Arrival]:
        # Replies go to the last two hundred, so no more places than that have to be remembered.
        places: dict[int, Place] = {}
        depths: dict[int, int] = {0: -1}
        written = _BEGAN
        for number, parent in generate.shape(1, size, self._chance):
            written += timedelta(seconds=self._chance.randrange(20, 400))
            places[number] = places[parent].below(number) if parent else root(number)
            depths[number] = depths[parent] + 1
            places.pop(number - generate.REACH - 1, None)
            yield Arrival(
                source=f"{part}-{number}",
                number=number,
                parent=parent,
                place=places[number],
                depth=depths[number],
                state=State.PUBLISHED,
                author=people[number % len(people)],
                created=written,
                body=self._chance.choice(self._bodies),
                quotes=(),
                origin=Origin(_FORMAT, (), ()),
            )


def fingerprint(sizes: Sequence[int]) -> str:
    """Return what changes with the sizes, the way they are made, and the tables they go to."""
    sources = (Path(__file__), Path(generate.__file__), Path(outspoken.store.tables.__file__))
    ingredients = repr(list(sizes)).encode() + b"".join(source.read_bytes() for source in sources)
    return sha256(ingredients).hexdigest()[:20]
