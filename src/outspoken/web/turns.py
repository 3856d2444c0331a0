"""In turns: so that those who write a lot leave room for those who read, and the other way round.

Taking in a comment costs as much as sixty reads. If all that have come were taken in at once, readers would wait for
them; like this, each turn of the event loop answers every reader that waits and takes in one comment. Where a turn
takes long, because many pages have to be rendered in it, as many more are taken in as leaves writers their share.
"""

import asyncio
from collections import deque
from collections.abc import Callable

_PACE = 0.002
"""Seconds of a turn for which one comment is taken in, which itself takes about a fifth of that."""


class Turns:
    """A queue of those who want to do something long. `steady` is a clock in seconds that never goes back."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._began = 0.0

    def __len__(self) -> int:
        return len(self._waiting)

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._began = self._steady()
            loop.call_soon(self._next)
        await turn

    def _next(self) -> None:
        now = self._steady()
        let_in = 1 + int((now - self._began) / _PACE)
        self._began = now
        loop = self._waiting[0].get_loop()
        for _ in range(min(let_in, len(self._waiting))):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            loop.call_soon(self._next)
