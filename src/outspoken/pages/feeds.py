"""Feeds in Atom: of a site (its newest stories and latest comments) and of a thread (its latest comments)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from outspoken.discussion.comment import Comment
from outspoken.discussion.thread import Site, Thread
from outspoken.pages import links
from outspoken.pages.translations import Language, language

CONTENT_TYPE = "application/atom+xml; charset=utf-8"

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS_BEGIN = "2026"
"""A tag URI names a year in which its authority held the name; it never changes, or every entry would look new."""


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    title: str
    at: datetime
    author: str
    html: str = ""
    text: str = ""


def thread_feed(base: str, site: Site, thread: Thread, comments: Sequence[Comment]) -> bytes:
    """Return the feed of a discussion; `comments` are its latest, newest first. Tombstones are left out."""
    spoken = language(site.language)
    entries = [_comment(spoken, thread, comment) for comment in comments if not comment.is_tombstone]
    return _feed(
        base,
        path=links.thread_feed(thread.id),
        page=links.thread(thread.id),
        title=f"{thread.story.headline} · {site.title}",
        at=thread.active or thread.opened,
        entries=entries,
        spoken=spoken,
    )


def site_feed(base: str, site: Site, stories: Sequence[Thread], latest: Sequence[tuple[Thread, Comment]]) -> bytes:
    """Return the feed of a site: newest stories and latest comments, by time. Tombstones are left out."""
    spoken = language(site.language)
    entries = [_story(spoken, site, thread) for thread in stories]
    entries += [_comment(spoken, thread, comment) for thread, comment in latest if not comment.is_tombstone]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return _feed(
        base,
        path=links.site_feed(site.name),
        page=links.site(site.name),
        title=site.title,
        # A feed has to name a time; one of no entries has seen nothing yet.
        at=entries[0].at if entries else datetime.fromtimestamp(0, UTC),
        entries=entries,
        spoken=spoken,
    )


def _story(spoken: Language, site: Site, thread: Thread) -> _Entry:
    story = thread.story
    return _Entry(
        path=links.thread(thread.id),
        title=story.headline or spoken.gettext("A discussion"),
        at=thread.opened,
        author=story.attribution or site.title,
        text=story.excerpt,
    )


def _comment(spoken: Language, thread: Thread, comment: Comment) -> _Entry:
    name = (comment.author.name if comment.author else "") or spoken.gettext("Anonymous")
    return _Entry(
        path=links.comment(thread.id, comment.number),
        title=spoken.gettext("%(name)s on %(headline)s") % {"name": name, "headline": thread.story.headline},
        at=comment.edited or comment.created or thread.opened,
        author=name,
        html=comment.body.html if comment.body else "",
    )


def _feed(
    base: str, *, path: str, page: str, title: str, at: datetime, entries: Sequence[_Entry], spoken: Language
) -> bytes:
    feed = etree.XML(f'<feed xmlns="{_ATOM}"/>')
    feed.set("{http://www.w3.org/XML/1998/namespace}lang", spoken.tag)
    _add(feed, "id", _id(base, path))
    _add(feed, "title", title)
    _add(feed, "updated", _time(at))
    _link(feed, links.absolute(base, path), "self", "application/atom+xml")
    _link(feed, links.absolute(base, page), "alternate", "text/html")
    for entry in entries:
        element = etree.SubElement(feed, _name("entry"))
        _add(element, "id", _id(base, entry.path))
        _add(element, "title", entry.title)
        _add(element, "updated", _time(entry.at))
        _add(etree.SubElement(element, _name("author")), "name", entry.author)
        _link(element, links.absolute(base, entry.path), "alternate", "text/html")
        if entry.html or entry.text:
            content = _add(element, "content", entry.html or entry.text)
            # As text of the element: whatever reads the feed unescapes it, nothing here can end the element.
            content.set("type", "html" if entry.html else "text")
    return bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _name(tag: str) -> str:
    return f"{{{_ATOM}}}{tag}"


def _add(parent: etree._Element, tag: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, _name(tag))
    element.text = _NOT_XML.sub("\ufffd", text)
    return element


def _link(parent: etree._Element, href: str, relation: str, content_type: str) -> None:
    etree.SubElement(parent, _name("link"), href=href, rel=relation, type=content_type)


def _id(base: str, path: str) -> str:
    authority = base.partition("://")[2].partition("/")[0].partition(":")[0]
    return f"tag:{authority},{_TAGS_BEGIN}:{path}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")
