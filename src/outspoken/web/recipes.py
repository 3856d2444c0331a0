"""What stands at the addresses that are the same for everybody, and how it is made."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import sqlalchemy as sa

from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.order import Cursor, Sort, parse_cursor
from outspoken.pages import feeds, links
from outspoken.pages.forms import Form
from outspoken.pages.rendering import Pages
from outspoken.pages.snapshots import Headers
from outspoken.store.sites import all_sites, site_named
from outspoken.store.threads import newest_threads, thread_by_id
from outspoken.store.windows import latest_comments, latest_on_site, window_of
from outspoken.web.outward import comments_answer, encode, thread_answer
from outspoken.web.server import Server

STORIES_ON_FRONT = 20
LATEST_ON_FRONT = 12
ENTRIES_IN_FEED = 30

HTML = b"text/html; charset=utf-8"
ATOM = b"application/atom+xml; charset=utf-8"
JSON = b"application/json"
PUBLIC: tuple[tuple[bytes, bytes], ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)
"""Any page may read public data, never with credentials."""

_THREAD = re.compile(r"/t/([0-9a-z]{12})(/feed\.atom)?")
_SITE = re.compile(r"(?:/s/([a-z0-9-]{1,63}))?(/feed\.atom|/)?")
_API = re.compile(r"/api/v1/threads/([0-9a-z]{12})(/comments)?")

Render = Callable[[Server, sa.Connection], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make one public answer. `render` gives the thread's version and the bytes."""

    target: bytes
    """The one request target under which it is kept, however it was asked for."""
    thread: str
    content_type: bytes
    render: Render
    headers: Headers = ()
    at_least: int = 0
    """The version of the thread that whoever asks has to be shown at least."""
    is_named_otherwise: bool = False
    """Whether what was asked for, spelled like this, is always what is kept at `target`."""


@dataclass(frozen=True, slots=True)
class View:
    """Which part of a thread is asked for, in which sort."""

    sort: Sort = Sort.BEST
    after: Cursor | None = None
    before: Cursor | None = None


def recipe_for(path: str, query: bytes) -> Recipe | None:
    """Return how to make what stands at an address, None if it isn't the same for everybody or makes no sense."""
    # Where a page takes no parameters, whatever somebody has appended to its address changes nothing.
    target = path.encode()
    if found := _THREAD.fullmatch(path):
        id = found[1]
        if found[2]:
            return Recipe(target, id, ATOM, lambda server, asked: _thread_feed(server, asked, id))
        view = view_of(query)
        if view is None:
            return None
        here = links.thread(id, view.sort, after=view.after, before=view.before).encode()
        return Recipe(here, id, HTML, lambda server, asked: thread_page(server, server.pages, asked, id, view))
    if found := _API.fullmatch(path):
        id = found[1]
        if not found[2]:
            return Recipe(target, id, JSON, lambda server, asked: _thread(server, asked, id), PUBLIC)
        part = view_of(query)
        if part is None:
            return None
        here = links.listed(id, part.sort, after=part.after, before=part.before).encode()
        return Recipe(here, id, JSON, lambda server, asked: _comments(server, asked, id, part), PUBLIC)
    if found := _SITE.fullmatch(path):
        name = found[1]
        if found[2] == "/feed.atom":
            return Recipe(target, "", ATOM, lambda server, asked: _site_feed(server, asked, name))
        return Recipe(target, "", HTML, lambda server, asked: _front_page(server, asked, name))
    return None


def view_of(query: bytes) -> View | None:
    """Return which view a query string asks for, None if it asks for anything else as well or makes no sense."""
    if not query:
        return View()
    try:
        asked = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=3)
        fields = dict(asked)
        if len(fields) < len(asked) or not fields.keys() <= {"sort", "after", "before"}:
            return None
        if "after" in fields and "before" in fields:
            return None
        return View(
            Sort(fields.get("sort", Sort.BEST)),
            parse_cursor(fields["after"]) if "after" in fields else None,
            parse_cursor(fields["before"]) if "before" in fields else None,
        )
    except (ValueError, Invalid):
        return None


def thread_page(server: Server, pages: Pages, asked: sa.Connection, id: str, view: View) -> tuple[int, bytes]:
    """Return a thread's version and its page.

    Raises:
        NotFound: if there is no such thread.
    """
    thread = thread_by_id(asked, id)
    site = site_named(asked, thread.site)
    window = window_of(asked, id, view.sort, after=view.after, before=view.before)
    form = Form(token=server.tokens.issue(id, server.now()))
    here = pages.door.thread(id, view.sort, after=view.after, before=view.before)
    return thread.version, pages.thread_page(site, thread, window, form=form, here=here).encode()


def _thread_feed(server: Server, asked: sa.Connection, id: str) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    latest = latest_comments(asked, id, ENTRIES_IN_FEED)
    return thread.version, feeds.thread_feed(server.base, site_named(asked, thread.site), thread, latest)


def _thread(_server: Server, asked: sa.Connection, id: str) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    return thread.version, encode(thread_answer(thread))


def _comments(_server: Server, asked: sa.Connection, id: str, view: View) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    window = window_of(asked, id, view.sort, after=view.after, before=view.before)
    return thread.version, encode(comments_answer(thread, window))


def _front_page(server: Server, asked: sa.Connection, name: str | None) -> tuple[int, bytes]:
    sites = all_sites(asked)
    chosen = name or server.settings.server.site or (sites[0].name if sites else "")
    site = next((site for site in sites if site.name == chosen), None)
    if site is None:
        raise NotFound("There is no such site.")
    page = server.pages.front_page(
        site,
        newest_threads(asked, site.name, STORIES_ON_FRONT),
        latest_on_site(asked, site.name, LATEST_ON_FRONT),
        [other for other in sites if other is not site],
    )
    return 0, page.encode()


def _site_feed(server: Server, asked: sa.Connection, name: str | None) -> tuple[int, bytes]:
    sites = all_sites(asked)
    chosen = name or server.settings.server.site or (sites[0].name if sites else "")
    site = site_named(asked, chosen)
    stories = newest_threads(asked, site.name, ENTRIES_IN_FEED)
    return 0, feeds.site_feed(server.base, site, stories, latest_on_site(asked, site.name, ENTRIES_IN_FEED))
