"""Telling open pages that there is more: a number and a count, never a text."""

import asyncio
from collections.abc import AsyncIterator, Iterable


class Live:
    """Pages that follow threads, each waiting to hear that its thread has changed."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._following: dict[str, set[asyncio.Event]] = {}

    @property
    def count(self) -> int:
        """How many pages follow."""
        return sum(len(events) for events in self._following.values())

    def tell(self, threads: Iterable[str]) -> None:
        """Wake the pages that follow these threads. May be called from any thread."""
        if self._loop is not None and self._following:
            self._loop.call_soon_threadsafe(self._wake, tuple(threads))

    def _wake(self, threads: tuple[str, ...]) -> None:
        for thread in threads:
            for event in self._following.get(thread, ()):
                event.set()

    async def changes(self, thread: str, heartbeat: float) -> AsyncIterator[bool]:
        """Yield True at once and whenever the thread has changed, False after `heartbeat` seconds of silence.

        It listens before it yields for the first time: what is read after that can't have changed unheard.
        """
        self._loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self._following.setdefault(thread, set()).add(event)
        try:
            yield True
            while True:
                try:
                    await asyncio.wait_for(event.wait(), heartbeat)
                except TimeoutError:
                    yield False
                else:
                    event.clear()
                    yield True
        finally:
            events = self._following[thread]
            events.discard(event)
            if not events:
                del self._following[thread]
