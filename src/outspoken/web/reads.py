"""Hot reads: pages that are the same for everybody, answered from snapshots in front of the framework.

A small ASGI application by itself; what it doesn't know it passes on. An address with anything unusual in it (an
unknown parameter, a cursor that isn't ours) is not for here.
"""

import asyncio
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.pages.snapshots import CODINGS, LEASE, Form, Snapshot
from outspoken.pages.static import Asset
from outspoken.store.threads import version_of
from outspoken.store.writer import Unavailable
from outspoken.web.assets import asset_at, snapshot_of
from outspoken.web.errors import error_answer
from outspoken.web.fragments import fragment_for
from outspoken.web.headers import completed
from outspoken.web.purging import FRONT, HEADER
from outspoken.web.recipes import Recipe, recipe_for
from outspoken.web.seen import version_seen
from outspoken.web.sending import Send, send_answer, send_error
from outspoken.web.server import Server

_UNWELCOME = re.compile(rb"q\s*=\s*0(\.0*)?")


@dataclass(frozen=True, slots=True)
class _Rendering:
    """A page that is being rendered, for all who have asked for it meanwhile."""

    moment: int
    answer: "asyncio.Task[Snapshot | None]"


class Reads:
    """ASGI application for GET and HEAD of public pages."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._server = server
        self._rendering: dict[bytes, _Rendering] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Answer from a snapshot or an asset, or pass on."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            path: str = scope["path"]
            asset = asset_at(path)
            if asset is not None:
                await self._send_snapshot(scope, send, self._asset(path, asset))
                return
            try:
                snapshot = await self._found(scope)
            except Unavailable as failure:
                await send_error(send, scope["method"], error_answer(failure, self._server, scope))
                return
            if snapshot is not None:
                await self._send_snapshot(scope, send, snapshot)
                return
        await self._app(scope, receive, send)

    def _asset(self, path: str, asset: Asset) -> Snapshot:
        snapshots, target = self._server.snapshots, path.encode()
        kept = snapshots.at(target)
        if kept is None:
            kept = snapshot_of(asset, path, is_secure=self._server.is_secure)
            snapshots.keep(target, kept, snapshots.moment())
        kept.good_until = math.inf
        return kept

    async def _found(self, scope: dict[str, Any]) -> Snapshot | None:
        """Return the snapshot that answers a request; None if there is none, or it isn't for here."""
        path, query = scope["path"], scope["query_string"]
        recipe = recipe_for(path, query) or await fragment_for(self._server, path, query)
        if recipe is None:
            return None
        seen = max(recipe.at_least, version_seen(scope["headers"], recipe.thread))
        snapshot = await self._snapshot(recipe, seen)
        if snapshot is not None and recipe.is_named_otherwise:
            self._server.snapshots.call(path.encode() + b"?" + query, recipe.target)
        return snapshot

    async def _snapshot(self, recipe: Recipe, seen: int) -> Snapshot | None:
        """Return a snapshot that shows what was there at version `seen`; None if there is nothing to show."""
        kept = self._server.snapshots.at(recipe.target)
        if kept is None:
            return await self._rendered(recipe, seen)
        try:
            # A version that is yet to come is asked for in vain: what is current is all there is.
            is_good = self._server.steady() < kept.good_until and kept.version >= seen
            if is_good or await self._is_current(kept):
                return kept
            return await self._rendered(recipe, seen)
        except Unavailable:
            # What was true a moment ago is better than nothing; asked again only after a while.
            if kept.version < seen:
                raise
            kept.good_until = self._server.steady() + LEASE
            return kept

    async def _is_current(self, kept: Snapshot) -> bool:
        leases, asked = self._server.leases, self._server.steady()
        if self._server.database.is_sqlite:
            return leases.renew_at_once(kept)
        if not leases.can_be_renewed(kept, asked):
            return False
        version = await self._server.read(lambda connection: version_of(connection, kept.thread))
        return leases.renew(kept, version, asked)

    async def _rendered(self, recipe: Recipe, seen: int) -> Snapshot | None:
        """Return a page rendered now: by whoever asks first, for all who ask meanwhile."""
        snapshots = self._server.snapshots
        running = self._rendering.get(recipe.target)
        # What was begun before something was hidden, or before this reader's own comment, is not for this reader.
        if running is not None and not snapshots.is_hidden_since(recipe.thread, running.moment):
            snapshot = await asyncio.shield(running.answer)
            if snapshot is None or snapshot.version >= seen:
                return snapshot
        moment = snapshots.moment()
        rendering = _Rendering(moment, asyncio.ensure_future(self._render(recipe, moment)))
        self._rendering[recipe.target] = rendering
        try:
            return await asyncio.shield(rendering.answer)
        finally:
            if self._rendering.get(recipe.target) is rendering:
                del self._rendering[recipe.target]

    async def _render(self, recipe: Recipe, moment: int) -> Snapshot | None:
        server = self._server
        began = server.steady()

        def look(connection: sa.Connection) -> tuple[int, bytes]:
            return recipe.render(server, connection)

        try:
            version, content = await server.read(look)
        except NotFound:
            return None
        now = server.steady()
        server.figures.renderings.observe(now - began)
        snapshot = Snapshot(
            thread=recipe.thread,
            version=version,
            content=content,
            headers=((b"content-type", recipe.content_type),),
            kept_headers=completed(
                [(b"vary", b"accept-encoding"), *self._for_caches(recipe), *recipe.headers], server.is_secure
            ),
            rendered=now,
            cost=now - began,
            good_until=now + LEASE,
        )
        server.snapshots.keep(recipe.target, snapshot, moment)
        return snapshot

    def _for_caches(self, recipe: Recipe) -> list[tuple[bytes, bytes]]:
        seconds = self._server.settings.cache.seconds
        if not seconds:
            return [(b"cache-control", b"no-cache")]
        # No word of showing what is stale: nothing removed may be seen for longer than these seconds.
        said = b"public, max-age=0, s-maxage=%d" % seconds
        return [(b"cache-control", said), (HEADER.encode(), (recipe.thread or FRONT).encode())]

    async def _send_snapshot(self, scope: dict[str, Any], send: Send, snapshot: Snapshot) -> None:
        accepted, known = b"", b""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                accepted = value
            elif name == b"if-none-match":
                known = value
        form = self._server.snapshots.form(snapshot, coding_for(accepted))
        if is_known(form, known):
            self._server.figures.unchanged += 1
            await send_answer(send, scope["method"], 304, form.unchanged_headers, b"")
        else:
            self._server.figures.hits += 1
            await send_answer(send, scope["method"], 200, form.headers, form.content)


def is_known(form: Form, known: bytes) -> bool:
    """Tell whether an If-None-Match header names a form."""
    return form.etag in known


@lru_cache(maxsize=256)
def coding_for(accepted: bytes) -> bytes:
    """Return the content coding to use for an Accept-Encoding header: one of `CODINGS`, or nothing."""
    welcome = set()
    for part in accepted.lower().split(b","):
        coding, *parameters = (piece.strip() for piece in part.split(b";"))
        if not any(_UNWELCOME.fullmatch(parameter) for parameter in parameters):
            welcome.add(coding)
    return next((coding for coding in CODINGS if coding in welcome), b"")
