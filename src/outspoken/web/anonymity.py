"""The first thing a request meets: here the address dies. What goes on is a keyed hash that lives in memory."""

from typing import Any

from outspoken.moderation.limiter import Limiter, Visitor

_VISITOR = "outspoken.visitor"

_TELLTALE = frozenset(
    {
        *(b"user-agent", b"referer", b"accept-language", b"from", b"via"),
        *(b"x-forwarded-for", b"forwarded", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip"),
        *(b"x-forwarded", b"forwarded-for", b"x-original-forwarded-for", b"x-envoy-external-address"),
        *(b"cf-connecting-ip", b"cf-ipcountry", b"true-client-ip", b"fastly-client-ip"),
    }
)
_HINTS = b"sec-ch-"


def visitor_of(scope: Any) -> Visitor:
    """Return what stands for whoever sent this request."""
    visitor: Visitor = scope[_VISITOR]
    return visitor


class Anonymity:
    """ASGI middleware that takes from a request all that tells who sends it."""

    def __init__(self, app: Any, limiter: Limiter, trusted_proxies: tuple[str, ...]) -> None:
        self._app = app
        self._limiter = limiter
        self._trusted = frozenset(trusted_proxies)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request without its sender."""
        if scope["type"] == "http":
            headers = scope["headers"]
            scope = {
                **scope,
                _VISITOR: self._limiter.visitor(self._address(scope.get("client"), headers)),
                "client": None,
                "headers": [
                    (name, value) for name, value in headers if name not in _TELLTALE and not name.startswith(_HINTS)
                ],
            }
        await self._app(scope, receive, send)

    def _address(self, client: Any, headers: list[tuple[bytes, bytes]]) -> str:
        """Return the address that counts: the peer's, or what a trusted proxy says, nearest first."""
        address = str(client[0]) if client else ""
        if address not in self._trusted:
            return address
        said = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        for hop in reversed([part.strip() for line in said for part in line.split(",")]):
            address = hop
            if hop not in self._trusted:
                break
        return address
