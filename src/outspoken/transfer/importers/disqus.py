"""Disqus XML exports, plain or gzipped, read in any order of records and with flat memory.

What a person took back and what was spam leave only their place: neither text nor author enters a record. IP
addresses are never read.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.reading.digests import Digests
from outspoken.transfer.reading.elements import Found, attribute, children, elements, inner, line, root_of, text
from outspoken.transfer.reading.fields import email, moment, name, reference
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory

_RECORDS = {"thread": None, "post": None}
_WORDPRESS_COMMENT = re.compile(r"wp_id=([1-9]\d*)")
_REDIRECT_HOST = "disq.us/"
_REDIRECT = re.compile(r"""(?<=href=["'])(?:https?:)?//disq\.us/url\?[^"'\s<>]*(?=["'])""", re.IGNORECASE)
_REDIRECT_MARK = re.compile(r":[A-Za-z0-9_-]{27}$")


class DisqusXml:
    """The export that Disqus sends by mail, and files made by scripts in its image."""

    name = "disqus"
    title = "Disqus XML export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether the root element is `disqus`, whatever stands before it and in whichever UTF."""
        return root_of(head) == "disqus"

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream stories and comments. Where posts stand before their thread, they come from a second reading.

        A post whose thread is nowhere in the file is a Problem: there is no page to put it under. The date of a
        thread (when its page first showed the embed) stands for the date of its story; there is no other.

        Raises:
            Unreadable: if the file isn't a Disqus export, has a DOCTYPE, is cut off, or is a bomb.
        """
        threads, deleted = Names(), Names()
        waiting = False
        digests = Digests()
        for found in _records(path, progress):
            if isinstance(found, Problem):
                yield found
            elif found.record.name == "thread":
                yield from _story(found, threads, deleted)
            else:
                post = _Post(found.element)
                source = _source(post, digests)
                if post.thread in threads:
                    yield from _comment(post, source, found.record.line, deleted)
                else:
                    waiting = True
        if waiting:
            yield from _late_comments(path, threads, deleted)


IMPORTER: Importer = DisqusXml()


def _late_comments(path: Path, threads: Names, deleted: Names) -> Iterator[Record]:
    """Read again for the posts that stood before their thread, or have none."""
    passed = Names()
    digests = Digests()
    for found in _records(path, lambda _: None):
        if isinstance(found, Problem):
            continue
        if found.record.name == "thread":
            passed.add(_thread_id(found.element, children(found.element)))
            continue
        post = _Post(found.element)
        source = _source(post, digests)
        if post.thread in passed:
            continue
        if post.thread in threads:
            yield from _comment(post, source, found.record.line, deleted)
        else:
            yield Problem(f"post {source}", f"its thread {post.thread or 'without id'} isn't in the file")


def _records(path: Path, progress: Progress) -> Iterator[Found | Problem]:
    with opened(path, progress) as source:
        yield from elements(source, "disqus", _RECORDS)


class _Post:
    """What a post says, as far as it may enter."""

    def __init__(self, element: etree._Element) -> None:
        fields = children(element)
        self.fields = fields
        self.id = reference(attribute(element, "id"))
        self.thread = _pointed_at(fields.get("thread"))
        self.parent = _pointed_at(fields.get("parent"))
        self.created = text(fields.get("createdAt"))
        self.state = _state(fields)
        is_there = self.state is State.PUBLISHED
        self.author, self.account, self.email = _author(fields.get("author")) if is_there else ("", None, "")
        self.message = inner(fields.get("message")) if is_there else ""


def _source(post: _Post, digests: Digests) -> str:
    """Return the id that the post has in every export: its own, or one made of what it says.

    Of a deleted or spam post only thread and date go into that: else it would tell whether somebody had said something.
    """
    if post.id:
        return post.id
    said = (post.parent, post.author, post.message) if post.state is State.PUBLISHED else ()
    return digests.id(post.thread, post.created, *said)


def _story(thread: Found, threads: Names, deleted: Names) -> Iterator[Record]:
    fields = children(thread.element)
    source = _thread_id(thread.element, fields)
    if not source:
        yield Problem(f"line {thread.record.line}", "a thread without id can't be joined to its posts")
        return
    threads.add(source)
    is_deleted = _flag(fields, "isDeleted")
    if is_deleted:
        deleted.add(source)
    created, problems = moment(text(fields.get("createdAt")), f"thread {source}")
    yield from problems
    yield SourceStory(
        source=source,
        url=text(fields.get("link")) or None,
        identifier=text(fields.get("id")) or None,
        headline=line(fields.get("title")),
        published=created,
        closed=is_deleted or _flag(fields, "isClosed"),
    )


def _comment(post: _Post, source: str, at: int, deleted: Names) -> Iterator[Record]:
    created, problems = moment(post.created, f"post {source}")
    yield from problems
    # Disqus deletes a thread without deleting its posts; nothing that was taken down may come into sight again.
    waits = post.state is State.PUBLISHED and post.thread in deleted
    yield SourceComment(
        source=source,
        story=post.thread,
        parent=post.parent or None,
        author=post.author,
        author_source=post.account,
        body=unwrapped(post.message),
        markup=Markup.HTML,
        created=created,
        state=State.HELD if waits else post.state,
        line=at,
        lost=() if post.author or post.state is not State.PUBLISHED else ("author",),
        same_as=_elsewhere(post),
        email=post.email,
    )


def _elsewhere(post: _Post) -> tuple[tuple[str, str], ...]:
    """Return where the same comment may have come from: WordPress, which Disqus took it from, or Disqus's own API."""
    known = _WORDPRESS_COMMENT.fullmatch(text(post.fields.get("id")))
    return (*((("wordpress", known[1]),) if known else ()), *((("disqus-json", post.id),) if post.id.isdigit() else ()))


def _state(fields: dict[str, etree._Element]) -> State:
    if _flag(fields, "isDeleted"):
        return State.DELETED
    return State.SPAM if _flag(fields, "isSpam") else State.PUBLISHED


def _author(author: etree._Element | None) -> tuple[str, str | None, str]:
    """Return name, public account and e-mail. Name and account may have been filled with one: that doesn't enter."""
    if author is None:
        return "", None, ""
    fields = children(author)
    account = text(fields.get("username"))
    is_public = account and "@" not in account
    return name(text(fields.get("name"))), account if is_public else None, email(text(fields.get("email")))


def unwrapped(message: str) -> str:
    """Return `message` with links through the vendor's redirect host leading where they say they lead."""
    if _REDIRECT_HOST not in message.lower():
        return message

    def target(link: re.Match[str]) -> str:
        wrapped = parse_qs(urlsplit(html.unescape(link[0])).query).get("url", [""])[0]
        plain = _REDIRECT_MARK.sub("", wrapped)
        return html.escape(plain) if plain.startswith(("http://", "https://")) else link[0]

    return _REDIRECT.sub(target, message)


def _thread_id(thread: etree._Element, fields: dict[str, etree._Element]) -> str:
    return reference(attribute(thread, "id")) or reference(text(fields.get("id")))


def _pointed_at(element: etree._Element | None) -> str:
    """Return the id that `thread` or `parent` points to: an attribute, or text as the vendor's manual has it."""
    return reference(attribute(element, "id") or text(element))


def _flag(fields: dict[str, etree._Element], named: str) -> bool:
    """Return a yes-or-no child. Missing means no: fixtures and old exports leave them out."""
    return text(fields.get(named)).lower() in ("true", "1")
