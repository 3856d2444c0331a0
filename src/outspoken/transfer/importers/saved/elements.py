"""Asking elements of a page what they are and what stands in them."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

from lxml import etree

from outspoken.transfer.importers.flattened.words import is_button

Element = etree._Element
Test = Callable[[Element], bool]

_SILENT = frozenset({"script", "style", "template", "noscript", "form", "button", "select", "textarea", "svg", "input"})
"""What a page's frame consists of, and nobody wrote."""
_BLOCKS = frozenset(
    {
        *("p", "div", "ul", "ol", "li", "blockquote", "pre", "article", "section", "footer", "header", "table", "tr"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "hr"),
    }
)
_CELLS = frozenset({"td", "th"})
_ADDRESS = re.compile(r"\s*(?:https?:/|www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)+/)", re.IGNORECASE)
_LONGEST_LINE = 500
MEDIA = frozenset({"img", "iframe", "video", "audio", "embed", "object"})


def classes(element: Element) -> list[str]:
    """Return the class names of an element, in lower case."""
    return (element.get("class") or "").lower().split()


def has_class(*names: str) -> Test:
    """Return a test for elements that have one of these classes."""
    wanted = frozenset(names)
    return lambda element: not wanted.isdisjoint(classes(element))


def named(*tags: str) -> Test:
    """Return a test for elements with one of these names."""
    wanted = frozenset(tags)
    return lambda element: element.tag in wanted


def has_property(*names: str) -> Test:
    """Return a test for elements whose microdata property is one of these."""
    wanted = frozenset(names)
    return lambda element: not wanted.isdisjoint((element.get("itemprop") or "").split())


def find(element: Element, *tests: Test) -> Element | None:
    """Return the first element inside that the first test holds for; where none is, by the next test."""
    for test in tests:
        for inner in element.iter("*"):
            if inner is not element and test(inner):
                return inner
    return None


def every(element: Element, test: Test) -> Iterator[Element]:
    """Yield the elements inside for which the test holds, in the order of the page."""
    return (inner for inner in element.iter("*") if inner is not element and test(inner))


def either(*tests: Test) -> Test:
    """Return a test for elements for which one of these tests holds."""
    return lambda element: any(test(element) for test in tests)


def text_of(element: Element | None) -> str:
    """Return the words of an element on one line, "" for None."""
    if element is None:
        return ""
    pieces: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if inner.tag in _BLOCKS or inner.tag == "br" or inner.tag in _CELLS:
                pieces.append(" ")
            if inner.text and inner.tag not in ("script", "style"):
                pieces.append(inner.text)
        else:
            if inner.tag in _BLOCKS or inner.tag in _CELLS:
                pieces.append(" ")
            if inner is not element and inner.tail:
                pieces.append(inner.tail)
    return " ".join("".join(pieces).split())


def text_without_links(element: Element, is_dropped: Callable[[str], bool] = lambda _: True) -> str:
    """Return the words of an element but those of its links that are dropped: all, or those with certain words."""
    return " ".join(texts_without_links(element, is_dropped))


def texts_without_links(element: Element, is_dropped: Callable[[str], bool] = lambda _: True) -> list[str]:
    """Return the same as the pieces between tags."""
    dropped = {link for link in element.iter("a") if is_dropped(text_of(link) if is_short(link) else "")}
    pieces: list[str] = []
    inside = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            inside += inner in dropped
            if not inside and inner.text and inner.tag not in ("script", "style"):
                pieces.append(inner.text)
        else:
            inside -= inner in dropped
            if not inside and inner is not element and inner.tail:
                pieces.append(inner.tail)
    return pieces


def is_address(text: str) -> bool:
    """Tell whether the words of a link are themselves an address, be it shortened."""
    return _ADDRESS.match(text) is not None and " " not in text.strip()


def is_short(element: Element) -> bool:
    """Tell whether an element can be one line: in hostile pages each holds all the others."""
    length = 0
    for inner in element.iter():
        length += len(inner.text or "") + len(inner.tail or "") + 1
        if length > _LONGEST_LINE:
            return False
    return True


def has_media(element: Element) -> bool:
    """Tell whether a picture, a film or the like stands in an element."""
    return any(inner.tag in MEDIA for inner in element.iter())


def inner_html(element: Element) -> str:
    """Return the HTML inside an element, without what belongs to the page's frame."""
    cut_out_all(every(element, named(*_SILENT)))
    pieces = [escape(element.text or "", quote=False)]
    pieces += [etree.tostring(inner, encoding="unicode", method="html") for inner in element]
    return "".join(pieces).strip()


def cut_out(element: Element) -> None:
    """Take an element out of its page; the text that follows it stays where it is."""
    cut_out_all((element,))


def cut_out_all(elements: Iterable[Element]) -> None:
    """Take elements, given in the order of the page, out of it; the text between them stays."""
    anchors: dict[Element, tuple[Element, bool]] = {}
    texts: dict[tuple[Element, bool], list[str]] = {}
    for element in elements:
        around, before = element.getparent(), element.getprevious()
        if around is None:
            continue
        place = (around, True) if before is None else anchors.get(before, (before, False))
        anchors[element] = place
        if element.tail:
            texts.setdefault(place, []).append(element.tail)
            element.tail = None
    # The innermost first, because lxml goes through all that is still in what it takes out.
    for element in reversed(anchors):
        around = element.getparent()
        if around is not None:
            around.remove(element)
    # Joined at the end: where thousands stand side by side, adding to one text each time would take for ever.
    for (anchor, is_inside), pieces in texts.items():
        if is_inside:
            anchor.text = (anchor.text or "") + "".join(pieces)
        else:
            anchor.tail = (anchor.tail or "") + "".join(pieces)


def line_of(element: Element) -> int | None:
    """Return the line where an element begins, counted from 1; None beyond what the parser counts."""
    line = element.sourceline
    return line if isinstance(line, int) and 0 < line < 2**31 else None


def is_only_button(element: Element) -> bool:
    """Tell whether nothing but "Reply", "Permalink" or the like stands in an element."""
    text = text_of(element)
    return bool(text) and is_button(text)
