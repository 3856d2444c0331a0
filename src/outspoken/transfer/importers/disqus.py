"""Disqus XML exports, plain or gzipped, read in any order of records and with flat memory.

What a person took back and what was spam leave only their place: neither text nor author enters a record. E-mail and
IP addresses are never read.
"""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory, Unreadable

_BEFORE_ROOT = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>", re.DOTALL)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?disqus[\s/>]")
_BYTE_ORDER_MARK = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
_NAMESPACE = re.compile(r'\sxmlns(?::\w+)?="[^"]*"')
_E_MAIL = re.compile(r"[^\s@]{1,80}@[^\s@]{1,200}\.[^\s@]{1,40}")
_REDIRECT = re.compile(r"""(?<=href=["'])(?:https?:)?//disq\.us/url\?[^"'\s<>]*(?=["'])""", re.IGNORECASE)
_REDIRECT_MARK = re.compile(r":[A-Za-z0-9_-]{27}$")


class DisqusXml:
    """The export that Disqus sends by mail, and files made by scripts in its image."""

    name = "disqus"
    title = "Disqus XML export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether the root element is `disqus`, whatever stands before it and in whichever UTF."""
        plain = _BYTE_ORDER_MARK.sub(b"", head).replace(b"\0", b"")
        place = 0
        while skipped := _BEFORE_ROOT.match(plain, place):
            place = skipped.end()
        return _ROOT.match(plain, place) is not None

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream stories and comments. Where posts stand before their thread, they come from a second reading.

        A post whose thread is nowhere in the file is a Problem: there is no page to put it under. The date of a
        thread (when its page first showed the embed) stands for the date of its story; there is no other.

        Raises:
            Unreadable: if the file isn't a Disqus export, isn't XML, has a DOCTYPE, is cut off, or is a bomb.
        """
        threads: set[str] = set()
        waiting = False
        posts = _Posts()
        for element in _records(path, progress):
            if _local(element) == "thread":
                yield from _story(element, threads)
            elif _local(element) == "post":
                post = posts.number(element)
                if _reference(element, "thread") in threads:
                    yield from _comment(element, post)
                else:
                    waiting = True
        if waiting:
            yield from _late_comments(path, threads)


IMPORTER: Importer = DisqusXml()


def _late_comments(path: Path, threads: set[str]) -> Iterator[Record]:
    """Read again for the posts that stood before their thread, or have none."""
    passed: set[str] = set()
    posts = _Posts()
    for element in _records(path, lambda _: None):
        if _local(element) == "thread":
            passed.add(_thread_id(element))
        elif _local(element) == "post":
            post = posts.number(element)
            thread = _reference(element, "thread")
            if thread in passed:
                continue
            if thread in threads:
                yield from _comment(element, post)
            else:
                yield Problem(f"post {post}", f"its thread {thread or 'without id'} isn't in the file")


def _records(path: Path, progress: Progress) -> Iterator[etree._Element]:
    """Yield each child of the root when it is complete, then forget it."""
    with opened(path, progress) as source:
        context = etree.iterparse(
            source,
            events=("end",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = None
        try:
            for _, element in context:
                if root is None:
                    root = element.getroottree().getroot()
                    _refuse_other_roots(root)
                if element.getparent() is root:
                    yield element
                    element.clear()
                    _forget_before(element)
        except etree.XMLSyntaxError as fault:
            raise Unreadable(f"The file is cut off or isn't valid XML, at line {fault.lineno}.") from fault


def _forget_before(element: etree._Element) -> None:
    """Drop what precedes `element`. It has to stay itself: else the white space between records would run together
    into one text, which libxml2 refuses at 10 MB."""
    root = element.getparent()
    while root is not None and element.getprevious() is not None:
        del root[0]


def _refuse_other_roots(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("The file declares a DOCTYPE; no export has one, and entities can be used to do harm.")
    if _local(root) != "disqus":
        raise Unreadable(f"The file isn't a Disqus export: its outermost element is “{_local(root)[:40]}”.")


class _Posts:
    """Gives every post its source id, the same at every reading.

    That is `dsq:id`. A post without one is named by a digest of what it says, so that the same post in a later export
    is still the same; equal ones are counted. Of a deleted or spam post only thread and date go into the digest: even
    a digest would tell whether somebody had said a certain thing.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def number(self, post: etree._Element) -> str:
        given = _attribute_id(post)
        if given:
            return given
        said = [_reference(post, "thread"), _text(post, "createdAt")]
        if _state(post) is State.PUBLISHED:
            said += [_reference(post, "parent"), _author(post)[0], _markup(post, "message")]
        digest = hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        self._seen[digest] += 1
        return f"content-{digest}-{self._seen[digest]}"


