"""One at a time: so that those who write a lot leave room for those who read.

Taking in a comment costs as much as sixty reads. If all that have come were taken in at once, readers would wait for
them; like this, each turn of the event loop answers every reader that waits and takes in one comment.
"""

import asyncio
from collections import deque


class Turns:
    """A queue of those who want to do something long, one of whom may begin in each turn of the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._next)
        await turn

    def _next(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():
            turn.set_result(None)
        if self._waiting:
            turn.get_loop().call_soon(self._next)
