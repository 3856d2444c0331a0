"""How many comments pages have: for lists of stories, and as a bare number for templates."""

from collections.abc import Sequence

from litestar import MediaType, Router, get
from litestar.params import FromQuery
from litestar.response import Response

from outspoken.store.threads import counts_at
from outspoken.transfer.addresses import fold_url
from outspoken.web.hosts import host_page
from outspoken.web.server import Given, Server

OLD_NAME = "id:"
"""What stands before a page's name in an old system, where that is asked for instead of an address."""
COUNTED = "public, max-age=60"
"""A number may be a minute old: it is asked for by every page that lists stories."""


async def counts_of(server: Server, site: str, urls: Sequence[str]) -> dict[str, int]:
    """Return how many comments pages have, by their addresses, or their old names, as they were asked.

    Raises:
        Unavailable: if the database doesn't answer.
    """
    folded = {url: _folded(url) for url in urls}
    counts = await server.read(lambda connection: counts_at(connection, site, list(filter(None, folded.values()))))
    return {url: counts.get(address, 0) for url, address in folded.items()}


def _folded(url: str) -> str:
    if url.startswith(OLD_NAME):
        return url
    try:
        return fold_url(url)
    except ValueError:
        return ""


@get("/embed/count", include_in_schema=False)
async def show_count(server: Given, site: FromQuery[str] = "", url: FromQuery[str] = "") -> Response[str]:
    """Show how many comments a page has, as a bare number."""
    asked = host_page({"site": site, "url": url})
    (count,) = (await counts_of(server, asked.site, [asked.url])).values()
    return Response(
        str(count),
        media_type=MediaType.TEXT,
        headers={
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "cache-control": COUNTED,
        },
    )


ROUTES = Router("/", route_handlers=[show_count])
