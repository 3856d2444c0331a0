"""What stands at the addresses that are the same for everybody, and how it is made."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound
from outspoken.discussion.order import Sort
from outspoken.pages import feeds
from outspoken.pages.forms import Form
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
_SORTS = {b"": Sort.BEST, **{f"sort={sort}".encode(): sort for sort in Sort}}

Render = Callable[[Server, sa.Connection], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make one public answer. `render` gives the thread's version and the bytes."""

    key: str
    thread: str
    content_type: bytes
    render: Render
    headers: tuple[tuple[bytes, bytes], ...] = ()


def recipe_for(path: str, query: bytes) -> Recipe | None:
    """Return how to make what stands at an address, None if it isn't the same for everybody."""
    # Where a page takes no parameters, whatever somebody has appended to its address changes nothing.
    sort = _SORTS.get(query)
    if found := _THREAD.fullmatch(path):
        id = found[1]
        if found[2]:
            return Recipe(path, id, ATOM, lambda server, asked: _thread_feed(server, asked, id))
        if sort is None:
            return None
        return Recipe(f"{path}?{sort}", id, HTML, lambda server, asked: _thread_page(server, asked, id, sort))
    if found := _API.fullmatch(path):
        id = found[1]
        if not found[2]:
            return Recipe(path, id, JSON, lambda server, asked: _thread(server, asked, id), PUBLIC)
        if sort is None:
            return None
        return Recipe(f"{path}?{sort}", id, JSON, lambda server, asked: _comments(server, asked, id, sort), PUBLIC)
    if found := _SITE.fullmatch(path):
        name = found[1]
        if found[2] == "/feed.atom":
            return Recipe(path, "", ATOM, lambda server, asked: _site_feed(server, asked, name))
        return Recipe(path, "", HTML, lambda server, asked: _front_page(server, asked, name))
    return None


def _thread_page(server: Server, asked: sa.Connection, id: str, sort: Sort) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    site = site_named(asked, thread.site)
    window = window_of(asked, id, sort)
    form = Form(token=server.tokens.issue(id, server.now()))
    return thread.version, server.pages.thread_page(site, thread, window, form=form).encode()


def _thread_feed(server: Server, asked: sa.Connection, id: str) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    latest = latest_comments(asked, id, ENTRIES_IN_FEED)
    return thread.version, feeds.thread_feed(server.base, site_named(asked, thread.site), thread, latest)


def _thread(_server: Server, asked: sa.Connection, id: str) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    return thread.version, encode(thread_answer(thread))


def _comments(_server: Server, asked: sa.Connection, id: str, sort: Sort) -> tuple[int, bytes]:
    thread = thread_by_id(asked, id)
    return thread.version, encode(comments_answer(thread, window_of(asked, id, sort)))


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
