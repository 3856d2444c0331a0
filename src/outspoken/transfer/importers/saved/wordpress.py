"""WordPress themes: `ol.commentlist` of old, `ol.comment-list` since, and what theme authors made of them."""

import re
from itertools import islice

from outspoken.transfer.importers.saved.elements import (
    Element,
    classes,
    every,
    find,
    has_class,
    has_property,
    named,
)
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts

_ID = re.compile(r"(?:li-|div-)?comment-(\d{1,19})")
_ENTRIES = frozenset({"li", "div", "article", "section", "dd"})
_NEAR = 4
_PINGS = frozenset({"pingback", "trackback"})


def count(page: Page) -> int:
    """Return how many comments the page shows."""
    return sum(1 for _ in every(page.tree, _is_comment))


def read(page: Page) -> Discussion:
    """Return the discussion."""
    return read_parts(page.tree, _PARTS, page.url)


def _is_comment(element: Element) -> bool:
    """Tell whether an element is a comment: one with the class, or a notice of a link from another blog.

    `article.comment` within `li.comment` is the same comment; so is a `div` that only repeats the class.
    """
    if element.tag not in _ENTRIES:
        return False
    own = set(classes(element))
    if "comment" not in own and own.isdisjoint(_PINGS):
        return False
    for around in islice(element.iterancestors(), _NEAR):
        if around.tag not in _ENTRIES:
            break
        if "comment" in classes(around) or not _PINGS.isdisjoint(classes(around)):
            id = _comment_id(element)
            return element.tag in ("li", "dd") or (bool(id) and id != _comment_id(around))
    return True


def _comment_id(element: Element) -> str:
    own = _ID.fullmatch(element.get("id") or "")
    if own:
        return own[1]
    for inner in element:
        found = _ID.fullmatch(inner.get("id") or "")
        if found:
            return found[1]
    return ""


def _is_plain_name(element: Element) -> bool:
    """Tell whether an element is the name in a header that says nothing of what stands in it."""
    around = element.getparent()
    return element.tag == "span" and around is not None and "meta" in classes(around)


_PARTS = Parts(
    is_comment=_is_comment,
    author=(
        has_class("fn"),
        has_class("comment-author-name", "comment_author", "commenter", "comment-author-link", "author-name"),
        lambda element: element.tag == "a" and "url" in classes(element),
        named("cite"),
        has_property("author"),
        has_class("comment-author", "comment-by", "commentauthor", "author"),
        _is_plain_name,
    ),
    time=(
        named("time"),
        lambda element: element.tag == "abbr" and bool(element.get("title")),
        has_class("comment-date", "comment-time", "commentdate", "comment_date", "date", "comment-timestamp"),
        has_class("comment-metadata", "comment-meta", "commentmetadata"),
    ),
    header=(has_class("comment-meta", "comment-metadata", "commentmetadata", "comment-author", "vcard", "meta"),),
    body=(
        has_class("comment-content", "comment-text", "comment_text", "commenttext", "comment-entry", "comment-copy"),
        has_property("text", "commentText"),
    ),
    frame=FRAME,
    replies=(has_class("children"),),
    id=_comment_id,
    system="wordpress",
    is_ping=lambda element: not _PINGS.isdisjoint(classes(element)),
    is_held=lambda element: find(element, has_class("comment-awaiting-moderation")) is not None,
)
"""`comment-meta` may be the date alone or the whole header, so it is asked last for the time and holds no text."""