def _story(thread: etree._Element, threads: set[str]) -> Iterator[Record]:
    source = _thread_id(thread)
    if not source:
        yield Problem(f"line {_line(thread)}", "a thread without id can't be joined to its posts")
        return
    threads.add(source)
    created, problem = _moment(thread, f"thread {source}")
    yield from problem
    yield SourceStory(
        source=source,
        url=_text(thread, "link") or None,
        identifier=_text(thread, "id") or None,
        # Titles come escaped once more than XML asks for.
        headline=" ".join(html.unescape(_text(thread, "title")).split()),
        published=created,
        closed=_flag(thread, "isClosed"),
    )


def _comment(post: etree._Element, source: str) -> Iterator[Record]:
    created, problem = _moment(post, f"post {source}")
    yield from problem
    state = _state(post)
    author, account = _author(post) if state is State.PUBLISHED else ("", None)
    yield SourceComment(
        source=source,
        story=_reference(post, "thread"),
        parent=_reference(post, "parent") or None,
        author=author,
        author_source=account,
        body=_unwrapped(_markup(post, "message")) if state is State.PUBLISHED else "",
        markup=Markup.HTML,
        created=created,
        state=state,
        line=_line(post),
        lost=() if author or state is not State.PUBLISHED else ("author",),
    )


def _state(post: etree._Element) -> State:
    if _flag(post, "isDeleted"):
        return State.DELETED
    return State.SPAM if _flag(post, "isSpam") else State.PUBLISHED


def _author(post: etree._Element) -> tuple[str, str | None]:
    """Return name and public account. Either may have been filled with an e-mail address: that doesn't enter."""
    author = _child(post, "author")
    if author is None:
        return "", None
    name, account = _text(author, "name"), _text(author, "username")
    return "" if _E_MAIL.fullmatch(name) else name, account if account and "@" not in account else None


def _unwrapped(message: str) -> str:
    """Return `message` with links through the vendor's redirect host leading where they say they lead."""

    def target(link: re.Match[str]) -> str:
        wrapped = parse_qs(urlsplit(html.unescape(link[0])).query).get("url", [""])[0]
        plain = _REDIRECT_MARK.sub("", wrapped)
        return html.escape(plain) if plain.startswith(("http://", "https://")) else link[0]

    return _REDIRECT.sub(target, message)


def _moment(record: etree._Element, where: str) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Return `createdAt` in UTC (also where no zone is given), or None and a Problem if there is no such day."""
    written = _text(record, "createdAt")
    if not written:
        return None, ()
    try:
        moment = datetime.fromisoformat(written)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)), ()
    except (ValueError, OverflowError):
        return None, (Problem(where, f"“{written[:40]}” isn't a date"),)


def _thread_id(thread: etree._Element) -> str:
    return _attribute_id(thread) or _text(thread, "id")


def _reference(post: etree._Element, to: str) -> str:
    """Return the id that `thread` or `parent` points to: an attribute, or text as the vendor's manual has it."""
    child = _child(post, to)
    return "" if child is None else _attribute_id(child) or (child.text or "").strip()


def _attribute_id(element: etree._Element) -> str:
    for name, value in element.attrib.items():
        if str(name).rpartition("}")[2] == "id":
            return str(value).strip()
    return ""


def _line(element: etree._Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None


def _flag(element: etree._Element, name: str) -> bool:
    """Return a yes-or-no child. Missing means no: fixtures and old exports leave them out."""
    return _text(element, name).lower() in ("true", "1")


def _text(element: etree._Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else (child.text or "").strip()


def _markup(element: etree._Element, name: str) -> str:
    """Return the HTML in a child: as CDATA, as escaped text, or (files made by scripts) as elements."""
    child = _child(element, name)
    if child is None:
        return ""
    inner = "".join(_NAMESPACE.sub("", etree.tostring(part, encoding="unicode")) for part in child)
    return (child.text or "") + inner


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next(element.iterchildren(f"{{*}}{name}"), None)


def _local(element: etree._Element) -> str:
    """Return the name without its namespace: files made by scripts leave it out or misspell it."""
    return str(element.tag).rpartition("}")[2]
