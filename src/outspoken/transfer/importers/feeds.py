"""Feeds of comments: RSS of every version, and Atom, whose threading extension also tells what replies to what.

A feed mostly holds the latest comments only, so several of them, taken one after the other, add up. E-mail addresses
and links of names are never read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from lxml import etree

from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.reading.digests import Digests
from outspoken.transfer.reading.elements import (
    Found,
    attribute,
    children,
    elements,
    inner,
    line,
    local,
    root_of,
    text,
)
from outspoken.transfer.reading.fields import moment, name
from outspoken.transfer.reading.opening import Peeked, opened
from outspoken.transfer.reading.ornaments import without_ornaments
from outspoken.transfer.reading.paragraphs import paragraphed
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory, Unreadable

_RECORDS = {
    "feed": {"entry": None, "title": None},
    "rss": {"item": None, "title": None, "link": None},
    "RDF": {"item": None},
}
ROOTS = frozenset(_RECORDS)
"""What the outermost element of a feed is called, be it of comments or not."""
_THREADED = re.compile(rb"<(?:[\w.-]+:)?in-reply-to\s")
_LEADS_TO_COMMENT = re.compile(
    rb"<(?:link|guid)\b[^<>]{0,200}?(?:>[^<#]{0,2000}|href=[\"'][^<>\"'#]{0,2000})#[\w-]{0,40}\d", re.IGNORECASE
)
_SAYS_COMMENTS = re.compile(rb"<title\b[^<>]*>\s*(?:<!\[CDATA\[)?\s*(?:Comments? (?:on|for)\b|By: )")
_WORDPRESS = re.compile(rb"<generator\b[^<>]*>[^<]*wordpress", re.IGNORECASE)
_COMMENT_OF_WORDPRESS = re.compile(r"#comment-([1-9]\d{0,19})$")
_TITLE_OF_ALL = re.compile(r"Comments on: (.+)")
_TITLE_OF_ONE = re.compile(r"Comment on (.+) by (.+)")
_BY = re.compile(r"By: (.+)")
_YEAR_BEFORE_1000 = re.compile(r"\s(?:0\d{3}|\d{3}|\d)\s+\d{1,2}:")
"""Of the zero of some systems; the rules for e-mails would take the year 0001 for 2001."""
_IN_BRACKETS = re.compile(r"\s*\((.*)\)\s*")
_NOBODY = "–"
"""What a feed says where it must name somebody and can't."""


class Feeds:
    """A page's or a site's feed of comments."""

    name = "feed"
    title = "RSS or Atom feed of comments"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is a feed whose entries reply to something, or lead to comments, or are called so."""
        start = head.replace(b"\0", b"")
        signs = (_THREADED, _LEADS_TO_COMMENT, _SAYS_COMMENTS)
        return root_of(head) in ROOTS and any(sign.search(start) for sign in signs)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read once to learn what replies to what, then stream comments; stories come where they are first named.

        Raises:
            Unreadable: if the file isn't a feed, has a DOCTYPE, is cut off, or is a bomb.
        """
        tree = _Tree()
        for entry in _entries(path, progress):
            if isinstance(entry, _Entry):
                tree.learn(entry)
        told = Names()
        for entry in _entries(path, lambda _: None):
            if isinstance(entry, Problem):
                yield entry
            elif entry.id in tree.stories and not entry.ref:
                told.add(entry.id)
                yield SourceStory(source=entry.id, url=entry.page or None, headline=entry.title)
            else:
                page = tree.page_of(entry)
                if page not in told and page not in tree.stories:
                    told.add(page)
                    yield SourceStory(source=page, url=entry.page or None, headline=entry.headline)
                yield from _comment(entry, page, tree)


IMPORTER: Importer = Feeds()


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry or item, be it a comment or what is discussed."""

    fields: dict[str, etree._Element]
    id: str
    ref: str
    """Id of what it replies to."""
    link: str
    page: str
    """Address of the page it stands on, as far as it tells."""
    leads_within: bool
    """Whether what it replies to is said to be a place within its page."""
    title: str
    headline: str
    """What the page is called."""
    line: int
    is_from_wordpress: bool


class _Tree:
    """What replies to what."""

    def __init__(self) -> None:
        self.stories: set[str] = set()
        self._above: dict[str, str] = {}
        """What each comment replies to, empty where it doesn't say so."""
        self._is_threaded = False
        self._tops: dict[str, str] = {}
        self._loose: set[str] = set()
        self._pages: set[str] = set()
        """Addresses of what is discussed."""

    def learn(self, entry: _Entry) -> None:
        """Note an entry. In a feed that tells what replies to what, that which replies to nothing is what is discussed.

        Unless it leads to a place within a page: then it is a comment of which only that isn't told.
        """
        if entry.ref or entry.link.partition("#")[2]:
            self._above.setdefault(entry.id, entry.ref)
        else:
            self._loose.add(entry.id)
            self._pages.add(entry.page)
        self._is_threaded |= bool(entry.ref)
        if self._is_threaded:
            self.stories |= self._loose
            self._loose = set()

    def parent_of(self, entry: _Entry) -> str | None:
        """Return the comment that an entry replies to, None if that is what is discussed.

        A feed has the latest comments only: what isn't in it is a comment if it is said to be one, or if what is
        discussed is in it and is something else.
        """
        if entry.ref in self._above:
            return entry.ref
        is_elsewhere = entry.leads_within or (bool(entry.page) and entry.page in self._pages)
        return entry.ref if entry.ref and entry.ref not in self.stories and is_elsewhere else None

    def page_of(self, entry: _Entry) -> str:
        """Return what the whole discussion replies to: a story's id, else its address, else the id that is named."""
        top = self._top(entry.id)
        return top if top in self.stories else entry.page or top or "the feed"

    def _top(self, id: str) -> str:
        way: dict[str, None] = {}
        while id in self._above and id not in way and id not in self._tops:
            way[id] = None
            id = self._above[id]
        top = self._tops.get(id, "" if id in way else id)
        # A long line of replies is walked once and not by each of them.
        self._tops |= dict.fromkeys(way, top)
        return top


