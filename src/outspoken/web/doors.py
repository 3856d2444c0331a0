"""Everything that is reached through each door: the same handlers, once plain and once in a frame of another's page."""

from collections.abc import Awaitable, Callable

from litestar import Router
from litestar.di import Provide

from outspoken.pages.doors import FRAME
from outspoken.pages.rendering import Pages
from outspoken.web import beginning, changing, finishing, reading, reporting, voting, writing
from outspoken.web.server import Server

_HANDLERS = [
    *(*reading.HANDLERS, *writing.HANDLERS, *changing.HANDLERS, *voting.HANDLERS),
    *(*reporting.HANDLERS, *beginning.HANDLERS, *finishing.HANDLERS),
]


def routes_through_doors(server: Server) -> list[Router]:
    """Return a router for each door; its pages are dressed for it."""
    return [
        Router("/", route_handlers=_HANDLERS, dependencies={"pages": Provide(_always(server.pages))}),
        Router(FRAME.before, route_handlers=_HANDLERS, dependencies={"pages": Provide(_always(server.framed))}),
    ]


def _always(pages: Pages) -> Callable[[], Awaitable[Pages]]:
    async def give() -> Pages:
        return pages

    return give
