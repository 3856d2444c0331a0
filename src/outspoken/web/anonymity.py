"""The first thing a request meets: here the address dies. What goes on is a keyed hash that lives in memory."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from outspoken.moderation.limiter import Address, AnyLimiter, Visitor, parse_address

_VISITOR = "outspoken.visitor"
_MAY_WATCH = "outspoken.may_watch"

_KEPT = frozenset(
    {
        *(b"host", b"origin", b"sec-fetch-site", b"cookie"),
        *(b"content-type", b"content-length", b"transfer-encoding", b"idempotency-key"),
        *(b"accept", b"accept-encoding", b"if-none-match", b"last-event-id"),
        *(b"access-control-request-method", b"access-control-request-headers"),
    }
)
"""What we have a use for. Every proxy has a header of its own for the address, so the list is of what goes on."""

_PROTOCOLS = ("http", "lifespan")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def visitor_of(scope: Any) -> Visitor:
    """Return what stands for whoever sent this request."""
    visitor: Visitor = scope[_VISITOR]
    return visitor


def may_watch(scope: Any) -> bool:
    """Tell whether this request comes from where those sit who look after the server."""
    answer: bool = scope[_MAY_WATCH]
    return answer


class Anonymity:
    """ASGI middleware that takes from a request all that tells who sends it."""

    def __init__(
        self, app: Any, limiter: AnyLimiter, trusted_proxies: Iterable[str], watchers: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._limiter = limiter
        self._trusted = _networks(trusted_proxies)
        self._watchers = _networks(watchers)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request without its sender."""
        if scope["type"] not in _PROTOCOLS:
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] == "http":
            headers = scope["headers"]
            address = self._address(scope.get("client"), headers)
            scope = {
                **scope,
                _VISITOR: self._limiter.visitor(address),
                _MAY_WATCH: _is_in(address, self._watchers),
                "client": None,
                "headers": [(name, value) for name, value in headers if name in _KEPT],
            }
        await self._app(scope, receive, send)

    def _address(self, client: Any, headers: list[tuple[bytes, bytes]]) -> Address | None:
        """Return the address that counts: the peer's, or what a trusted proxy says, nearest first."""
        address = parse_address(str(client[0])) if client else None
        if not _is_in(address, self._trusted):
            return address
        said = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
        for hop in reversed([part for line in said for part in line.split(",")]):
            behind = parse_address(hop)
            if behind is None:
                # What stands further left was written by whoever wrote this.
                break
            address = behind
            if not _is_in(address, self._trusted):
                break
        return address


def _networks(texts: Iterable[str]) -> list[Network]:
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def _is_in(address: Address | None, networks: list[Network]) -> bool:
    return address is not None and any(address in network for network in networks)
