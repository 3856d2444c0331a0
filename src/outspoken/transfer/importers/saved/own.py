"""Our own pages: a discussion on an Outspoken that isn't there any more."""

import re

from outspoken.discussion.state import State
from outspoken.transfer.importers.saved.elements import Element, classes, every, find, has_class, named, text_of
from outspoken.transfer.importers.saved.found import Discussion, Found
from outspoken.transfer.importers.saved.moments import moment_of
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts
from outspoken.transfer.reading import fields

_ID = re.compile(r"c(\d{1,10})")


def count(page: Page) -> int:
    """Return how many comments the page shows."""
    return sum(1 for _ in every(page.tree, _is_comment)) if _is_ours(page.tree) else 0


def read(page: Page) -> Discussion:
    """Return the discussion, and the address of the story it is about."""
    discussion = read_parts(page.tree, _PARTS, page.url)
    source = find(page.tree, lambda element: element.tag == "p" and has_class("source")(element))
    links = [] if source is None else [link.get("href") or "" for link in every(source, named("a"))]
    if links and links[-1].startswith(("http://", "https://")):
        discussion.url = links[-1]
    return discussion


def _is_ours(tree: Element) -> bool:
    section = find(tree, lambda element: element.get("id") == "discussion")
    return section is not None and "discussion" in classes(section)


def _is_comment(element: Element) -> bool:
    return element.tag == "li" and bool(_number(element)) and any(inner.tag == "article" for inner in element)


def _number(element: Element) -> str:
    found = _ID.fullmatch(element.get("id") or "")
    return found[1] if found else ""


def _more(element: Element, comment: Found) -> None:
    """Read what only our pages show: a tombstone, when a comment was edited, its votes."""
    if find(element, has_class("gone")) is not None:
        comment.state = State.DELETED
    edited = find(element, has_class("edited"))
    comment.edited = moment_of(find(edited, named("time"))) if edited is not None else None
    up = find(element, lambda inner: {"vote", "up"} <= set(classes(inner)))
    down = find(element, lambda inner: {"vote", "down"} <= set(classes(inner)))
    comment.up, comment.down = fields.count(text_of(up)), fields.count(text_of(down))


_PARTS = Parts(
    is_comment=_is_comment,
    author=(lambda element: element.tag == "bdi" and has_class("name")(element),),
    time=(has_class("when"),),
    header=(named("header"),),
    body=(has_class("body"),),
    frame=(*FRAME, named("footer", "details"), has_class("quoting", "origin", "lost", "more", "gone")),
    id=_number,
    more=_more,
)
