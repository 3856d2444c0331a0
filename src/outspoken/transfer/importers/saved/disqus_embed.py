"""The frame in which Disqus shows a discussion: its data stand in a script, and are better than its markup."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs

from outspoken.discussion.state import State
from outspoken.transfer.importers.saved.elements import Element, every, find, has_class, line_of, named, text_of
from outspoken.transfer.importers.saved.found import Discussion, Found
from outspoken.transfer.importers.saved.fragments import fragment
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import FRAME, Parts, fill, read_parts, where
from outspoken.transfer.importers.saved.scripts import data_in
from outspoken.transfer.reading import fields
from outspoken.transfer.records import Problem

_ID = re.compile(r"post-(\d{1,19})")


def count(page: Page) -> int:
    """Return how many posts the frame holds."""
    data = _data(page)
    return len(_posts(data[1])) if data else sum(1 for _ in every(page.tree, _is_post))


def read(page: Page) -> Discussion:
    """Return the discussion, and the page it belongs to."""
    data = _data(page)
    if data is None:
        discussion = read_parts(page.tree, _PARTS, page.url)
        discussion.has_story = False
        return discussion
    script, value = data
    discussion = Discussion(has_story=False)
    by_id: dict[str, dict[str, Any]] = {}
    for post in _posts(value):
        id = fields.reference(post.get("id"))
        if not id or id in by_id:
            discussion.notes.append(Problem(where(line_of(script)), "a post without an id of its own was left out"))
        else:
            by_id[id] = post
    places: dict[str, int] = {}
    for id in _parents_first(by_id):
        comment, problems = _comment(by_id[id], id, line_of(script))
        comment.parent = places.get(fields.reference(by_id[id].get("parent")))
        places[id] = len(places)
        discussion.comments.append(comment)
        discussion.notes += problems
    _tell_thread(discussion, fields.member(fields.member(value, "response"), "thread"), page.url)
    discussion.notes += _not_all(value, line_of(script))
    return discussion


def _parents_first(posts: dict[str, dict[str, Any]]) -> list[str]:
    """Order posts, which come in any order: the latest first is common. Who replies in a circle begins it."""
    ordered: dict[str, None] = {}
    for id in posts:
        line: dict[str, None] = {}
        at = id
        while at in posts and at not in ordered and at not in line:
            line[at] = None
            at = fields.reference(posts[at].get("parent"))
        ordered.update(dict.fromkeys(reversed(line)))
    return list(ordered)


def _data(page: Page) -> tuple[Element, Any] | None:
    for script, value in data_in(page.tree, lambda element: element.get("id") == "disqus-threadData"):
        if _posts(value):
            return script, value
    return None


def _posts(value: Any) -> list[dict[str, Any]]:
    posts = fields.member(fields.member(value, "response"), "posts")
    return [post for post in posts if isinstance(post, dict)] if isinstance(posts, list) else []


def _comment(post: dict[str, Any], id: str, line: int | None) -> tuple[Found, tuple[Problem, ...]]:
    created, problems = fields.moment(post.get("createdAt"), f"post {id}")
    comment = Found(line, "", "", id=id, system="disqus", created=created)
    if fields.flag(post.get("isDeleted")) or fields.flag(post.get("isSpam")):
        comment.state = State.DELETED if fields.flag(post.get("isDeleted")) else State.SPAM
        return comment, problems
    if post.get("isApproved") is False:
        comment.state = State.HELD
    author = post.get("author")
    comment.author = fields.name(fields.member(author, "name"))
    account = fields.reference(fields.member(author, "username"))
    comment.author_source = account if account and "@" not in account else None
    comment.up, comment.down = fields.count(post.get("likes")), fields.count(post.get("dislikes"))
    fill(comment, fragment(fields.text(post.get("message")) + _media(post)), None)
    return comment, problems


def _media(post: dict[str, Any]) -> str:
    """Return links to the pictures and films of a post that its text doesn't name."""
    media = post.get("media")
    message = unescape(fields.text(post.get("message")))
    addresses = [fields.text(fields.member(one, "url")) for one in media] if isinstance(media, list) else []
    return "".join(
        f'<p><a href="{address}">{address}</a></p>'
        for address in dict.fromkeys(addresses)
        if re.fullmatch(r"(?:https?:)?//[^\s\"'<>&]{4,2000}", address) and address not in message
    )


def _tell_thread(discussion: Discussion, thread: Any, address: str | None) -> None:
    """Note which page the discussion belongs to; the frame's own address names it too."""
    link = fields.text(fields.member(thread, "link"))
    told = link or parse_qs((address or "").partition("#")[0].partition("?")[2]).get("t_u", [""])[0]
    discussion.url = told if told.startswith(("http://", "https://")) else None
    discussion.headline = unescape(fields.text(fields.member(thread, "clean_title")))
    identifiers = fields.member(thread, "identifiers")
    if isinstance(identifiers, list) and identifiers:
        discussion.identifier = fields.reference(identifiers[0]) or None
        # The plug-in for WordPress joins a number and an address.
        shown = re.search(r"https?://\S+$", discussion.identifier or "")
        discussion.also = shown[0] if shown else None


def _not_all(value: Any, line: int | None) -> Iterator[Problem]:
    cursor = fields.member(value, "cursor")
    total, here = fields.count(fields.member(cursor, "total")), len(_posts(value))
    if fields.flag(fields.member(cursor, "hasNext")) and total != here:
        yield Problem(where(line), f"the frame holds {here} comments of {total}; the others weren't loaded")


def _is_post(element: Element) -> bool:
    return element.tag == "li" and _ID.fullmatch(element.get("id") or "") is not None


def _number(element: Element) -> str:
    found = _ID.fullmatch(element.get("id") or "")
    return found[1] if found else ""


def _account(element: Element) -> str | None:
    link = find(element, lambda inner: inner.get("data-username") is not None)
    account = fields.reference(link.get("data-username")) if link is not None else ""
    return account if account and "@" not in account else None


_PARTS = Parts(
    is_comment=_is_post,
    author=(
        lambda element: element.get("data-role") == "username",
        lambda element: element.tag == "span" and has_class("author")(element),
    ),
    time=(has_class("time-ago"),),
    header=(named("header"),),
    body=(has_class("post-message"),),
    frame=(*FRAME, named("footer", "menu"), has_class("parent-link", "see-more", "post-media", "indicator")),
    id=_number,
    system="disqus",
    account=_account,
    is_deleted=lambda element: text_of(find(element, has_class("post-message"))) == "This comment was deleted.",
)
