"""What people do, one kind at a time: reading what is kept, reading what isn't, writing, voting."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import uvloop

from bench import product
from bench.channel import Channels
from bench.crowd import Crowd
from bench.load import Order, send
from bench.machine import CLIENT_CORE, on_core

CONNECTIONS = 64
_GZIP = {"Accept-Encoding": "gzip"}
_SORTS = ("best", "newest", "oldest", "controversial")
_COMMENTS = 50
"""Comments of each thread at least: what is voted on."""

Drive = Callable[[product.Running, Sequence[str], float], int]
"""Does it for so many seconds in these threads, and returns how often it was done."""


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of request, done again and again by many at once."""

    name: str
    what: str
    drive: Drive


def _read(running: product.Running, threads: Sequence[str], seconds: float) -> int:
    return send(Order(running.port, f"/t/{threads[0]}", CONNECTIONS, seconds, _GZIP)).answers


def _unchanged(running: product.Running, threads: Sequence[str], seconds: float) -> int:
    path = f"/t/{threads[0]}"
    etag = product.get(running.port, path, _GZIP)[1]["etag"]
    return send(Order(running.port, path, CONNECTIONS, seconds, {**_GZIP, "If-None-Match": etag})).answers


def _read_what_is_not_kept(running: product.Running, threads: Sequence[str], seconds: float) -> int:
    """Read every thread in every sort once, as far as the time goes."""
    paths = [f"/t/{thread}?sort={sort}" for sort in _SORTS for thread in threads]
    crowd = Crowd(running.port, seed=1)
    asked = iter(paths)
    return _closed(running, lambda: crowd.view(next(asked)), 200, seconds)


def _comment(running: product.Running, threads: Sequence[str], seconds: float) -> int:
    crowd, chance = Crowd(running.port, seed=1), random.Random(1)
    return _closed(running, lambda: crowd.comment(chance.choice(threads))[1], 201, seconds)


def _vote(running: product.Running, threads: Sequence[str], seconds: float) -> int:
    crowd, chance = Crowd(running.port, seed=1), random.Random(1)
    return _closed(running, lambda: crowd.vote(chance.choice(threads), chance.randint(1, _COMMENTS)), 303, seconds)


def _closed(running: product.Running, request: Callable[[], bytes], good: int, seconds: float) -> int:
    """Send over many connections, each time when the answer before is there; return the good answers.

    Raises:
        RuntimeError: if there was any other answer.
    """

    async def send_all() -> int:
        channels = Channels(running.port, CONNECTIONS)
        end = time.perf_counter() + seconds
        done = 0

        async def one_after_another() -> None:
            nonlocal done
            while time.perf_counter() < end:
                try:
                    asked = request()
                except StopIteration:
                    return
                reply = await channels.ask(asked)
                if reply.status != good:
                    raise RuntimeError(f"answered with {reply.status}: {reply.body[:200]!r}")
                done += 1

        await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))
        channels.close()
        return done

    with on_core(CLIENT_CORE):
        return uvloop.run(send_all())


ACTS = (
    Act("read", "a thread's first view that is kept", _read),
    Act("unchanged", "the same, unchanged (304)", _unchanged),
    Act("miss", "a first view that has to be rendered", _read_what_is_not_kept),
    Act("comment", "a comment by one of 64 at once", _comment),
    Act("vote", "a vote by one of 64 at once", _vote),
)
