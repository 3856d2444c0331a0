"""Comments that are marked for search engines within the page: schema.org's `Comment` and the older `UserComments`."""

import re

from outspoken.transfer.importers.saved.elements import Element, every, has_class, has_property, named
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts

_TYPE = re.compile(r"(?:^|\s)https?://schema\.org/(?:Comment|UserComments)/?(?=\s|$)", re.IGNORECASE)
_ID = re.compile(r"(?:comment|c|post|reply)[-_]?(\d{1,25})", re.IGNORECASE)


def count(page: Page) -> int:
    """Return how many comments are marked."""
    return sum(1 for _ in every(page.tree, _is_comment))


def read(page: Page) -> Discussion:
    """Return the discussion."""
    return read_parts(page.tree, _PARTS, page.url)


def _is_comment(element: Element) -> bool:
    return element.get("itemscope") is not None and _TYPE.search(element.get("itemtype") or "") is not None


def _is_authors_name(element: Element) -> bool:
    if not has_property("name")(element):
        return False
    around = element.getparent()
    return around is not None and _IS_AUTHOR(around)


def _number(element: Element) -> str:
    found = _ID.fullmatch(element.get("id") or "")
    return found[1] if found else ""


_IS_AUTHOR = has_property("author", "creator")
_PARTS = Parts(
    is_comment=_is_comment,
    author=(_is_authors_name, _IS_AUTHOR),
    time=(has_property("datePublished"), has_property("dateCreated", "commentTime"), named("time")),
    header=(named("header"),),
    body=(has_property("text", "commentText"), has_property("description", "articleBody")),
    frame=(*FRAME, has_property("upvoteCount", "downvoteCount", "interactionStatistic", "url"), has_class("meta")),
    id=_number,
)
