"""Lists without any class that tells: an entry is a comment if a headline of blog software stands on top of it."""

from lxml import etree

from outspoken.transfer.importers.flattened.headlines import headline, is_namelike
from outspoken.transfer.importers.saved.elements import Element, classes, has_class, is_short, text_of
from outspoken.transfer.importers.saved.found import Discussion
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, read_parts

_HEAD = "outspoken-head"
_ENTRY = "outspoken-entry"
_INLINE = frozenset({"a", "span", "b", "strong", "em", "i", "cite", "small", "time", "abbr", "font", "bdi", "u"})
_BLOCKS = frozenset({"p", "div", "header", "h2", "h3", "h4", "h5", "h6", "dt", "address"})
_LONGEST = 200
_FEWEST = 2


def count(page: Page) -> int:
    """Return how many entries have a headline; a single one may be anything."""
    entries = _entries(page.tree)
    return len(entries) if len(entries) >= _FEWEST else 0


def read(page: Page) -> Discussion:
    """Return the discussion. Only what says "says" or tells a time counts as a headline: a bare name may be a text."""
    for entry in _entries(page.tree):
        _mark(entry)
    return read_parts(page.tree, _PARTS, page.url)


def _entries(tree: Element) -> list[Element]:
    found = []
    for entry in tree.iter("li"):
        head = headline(_top(entry)[0])
        if (head.says or head.timed) and len(head.author) <= _LONGEST and (not head.author or is_namelike(head.author)):
            found.append(entry)
    return found


def _top(entry: Element) -> tuple[str, list[Element]]:
    """Return the line on top of an entry, and the elements it consists of."""
    line, parts = entry.text or "", list[Element]()
    for inner in entry:
        if inner.tag in _BLOCKS and not line.strip():
            return text_of(inner) if is_short(inner) else "", [inner]
        if inner.tag not in _INLINE or len(line) > _LONGEST or not is_short(inner):
            break
        parts.append(inner)
        line += text_of(inner) + (inner.tail or "")
    return " ".join(line.split()), parts


def _mark(entry: Element) -> None:
    """Put an element around the headline, and a class on the entry."""
    _, parts = _top(entry)
    if len(parts) == 1 and parts[0].tag in _BLOCKS:
        head = parts[0]
    else:
        head = etree.Element("span")
        head.text, entry.text = entry.text, None
        entry.insert(0, head)
        for part in parts:
            head.append(part)
    head.set("class", " ".join([*classes(head), _HEAD]))
    entry.set("class", " ".join([*classes(entry), _ENTRY]))


def _name(element: Element) -> str:
    return headline(text_of(element)).author


_PARTS = Parts(
    is_comment=has_class(_ENTRY),
    author=(has_class(_HEAD),),
    name=_name,
    time=(has_class(_HEAD),),
    body=(),
    frame=FRAME,
)
