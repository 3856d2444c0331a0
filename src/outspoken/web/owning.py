"""The page for whoever owns a site: the discussion as it will look in their pages, and what to paste."""

import re

import sqlalchemy as sa
from litestar import Router, get
from litestar.params import FromQuery
from litestar.response import Response

from outspoken.discussion.errors import NotFound
from outspoken.discussion.order import Sort
from outspoken.pages.tags import COLOURS, Tags
from outspoken.pages.translations import spoken_tag
from outspoken.store.sites import all_sites
from outspoken.store.threads import newest_threads
from outspoken.web.forms import PageRequest, page
from outspoken.web.server import Given

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_THEMES = ("light", "dark")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types app"
)
"""As everywhere, but that it may show our own frame."""


@get("/embed", include_in_schema=False)
async def show_owner(
    request: PageRequest,
    server: Given,
    site: FromQuery[str] = "",
    sort: FromQuery[str] = "",
    theme: FromQuery[str] = "",
    lang: FromQuery[str] = "",
) -> Response[str]:
    """Show a site's owner the embedded discussion with the settings that were chosen, and its tag."""

    def look(connection: sa.Connection) -> str:
        sites = all_sites(connection)
        chosen = next((found for found in sites if found.name == (site or sites[0].name)), None) if sites else None
        if chosen is None:
            raise NotFound("There is no such site.")
        newest = newest_threads(connection, chosen.name, 1)
        attributes = {
            "sort": sort if sort in set(Sort) else "",
            "theme": theme if theme in _THEMES else "",
            "lang": spoken_tag(lang),
        }
        asked = {name: request.query_params.get(name, "") for name in COLOURS}
        colours = {name: value if _COLOUR.fullmatch(value) else "" for name, value in asked.items()}
        return server.pages.owner_page(
            chosen, sites, newest[0] if newest else None, Tags(server.base, chosen.name), attributes, colours
        )

    return page(await server.read(look), headers={"content-security-policy": _POLICY})


ROUTES = Router("/", route_handlers=[show_owner])
