"""How fast a community moves in and out, how much memory that takes at most, and what readers notice of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from time import sleep

from bench import cluster, generate, prepared, product
from bench.patience import reading, worst_of_a_hundred
from bench.plan import Plan
from bench.results import Row, plain
from outspoken.store.database import open_database

_COMMENTS_A_THREAD = 100
_READ_COMMENTS = 60
"""Comments of each thread that is read meanwhile: more than a first view holds."""
_WRITERS: dict[str, Callable[[Path, Sequence[int]], None]] = {
    "Disqus": generate.write_disqus,
    "WordPress": generate.write_wxr,
}
_KINDS = ("SQLite", "PostgreSQL")


def measure(folder: Path, cache: Path, plan: Plan, tell: Callable[[str], None], missing: list[str]) -> Iterator[Row]:
    """Yield what each command did, the small sizes first: whoever is interrupted has those."""
    kinds = _KINDS if cluster.is_installed() else _KINDS[:1]
    if kinds != _KINDS:
        missing.append(cluster.MISSING)
    moving = _Moving(folder, cache, tell)
    first, *larger = plan.imported
    for kind in kinds:
        yield from moving.in_and_out(kind, first)
    for kind in kinds:
        yield from moving.while_read(kind, first, plan.mixed_threads)
    for size in larger:
        for kind in kinds:
            yield from moving.in_and_out(kind, size)


@dataclass(frozen=True, slots=True)
class _Moving:
    """Where things are while communities move."""

    folder: Path
    cache: Path
    tell: Callable[[str], None]

    def in_and_out(self, kind: str, size: int) -> Iterator[Row]:
        """Import each format, and export what was imported first; the archive of that is what is imported last."""
        archive, posts = self.folder / "moving.archive", self.folder / "moving.xml"
        for format in _WRITERS:
            with self._empty(kind) as place:
                product.run(place, "site", "add", product.SITE, "--title", "Bench")
                yield from self._timed(f"{format} into {kind}", size, place, "import", str(self._export(format, size)))
                if format == "Disqus":
                    out = ("export", "--output")
                    yield from self._timed(f"archive out of {kind}", size, place, *out, str(archive))
                    yield from self._timed(f"Disqus out of {kind}", size, place, *out, str(posts), "--format", "disqus")
        with self._empty(kind) as place:
            yield from self._timed(f"archive into {kind}", size, place, "import", str(archive))
        archive.unlink()
        posts.unlink()

    def while_read(self, kind: str, size: int, threads: int) -> Iterator[Row]:
        """Measure what a reader of first views waits for, alone and while an import runs on the server's core."""
        export = self._export("Disqus", size)
        with self._filled(kind, threads) as place:
            product.run(place, "site", "add", "moving", "--title", "Moving")
            with product.served(place) as ours:
                paths = [f"/t/{ours.thread_at(f'https://news.example/{number}')}" for number in range(1, threads + 1)]
            with product.served(place) as ours, reading(ours.port, paths) as waited:
                while len(waited) < 2 * threads:
                    sleep(0.1)
            yield self._row(f"a reader of {kind}, 99 of 100 views within", "ms", worst_of_a_hundred(waited))
            with product.served(place) as ours, reading(ours.port, paths) as waited:
                product.run(place, "import", str(export), "--site", "moving")
            name = f"the same while {size:,} comments are imported on the same core"
            yield self._row(name, "ms", worst_of_a_hundred(waited))

    def _timed(self, name: str, size: int, place: product.Place, *words: str) -> Iterator[Row]:
        done = product.run(place, *words, "--site", product.SITE)
        yield self._row(f"{size:,} comments, {name}", "comments/s", size / done.seconds)
        yield self._row(f"{size:,} comments, {name}, memory at most", "MB", done.peak_mb)

    def _row(self, name: str, unit: str, number: float) -> Row:
        self.tell(f"{name}: {number:,.1f} {unit}")
        return plain("importing", name, unit, [number])

    def _export(self, format: str, size: int) -> Path:
        """Return a file of that format, written once and kept."""
        kept = self.cache / f"{format.lower()}-{size}-{prepared.fingerprint([size])}.xml"
        if not kept.exists():
            self.tell(f"writing {kept.name}")
            self.cache.mkdir(parents=True, exist_ok=True)
            part = kept.with_suffix(".part")
            _WRITERS[format](part, [_COMMENTS_A_THREAD] * (size // _COMMENTS_A_THREAD))
            part.rename(kept)
        return kept

    @contextmanager
    def _empty(self, kind: str) -> Iterator[product.Place]:
        """Give a place for a site, and clear it away."""
        folder = self.folder / "moving"
        try:
            if kind == "SQLite":
                yield product.Place(folder)
            else:
                with cluster.database() as database:
                    yield product.Place(folder, database.url)
        finally:
            rmtree(folder, ignore_errors=True)

    @contextmanager
    def _filled(self, kind: str, threads: int) -> Iterator[product.Place]:
        """Give a place with a site that has threads to read."""
        sizes = [_READ_COMMENTS] * threads
        with self._empty(kind) as place:
            if kind == "SQLite":
                yield prepared.sqlite_with(self.cache, place.folder, sizes, self.tell)
                return
            place.folder.mkdir()
            database = open_database(place.folder, place.database)
            prepared.fill(database, sizes, self.tell)
            database.close()
            yield place
