"""The load of a good day: of every hundred requests 95 views, four comments, one vote, edit or removal by its author.

They come at a set rate, whether the earlier ones are answered or not.
"""

import asyncio
import json
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench import product
from bench.channel import Channels, Reply
from bench.crowd import Crowd, Entry
from bench.popularity import Popularity
from bench.watching import Sample, look, percentile

_CONNECTIONS = 1_000
_STEP = 30.0
"""Seconds between two samples."""
_TICK = 0.01
_WARM_AT_ONCE = 16
_OTHER_VIEWS = ("/t/{}?sort=newest", "/t/{}?sort=controversial", "/t/{}/feed.atom", "/api/v1/threads/{}/comments")
_EDITABLE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """What half a minute was like. Times are in milliseconds."""

    minute: float
    answers: int
    view_p50: float
    view_p99: float
    write_p50: float
    write_p99: float
    sample: Sample

    def __str__(self) -> str:
        return (
            f"minute {self.minute:.1f}: {self.answers} answers, views p99 {self.view_p99:.1f} ms, "
            f"writes p99 {self.write_p99:.1f} ms, {self.sample.memory_mb:.0f} MB, log {self.sample.log_mb:.1f} MB, "
            f"{self.sample.files} files"
        )


class Mixture:
    """Sends the load and keeps what was answered."""

    def __init__(self, running: product.Running, place: product.Place, threads: list[str], seed: int) -> None:
        self._running, self._place, self._threads = running, place, threads
        self._chance = random.Random(seed)
        self._crowd = Crowd(running.port, seed)
        self._channels = Channels(running.port, _CONNECTIONS)
        self._popularity = Popularity(len(threads))
        self._recent: dict[str, deque[int]] = {thread: deque(range(1, 20), maxlen=20) for thread in threads}
        self._own: deque[Entry] = deque(maxlen=_EDITABLE)
        self._taken: dict[str, list[float]] = {"view": [], "write": []}
        self._waiting: set[asyncio.Task[None]] = set()
        self.statuses: Counter[str] = Counter()
        self.entries: list[Entry] = []
        self._unresolved: list[tuple[Entry, bytes]] = []
        self.doubtful = 0

    async def warm(self) -> None:
        """Read every page that will be read, so that what is kept of it is there before memory is looked at."""
        paths = [path.format(thread) for thread in self._threads for path in ("/t/{}", *_OTHER_VIEWS)]
        for at in range(0, len(paths), _WARM_AT_ONCE):
            asked = (self._channels.ask(self._crowd.view(path)) for path in paths[at : at + _WARM_AT_ONCE])
            await asyncio.gather(*asked)

    async def run(self, minutes: float, rate: int, tell: Callable[[str], None]) -> list[Step]:
        """Send for so long; return what each half minute was like."""
        began = time.perf_counter()
        sent, steps = 0, [self._step(0.0)]
        while (elapsed := time.perf_counter() - began) < minutes * 60:
            for _ in range(int(elapsed * rate) - sent):
                task = asyncio.create_task(self._act())
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)
                sent += 1
            if elapsed >= len(steps) * _STEP:
                steps.append(self._step(elapsed))
                tell(str(steps[-1]))
            await asyncio.sleep(_TICK)
        await asyncio.gather(*self._waiting)
        if minutes * 60 - (len(steps) - 1) * _STEP >= _STEP / 2:
            steps.append(self._step(minutes * 60))
            tell(str(steps[-1]))
        return steps

    async def resolve(self) -> None:
        """Send the comments again that were never answered."""
        for entry, request in self._unresolved:
            self._acknowledge(entry, await self._channels.ask(request))
        self._channels.close()

    def _step(self, elapsed: float) -> Step:
        taken, self._taken = self._taken, {"view": [], "write": []}
        views, writes = ([second * 1000 for second in taken[kind]] for kind in ("view", "write"))
        return Step(
            minute=elapsed / 60,
            answers=len(views) + len(writes),
            view_p50=percentile(views, 0.5),
            view_p99=percentile(views, 0.99),
            write_p50=percentile(writes, 0.5),
            write_p99=percentile(writes, 0.99),
            sample=look(self._running, self._place, elapsed),
        )

    async def _act(self) -> None:
        (thread,) = self._popularity.choose(self._chance, self._threads, 1)
        roll = self._chance.random()
        if roll < 0.95:
            await self._view(thread)
        elif roll < 0.99:
            await self._publish(thread)
        else:
            act: Callable[[str], Awaitable[None]] = self._chance.choice((self._vote, self._edit, self._delete))
            await act(thread)

    async def _view(self, thread: str) -> None:
        path = "/t/{}" if self._chance.random() < 0.8 else self._chance.choice(_OTHER_VIEWS)
        await self._timed("view", self._crowd.view(path.format(thread)))

    async def _publish(self, thread: str) -> None:
        parent = self._chance.choice(self._recent[thread]) if self._chance.random() < 0.6 else 0
        entry, request = self._crowd.comment(thread, parent)
        reply = await self._timed("write", request)
        if reply.status == 0:
            self._unresolved.append((entry, request))
        else:
            self._acknowledge(entry, reply)

    def _acknowledge(self, entry: Entry, reply: Reply) -> None:
        if reply.status != 201:
            return
        said = json.loads(reply.body)
        entry.number, entry.code = said["number"], said["code"] or ""
        self.entries.append(entry)
        if said["state"] == "published" and entry.code:
            self._recent[entry.thread].append(entry.number)
            self._own.append(entry)

    async def _vote(self, thread: str) -> None:
        await self._timed("write", self._crowd.vote(thread, self._chance.choice(self._recent[thread])))

    async def _edit(self, _: str) -> None:
        if not self._own:
            return
        entry = self._own.popleft()
        request, after = self._crowd.edit(entry)
        self._settle(entry, await self._timed("write", request), after)

    async def _delete(self, _: str) -> None:
        if not self._own:
            return
        entry = self._own.popleft()
        self._settle(entry, await self._timed("write", self._crowd.delete(entry)), b"")

    def _settle(self, entry: Entry, reply: Reply, after: bytes) -> None:
        if reply.status == 303:
            entry.digest = after
        elif reply.status == -1:
            self._own.append(entry)
        elif reply.status == 0 or reply.status >= 500:
            entry.digest = None
            self.doubtful += 1

    async def _timed(self, kind: str, request: bytes) -> Reply:
        began = time.perf_counter()
        reply = await self._channels.ask(request)
        self._taken[kind].append(time.perf_counter() - began)
        self.statuses[{0: "none", -1: "not sent"}.get(reply.status, str(reply.status))] += 1
        return reply
