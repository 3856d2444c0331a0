"""Whether the server is well, for those who watch it. No figure here can tell a person."""

import asyncio
import os
from pathlib import Path

import msgspec
from litestar import MediaType, Router, get
from litestar.exceptions import NotFoundException
from litestar.response import Response

from outspoken.figures import Figures
from outspoken.store.sites import all_sites
from outspoken.store.writer import Unavailable
from outspoken.web.anonymity import may_watch
from outspoken.web.forms import PageRequest
from outspoken.web.server import Given, Server

_BOARD_EVERY = 1.0


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """Say that the process answers."""
    return "ok\n"


@get("/readyz", include_in_schema=False)
async def readyz(server: Given) -> Response[str]:
    """Say whether the database answers too."""
    if not await _database_answers(server):
        return Response("the database doesn't answer\n", status_code=503, media_type=MediaType.TEXT)
    return Response("ready\n", media_type=MediaType.TEXT)


@get("/metrics", include_in_schema=False)
async def metrics(request: PageRequest, server: Given) -> Response[bytes]:
    """Give Prometheus the figures.

    Raises:
        NotFoundException: if it isn't asked for from where the operators sit.
    """
    if not may_watch(request.scope):
        raise NotFoundException
    # The library brings an HTTP server with it; a process that nobody scrapes needn't load that.
    from outspoken.web.metrics import CONTENT_TYPE, exposition  # noqa: PLC0415

    text = exposition(shown_figures(server), database_answers=await _database_answers(server))
    return Response(text, media_type=CONTENT_TYPE)


def shown_figures(server: Server) -> Figures:
    """Return the figures of all processes that this one belongs to; its own are put beside the others' first."""
    own = standing(server)
    if server.commons is None:
        return own
    server.commons.board.write(server.place, own)
    return server.commons.board.total()


async def keep_showing_figures(server: Server) -> None:
    """Put the figures of this process where the others find them, again and again."""
    while server.commons is not None:
        server.commons.board.write(server.place, standing(server))
        await asyncio.sleep(_BOARD_EVERY)


def standing(server: Server) -> Figures:
    """Return the figures of this process with those that are true at this moment."""
    return msgspec.structs.replace(
        server.figures,
        snapshots=len(server.snapshots),
        snapshot_bytes=server.snapshots.size,
        evictions=server.snapshots.evicted,
        waiting=server.writer.depth,
        waiting_bytes=server.writer.bytes,
        live_pages=server.live.count,
        memory_bytes=_resident(),
    )


def _resident() -> int:
    """Return the bytes of memory this process has, 0 where the system doesn't say."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _database_answers(server: Server) -> bool:
    try:
        await server.read(all_sites)
    except Unavailable:
        return False
    return True


ROUTES = Router("/", route_handlers=[healthz, readyz, metrics])
