"""Pages that aren't the same for everybody, or too many to keep: further windows, one comment, all of it, maps."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from litestar import MediaType, Router, get
from litestar.params import FromPath, FromQuery
from litestar.response import Response, Stream

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.errors import Invalid
from outspoken.discussion.order import Cursor, Sort, parse_cursor
from outspoken.discussion.permission import EDIT_WINDOW, may_see
from outspoken.discussion.state import State
from outspoken.pages import sitemap
from outspoken.pages.translations import marked
from outspoken.store.changes import is_author
from outspoken.store.sites import all_sites, site_named
from outspoken.store.threads import liveliest_threads, thread_by_id
from outspoken.store.windows import ancestors_of, comment_at, reading_order, window_of
from outspoken.web.forms import PageRequest, page
from outspoken.web.reader import proof_of_who_came
from outspoken.web.recipes import View, thread_page
from outspoken.web.server import Dressed, Given, Server
from outspoken.web.writing import posted_page

_MAPPED = 50_000


def sort_named(name: str) -> Sort:
    """Return a sort by its name.

    Raises:
        Invalid: if there is none.
    """
    try:
        return Sort(name)
    except ValueError:
        raise Invalid("sort", "Comments can be sorted by %(sorts)s.", sorts=", ".join(Sort)) from None


def cursors(after: str, before: str) -> tuple[Cursor | None, Cursor | None]:
    """Read the cursors of an address.

    Raises:
        Invalid: if they aren't ours, or there are two.
    """
    if after and before:
        raise Invalid("after", "Ask for what comes after a place or before it, not both.")
    return parse_cursor(after) if after else None, parse_cursor(before, "before") if before else None


@get("/t/{thread:str}", include_in_schema=False)
async def show_thread(
    server: Given,
    pages: Dressed,
    thread: FromPath[str],
    sort: FromQuery[str] = "best",
    after: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """Show a window of a thread to whom asks in an unusual way, or say what is wrong with the question."""
    view = View(sort_named(sort), *cursors(after, before))
    _, content = await server.read(lambda connection: thread_page(server, pages, connection, thread, view))
    return page(content.decode(), headers={"cache-control": "no-cache"})


@get("/t/{thread:str}/{number:int}", include_in_schema=False)
async def show_comment(
    request: PageRequest,
    server: Given,
    pages: Dressed,
    thread: FromPath[str],
    number: FromPath[int],
    sort: FromQuery[str] = "best",
    after: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """Show one comment with what it answers and its replies; tell its author what can still be done with it."""
    order, (behind, ahead) = sort_named(sort), cursors(after, before)
    key = await proof_of_who_came(request, server, pages.door, thread, number)

    def is_mine(connection: sa.Connection) -> tuple[Comment, bool]:
        thread_by_id(connection, thread)
        comment = comment_at(connection, thread, number)
        return comment, is_author(connection, comment, key.hash if key else None)

    comment, mine = await server.read(is_mine)
    may_see(comment, is_author=mine)
    if mine and comment.state is not State.PUBLISHED:
        return page(await posted_page(server, pages, comment))

    def look(connection: sa.Connection) -> str:
        discussed = thread_by_id(connection, thread)
        return pages.comment_page(
            site_named(connection, discussed.site),
            discussed,
            ancestors_of(connection, thread, number),
            as_shown(comment),
            window_of(connection, thread, order, parent=number, after=behind, before=ahead),
            token=server.tokens.issue(thread, server.now()),
            here=pages.door.comment(thread, number, order, after=behind, before=ahead),
            notice=_notice(server, comment) if mine else None,
        )

    return page(
        await server.read(look),
        headers={"cache-control": "private, no-store" if mine else "no-cache", "vary": "cookie"},
    )


def _notice(server: Server, comment: Comment) -> str:
    age = timedelta() if comment.created is None else server.now() - comment.created
    if age <= EDIT_WINDOW:
        return marked("This is your comment. You can edit it for half an hour, and delete it any time.")
    return marked("This is your comment. You can delete it any time.")


@get("/t/{thread:str}/print", include_in_schema=False)
async def print_thread(server: Given, thread: FromPath[str]) -> Stream:
    """Show all of a discussion on one page, written beside the event loop and sent as it is read."""
    discussed = await server.read(lambda connection: thread_by_id(connection, thread))
    site = await server.read(lambda connection: site_named(connection, discussed.site))

    def ask(query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        # Each part of a connection's own: a browser that reads slowly must not hold one, for there are few.
        with server.database.reading() as connection:
            return connection.execute(query).all()

    async def chunks() -> AsyncIterator[str]:
        written = iter(server.pages.print_page(site, discussed, reading_order(ask, thread)))
        while (chunk := await server.aside(lambda: next(written, None))) is not None:
            yield chunk

    return Stream(chunks, media_type=MediaType.HTML, headers={"cache-control": "no-cache"})


@get("/sitemap.xml", include_in_schema=False)
async def show_sitemap(server: Given) -> Response[bytes]:
    """Show search engines the threads of the sites that invite them."""

    def look(connection: sa.Connection) -> bytes:
        invited = [site for site in all_sites(connection) if site.indexed]
        threads = [thread for site in invited for thread in liveliest_threads(connection, site.name, _MAPPED)]
        return sitemap.sitemap(server.base, threads)

    return Response(await server.read(look), media_type=sitemap.CONTENT_TYPE)


@get("/robots.txt", include_in_schema=False)
async def show_robots(server: Given) -> Response[str]:
    """Tell search engines whether they are invited."""
    sites = await server.read(all_sites)
    text = sitemap.robots(server.base, indexed=any(site.indexed for site in sites))
    return Response(text, media_type=MediaType.TEXT)


HANDLERS = (show_thread, show_comment)
"""What is reached through every door."""
ROUTES = Router("/", route_handlers=[print_thread, show_sitemap, show_robots])
