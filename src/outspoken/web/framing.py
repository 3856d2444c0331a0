"""The headers of what stands in a frame: only the pages of its own site may be around it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Site
from outspoken.pages.doors import FRAME
from outspoken.store.sites import site_named
from outspoken.store.writer import Unavailable
from outspoken.web.contributing import surroundings
from outspoken.web.server import Server

_SITE = "outspoken.framed_site"
_THREAD = re.compile(re.escape(FRAME.before) + "/t/([0-9a-z]{12})(?:/.*)?")
_OF_SITE = (f"{FRAME.before}/page", f"{FRAME.before}/write")
"""What has no thread yet names its site. Nothing else may: a page could show another site's thread as its own."""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?|https?://\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {}; "
    "require-trusted-types-for 'script'; trusted-types app"
)


def framed_site(scope: Mapping[str, Any]) -> Site | None:
    """Return the site whose pages may show in a frame what is answered, None if it isn't shown in any."""
    site: Site | None = scope.get(_SITE)
    return site


def framed_headers(site: Site | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of a page in a frame; `site` is the one it belongs to, None if that isn't known."""
    origins = [origin for origin in site.origins if _ORIGIN.fullmatch(origin)] if site else []
    # Our own page for the owners of sites shows a frame too.
    ancestors = " ".join(["'self'", *origins]) if origins else "'none'"
    return [
        (b"content-security-policy", _POLICY.format(ancestors).encode()),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"cross-origin-embedder-policy", b"require-corp"),
    ]


class Framing:
    """ASGI middleware that lets the pages of a site's own origins show what is behind `/frame`."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request; whatever is answered, a refusal too, may be shown where the page could be."""
        if scope["type"] != "http" or not scope["path"].startswith(FRAME.before + "/"):
            await self._app(scope, receive, send)
            return
        site = await self._site(scope)
        headers = framed_headers(site)

        async def framed(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        await self._app({**scope, _SITE: site}, receive, framed)

    async def _site(self, scope: dict[str, Any]) -> Site | None:
        """Return the site that an address names, by its thread or by itself."""
        found = _THREAD.fullmatch(scope["path"])
        try:
            if found:
                return (await surroundings(self._server, found[1], 0)).site
            if scope["path"] not in _OF_SITE:
                return None
            named = dict(parse_qsl(scope["query_string"].decode("latin-1")[:16_384], max_num_fields=20)).get("site")
            return await self._server.read(lambda connection: site_named(connection, named)) if named else None
        except (NotFound, Unavailable, ValueError):
            return None
