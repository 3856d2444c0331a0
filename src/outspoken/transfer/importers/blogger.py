"""Blogger's backups: the classic feed of posts, comments, settings and template, and what Google Takeout gives.

What was taken back, removed or was spam leaves only its place. E-mail addresses and profiles' pictures are never read.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
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
from outspoken.transfer.reading.fields import LONGEST_REFERENCE, moment, name, reference
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.packed import files_for, is_zip_with
from outspoken.transfer.records import Importer, Problem, Progress, Record, Skipped, SourceComment, SourceStory

_SIGNS = re.compile(rb"schemas\.google\.com/blogger/|tag:blogger\.com,1999:blog-")
_RECORDS = {"entry": None}
_KIND = re.compile(r"/kind#(\w+)$")
_NUMBER = re.compile(r"(?:post-|page-|/)?(\d{1,40})$")
_POST_IN_FEED = re.compile(r"/feeds/\d+/(\d+)/comments/")
_PROFILE = re.compile(r"https?://(?:www\.)?blogger\.com/profile/(\d{1,40})/?$")
_STATES = {
    "": State.PUBLISHED,
    "LIVE": State.PUBLISHED,
    "PUBLISHED": State.PUBLISHED,
    "PENDING": State.HELD,
    "DRAFT": State.HELD,
    "SPAM": State.SPAM,
    "EMPTIED": State.DELETED,
    "DELETED": State.DELETED,
    "GHOSTED": State.REMOVED,
}
_NOBODY = "Anonymous"
_BY_ADMINISTRATOR = "administrator"


class Blogger:
    """The feed under Settings → Back up content, the `feed.atom` of Takeout or its zip, and a blog's public feeds."""

    name = "blogger"
    title = "Blogger backup"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is an Atom feed with Blogger's own names in it."""
        return root_of(head) == "feed" and _SIGNS.search(head.replace(b"\0", b"")) is not None

    def recognises_path(self, path: Path) -> bool:
        """Tell whether this is a zip that holds at least one such feed, as Takeout's does."""
        return is_zip_with(self, path)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream stories and comments; pages that are only named, with their address, come last.

        Raises:
            Unreadable: if a file isn't a feed, has a DOCTYPE, is cut off, or is a bomb; if a zip holds no such feed.
        """
        reading = _Reading()
        for file in files_for(self, path, progress):
            if isinstance(file, Skipped):
                yield file
                continue
            for found in elements(file, "feed", _RECORDS):
                if isinstance(found, Problem):
                    yield found
                else:
                    yield from reading.entry(found)
        yield from reading.pages_only_named()


IMPORTER: Importer = Blogger()


class _Entry(NamedTuple):
    """An entry of the feed, and the parts of it that decide what it is."""

    fields: dict[str, etree._Element]
    links: dict[str, str]
    """The first address of each relation."""
    properties: dict[str, str]
    kind: str
    number: str
    line: int


class _Reading:
    """What has to be remembered from one entry for the others."""

    def __init__(self) -> None:
        self._described = Names()
        self._hidden = Names()
        self._named = Notes()

    def entry(self, found: Found) -> Iterator[Record]:
        """Yield what an entry holds; settings and templates hold nothing."""
        entry = _entry(found)
        where = f"line {entry.line}"
        if entry.kind in ("post", "page"):
            if not entry.number:
                yield Problem(where, "a post without a number can't be joined to its comments")
            else:
                yield from self._post(entry)
        elif entry.kind == "comment":
            post = _post_of(entry)
            if not entry.number or not post:
                yield Problem(where, "a comment without a number, or on no post, can't be placed")
            else:
                yield from self._comment(entry, post)

    def _post(self, entry: _Entry) -> Iterator[Record]:
        fields = entry.fields
        self._described.add(entry.number)
        published, problems = moment(text(fields.get("published")), f"post {entry.number}")
        yield from problems
        is_public = _STATES.get(text(fields.get("status")).upper()) is State.PUBLISHED and not _is_draft(fields)
        if not is_public or text(fields.get("trashed")):
            self._hidden.add(entry.number)
        url = entry.links.get("alternate")
        yield SourceStory(
            source=entry.number,
            url=url,
            identifier=None if url else text(fields.get("filename")) or None,
            # Of a page that isn't shown to everybody not even the title is.
            headline=line(fields.get("title")) if entry.number not in self._hidden else "",
            published=published,
            closed=entry.number in self._hidden,
        )

    def _comment(self, entry: _Entry, post: str) -> Iterator[Record]:
        fields = entry.fields
        if post not in self._named:
            self._named.add(post, attribute(fields.get("in-reply-to"), "href"))
        where = f"comment {entry.number}"
        created, problems = moment(text(fields.get("published")), where)
        state, unknown = _state(entry, where)
        yield from (*problems, *unknown)
        if state is State.PUBLISHED and post in self._hidden:
            state = State.HELD
        is_there = state in (State.PUBLISHED, State.HELD)
        is_somebody = is_there and not _is_nobody(fields.get("author"))
        author, account = _author(fields.get("author")) if is_somebody else ("", None)
        yield SourceComment(
            source=entry.number,
            story=post,
            parent=_number(text(fields.get("inReplyTo")) or entry.links.get("related", "")) or None,
            author=author,
            author_source=account,
            body=inner(fields.get("content")) if is_there else "",
            markup=Markup.HTML,
            created=created,
            state=state,
            line=entry.line,
            lost=("author",) if is_somebody and not author else (),
        )

    def pages_only_named(self) -> Iterator[Record]:
        """Yield the pages that comments name, with an address, but that the file doesn't hold."""
        for post, address in self._named:
            if address and post not in self._described:
                yield SourceStory(source=post, url=address.partition("#")[0])


