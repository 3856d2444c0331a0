"""Every request that reaches the application gets an id, is counted, and leaves a line; a fault becomes an answer.

What is answered from memory at the wire doesn't come here: it is only counted, where it is answered.
"""

import logging
from dataclasses import dataclass
from typing import Any

from outspoken.web.errors import failure_answer
from outspoken.web.logs import Told, bucket
from outspoken.web.routes import Routes
from outspoken.web.sending import send_error
from outspoken.web.server import Server

HEADER = b"x-request-id"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = logging.getLogger("outspoken.request")


@dataclass(slots=True)
class _Answer:
    """How far a request has got."""

    request: str
    status: int = 0
    took: float = 0.0
    size: int = 0
    is_for_all: bool = False
    """Whether the same answer is sent to others too; then an id in it would be somebody else's."""


class Watch:
    """ASGI middleware around all that may fail."""

    def __init__(self, app: Any, server: Server, routes: Routes) -> None:
        self._app = app
        self._server = server
        self._routes = routes

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass on the request and watch its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._server.steady()
        answer = _Answer(self._server.entropy(8).hex())

        async def watched(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.took = self._server.steady() - began
                answer.is_for_all = any(name == b"etag" for name, _ in message["headers"])
                if not answer.is_for_all:
                    message = {**message, "headers": [*message["headers"], (HEADER, answer.request.encode())]}
            else:
                answer.size += len(message.get("body", b""))
            await send(message)

        fault = None
        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            fault = error
            self._server.figures.failures += 1
            if answer.status:
                # Half an answer is broken off, or it would be taken for a whole one.
                raise
            await self._apologise(scope, watched, answer.request)
        finally:
            if answer.status:
                self._tell(scope, answer, fault)

    async def _apologise(self, scope: dict[str, Any], send: Any, request: str) -> None:
        sorry = failure_answer(self._server, scope, request)
        await send_error(send, scope["method"], sorry)

    def _tell(self, scope: dict[str, Any], answer: _Answer, fault: Exception | None) -> None:
        route = self._routes.template(scope["path"])
        figures = self._server.figures
        counted = figures.answers(route)
        counted.statuses[answer.status] = counted.statuses.get(answer.status, 0) + 1
        counted.begun.observe(answer.took)
        figures.answer_bytes += answer.size
        level = logging.ERROR if fault else logging.WARNING if answer.status >= 500 else logging.INFO
        if (answer.is_for_all and level == logging.INFO) or not _log.isEnabledFor(level):
            return
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        told = Told(answer.request, method, route, answer.status, bucket(answer.took))
        _log.log(level, "answered", extra={"told": told}, exc_info=fault)
