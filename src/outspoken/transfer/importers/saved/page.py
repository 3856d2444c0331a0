"""A saved page as a tree: its encoding, where it was saved from and when, and what no page may be.

libxml2 builds the tree: it tells lines, and gives up at a depth no page has. What it does badly, tags with very many
attributes, is looked for before.
"""

import codecs
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from outspoken.transfer.importers.flattened.times import find_time
from outspoken.transfer.importers.saved.elements import Element
from outspoken.transfer.importers.saved.links import unarchived
from outspoken.transfer.records import Unreadable

LONGEST_PAGE = 32 * 1024**2
"""In bytes. A page is read as a whole; those saved with their pictures in them have some megabytes."""
MOST_TAGS = 300_000
MOST_ATTRIBUTES = 600_000
_MOST_IN_A_TAG = 1_000

_ATTRIBUTE = rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    rb"<(?:!--(?:-?>|.*?(?:--!?>|\Z))"
    rb"|(?:script|style)\b.*?(?:</(?:script|style)|\Z)"
    rb"|[a-z][^\s/>]*+(?P<attributes>(?:" + _ATTRIBUTE + rb")*+))",
    re.DOTALL | re.IGNORECASE,
)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]{1,8})|0*(\d{1,8}));?", re.IGNORECASE)
_MOST_CODE_POINTS = 0x110000
_HEAD = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LATIN = frozenset({"ascii", "iso8859-1"})
_TEXT_ENCODINGS = re.compile(r"(?:utf|iso8859|cp\d|koi8|gb|big5|euc|shift|iso2022|mac|tis|kz|ptcp|hz|johab)")
_SAVED_FROM = (
    re.compile(r"<!--\s*saved from url=\(\d+\)(?P<url>https?://\S{1,2000}?)\s*-->"),
    re.compile(
        r"<!--\s*Page saved with SingleFile\s+url:\s*(?P<url>https?://\S{1,2000})\s+saved date:\s*(?P<date>[^\n]{1,80})"
    ),
)
_ARCHIVED = re.compile(r"FILE ARCHIVED ON (?P<clock>\d\d:\d\d:\d\d) (?P<day>[A-Z][a-z]{2} \d\d, \d{4})")


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was saved, before anybody looked what is on it."""

    tree: Element
    text: str
    """Its source, for what stands in scripts."""
    name: str
    """What it is called where it has no headline: its file, without ending."""
    url: str | None
    """Where it was saved from, if the file or the archive around it tells."""
    saved: datetime | None
    """When, if it tells."""
    elements: tuple[Element, ...]
    """All of the tree. lxml, where nobody holds an element, makes it anew each time it is asked for, and looks all the
    way up from it each time it is let go: in deep pages that is most of the work."""
    is_foreign_encoding: bool = False
    """Whether it isn't in the encoding it declares."""


def page_of(
    content: bytes, name: str, *, charset: str | None = None, url: str | None = None, saved: datetime | None = None
) -> Page:
    """Read a page; `charset`, `url` and `saved` are what the archive around it tells.

    Raises:
        Unreadable: if it is no HTML, or longer, deeper or fuller than any page.
    """
    if len(content) > LONGEST_PAGE:
        raise Unreadable(f"The page is longer than {LONGEST_PAGE // 1024**2} MiB; no page is.")
    text, is_foreign = decoded(content, charset)
    encoded = text.encode("utf-8", "replace")
    _refuse_what_no_page_is(encoded)
    told_url, told_date = _told(text)
    tree = _tree(encoded)
    return Page(tree, text, name, url or told_url, saved or told_date, tuple(tree.iter()), is_foreign)


def decoded(content: bytes, charset: str | None = None) -> tuple[str, bool]:
    """Return the text of a page, and whether it isn't in the encoding that is declared.

    A byte order mark counts before the archive's word, that before the page's own; without any it is UTF-8 if it can
    be, else windows-1252, as which browsers also read what calls itself Latin-1.
    """
    for mark, marked in _MARKS:
        if content.startswith(mark):
            return without_control(content[len(mark) :].decode(marked, "replace")), False
    declared = _known_encoding(charset) or _declared(content[:_HEAD])
    is_foreign = False
    for encoding in (declared, "utf-8"):
        if encoding:
            try:
                # A head may end in the middle of a letter.
                return without_control(codecs.getincrementaldecoder(encoding)().decode(content)), is_foreign
            except (UnicodeDecodeError, LookupError):
                is_foreign = declared is not None
    return without_control(content.decode("windows-1252", "replace")), is_foreign


def _declared(head: bytes) -> str | None:
    found = _XML_ENCODING.search(head) or _DECLARED.search(head)
    return _known_encoding(found[1].decode("ascii")) if found else None


def _known_encoding(name: str | None) -> str | None:
    """Return the codec for `name`, None for what is no text encoding ("base64") or can't be where it was read."""
    if not name:
        return None
    try:
        known = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    if known in _LATIN:
        return "windows-1252"
    if known.startswith(("utf-16", "utf-32")):
        # The declaration itself was read as ASCII.
        return "utf-8"
    return known if _TEXT_ENCODINGS.match(known) else None


def without_control(text: str) -> str:
    """Return a text without what no tree can hold: control characters, written out or as references."""
    text = _NO_TEXT.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return _REFERENCE.sub(_kept_reference, text) if "&#" in text else text


def _kept_reference(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "\ufffd" if number < _MOST_CODE_POINTS and _NO_TEXT.match(chr(number)) else reference[0]


def _refuse_what_no_page_is(content: bytes) -> None:
    tags = attributes = 0
    for tag in _TAG.finditer(content):
        inside = tag["attributes"]
        if inside is None:
            continue
        tags += 1
        if inside:
            here = sum(1 for _ in _ATTRIBUTES.finditer(inside))
            attributes += here
            if here > _MOST_IN_A_TAG:
                raise Unreadable(f"The page has a tag with more than {_MOST_IN_A_TAG:,} attributes; no page has.")
        if tags > MOST_TAGS or attributes > MOST_ATTRIBUTES:
            raise Unreadable(f"The page has more than {MOST_TAGS:,} tags; no page has.")


def _tree(content: bytes) -> Element:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, recover=True
    )
    try:
        tree = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise Unreadable("The file isn't HTML that can be read.") from fault
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" or "xcessive depth" in entry.message for entry in parser.error_log):
        raise Unreadable("The page is nested deeper than any page.")
    if tree is None:
        raise Unreadable("The file isn't HTML that can be read.")
    return tree


def _told(text: str) -> tuple[str | None, datetime | None]:
    """Return the address and the day that the program or archive which saved the page wrote into it."""
    head, foot = text[:_HEAD], text[-_HEAD:]
    for pattern in _SAVED_FROM:
        found = pattern.search(head)
        if found:
            date = find_time(found["date"].partition("(")[0]) if "date" in pattern.groupindex else None
            return unarchived(found["url"]), date.moment if date else None
    archived = _ARCHIVED.search(foot) or _ARCHIVED.search(head)
    if archived:
        moment = datetime.strptime(f"{archived['day']} {archived['clock']}", "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
        return None, moment
    return None, None
