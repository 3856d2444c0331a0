"""Thousands of pages that follow one thread, in one process: what they are told, and when."""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass

import uvloop

from bench.client import Connection

_AT_ONCE = 200
"""Pages that connect at the same time."""
_PATIENCE = 60.0
_PAUSE = 1.0
"""Seconds of silence before each comment."""


@dataclass(frozen=True, slots=True)
class Following:
    """What is to be followed."""

    port: int
    thread: str
    pages: int
    comments: int


@dataclass(frozen=True, slots=True)
class Told:
    """For each comment, milliseconds from sending it until half of the pages were told, and until the last one was."""

    middle: list[float]
    last: list[float]
    connected: float
    """Seconds until all pages followed."""
    lost: int
    """Pages whose connection ended, or that were never told."""


class Page(asyncio.Protocol):
    """One open page. It knows when it was last told of a change."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._tail = b""
        self.told = 0.0
        self.is_lost = False
        self.has_begun = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to be told."""
        self._transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note the time if it is news of a change."""
        if b"event: change" in self._tail + data:
            self.told = time.perf_counter()
            self.has_begun.set()
            self._tail = b""
        else:
            self._tail = data[-16:]

    def connection_lost(self, _: Exception | None) -> None:
        """Note that nothing will come any more."""
        self.is_lost = True
        self.has_begun.set()

    def close(self) -> None:
        """Close the page."""
        self._transport.close()


async def follow(order: Following) -> Told:
    """Open all pages, send one comment after the other, and watch."""
    began = time.perf_counter()
    pages = await _open(order)
    connected = time.perf_counter() - began
    middle, last = [], []
    for number in range(order.comments):
        await asyncio.sleep(_PAUSE)
        sent = time.perf_counter()
        body = json.dumps({"body": f"The ferry is leaving, for the {number + 1}. time."}).encode()
        # One that is kept open would be closed by the server while everybody is told.
        writer = Connection(order.port)
        answer = await writer.send(
            "POST", f"/api/v1/threads/{order.thread}/comments", body, {"Content-Type": "application/json"}
        )
        writer.close()
        if answer.status != 201:
            raise RuntimeError(f"the comment was answered with {answer.status}")
        while time.perf_counter() - sent < _PATIENCE and any(page.told < sent and not page.is_lost for page in pages):
            await asyncio.sleep(0.05)
        delays = sorted((page.told - sent) * 1000 for page in pages if page.told >= sent)
        if delays:
            middle.append(delays[len(delays) // 2])
            last.append(delays[-1])
    lost = sum(page.is_lost or page.told < sent for page in pages)
    for page in pages:
        page.close()
    return Told(middle, last, connected, lost)


async def _open(order: Following) -> list[Page]:
    loop = asyncio.get_running_loop()
    request = (
        f"GET /api/v1/threads/{order.thread}/live HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{order.port}\r\nAccept: text/event-stream\r\n\r\n"
    ).encode()
    pages: list[Page] = []
    while len(pages) < order.pages:
        count = min(_AT_ONCE, order.pages - len(pages))
        made = await asyncio.gather(
            *(loop.create_connection(lambda: Page(request), "127.0.0.1", order.port) for _ in range(count))
        )
        fresh = [page for _, page in made]
        await asyncio.wait_for(asyncio.gather(*(page.has_begun.wait() for page in fresh)), _PATIENCE)
        pages += fresh
    return pages


if __name__ == "__main__":
    told = uvloop.run(follow(Following(**json.loads(sys.argv[1]))))
    sys.stdout.write(json.dumps(asdict(told)))
