"""Blogger: the threaded list with its "Replies", and the older `dl` in which "N said..." stands above every text."""

import re
from itertools import islice

from lxml import etree

from outspoken.transfer.importers.flattened.headlines import headline
from outspoken.transfer.importers.saved.elements import Element, classes, every, has_class, is_short, named, text_of
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts

_ID = re.compile(r"c(\d{1,25})")
_ENTRY = "outspoken-entry"
"""The class of what is put around each comment, because Blogger puts nothing."""


def _is_user(element: Element) -> bool:
    return element.tag == "cite" and "user" in classes(element)


def count(page: Page) -> int:
    """Return how many comments the page shows in one of the two ways."""
    return _threaded(page.tree) or sum(len(_heads(block)) for block in _blocks(page.tree))


def read(page: Page) -> Discussion:
    """Return the discussion."""
    if _threaded(page.tree):
        return read_parts(page.tree, _THREADED, page.url)
    for block in _blocks(page.tree):
        _gather(block)
    return read_parts(page.tree, _SAID, page.url)


def _threaded(tree: Element) -> int:
    """Return how many entries there are with a name in a `cite` of the class "user"."""
    names = every(tree, _is_user)
    return sum(any("comment" in classes(entry) for entry in islice(name.iterancestors("li"), 1)) for name in names)


def _blocks(tree: Element) -> list[Element]:
    """Return the lists of comments. One within another is a part of somebody's text: Blogger doesn't nest them."""
    found = []
    walk = etree.iterwalk(tree, events=("start",), tag="dl")
    for _, block in walk:
        if _heads(block):
            found.append(block)
            walk.skip_subtree()
    return found


def _heads(block: Element) -> list[Element]:
    return [head for head in block if head.tag == "dt" and _is_head(head)]


def _is_head(head: Element) -> bool:
    if "comment-author" in classes(head):
        return True
    if not is_short(head):
        return False
    line = text_of(head)
    return line.endswith(("...", "…")) and headline(line).says


def _gather(block: Element) -> None:
    """Put an element around each `dt` and what follows it, because Blogger puts none."""
    entry: Element | None = None
    for part in list(block):
        if part.tag == "dt":
            entry = etree.Element("div", {"class": _ENTRY, "id": _id_in(part)}) if _is_head(part) else None
            if entry is not None:
                entry.sourceline = part.sourceline
                part.addprevious(entry)
        if entry is not None:
            entry.append(part)


def _id_in(element: Element) -> str:
    """Return the id that stands on a comment's headline or at an anchor in it."""
    for inner in element.iter():
        for name in ("id", "name"):
            if isinstance(inner.tag, str) and _ID.fullmatch(inner.get(name) or ""):
                return inner.get(name) or ""
    return ""


def _number(element: Element) -> str:
    found = _ID.fullmatch(element.get("id") or "")
    return found[1] if found else ""


def _name(element: Element) -> str:
    """Return whose name stands in "N said..." or "At T, Blogger N said..."."""
    return headline(text_of(element)).author


_THREADED = Parts(
    is_comment=lambda element: element.tag == "li" and "comment" in classes(element),
    author=(_is_user,),
    time=(has_class("datetime"),),
    header=(has_class("comment-header", "avatar-image-container"),),
    body=(has_class("comment-content"),),
    frame=(*FRAME, has_class("comment-actions", "thread-toggle", "comment-replies", "comment-replybox-single")),
    id=_number,
    system="blogger",
)
_SAID = Parts(
    is_comment=has_class(_ENTRY),
    author=(named("dt"),),
    name=_name,
    time=(has_class("comment-timestamp"), has_class("comment-footer")),
    body=(has_class("comment-body"), named("dd")),
    frame=(*FRAME, has_class("comment-footer", "comment-delete", "item-control")),
    id=_number,
    system="blogger",
)
