"""Where everything is: the one place that knows what an address looks like.

Addresses are paths; `absolute` puts the base in front of them where a whole URL is needed.
"""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from outspoken.discussion.order import Cursor, Sort

ROBOTS = "/robots.txt"
SITEMAP = "/sitemap.xml"
DEFAULT_SORT = Sort.BEST
"""Left out of addresses, so that a page has one address."""


def absolute(base: str, path: str) -> str:
    """Return the whole URL of `path`; `base` is such as `https://talk.example`."""
    return base.rstrip("/") + path


def front() -> str:
    """Return the address of the front page."""
    return "/"


def site(name: str) -> str:
    """Return the address of a site's front page."""
    return f"/s/{_segment(name)}"


def claim(name: str) -> str:
    """Return the address at which people claim what they wrote on a site before it was imported."""
    return f"/s/{_segment(name)}/claim"


def thread(
    thread_id: str, sort: Sort = DEFAULT_SORT, *, after: Cursor | None = None, before: Cursor | None = None
) -> str:
    """Return the address of a thread's page, or of the window that begins after or ends before a cursor."""
    return f"/t/{_segment(thread_id)}{_window(sort, after, before)}"


def comment(
    thread_id: str,
    number: int,
    sort: Sort = DEFAULT_SORT,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> str:
    """Return a comment's permalink, or the window of its replies that begins after or ends before a cursor."""
    return f"/t/{_segment(thread_id)}/{number}{_window(sort, after, before)}"


def anchor(number: int) -> str:
    """Return the fragment at which a comment stands in any page that shows it."""
    return f"#c{number}"


def printed(thread_id: str) -> str:
    """Return the address of the page that holds all of a thread."""
    return f"/t/{_segment(thread_id)}/print"


def feed() -> str:
    """Return the address of the front page's feed."""
    return "/feed.atom"


def site_feed(name: str) -> str:
    """Return the address of a site's feed."""
    return f"/s/{_segment(name)}/feed.atom"


def thread_feed(thread_id: str) -> str:
    """Return the address of a thread's feed."""
    return f"/t/{_segment(thread_id)}/feed.atom"


def comments(thread_id: str) -> str:
    """Return the address a new comment is sent to."""
    return f"/t/{_segment(thread_id)}/comments"


def listed(
    thread_id: str, sort: Sort = DEFAULT_SORT, *, after: Cursor | None = None, before: Cursor | None = None
) -> str:
    """Return the address at which programs read a window of a thread."""
    return f"/api/v1/threads/{_segment(thread_id)}/comments{_window(sort, after, before)}"


def form(thread_id: str, parent: int = 0) -> str:
    """Return the address of the page with nothing but the form; `parent` is the comment that is replied to."""
    return comments(thread_id) + (f"?parent={parent}" if parent else "")


def vote(thread_id: str, number: int, value: str = "") -> str:
    """Return the address a vote is sent to, and at which one is asked for it; `value` says which is meant."""
    return f"/t/{_segment(thread_id)}/{number}/vote" + (f"?value={value}" if value else "")


def edit(thread_id: str, number: int) -> str:
    """Return the address at which authors change a comment."""
    return f"/t/{_segment(thread_id)}/{number}/edit"


def delete(thread_id: str, number: int) -> str:
    """Return the address at which authors take a comment back."""
    return f"/t/{_segment(thread_id)}/{number}/delete"


def report(thread_id: str, number: int) -> str:
    """Return the address at which a comment is reported to the moderators."""
    return f"/t/{_segment(thread_id)}/{number}/report"


def write(page: Mapping[str, str]) -> str:
    """Return the address of the form for a page that has no discussion yet; `page` says which it is."""
    query = urlencode({name: value for name, value in page.items() if value})
    return "/write" + (f"?{query}" if query else "")


def done(thread_id: str, number: int, act: str) -> str:
    """Return the address of the page that says that an act is done."""
    return f"/t/{_segment(thread_id)}/{number}/done/{_segment(act)}"


def fragment(
    thread_id: str,
    sort: Sort = DEFAULT_SORT,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    parent: int = 0,
    comment: int = 0,
    tag: str = "",
) -> str:
    """Return the address of a window as it stands in another's page.

    It is one of the replies to `parent`, or the way down to `comment`, if there is a number; `tag` is the language.
    """
    query = {"parent": str(parent or ""), "comment": str(comment or ""), "lang": tag}
    window = _window(sort, after, before)
    rest = urlencode({name: value for name, value in query.items() if value})
    return f"/embed{thread(thread_id)}{window}" + (f"{'&' if window else '?'}{rest}" if rest else "")


def posted(thread_id: str, number: int, ticket: str) -> str:
    """Return the address at which a writer is shown, once, what became of a comment."""
    return f"/t/{_segment(thread_id)}/{number}/posted/{_segment(ticket)}"


def static(name: str) -> str:
    """Return the address of a static file, named as it is published (with its hash)."""
    return f"/static/{_segment(name)}"


def passage(thread_id: str, text: str) -> str:
    """Return a link to where `text` stands in the story; a browser that knows text fragments scrolls to the words.

    Source: URL Fragment Text Directives (WICG); inside the directive `-`, `,` and `&` have a meaning of their own.
    """
    words = text.split()
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    last_line = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    if not words:
        return f"{thread(thread_id)}#story"
    if len(words) <= 2 * _FRAGMENT_WORDS and first_line == last_line:
        fragment = _directive(" ".join(words))
    else:
        # Each end has to lie within one paragraph, or the browser won't find it.
        start = " ".join(first_line.split()[:_FRAGMENT_WORDS])
        end = " ".join(last_line.split()[-_FRAGMENT_WORDS:])
        fragment = f"{_directive(start)},{_directive(end)}"
    return f"{thread(thread_id)}#story:~:text={fragment}"


_FRAGMENT_WORDS = 4


def _directive(text: str) -> str:
    return quote(text, safe="").replace("-", "%2D")


@lru_cache(maxsize=4096)
def _segment(text: str) -> str:
    return quote(text, safe="")


def _window(sort: Sort, after: Cursor | None, before: Cursor | None) -> str:
    query: dict[str, str] = {}
    if sort is not DEFAULT_SORT:
        query["sort"] = sort.value
    if after is not None:
        query["after"] = str(after)
    if before is not None:
        query["before"] = str(before)
    return f"?{urlencode(query)}" if query else ""
