"""The whole as one ASGI application: the address dies first, headers come last, hot reads go around the framework."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from outspoken import __version__
from outspoken.store.erasure import finish_erasing
from outspoken.web import api, changing, health, reading, voting, writing
from outspoken.web.anonymity import Anonymity
from outspoken.web.errors import answer_error
from outspoken.web.forms import LARGEST
from outspoken.web.headers import SecurityHeaders
from outspoken.web.reads import Reads
from outspoken.web.server import Server

ASGI = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_ERASING_EVERY = 30.0
"""Seconds between two looks whether something is to be cleared below the rows."""


def create_app(server: Server) -> ASGI:
    """Return the application. Any ASGI server can run it."""
    app = _litestar(server)
    return Anonymity(
        SecurityHeaders(Reads(app, server), is_secure=server.is_secure),
        server.limiter,
        server.settings.server.trusted_proxies,
    )


def _litestar(server: Server) -> Litestar:
    async def provide_server() -> Server:
        return server

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        erasing = asyncio.create_task(_keep_erasing(server))
        try:
            yield
        finally:
            erasing.cancel()
            with suppress(asyncio.CancelledError):
                await erasing
            server.close()

    return Litestar(
        route_handlers=[
            *(reading.ROUTES, writing.ROUTES, changing.ROUTES, voting.ROUTES),
            *(api.ROUTES, health.ROUTES),
        ],
        dependencies={"server": Provide(provide_server)},
        exception_handlers={Exception: answer_error},
        lifespan=[lifespan],
        state=State({"server": server}),
        request_max_body_size=LARGEST,
        openapi_config=OpenAPIConfig(
            title="Outspoken",
            version=__version__,
            path="/api/v1",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        logging_config=None,
    )


async def _keep_erasing(server: Server) -> None:
    """Clear, soon after an erasure, what the database still keeps behind."""
    while True:
        await asyncio.sleep(_ERASING_EVERY)
        if server.must_erase:
            server.must_erase = not await asyncio.to_thread(finish_erasing, server.database)
