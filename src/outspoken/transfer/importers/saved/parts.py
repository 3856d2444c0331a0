"""The parts of a comment that blog software marks with classes: whose it is, of when, and the text itself.

A comment is cut out of its page before it is read; so what stands in it is its own, and no reply's.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from outspoken.discussion.state import State
from outspoken.transfer.importers.flattened.words import (
    SAYS,
    is_heading,
    is_removed_by_author,
    is_removed_by_staff,
    is_tail,
)
from outspoken.transfer.importers.saved.elements import (
    MEDIA,
    Element,
    Test,
    classes,
    cut_out,
    cut_out_all,
    either,
    every,
    find,
    has_class,
    has_media,
    inner_html,
    is_address,
    line_of,
    named,
    text_of,
    text_without_links,
    texts_without_links,
)
from outspoken.transfer.importers.saved.found import Discussion, Found
from outspoken.transfer.importers.saved.links import restore_links
from outspoken.transfer.importers.saved.moments import moment_of
from outspoken.transfer.reading import fields
from outspoken.transfer.records import Problem, Skipped

_LONGEST_NAME = 200
_DEPTH = re.compile(r"depth-(\d{1,3})")
_NEAR = 4
"""How many elements around one are looked at: frames nest a few deep, hostile pages thousands."""
_SHOWN = 80
_LISTS = frozenset({"ol", "ul", "dl"})
_SHORT = 3
"""Words. A text so short beside a comment is the page's, as "Quote" or "#12" are."""
_WRAPPERS = frozenset({"div", "article", "section", "span", "table", "tbody", "tr", "td"})


def name_in(element: Element) -> str:
    """Return the name an element holds, freed of "says:" and of an e-mail address."""
    cut_out_all(every(element, has_class("says", "avatar")))
    name = text_of(element)
    if len(name) > _LONGEST_NAME:
        return ""
    says = SAYS.fullmatch(name)
    if says is not None and says["mark"]:
        name = says["name"].strip()
    return fields.name(name)


@dataclass(frozen=True, slots=True)
class Parts:
    """By what the parts of a comment are known; of several tests the first that finds something counts."""

    is_comment: Test
    author: tuple[Test, ...]
    time: tuple[Test, ...]
    body: tuple[Test, ...]
    """Where the text stands. If it stands nowhere by itself, it is what is left of the comment without the rest."""
    header: tuple[Test, ...] = ()
    """What holds author and time, and no text."""
    frame: tuple[Test, ...] = ()
    """Buttons, forms, counters."""
    replies: tuple[Test, ...] = ()
    """What holds the replies."""
    name: Callable[[Element], str] = name_in
    """How the name is read out of the author's element."""
    id: Callable[[Element], str] = lambda _: ""
    system: str = ""
    """The format whose exports name comments by the same ids."""
    account: Callable[[Element], str | None] = lambda _: None
    is_ping: Test = lambda _: False
    is_held: Test = lambda _: False
    is_deleted: Test = lambda _: False
    more: Callable[[Element, Found], None] = lambda _element, _comment: None
    """Reads what only this layout shows."""


FRAME = (
    named("script", "style", "form", "button", "noscript", "template", "select", "textarea"),
    has_class(
        *("reply", "comment-reply-link", "comment-actions", "edit-link", "comment-edit-link", "avatar", "voting"),
        *("comment-awaiting-moderation", "comment-permalink", "says", "screen-reader-text", "comment-reply", "share"),
        *("comment-footer", "comment__footer", "comment-like", "cld-like-dislike-wrap", "post-actions", "deleteform"),
    ),
)


def read_parts(tree: Element, parts: Parts, base: str | None) -> Discussion:
    """Return the discussion of a page whose comments have these parts. Its comments are cut out of the tree.

    `base` is the page's address, for links that are not whole.
    """
    elements, above = _comments_and_parents(tree, parts)
    discussion = Discussion()
    lists = dict.fromkeys(around for element in elements if (around := element.getparent()) is not None)
    cut_out_all(elements)
    _cut_out_empty(lists)
    places: dict[Element, int | None] = {}
    leftovers: list[tuple[int | None, str]] = []
    for element in elements:
        around = above.get(element)
        parent = None if around is None else places[around]
        if parts.is_ping(element):
            discussion.notes.append(Skipped("pingback", where(line_of(element))))
            places[element] = parent
            continue
        comment = _read(element, parts, base, leftovers)
        comment.parent = parent
        places[element] = len(discussion.comments)
        discussion.comments.append(comment)
    known = set(elements)
    leftovers += [
        (line_of(entry), text_of(entry))
        for around in lists
        if around.tag in _LISTS and around not in known
        for entry in around
        if not any(test(entry) for test in parts.frame)
    ]
    discussion.notes += left_out(leftovers)
    return discussion


