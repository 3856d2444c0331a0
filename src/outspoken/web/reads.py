"""Hot reads: pages that are the same for everybody, answered from snapshots in front of the framework.

A small ASGI application by itself; what it doesn't know it passes on. An address with anything unusual in it (a cursor,
an unknown parameter) is not for here.
"""

import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from outspoken.discussion.errors import NotFound
from outspoken.pages.snapshots import Snapshot
from outspoken.pages.static import assets
from outspoken.store.threads import version_of
from outspoken.store.writer import Unavailable
from outspoken.web.errors import ErrorAnswer, error_answer
from outspoken.web.recipes import Recipe, recipe_for
from outspoken.web.server import Server

Send = Callable[[dict[str, Any]], Awaitable[None]]

_UNWELCOME = re.compile(rb"q\s*=\s*0(\.0*)?")

RECHECK = 1.0
"""Seconds after which a snapshot asks for its thread's version: another process may have written."""
RENEW = 6 * 3600.0
"""Seconds after which a page is rendered again although nothing changed, because its form token grows old."""


class Reads:
    """ASGI application for GET and HEAD of public pages."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Answer from a snapshot or an asset, or pass on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path: str = scope["path"]
            if path.startswith("/static/"):
                asset = assets().get(path.removeprefix("/static/"))
                if asset is not None:
                    await _send_asset(scope, send, asset.content, asset.content_type)
                    return
            recipe = recipe_for(path, scope["query_string"])
            if recipe is not None:
                try:
                    snapshot = await self._snapshot(recipe)
                except Unavailable as failure:
                    await _send_error(scope, send, error_answer(failure, self._server.pages, path, scope["method"]))
                    return
                if snapshot is not None:
                    await _send_snapshot(scope, send, snapshot, recipe)
                    return
        await self._app(scope, receive, send)

    async def _snapshot(self, recipe: Recipe) -> Snapshot | None:
        """Return the current snapshot, rendered now if need be; None if there is nothing to show."""
        server = self._server
        now = server.steady()
        kept = server.snapshots.get(recipe.key)
        if kept is not None and now - kept.rendered < RENEW and await self._is_current(kept, now):
            return kept
        moment = server.snapshots.moment()
        try:
            version, content = await server.read(lambda connection: recipe.render(server, connection))
        except NotFound:
            return None
        snapshot = Snapshot(recipe.thread, version, content, recipe.content_type, now)
        server.snapshots.keep(recipe.key, snapshot, moment)
        return snapshot

    async def _is_current(self, kept: Snapshot, now: float) -> bool:
        if now - kept.checked < RECHECK:
            return True
        if not kept.thread:
            return False
        try:
            version = await self._server.read(lambda connection: version_of(connection, kept.thread))
        except Unavailable:
            # What was true a moment ago is better than nothing; asked again only after a while.
            kept.checked = now
            return True
        kept.checked = now
        return version == kept.version


async def _send_asset(scope: dict[str, Any], send: Send, content: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ]
    await _send(scope, send, 200, headers, content)


async def _send_snapshot(scope: dict[str, Any], send: Send, snapshot: Snapshot, recipe: Recipe) -> None:
    accepted, known = b"", b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value
        elif name == b"if-none-match":
            known = value
    encoding = coding_for(accepted)
    etag = snapshot.etag_for(encoding)
    headers = [(b"etag", etag), (b"vary", b"accept-encoding"), (b"cache-control", b"no-cache"), *recipe.headers]
    if known and etag in known:
        await _send(scope, send, 304, headers, b"")
        return
    content = snapshot.encoded(encoding)
    if encoding:
        headers.append((b"content-encoding", encoding))
    headers.append((b"content-type", recipe.content_type))
    headers.append((b"content-length", str(len(content)).encode()))
    await _send(scope, send, 200, headers, content)


@lru_cache(maxsize=256)
def coding_for(accepted: bytes) -> bytes:
    """Return the content coding to use for an Accept-Encoding header: `br`, `gzip`, or nothing."""
    welcome = set()
    for part in accepted.lower().split(b","):
        coding, *parameters = (piece.strip() for piece in part.split(b";"))
        if not any(_UNWELCOME.fullmatch(parameter) for parameter in parameters):
            welcome.add(coding)
    return next((coding for coding in (b"br", b"gzip") if coding in welcome), b"")


async def _send_error(scope: dict[str, Any], send: Send, answer: ErrorAnswer) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-type", answer.media_type.encode()))
    headers.append((b"content-length", str(len(answer.content)).encode()))
    await _send(scope, send, answer.status, headers, answer.content)


async def _send(
    scope: dict[str, Any], send: Send, status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})
