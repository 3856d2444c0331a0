"""The list that Disqus' WordPress plug-in leaves in a page for those who run no scripts."""

import re

from outspoken.transfer.importers.saved.elements import Element, classes, every, has_class, named
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts

_ID = re.compile(r"dsq-comment-(\d{1,19})")


def count(page: Page) -> int:
    """Return how many comments the page shows."""
    return sum(1 for _ in every(page.tree, _is_comment))


def read(page: Page) -> Discussion:
    """Return the discussion."""
    return read_parts(page.tree, _PARTS, page.url)


def _is_comment(element: Element) -> bool:
    if element.tag != "li":
        return False
    if (element.get("id") or "").startswith("dsq-comment-"):
        return True
    return any("dsq-comment-header" in classes(inner) for inner in element) or _is_ping(element)


def _is_ping(element: Element) -> bool:
    own = classes(element)
    around = element.getparent()
    return ("pingback" in own or "trackback" in own) and around is not None and around.get("id") == "dsq-comments"


def _comment_id(element: Element) -> str:
    found = _ID.fullmatch(element.get("id") or "")
    return found[1] if found else ""


_PARTS = Parts(
    is_comment=_is_comment,
    author=(lambda element: element.tag == "cite",),
    time=(has_class("dsq-comment-date"), named("time")),
    header=(has_class("dsq-comment-header"),),
    body=(has_class("dsq-comment-message"), has_class("dsq-comment-body")),
    frame=FRAME,
    replies=(has_class("children"),),
    id=_comment_id,
    # The plug-in prints WordPress' own number, which an export names too.
    system="wordpress",
    is_ping=_is_ping,
)