def _entries(path: Path, progress: Progress) -> Iterator[_Entry | Problem]:
    with opened(path, progress) as source:
        peeked = Peeked(source)
        root = root_of(peeked.head)
        if root not in _RECORDS:
            raise Unreadable(f"{path.name} isn't a feed.")
        is_from_wordpress = _WORDPRESS.search(peeked.head.replace(b"\0", b"")) is not None
        digests = Digests()
        title = page = ""
        for found in elements(peeked, root, _RECORDS[root]):
            if isinstance(found, Problem):
                yield found
            elif found.record.name == "title":
                title = title or line(found.element)
            elif found.record.name == "link":
                page = page or text(found.element)
            else:
                yield _entry(found, title, page, digests, is_from_wordpress=is_from_wordpress)


def _entry(found: Found, of_all: str, page: str, digests: Digests, *, is_from_wordpress: bool) -> _Entry:
    fields = children(found.element)
    replied = fields.get("in-reply-to")
    ref = attribute(replied, "ref") or text(replied)
    id = text(fields.get("id")) or text(fields.get("guid")) or attribute(found.element, "about")
    link = _link(found.element) or (id if id.startswith(("http://", "https://")) else "")
    own = line(fields.get("title"))
    headline = _TITLE_OF_ALL.fullmatch(of_all) or _TITLE_OF_ONE.fullmatch(own)
    return _Entry(
        fields=fields,
        id=id
        or link
        or digests.id(of_all, own, _when(fields, ("published", "pubDate", "date")), inner(_content(fields))),
        ref=ref,
        link=link,
        page=(link or attribute(replied, "href") or page).partition("#")[0],
        leads_within="#" in attribute(replied, "href"),
        title=own,
        headline=headline[1] if headline else "",
        line=found.record.line,
        is_from_wordpress=is_from_wordpress,
    )


def _link(element: etree._Element) -> str:
    """Return where an entry is shown: the text of RSS's `link`, or Atom's alternate one."""
    for child in element:
        if local(child) == "link" and attribute(child, "rel") in ("", "alternate"):
            return text(child) or attribute(child, "href")
    return ""


def _comment(entry: _Entry, page: str, tree: _Tree) -> Iterator[Record]:
    where = f"line {entry.line}"
    created, problems = _moment(_when(entry.fields, ("published", "pubDate", "date", "updated")), where)
    edited, _ = _moment(_when(entry.fields, ("updated",)), where)
    yield from problems
    author = _author(entry)
    body, markup = _body(entry.fields)
    known = _COMMENT_OF_WORDPRESS.search(entry.link) if entry.is_from_wordpress else None
    yield SourceComment(
        source=entry.id,
        story=page,
        parent=tree.parent_of(entry),
        author=author,
        body=body,
        markup=markup,
        created=created,
        line=entry.line,
        lost=() if author else ("author",),
        edited=edited if edited and created and edited > created else None,
        same_as=(("wordpress", known[1]),) if known else (),
    )


def _author(entry: _Entry) -> str:
    """Return who wrote it: Atom's author, Dublin Core's, RSS's (an address, the name in brackets), or the title's."""
    author = entry.fields.get("author")
    if author is not None and len(author):
        written = text(children(author).get("name"))
    else:
        written = line(entry.fields.get("creator")) or text(author)
    by = _BY.fullmatch(entry.title)
    found = name(written) or (name(by[1]) if by else "")
    brackets = _IN_BRACKETS.fullmatch(found)
    found = brackets[1] if brackets else found
    return "" if found == _NOBODY else found


def _content(fields: dict[str, etree._Element]) -> etree._Element | None:
    for field in ("encoded", "content", "description", "summary"):
        if field in fields and (fields[field].text or len(fields[field])):
            return fields[field]
    return None


def _body(fields: dict[str, etree._Element]) -> tuple[str, Markup]:
    content = _content(fields)
    if content is None:
        return "", Markup.HTML
    written = inner(content).strip()
    if attribute(content, "type") == "text":
        return written, Markup.TEXT
    return without_ornaments(written) if "<" in written else paragraphed(written), Markup.HTML


def _when(fields: dict[str, etree._Element], names: tuple[str, ...]) -> str:
    return next((text(fields[field]) for field in names if field in fields), "")


def _moment(written: str, where: str) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Return a date in UTC, from the form of e-mails or of ISO 8601."""
    try:
        is_in_our_time = not _YEAR_BEFORE_1000.search(written)
        return moment(parsedate_to_datetime(written).isoformat() if is_in_our_time else written, where)
    except (ValueError, OverflowError):
        return moment(written, where)
