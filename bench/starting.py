"""How soon a server answers after its start, and what memory it takes: at rest, under load, for each thread kept."""

from collections.abc import Callable
from pathlib import Path

from bench import prepared, product
from bench.load import Order, send
from bench.plan import Plan
from bench.results import Row, plain

_GZIP = {"Accept-Encoding": "gzip"}
_COMMENTS_A_THREAD = 1
_MANY_CONNECTIONS = 256
_LOAD_SECONDS = 3


def measure(folder: Path, cache: Path, plan: Plan, tell: Callable[[str], None], _missing: list[str]) -> list[Row]:
    """Measure start and memory of a server with many threads."""
    place = prepared.sqlite_with(cache, folder / "starting", [_COMMENTS_A_THREAD] * plan.stories, tell)
    seconds, at_rest = [], []
    for number in range(1, plan.starts + 1):
        tell(f"starting, {number} of {plan.starts}")
        with product.served(place) as running:
            seconds.append(running.seconds)
            product.get(running.port, "/")
            at_rest.append(running.memory_mb)
    threads = f"{plan.stories:,} threads"
    return [
        plain("starting", f"from the command to the first answer, {threads}", "s", seconds),
        plain("starting", f"memory at rest, {threads}", "MB", at_rest),
        *_memory(folder, cache, plan, tell),
    ]


def _memory(folder: Path, cache: Path, plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    """Measure what each thread's page takes that is kept, and what a heavy load of readers adds."""
    count = plan.mixed_threads
    place = prepared.sqlite_with(cache, folder / "memory", [60] * count, tell)
    tell(f"memory with {count:,} threads kept")
    with product.served(place) as running:
        paths = [f"/t/{running.thread_at(f'https://news.example/{number}')}" for number in range(1, count + 1)]
        # What the first page brings along (templates, catalogues) is no part of what a page takes.
        product.get(running.port, paths[0], _GZIP)
        before = running.memory_mb
        for path in paths:
            product.get(running.port, path, _GZIP)
        kept = running.memory_mb
        send(Order(running.port, "/", _MANY_CONNECTIONS, _LOAD_SECONDS, _GZIP, paths=tuple(paths)))
        under_load = running.memory_mb
    each = (kept - before) * 1024 / count
    readers = f"{_MANY_CONNECTIONS} readers at once, {count:,} pages kept"
    return [
        plain("starting", "memory for a thread's first view of 50 that is kept", "kB", [each]),
        plain("starting", f"memory after {readers}", "MB", [under_load]),
    ]
