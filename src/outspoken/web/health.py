"""Whether the server is well, for those who watch it. No figure here can tell a person."""

from litestar import MediaType, Router, get
from litestar.response import Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from outspoken.store.sites import all_sites
from outspoken.store.writer import Unavailable
from outspoken.web.server import Given


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """Say that the process answers."""
    return "ok\n"


@get("/readyz", include_in_schema=False)
async def readyz(server: Given) -> Response[str]:
    """Say whether the database answers too."""
    try:
        await server.read(all_sites)
    except Unavailable:
        return Response("the database doesn't answer\n", status_code=503, media_type=MediaType.TEXT)
    return Response("ready\n", media_type=MediaType.TEXT)


@get("/metrics", include_in_schema=False)
async def metrics(server: Given) -> Response[bytes]:
    """Give Prometheus the figures of this process."""
    registry = CollectorRegistry()
    for name, meaning, value in (
        ("outspoken_writer_waiting", "Pieces of work waiting for the writer", server.writer.depth),
        ("outspoken_snapshots", "Rendered pages in memory", len(server.snapshots)),
        ("outspoken_snapshot_bytes", "Bytes that rendered pages take", server.snapshots.size),
        ("outspoken_live_pages", "Pages that follow a thread", server.live.count),
    ):
        Gauge(name, meaning, registry=registry).set(value)
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")


ROUTES = Router("/", route_handlers=[healthz, readyz, metrics])
