"""The headers of every answer: what a page may do, who may frame it, that nothing is told to others."""

from typing import Any

_EVERYWHERE = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        b"geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), "
        b"screen-wake-lock=(), web-share=(), xr-spatial-tracking=(), browsing-topics=()",
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
]
_SECURE = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class SecurityHeaders:
    """ASGI middleware that completes the headers of every answer."""

    def __init__(self, app: Any, *, is_secure: bool) -> None:
        self._app = app
        self._headers = [*_EVERYWHERE, _SECURE] if is_secure else _EVERYWHERE

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request and complete the answer. A header that a route has set itself stays."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self._headers if header[0] not in given),
                ]
                if b"cache-control" not in given:
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, complete)
