"""Fragments: what of a discussion other pages fetch and show themselves, the same for everybody.

`/embed/t/{thread}` is a window of a thread. `/embed/thread` finds the thread of a page first; its answer is the same
bytes. Reading never opens a thread.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

import sqlalchemy as sa
from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.comment import as_shown
from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.order import Sort, parse_cursor
from outspoken.discussion.permission import may_see
from outspoken.pages import links
from outspoken.pages.fragments import way_down
from outspoken.pages.translations import spoken_tag
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_at, thread_by_id
from outspoken.store.windows import ancestors_of, comment_at, window_of
from outspoken.web.forms import PageRequest, number_in
from outspoken.web.hosts import HostPage, host_page, own_site
from outspoken.web.recipes import HTML, PUBLIC, Recipe, View
from outspoken.web.server import Given, Server

_PATH = re.compile(r"/embed/(?:thread|t/([0-9a-z]{12}))")
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a thread is asked for, and in which language."""

    view: View
    parent: int = 0
    """Only the replies to this comment."""
    comment: int = 0
    """The way down to this comment."""
    tag: str = ""
    at_least: int = 0

    def target(self, thread: str) -> bytes:
        """Return the one request target under which it is kept."""
        view = self.view
        return links.fragment(
            thread,
            view.sort,
            after=view.after,
            before=view.before,
            parent=self.parent,
            comment=self.comment,
            tag=self.tag,
        ).encode()


async def fragment_for(server: Server, path: str, query: bytes) -> Recipe | None:
    """Return how to make the fragment at an address, None if there is none or the question makes no sense.

    Raises:
        Unavailable: if the database doesn't answer.
    """
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    try:
        fields = _fields(query)
        part = _part(fields)
        if found[1]:
            return _of_thread(found[1], part)
        page = host_page(fields)
        return await server.read(lambda connection: _of_page(connection, page, part))
    except (Invalid, NotFound):
        return None


def _of_thread(id: str, part: Part) -> Recipe:
    return Recipe(
        target=part.target(id),
        thread=id,
        content_type=HTML,
        render=lambda server, asked: _thread(server, asked, id, part),
        headers=PUBLIC,
        at_least=part.at_least,
        # Whatever lets an address lead elsewhere changes the thread, so that nothing of it is kept. One that names a
        # version is good for one look.
        is_named_otherwise=not part.at_least,
    )


def _of_page(asked: sa.Connection, page: HostPage, part: Part) -> Recipe:
    id = thread_at(asked, page.site, page.addresses)
    if id is not None:
        return _of_thread(id, part)
    site = own_site(asked, page)
    # Told under its own address: the link to write in it holds the page's address as it was spelled.
    target = f"/embed/thread {page.site} {page.url} {part.tag}".encode()

    def render(server: Server, _: sa.Connection) -> tuple[int, bytes]:
        return 0, server.fragments.of_page(site, page.url, tag=part.tag).encode()

    return Recipe(target, "", HTML, render, PUBLIC)


def _thread(server: Server, asked: sa.Connection, id: str, part: Part) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    site = site_named(asked, thread.site)
    view = part.view
    if part.comment:
        comment = comment_at(asked, id, part.comment)
        may_see(comment, is_author=False)
        below = window_of(asked, id, view.sort, parent=part.comment)
        window = way_down(ancestors_of(asked, id, part.comment), as_shown(comment), below)
    else:
        window = window_of(asked, id, view.sort, parent=part.parent, after=view.after, before=view.before)
    fragment = server.fragments.of_thread(site, thread, window, tag=part.tag, parent=part.parent)
    return thread.version, fragment.encode()


def _fields(query: bytes) -> dict[str, str]:
    """Return the parameters of a fragment's address; of one that comes twice, the first.

    Raises:
        Invalid: if it can't be read.
    """
    fields: dict[str, str] = {}
    try:
        for name, value in parse_qsl(query.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS):
            fields.setdefault(name, value)
    except ValueError as wrong:
        raise Invalid("", "The address can't be read.") from wrong
    return fields


def _part(fields: dict[str, str]) -> Part:
    after, before = fields.get("after", ""), fields.get("before", "")
    if after and before:
        raise Invalid("after", "Ask for what comes after a place or before it, not both.")
    try:
        sort = Sort(fields.get("sort") or Sort.BEST)
    except ValueError:
        raise Invalid("sort", "Comments can be sorted by %(sorts)s.", sorts=", ".join(Sort)) from None
    view = View(sort, parse_cursor(after) if after else None, parse_cursor(before, "before") if before else None)
    return Part(
        view,
        parent=number_in(fields, "parent"),
        comment=number_in(fields, "comment"),
        tag=spoken_tag(fields.get("lang", "")),
        at_least=number_in(fields, "version"),
    )


@get("/embed/thread", include_in_schema=False)
async def show_page_fragment(request: PageRequest, server: Given) -> Response[bytes]:
    """Say why a page has no discussion to show."""
    fields = _fields(request.scope["query_string"])
    part, page = _part(fields), host_page(fields)
    return await _shown(server, await server.read(lambda connection: _of_page(connection, page, part)))


@get("/embed/t/{thread:str}", include_in_schema=False)
async def show_fragment(request: PageRequest, server: Given, thread: FromPath[str]) -> Response[bytes]:
    """Say why a thread has nothing to show."""
    part = _part(_fields(request.scope["query_string"]))
    return await _shown(server, _of_thread(thread, part))


async def _shown(server: Server, recipe: Recipe) -> Response[bytes]:
    _, content = await server.read(lambda connection: recipe.render(server, connection))
    headers = {name.decode(): value.decode() for name, value in recipe.headers}
    return Response(content, media_type=HTML.decode(), headers={**headers, "cache-control": "no-cache"})


ROUTES = Router("/", route_handlers=[show_page_fragment, show_fragment])
