"""HEAD: what GET would say of a page, without the page."""

import asyncio
from typing import Any


class Heads:
    """ASGI middleware that answers HEAD by asking for the page and sending only its beginning."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request, HEAD as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        has_begun = asyncio.Event()

        async def gone_once_begun() -> dict[str, Any]:
            # A page that follows a thread never ends by itself.
            await has_begun.wait()
            return {"type": "http.disconnect"}

        async def beginning(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                has_begun.set()

        await self._app({**scope, "method": "GET"}, gone_once_begun, beginning)
