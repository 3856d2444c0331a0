"""The headers of every answer: what a page may do, who may frame it, that nothing is told to others."""

from collections.abc import Iterable
from typing import Any

_EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        b"geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
        b"screen-wake-lock=(), xr-spatial-tracking=(), browsing-topics=()",
    ),
    (b"x-dns-prefetch-control", b"off"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        b"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        b"require-trusted-types-for 'script'; trusted-types app",
    ),
)
_PRIVATE = (b"cache-control", b"no-store")
_SECURE = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def completed(headers: Iterable[tuple[bytes, bytes]], is_secure: bool) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of an answer with those that every answer has. What is given stays."""
    given = tuple(headers)
    names = {name.lower() for name, _ in given}
    everywhere = (*_EVERYWHERE, _SECURE) if is_secure else _EVERYWHERE
    rest = tuple(header for header in everywhere if header[0] not in names)
    return given + rest + (() if b"cache-control" in names else (_PRIVATE,))


class SecurityHeaders:
    """ASGI middleware that completes the headers of every answer."""

    def __init__(self, app: Any, *, is_secure: bool) -> None:
        self._app = app
        self._is_secure = is_secure

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request and complete the answer. A header that a route has set itself stays."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message["headers"], self._is_secure)
            await send(message)

        await self._app(scope, receive, complete)
