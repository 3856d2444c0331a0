"""What one of each costs, measured: processor time of an act, bytes of a comment, memory of a page.

`python -m bench simulate --measure` writes them down; the model reads them from there.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bench import cluster, loaded, machine, prepared, product
from bench.acts import ACTS
from bench.follower import Following
from bench.machine import CLIENT_CORE, on_core
from bench.workplace import working_folder
from outspoken.store.database import open_database

FILE = Path(__file__).parents[1] / "docs" / "costs.json"
_SECONDS = 6.0
_THREADS = 600
_BYTES_OF = 20_000
_FOLLOWERS = 1_000
_FEW, _MANY = 2, 12
_GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True, slots=True)
class Spent:
    """Microseconds of processor time for one act."""

    server: float
    database: float
    """Of PostgreSQL's processes; 0 for SQLite, which is part of the server."""
    commits: float
    """Transactions, each of which waits for the disk once, when 64 act at the same time."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What one of each costs on one machine."""

    machine: dict[str, str | int | float]
    sqlite: dict[str, Spent]
    """By act."""
    postgresql: dict[str, Spent]
    told: float
    """Microseconds for each page that is told of a comment."""
    page_bytes: int
    """Of a first view as it is sent."""
    comment_bytes: dict[str, float]
    """On disk with all indexes, by kind of database."""
    kept_page_kb: float
    """Memory of a first view that is kept."""
    follower_kb: float
    """Memory of a page that follows."""
    at_rest_mb: float


def measure(tell: Callable[[str], None]) -> Costs:
    """Measure all costs; a few minutes."""
    with working_folder() as folder:
        described = machine.description(folder)
        tell("sizes on disk")
        sizes = {"sqlite": _bytes_in_sqlite(folder / "bytes")}
        with cluster.database() as database:
            sizes["postgresql"] = _bytes_in_postgresql(database)
    at_rest, kept, page = _memory()
    told, follower = _following(tell)
    return Costs(
        machine=described,
        sqlite=_acts("sqlite", tell),
        postgresql=_acts("postgresql", tell),
        told=told,
        page_bytes=page,
        comment_bytes=sizes,
        kept_page_kb=kept,
        follower_kb=follower,
        at_rest_mb=at_rest,
    )


def _acts(kind: str, tell: Callable[[str], None]) -> dict[str, Spent]:
    found: dict[str, Spent] = {}
    for act in ACTS:
        tell(f"{act.what}, {kind}")
        with loaded.site(kind, _THREADS, lambda _: None) as site, product.served(site.place) as running:
            threads = list(site.threads)
            product.get(running.port, f"/t/{threads.pop()}")
            servers, databases, commits = _time([running.pid]), _time(site.database_pids), _commits(running)
            done = act.drive(running, threads, _SECONDS)
            found[act.name] = Spent(
                server=(_time([running.pid]) - servers) / done * 1e6,
                database=(_time(site.database_pids) - databases) / done * 1e6,
                commits=(_commits(running) - commits) / done,
            )
    return found


def _time(pids: Sequence[int]) -> float:
    """Return the seconds of processor time that these processes and all below them have had."""
    total = 0.0
    for pid in pids:
        first = psutil.Process(pid)
        for process in (first, *first.children(recursive=True)):
            total += sum(process.cpu_times()[:2])
    return total


def _commits(running: product.Running) -> float:
    """Return how many transactions were written since the start."""
    told, _ = product.get(running.port, "/metrics")
    found = re.search(rb"^outspoken_commit_seconds_count (\S+)", told, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _bytes_in_sqlite(folder: Path) -> float:
    database = open_database(folder)
    prepared.fill(database, [loaded.COMMENTS] * (_BYTES_OF // loaded.COMMENTS))
    database.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return (folder / "outspoken.db").stat().st_size / _BYTES_OF


def _bytes_in_postgresql(own: cluster.Database) -> float:
    before = own.size
    database = open_database(Path("/nowhere"), own.url)
    prepared.fill(database, [loaded.COMMENTS] * (_BYTES_OF // loaded.COMMENTS))
    database.close()
    return (own.size - before) / _BYTES_OF


def _memory() -> tuple[float, float, int]:
    """Return memory at rest (MB), memory of a page that is kept (kB), and a page's bytes as it is sent."""
    with loaded.site("sqlite", _THREADS, lambda _: None) as site, product.served(site.place) as running:
        at_rest = running.memory_mb
        first, *others = site.threads
        page, _ = product.get(running.port, f"/t/{first}", _GZIP)
        before = running.memory_mb
        for thread in others:
            product.get(running.port, f"/t/{thread}", _GZIP)
        return at_rest, (running.memory_mb - before) * 1024 / len(others), len(page)


def _following(tell: Callable[[str], None]) -> tuple[float, float]:
    """Return the microseconds for each page that is told of a comment, and the memory of a page that follows (kB)."""
    tell("pages that follow")
    spent, memory = [], 0.0
    for comments in (_FEW, _MANY):
        with loaded.site("sqlite", 1, lambda _: None) as site, product.served(site.place) as running:
            (thread,) = site.threads
            product.get(running.port, f"/t/{thread}")
            before, at_rest = _time([running.pid]), running.memory_mb
            with on_core(CLIENT_CORE):
                order = json.dumps(asdict(Following(running.port, thread, _FOLLOWERS, comments)))
                subprocess.run([sys.executable, "-m", "bench.follower", order], check=True, stdout=subprocess.DEVNULL)
            spent.append(_time([running.pid]) - before)
            memory = (running.peak_mb - at_rest) * 1024 / _FOLLOWERS
    # Both had to connect all pages; they differ by what telling them takes.
    return (spent[1] - spent[0]) / ((_MANY - _FEW) * _FOLLOWERS) * 1e6, memory
