"""How long one reader waits, who asks for a page every hundredth of a second from the other core."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import cycle
from threading import Event, Thread

from bench.machine import CLIENT_CORE

_EVERY = 0.01


@contextmanager
def reading(port: int, paths: Sequence[str]) -> Iterator[list[float]]:
    """Read these pages by turns until the block ends; give a list that fills with the milliseconds each one took."""
    waited: list[float] = []
    is_over = Event()
    reader = Thread(target=_read, args=(port, paths, waited, is_over), daemon=True)
    reader.start()
    try:
        yield waited
    finally:
        is_over.set()
        reader.join()


def worst_of_a_hundred(waited: Sequence[float]) -> float:
    """Return what ninety-nine of a hundred took at most.

    Raises:
        RuntimeError: if there are too few to tell.
    """
    if not waited:
        raise RuntimeError("no page was read")
    return sorted(waited)[len(waited) * 99 // 100]


def _read(port: int, paths: Sequence[str], waited: list[float], is_over: Event) -> None:
    os.sched_setaffinity(0, {CLIENT_CORE})
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    for path in cycle(paths):
        if is_over.is_set():
            break
        began = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} gave {answer.status}")
        waited.append((time.perf_counter() - began) * 1000)
        time.sleep(max(0.0, _EVERY - (time.perf_counter() - began)))
    connection.close()
