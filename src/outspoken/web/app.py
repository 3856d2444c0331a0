"""The whole as one ASGI application: the address dies first, headers come last, hot reads go around the framework."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from outspoken import __version__
from outspoken.discussion.errors import NotFound
from outspoken.store.erasure import finish_erasing
from outspoken.web import api, counting, fragments, health, owning, reading
from outspoken.web.anonymity import Anonymity
from outspoken.web.doors import routes_through_doors
from outspoken.web.errors import answer_error
from outspoken.web.follow import Follow
from outspoken.web.forms import LARGEST
from outspoken.web.framing import Framing
from outspoken.web.head import Heads
from outspoken.web.headers import SecurityHeaders
from outspoken.web.moved import Moved
from outspoken.web.posts import Posts
from outspoken.web.reads import Reads
from outspoken.web.routes import Routes
from outspoken.web.server import Server
from outspoken.web.watch import Watch

ASGI = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_API = "/api/v1"
_THREAD_ID = re.compile("[0-9a-z]{12}")
_CHECKPOINT_EVERY = 30.0
_REWRITE_EVERY = 3600.0
"""Seconds between two looks whether something is to be cleared below the rows. Rewriting a table locks it."""

_log = logging.getLogger("outspoken.web")


def create_app(server: Server, *, erasing_every: float | None = None) -> ASGI:
    """Return the application. Any ASGI server can run it.

    `erasing_every` is in seconds; None is as often as the kind of database bears.
    """
    seconds = erasing_every or (_CHECKPOINT_EVERY if server.database.is_sqlite else _REWRITE_EVERY)
    inner = framework(server, seconds)
    routes = Routes(route.path_format for route in inner.routes)
    hot = Reads(Moved(Follow(Posts(Heads(inner), server), server), server), server)
    return Anonymity(
        SecurityHeaders(Framing(Watch(hot, server, routes), server), is_secure=server.is_secure),
        server.limiter,
        server.settings.server.trusted_proxies,
        server.settings.server.metrics_for,
    )


def framework(server: Server, erasing_every: float) -> Litestar:
    """Return what stands behind the hot reads: every route that is not the same for everybody."""

    async def provide_server() -> Server:
        return server

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        server.listen()
        lasting = asyncio.gather(_keep_erasing(server, erasing_every), health.keep_showing_figures(server))
        try:
            yield
        finally:
            lasting.cancel()
            with suppress(asyncio.CancelledError):
                await lasting
            await _erase(server)
            server.close()

    return Litestar(
        route_handlers=[
            *routes_through_doors(server),
            *(reading.ROUTES, fragments.ROUTES, counting.ROUTES, owning.ROUTES, api.ROUTES, health.ROUTES),
        ],
        dependencies={"server": Provide(provide_server)},
        before_request=_check_address,
        exception_handlers={Exception: answer_error},
        lifespan=[lifespan],
        state=State({"server": server}),
        request_max_body_size=LARGEST,
        openapi_config=OpenAPIConfig(
            title="Outspoken",
            version=__version__,
            path=_API,
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        logging_config=None,
    )


async def _check_address(request: Request[Any, Any, Any]) -> None:
    """Answer what can't be the id of a thread like one that isn't, before anybody looks for it.

    Raises:
        NotFound: if it has another form.
        NotFoundException: beside the API's description, where the framework would answer with a page of its own.
    """
    if "path" in request.path_params or request.scope["path"].rstrip("/") == _API:
        raise NotFoundException
    thread = request.path_params.get("thread")
    if isinstance(thread, str) and not _THREAD_ID.fullmatch(thread):
        raise NotFound("There is no such discussion.")


async def _keep_erasing(server: Server, every: float) -> None:
    """Clear, soon after an erasure, what the database still keeps behind."""
    while True:
        await asyncio.sleep(every)
        await _erase(server)


async def _erase(server: Server) -> None:
    if not server.must_erase:
        return
    # Said beforehand: something may be erased while this runs, and then it has to run again.
    server.must_erase = False
    try:
        is_done = await asyncio.to_thread(finish_erasing, server.database)
    except sa.exc.SQLAlchemyError as failure:
        _log.warning("what was erased couldn't be cleared below the rows", exc_info=failure)
        is_done = False
    if not is_done:
        server.must_erase = True
