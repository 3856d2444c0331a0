"""Pages by their own address: to their discussion if there is one, else to the form whose first comment begins it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Response

from outspoken.discussion.errors import Invalid, Refusal, TooMany
from outspoken.discussion.thread import Story
from outspoken.moderation.limiter import LOCAL
from outspoken.pages.forms import Form
from outspoken.pages.rendering import Pages
from outspoken.pages.translations import Said
from outspoken.store.beginning import Beginning, Begun
from outspoken.store.threads import new_thread_id, thread_at
from outspoken.store.writer import Unavailable
from outspoken.text.hygiene import clean
from outspoken.text.markup import Markup
from outspoken.text.render import render
from outspoken.web.anonymity import visitor_of
from outspoken.web.contributing import beginning_of, contribute, prepare
from outspoken.web.forms import UNAVAILABLE, PageRequest, page, read_form, see_other
from outspoken.web.hosts import HostPage, host_page, own_site
from outspoken.web.origin import check_origin
from outspoken.web.server import Dressed, Given, Server
from outspoken.web.writing import (
    OPEN_FOR_LONG,
    answer,
    check_own_words,
    contribution,
    new_submission,
    quoted,
    refilled,
    writer_of,
)

HEADLINE_LENGTH = 200
"""Characters of a headline that a page brings along."""
MOST_BEGUN = 5
"""Discussions that one visitor may begin in a day: each shows a headline that nobody has looked at."""
_ALL = ""


@get("/page", include_in_schema=False)
async def show_page(
    server: Given, pages: Dressed, site: FromQuery[str] = "", url: FromQuery[str] = "", identifier: FromQuery[str] = ""
) -> Response[None]:
    """Lead to the discussion of a page, or to where it can be begun."""
    asked = host_page({"site": site, "url": url, "identifier": identifier})
    thread = await _thread_of(server, asked)
    if thread is not None:
        return see_other(pages.door.thread(thread))
    await server.read(lambda connection: own_site(connection, asked))
    return see_other(pages.door.write({"site": site, "url": url}))


@get("/write", include_in_schema=False)
async def show_beginning(
    server: Given,
    pages: Dressed,
    site: FromQuery[str] = "",
    url: FromQuery[str] = "",
    title: FromQuery[str] = "",
    quote: FromQuery[str] = "",
) -> Response[str] | Response[None]:
    """Show the form for the first comment on a page; if there is a discussion already, lead to its form."""
    asked = host_page({"site": site, "url": url})
    thread = await _thread_of(server, asked)
    if thread is not None:
        return see_other(pages.door.form(thread))
    place = await _place(server, asked, title)
    form = Form(
        body=quoted(quote),
        token=server.tokens.issue(_bound_to(place), server.now()),
        submission=new_submission(server),
        hidden=_hidden(place),
    )
    return _form(pages, place, form)


@post("/write", include_in_schema=False)
async def send_beginning(request: PageRequest, server: Given, pages: Dressed) -> Response[str] | Response[None]:
    """Begin the discussion of a page with its first comment; whatever is wrong, the text comes back with it."""
    check_origin(request.headers, server.base)
    fields = await read_form(request)
    asked = host_page(fields)
    place = await _place(server, asked, fields.get("title", ""))

    def again(status: int, problems: dict[str, Said], **more: Any) -> Response[str]:
        form = refilled(server, _bound_to(place), fields, hidden=_hidden(place), problems=problems, **more)
        return _form(pages, place, form, status=status)

    try:
        if fields.get("action") == "preview":
            html = render(prepare(fields.get("body", "")), Markup.MARKDOWN)
            return again(200, {}, preview_html=html)
        token = fields.get("token", "")
        age = server.tokens.age(token, _bound_to(place), server.now()) if token else None
        if token and age is None:
            return again(200, {}, warning=OPEN_FOR_LONG)
        return await _begin(request, server, pages, place, fields, None if age is None else age.total_seconds())
    except Invalid as wrong:
        return again(422, {wrong.field: wrong})
    except TooMany as wrong:
        return again(429, {_ALL: wrong})
    except Unavailable:
        return again(503, {_ALL: UNAVAILABLE})
    except Refusal as wrong:
        return again(409, {_ALL: wrong})


async def _begin(
    request: PageRequest,
    server: Server,
    pages: Pages,
    place: Beginning,
    fields: dict[str, str],
    form_seconds: float | None,
) -> Response[None]:
    check_own_words(pages.door, fields.get("body", ""))
    writer = writer_of(request, server, pages.door, fields)
    thread = await _thread_of(server, HostPage(place.site.name, place.story.url or ""))
    if thread is None:
        sent = contribution(request, server, writer, new_thread_id(server.entropy), fields, form_seconds)
        _count(request, server)
        try:
            outcome = await contribute(server, replace(sent, begins=place))
        except Begun:
            thread = await _thread_of(server, HostPage(place.site.name, place.story.url or ""))
        else:
            return await answer(server, pages.door, writer, sent, outcome)
    if thread is None:
        raise Unavailable("The discussion was begun, but can't be read at the moment.")
    sent = contribution(request, server, writer, thread, fields, form_seconds)
    return await answer(server, pages.door, writer, sent, await contribute(server, sent))


def _count(request: PageRequest, server: Server) -> None:
    """Count a discussion that is begun against the visitor's limit.

    Raises:
        TooMany: if it is reached.
    """
    visitor = visitor_of(request.scope)
    if visitor != LOCAL and server.limiter.count("begun", visitor, timedelta(days=1)) > MOST_BEGUN:
        raise TooMany("You have begun several discussions today. Please take part in those that are there.", 24 * 3600)


async def _thread_of(server: Server, asked: HostPage) -> str | None:
    return await server.read(lambda connection: thread_at(connection, asked.site, asked.addresses))


async def _place(server: Server, asked: HostPage, title: str) -> Beginning:
    """Return a page of a site that has no discussion yet, with the headline that its own script or a reader gives it.

    An identifier isn't taken down: nobody could tell whether it is that page's, and it may be another's.

    Raises:
        NotFound: if the page isn't one of the site's.
    """
    site = await server.read(lambda connection: own_site(connection, asked))
    folded = asked.addresses[-1]
    headline = " ".join(clean(title).split())[:HEADLINE_LENGTH] or folded
    return Beginning(site, Story(headline, url=asked.url.partition("#")[0]), (folded,))


def _bound_to(place: Beginning) -> str:
    """Return what stands for the thread in the token of a form."""
    return f"{place.site.name} {place.addresses[0]}"


def _form(pages: Pages, place: Beginning, form: Form, *, status: int = 200) -> Response[str]:
    around = beginning_of(place, "")
    return page(pages.form_page(around.site, around.thread, None, form), status=status)


def _hidden(place: Beginning) -> dict[str, str]:
    return {"site": place.site.name, "url": place.story.url or "", "title": place.story.headline}


HANDLERS = (show_page, show_beginning, send_beginning)