def _cut_out_empty(lists: Iterable[Element]) -> None:
    """Take out the lists in which nothing is left, so that they aren't taken for a part of a text."""
    for around in reversed(list(lists)):
        if around.tag in _LISTS and len(around) == 0 and not (around.text or "").strip():
            cut_out(around)


def _comments_and_parents(tree: Element, parts: Parts) -> tuple[list[Element], dict[Element, Element]]:
    """Return the comments, and what each replies to: the comment around it, or the one that its list follows.

    Some themes close a comment too early, and its replies stand beside it; then a class may tell their depth.
    """
    found: list[Element] = []
    known: set[Element] = set()
    above: dict[Element, Element] = {}
    open_comments: list[Element] = []
    at_depth: dict[int, Element] = {}
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "end":
            if open_comments and open_comments[-1] is element:
                open_comments.pop()
        elif isinstance(element.tag, str) and parts.is_comment(element):
            depth = next((int(told[1]) for name in classes(element) if (told := _DEPTH.fullmatch(name))), 0)
            around = open_comments[-1] if open_comments else _beside(element, known, parts)
            if around is None and depth > 1:
                around = at_depth.get(depth - 1)
            if around is not None:
                above[element] = around
            at_depth[depth] = element
            found.append(element)
            known.add(element)
            open_comments.append(element)
    return found, above


def _beside(element: Element, known: set[Element], parts: Parts) -> Element | None:
    for outer in islice(element.iterancestors(), _NEAR):
        if any(test(outer) for test in parts.replies):
            before = outer.getprevious()
            if before is not None and before in known:
                return before
    return None


def _read(element: Element, parts: Parts, base: str | None, leftovers: list[tuple[int | None, str]]) -> Found:
    found = Found(
        line_of(element), "", "", id=parts.id(element), system=parts.system, author_source=parts.account(element)
    )
    if parts.is_held(element):
        found.state = State.HELD
    parts.more(element, found)
    if parts.is_deleted(element) or found.state is State.DELETED:
        found.state = State.DELETED
        return found
    author, time, body = find(element, *parts.author), find(element, *parts.time), find(element, *parts.body)
    found.created = moment_of(time)
    if body is not None:
        cut_out(body)
    if time is not None and author is not time:
        cut_out(time)
    found.author = parts.name(author) if author is not None else ""
    found.is_author_linked = author is not None and (author.tag == "a" or find(author, named("a")) is not None)
    if author is not None:
        cut_out(author)
    cut_out_all(every(element, either(*parts.header, *parts.frame)))
    if body is None:
        body = _unwrapped(element)
    else:
        cut_out_all(every(body, either(*parts.frame)))
        leftovers += [(found.line, " ".join(text.split())) for text in texts_without_links(element)]
    fill(found, body, base)
    return found


def fill(comment: Found, body: Element, base: str | None) -> None:
    """Give a comment the text that stands in `body`; what stands for a removed one is no text."""
    is_media_gone = restore_links(body, base)
    comment.text = text_of(body)
    if is_removed_by_author(comment.text) or is_removed_by_staff(comment.text):
        comment.state = State.DELETED if is_removed_by_author(comment.text) else State.REMOVED
        comment.text = ""
        return
    comment.text_without_addresses = text_without_links(body, is_address)
    comment.text_without_links = text_without_links(body)
    comment.links = sum(1 for _ in every(body, named("a", *MEDIA)))
    if comment.text or has_media(body):
        comment.body = inner_html(body)
    lost = [] if comment.author else ["author"]
    if not comment.body or (is_media_gone and not comment.text):
        lost.append("body")
    elif is_media_gone:
        lost.append("link")
    comment.lost = tuple(lost)


def _unwrapped(element: Element) -> Element:
    """Return the innermost element that holds all that is in `element`."""
    while len(element) == 1 and not (element.text or "").strip() and not (element[0].tail or "").strip():
        if element[0].tag not in _WRAPPERS:
            break
        element = element[0]
    return element


def left_out(leftovers: list[tuple[int | None, str]]) -> Iterator[Problem]:
    """Yield a Problem for each text beside the comments that stands there once. What is beside many is the page's."""
    times = Counter(_without_digits(text) for _, text in leftovers)
    for line, text in leftovers:
        if times[_without_digits(text)] == 1 and len(text.split()) > _SHORT and not (is_tail(text) or is_heading(text)):
            shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
            yield Problem(where(line), f"text at an unexpected place was left out: “{shown}”")


def where(line: int | None) -> str:
    """Return a place for the report."""
    return f"line {line}" if line else "the page"


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "", text)
