"""Pages that follow a thread: one connection each, open as long as they like, in front of the framework.

Ten thousand of them may be open at once, so each is one task that waits for the end of its connection.
"""

import asyncio
import re
from typing import Any

from outspoken.discussion.errors import NotFound
from outspoken.store.writer import Unavailable
from outspoken.web.live import Followed, Page, body, ended
from outspoken.web.server import Server

_PATH = re.compile("/api/v1/threads/([0-9a-z]{12})/live")
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        # nginx keeps answers back until they are complete, unless it is told not to.
        (b"x-accel-buffering", b"no"),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ],
}
_END = {"type": "http.response.body", "body": b""}


class Follow:
    """ASGI application for the stream of a thread's changes."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._live = server.live

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Tell a page of every change until it leaves; what can't be followed the framework explains."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("GET", "HEAD") or self._live.is_full:
            await self._app(scope, receive, send)
            return
        try:
            followed = await self._live.join(found[1])
        except (NotFound, Unavailable):
            await self._app(scope, receive, send)
            return
        task = asyncio.current_task()
        page = Page(send, task.cancel if task else lambda: None)
        try:
            await send(_START)
            if scope["method"] == "GET":
                await self._stream(followed, page, _heard(scope["headers"]), receive)
            await send(_END)
        finally:
            self._live.leave(followed, page)

    async def _stream(self, followed: Followed, page: Page, heard: int, receive: Any) -> None:
        while followed.news.version != heard:
            heard = followed.news.version
            await page.send(body(followed.news.event))
        self._live.follow(followed, page)
        try:
            await ended(receive)
        except asyncio.CancelledError:
            # Let go, or the server stops: the stream ends, and the browser comes back by itself.
            return


def _heard(headers: list[tuple[bytes, bytes]]) -> int:
    """Return the version that a page heard of last, 0 if it says none."""
    for name, value in headers:
        if name == b"last-event-id" and value.isdigit() and len(value) <= 12:
            return int(value)
    return 0
