"""Everything that is reached through each door: the same handlers, once plain and once in a frame of another's page."""

from litestar import Router
from litestar.di import Provide

from outspoken.pages.doors import FRAME
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import spoken_tag
from outspoken.web import beginning, changing, finishing, reading, reporting, voting, writing
from outspoken.web.forms import PageRequest
from outspoken.web.server import Given

_HANDLERS = [
    *(*reading.HANDLERS, *writing.HANDLERS, *changing.HANDLERS, *voting.HANDLERS),
    *(*reporting.HANDLERS, *beginning.HANDLERS, *finishing.HANDLERS),
]


def routes_through_doors() -> list[Router]:
    """Return a router for each door; its pages are dressed for it."""
    return [
        Router("/", route_handlers=_HANDLERS, dependencies={"pages": Provide(_plain)}),
        Router(FRAME.before, route_handlers=_HANDLERS, dependencies={"pages": Provide(_framed)}),
    ]


async def _plain(server: Given) -> Pages:
    return server.pages


async def _framed(server: Given, request: PageRequest) -> Pages:
    return server.framed_in(spoken_tag(request.query_params.get("lang", "")))
