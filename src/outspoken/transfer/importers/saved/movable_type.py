"""Movable Type and TypePad: the author's line stands below the text, "Posted by: N at T"."""

import re
from itertools import islice

from lxml import etree

from outspoken.transfer.importers.flattened.headlines import trailer
from outspoken.transfer.importers.flattened.words import is_heading
from outspoken.transfer.importers.saved.elements import Element, classes, has_class, is_short, line_of, named, text_of
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, name_in, read_parts, where
from outspoken.transfer.records import Problem

_ID = re.compile(r"#?(?:comment-|c)([0-9a-f]{1,40})")
_LINES = frozenset({"p", "div", "span", "h3", "h4", "address"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENTRY = "outspoken-entry"
_DEEPEST = 100
"""Elements around an author's line. What is around it is moved with each line, so hostile depth costs its square."""
_NEAR = 200
"""Elements among which a comment's id is looked for."""


def count(page: Page) -> int:
    """Return how many comments have such a line."""
    return len(_lines(page.tree)[0])


def read(page: Page) -> Discussion:
    """Return the discussion; without a heading above, the first such line is the story's own."""
    lines, byline = _lines(page.tree)
    for line in lines:
        _gather(line)
    discussion = read_parts(page.tree, _PARTS, page.url)
    if byline is not None:
        discussion.notes.append(
            Problem(where(line_of(byline)), "was taken for the story's own byline: no heading stands above it")
        )
    return discussion


def _lines(tree: Element) -> tuple[list[Element], Element | None]:
    """Return the authors' lines of the comments, and the one that is the story's."""
    lines: list[Element] = []
    is_below_heading = False
    for element in tree.iter(*_LINES, *_HEADINGS):
        text = text_of(element) if is_short(element) else ""
        if element.tag in _HEADINGS and is_heading(text):
            lines.clear()
            is_below_heading = True
        elif element.tag in _LINES and trailer(text) is not None and not _is_deep(element):
            # The line itself, not what is wrapped around nothing but it.
            if lines and lines[-1] is element.getparent():
                lines.pop()
            lines.append(element)
    return (lines, None) if is_below_heading or not lines else (lines[1:], lines[0])


def _is_deep(element: Element) -> bool:
    return next(islice(element.iterancestors(), _DEEPEST, None), None) is not None


def _gather(line: Element) -> None:
    """Put an element around a comment: what stands before its line, back to the last line or heading."""
    entry = etree.Element("div", {"class": _ENTRY})
    parts = [line]
    for before in line.itersiblings(preceding=True):
        if _ENTRY in classes(before) or before.tag in _HEADINGS:
            break
        parts.insert(0, before)
    entry.sourceline = parts[0].sourceline
    parts[0].addprevious(entry)
    around = entry.getparent()
    if around is not None and around.text and around.text.strip() and entry.getprevious() is None:
        entry.text, around.text = around.text, None
    for part in parts:
        entry.append(part)
    line.set("class", f"{line.get('class') or ''} {_ENTRY}-line")
    entry.set("id", _id_near(entry))


def _id_near(entry: Element) -> str:
    for inner in (entry.getparent(), *islice(entry.iter(), _NEAR)):
        for name in ("id", "name", "href"):
            found = _ID.search(inner.get(name) or "") if inner is not None and isinstance(inner.tag, str) else None
            if found:
                return f"comment-{found[1]}"
    return ""


def _number(element: Element) -> str:
    return (element.get("id") or "").removeprefix("comment-")


def _name(element: Element) -> str:
    head = trailer(text_of(element))
    return head.author if head else name_in(element)


_PARTS = Parts(
    is_comment=has_class(_ENTRY),
    author=(has_class(f"{_ENTRY}-line"),),
    name=_name,
    time=(has_class(f"{_ENTRY}-line"),),
    body=(has_class("comment-content", "comment-body"),),
    frame=(*FRAME, named("hr")),
    id=_number,
)
