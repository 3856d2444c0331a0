"""What a server's processes take while it runs: memory, open files, and the log of its database."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import product


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. Sums over all processes of the server."""

    second: float
    memory_mb: float
    files: int
    threads: int
    log_mb: float
    """Of SQLite's write-ahead log; 0 on PostgreSQL."""


def look(running: product.Running, place: product.Place, second: float) -> Sample:
    """Look at a server."""
    first = psutil.Process(running.pid)
    everything = [first, *first.children(recursive=True)]
    log = place.folder / "outspoken.db-wal"
    return Sample(
        second,
        memory_mb=sum(process.memory_info().rss for process in everything) / 2**20,
        files=sum(process.num_fds() for process in everything),
        threads=sum(process.num_threads() for process in everything),
        log_mb=_size(log) / 2**20,
    )


def percentile(numbers: Iterable[float], share: float) -> float:
    """Return what that share of the numbers doesn't exceed; 0 of none."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