def _entry(found: Found) -> _Entry:
    fields = children(found.element)
    links: dict[str, str] = {}
    properties: dict[str, str] = {}
    kind = text(fields.get("type")).lower()
    for child in found.element:
        match local(child):
            case "link":
                links.setdefault(attribute(child, "rel"), attribute(child, "href"))
            case "category" if known := _KIND.search(attribute(child, "term")):
                kind = known[1]
            case "extendedProperty":
                properties[attribute(child, "name")] = attribute(child, "value")
    # A blog's public feeds don't say what an entry is.
    kind = kind or ("comment" if "in-reply-to" in fields else "post")
    return _Entry(fields, links, properties, kind, _number(text(fields.get("id"))), found.record.line)


def _post_of(entry: _Entry) -> str:
    """Return the number of the post that a comment stands under."""
    named = _number(text(entry.fields.get("parent"))) or _number(attribute(entry.fields.get("in-reply-to"), "ref"))
    if named:
        return named
    by_feed = _POST_IN_FEED.search(entry.links.get("self", "") or entry.links.get("edit", ""))
    return by_feed[1] if by_feed else ""


def _number(id: str) -> str:
    found = _NUMBER.search(id[-LONGEST_REFERENCE:])
    return reference(found[1]) if found else ""


def _state(entry: _Entry, where: str) -> tuple[State, tuple[Problem, ...]]:
    if entry.properties.get("blogger.contentRemoved") == "true":
        by_others = _BY_ADMINISTRATOR in inner(entry.fields.get("content"))
        return State.REMOVED if by_others else State.DELETED, ()
    if text(entry.fields.get("trashed")):
        return State.DELETED, ()
    written = text(entry.fields.get("status")).upper()
    if written not in _STATES:
        return State.HELD, (Problem(where, f"has the unknown status {written[:20]}; it waits for a moderator"),)
    if _is_draft(entry.fields):
        return State.HELD, ()
    return _STATES[written], ()


def _is_draft(fields: dict[str, etree._Element]) -> bool:
    control = fields.get("control")
    return control is not None and text(children(control).get("draft")) == "yes"


def _is_nobody(author: etree._Element | None) -> bool:
    """Tell whether a comment was written without a name: all of those would be one person's.

    Takeout also calls those anonymous that have a name and no account, and gives no account's address.
    """
    fields = {} if author is None else children(author)
    is_account = text(fields.get("uri")) or text(fields.get("type")).upper() not in ("", "ANONYMOUS")
    return text(fields.get("name")) == _NOBODY and not is_account


def _author(author: etree._Element | None) -> tuple[str, str | None]:
    """Return name and the number of the public profile."""
    if author is None:
        return "", None
    fields = children(author)
    profile = _PROFILE.match(text(fields.get("uri")))
    return name(text(fields.get("name"))), profile[1] if profile else None
