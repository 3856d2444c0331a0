"""Comments at a set rate, whether the earlier ones are answered or not, and what was answered."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass
from itertools import cycle

from bench import product
from bench.channel import Channels, Reply
from bench.crowd import Crowd, Entry
from bench.watching import Sample, look, percentile

_CONNECTIONS = 4_000
"""Connections of the crowd at most; whoever finds none free hasn't come through to the server."""
_OTHERS = 500
_CAPACITY_CONNECTIONS = 64
_CAPACITY_SECONDS = 5.0
_TICK = 0.005
_STEP = 1.0
_VIEWS = 50
"""Views a second beside the comments, to see what readers notice."""
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Second:
    """What one second of the storm was like. Times are in milliseconds."""

    accepted: int
    refused: int
    accepted_p99: float
    view_p99: float
    sample: Sample


class Storm:
    """Sends the comments and keeps what was answered."""

    def __init__(self, running: product.Running, place: product.Place, threads: list[str]) -> None:
        self._running, self._place = running, place
        self._threads = cycle(threads)
        self._crowd = Crowd(running.port, seed=1)
        self._channels = Channels(running.port, _CONNECTIONS)
        # Readers and probes have connections of their own: what they wait for is the server, not the crowd.
        self._others = Channels(running.port, _OTHERS)
        self._on_the_way = 0
        self._taken: dict[str, list[float]] = {"accepted": [], "refused": [], "view": []}
        self._seen = dict.fromkeys(self._taken, 0)
        self.statuses: Counter[str] = Counter()
        self.not_sent = 0
        self.entries: list[Entry] = []
        self._unresolved: list[tuple[Entry, bytes]] = []

    async def capacity(self) -> float:
        """Return how many comments a second are taken in when each waits for the one before it."""
        end = time.perf_counter() + _CAPACITY_SECONDS
        before = len(self.entries)

        async def one_after_another() -> None:
            while time.perf_counter() < end:
                entry, request = self._crowd.comment(next(self._threads))
                self._acknowledge(entry, request, await self._channels.ask(request))

        await asyncio.gather(*(one_after_another() for _ in range(_CAPACITY_CONNECTIONS)))
        return (len(self.entries) - before) / _CAPACITY_SECONDS

    async def probe(self) -> float:
        """Return the milliseconds that one view and one comment took together."""
        began = time.perf_counter()
        await self._others.ask(self._crowd.view(f"/t/{next(self._threads)}"))
        entry, request = self._crowd.comment(next(self._threads))
        reply = await self._others.ask(request)
        self._acknowledge(entry, request, reply)
        return (time.perf_counter() - began) * 1000 if reply.status == 201 else float("inf")

    async def rage(self, rate: float, seconds: float) -> list[Second]:
        """Send so many comments a second, whatever is answered; return what each second was like."""
        began = time.perf_counter()
        sent = viewed = 0
        by: list[Second] = []
        while (elapsed := time.perf_counter() - began) < seconds:
            due = int(elapsed * rate)
            for _ in range(due - sent):
                self._comment()
            sent = due
            for _ in range(int(elapsed * _VIEWS) - viewed):
                self._view()
                viewed += 1
            if elapsed >= (len(by) + 1) * _STEP:
                by.append(self._second(elapsed))
            await asyncio.sleep(_TICK)
        return by

    async def calm(self) -> None:
        """Wait for what is still on its way, and send again what was never answered."""
        until = time.perf_counter() + _PATIENCE
        while self._on_the_way and time.perf_counter() < until:
            await asyncio.sleep(_TICK)
        for entry, request in self._unresolved:
            self._acknowledge(entry, request, await self._others.ask(request), is_again=True)
        self._channels.close()
        self._others.close()

    def times(self, kind: str) -> tuple[float, float, float]:
        """Return within how many milliseconds half, 99 % and all were answered."""
        taken = self._taken[kind]
        return percentile(taken, 0.5), percentile(taken, 0.99), max(taken, default=0.0)

    def _comment(self) -> None:
        entry, request = self._crowd.comment(next(self._threads))
        sent = time.perf_counter()

        def on_reply(reply: Reply) -> None:
            self._on_the_way -= 1
            self.statuses[str(reply.status) if reply.status else "none"] += 1
            kind = {201: "accepted", 503: "refused"}.get(reply.status)
            if kind:
                self._taken[kind].append((time.perf_counter() - sent) * 1000)
            self._acknowledge(entry, request, reply)

        if self._channels.send(request, on_reply):
            self._on_the_way += 1
        else:
            self.not_sent += 1

    def _view(self) -> None:
        sent = time.perf_counter()

        def on_reply(reply: Reply) -> None:
            self.statuses[f"view {reply.status}"] += 1
            self._taken["view"].append((time.perf_counter() - sent) * 1000)

        self._others.send(self._crowd.view(f"/t/{next(self._threads)}"), on_reply)

    def _acknowledge(self, entry: Entry, request: bytes, reply: Reply, *, is_again: bool = False) -> None:
        if reply.status == 201:
            entry.number = json.loads(reply.body)["number"]
            self.entries.append(entry)
        elif reply.status == 0 and not is_again:
            self._unresolved.append((entry, request))

    def _second(self, elapsed: float) -> Second:
        fresh = {kind: taken[self._seen[kind] :] for kind, taken in self._taken.items()}
        self._seen = {kind: len(taken) for kind, taken in self._taken.items()}
        return Second(
            accepted=len(fresh["accepted"]),
            refused=len(fresh["refused"]),
            accepted_p99=percentile(fresh["accepted"], 0.99),
            view_p99=percentile(fresh["view"], 0.99),
            sample=look(self._running, self._place, elapsed),
        )
