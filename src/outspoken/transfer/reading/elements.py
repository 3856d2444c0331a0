"""Elements of XML, by local names alone: prefixes and namespaces are missing, misspelt or new in every other export."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from outspoken.transfer.reading.cutting import Cut, cut
from outspoken.transfer.reading.decoding import Text, encoding_of
from outspoken.transfer.reading.fields import LONGEST_REFERENCE
from outspoken.transfer.reading.opening import Source
from outspoken.transfer.records import Problem, Unreadable

_TOGETHER = 64
_TOGETHER_SIZE = 256 * 1024
"""Records, and characters in them, that are parsed at once."""
_PREFIXES = ("wp", "content", "excerpt", "dc", "dsq", "wfw", "atom", "thr", "gd", "app", "blogger", "media", "slash")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]*):[A-Za-z_]")
_NAMESPACE = re.compile(r'\sxmlns(?::[\w.-]+)?="[^"]*"')
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_STRAY = re.compile(r"&(#?\w{1,32};)?|<(?![A-Za-z_/!?])|\]\]>")
_KNOWN = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})


_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>", re.DOTALL)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")


def root_of(head: bytes) -> str:
    """Return the local name of the outermost element of a file that begins with `head`; empty if it isn't XML."""
    try:
        start = head.decode(encoding_of(head), "replace").lstrip("\ufeff")
    except Unreadable:
        return ""
    place = 0
    while skipped := _BEFORE_ROOT.match(start, place):
        place = skipped.end()
    found = _ROOT.match(start, place)
    return found[1] if found else ""


class Found(NamedTuple):
    """A record and its element."""

    record: Cut
    element: etree._Element


def elements(source: Source, root: str, records: Mapping[str, str | None]) -> Iterator[Found | Problem]:
    """Yield the records of an XML file as elements, as `cut` tells them apart; inner ones before what they lie in.

    Raises:
        Unreadable: as `cut` and `Text` do.
    """
    text = Text(source)
    parsing = Parsing()
    waiting: list[Cut] = []
    size = 0
    for found in cut(text, root, records):
        if isinstance(found, Problem):
            yield found
            continue
        waiting.append(found)
        size += len(found.text)
        if len(waiting) == _TOGETHER or size > _TOGETHER_SIZE:
            yield from parsing.all(waiting)
            waiting, size = [], 0
    yield from parsing.all(waiting)
    yield from text.problems()


class Parsing:
    """Parses records one after the other, the sound ones strictly and the others as well as can be."""

    def __init__(self) -> None:
        self._strict = _parser(recover=False)
        self._tolerant = _parser(recover=True)
        self._prefixes: dict[str, None] = dict.fromkeys(_PREFIXES)
        self._wrapping = self._wrapped()

    def all(self, records: Sequence[Cut]) -> Iterator[Found | Problem]:
        """Yield the elements of records that follow one another: parsed at once where all are sound, for speed."""
        try:
            parsed = etree.fromstring(self._document("".join(record.text for record in records)), self._strict)
        except etree.XMLSyntaxError:
            parsed = ()
        if len(parsed) == len(records):
            yield from map(Found, records, parsed)
            return
        for record in records:
            element, problems = self.element(record)
            yield from problems
            if element is not None:
                yield Found(record, element)

    def element(self, record: Cut) -> tuple[etree._Element | None, tuple[Problem, ...]]:
        """Return the element of a record, and a Problem where not all of it could be read; None if nothing could."""
        for text in self._attempts(record.text):
            try:
                return etree.fromstring(text, self._strict)[0], ()
            except (etree.XMLSyntaxError, IndexError):
                continue
        try:
            element = etree.fromstring(text, self._tolerant)[0]
        except (etree.XMLSyntaxError, IndexError, TypeError):
            return None, (Problem(f"line {record.line}", "isn't valid XML and couldn't be read"),)
        if all(fault.domain == etree.ErrorDomains.NAMESPACE for fault in self._tolerant.error_log):
            return element, ()
        return element, (Problem(f"line {record.line}", "isn't valid XML; what could be read of it was kept"),)

    def _attempts(self, text: str) -> Iterator[bytes]:
        """Yield the text of a record as it is, with its prefixes declared, and with stray signs escaped."""
        yield self._document(text)
        found = set(_PREFIX.findall(text)) - self._prefixes.keys() - {"xml", "xmlns"}
        if found and len(self._prefixes) < 100:
            self._prefixes |= dict.fromkeys(found)
            self._wrapping = self._wrapped()
            yield self._document(text)
        yield self._document(_mended(text))

    def _document(self, text: str) -> bytes:
        before, after = self._wrapping
        return before + text.encode() + after

    def _wrapped(self) -> tuple[bytes, bytes]:
        declared = " ".join(f'xmlns:{prefix}="urn:{prefix}"' for prefix in self._prefixes)
        return f"<r {declared}>".encode(), b"</r>"


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _mended(text: str) -> str:
    """Return `text` with what can't be markup escaped: a lone ampersand, `<` before a space, entities of HTML."""

    def escaped(stray: re.Match[str]) -> str:
        entity = stray[1]
        if entity is None:
            return html.escape(stray[0], quote=False)
        return stray[0] if entity in _KNOWN else html.escape(html.unescape(stray[0]), quote=False)

    pieces = _CDATA.split(text)
    return "".join(piece if index % 2 else _STRAY.sub(escaped, piece) for index, piece in enumerate(pieces))


@lru_cache(maxsize=1000)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]


def local(element: etree._Element) -> str:
    """Return the name without prefix and namespace."""
    return _local(element.tag)


def children(element: etree._Element) -> dict[str, etree._Element]:
    """Return the children by their names, the first of each."""
    return {_local(child.tag): child for child in reversed(element)}


def text(element: etree._Element | None) -> str:
    """Return the text of an element that holds nothing else, stripped; empty if there is no such element."""
    return "" if element is None else (element.text or "").strip()


def identity(element: etree._Element | None) -> str:
    """Return the id in an element, empty for what is longer than any."""
    found = text(element)
    return found if len(found) <= LONGEST_REFERENCE else ""


def line(element: etree._Element | None) -> str:
    """Return the text of an element on one line, with the entities that titles come with once too often decoded."""
    return " ".join(html.unescape(text(element)).split())


def inner(element: etree._Element | None) -> str:
    """Return the markup in an element: as CDATA, as escaped text, or (files made by scripts) as elements."""
    if element is None:
        return ""
    if not len(element):
        return element.text or ""
    within = "".join(_NAMESPACE.sub("", etree.tostring(part, encoding="unicode")) for part in element)
    return (element.text or "") + within


def attribute(element: etree._Element | None, name: str) -> str:
    """Return an attribute by its local name, stripped; empty if there is none."""
    if element is not None:
        for key, value in element.attrib.items():
            if str(key).rpartition("}")[2].rpartition(":")[2] == name:
                return str(value).strip()
    return ""
