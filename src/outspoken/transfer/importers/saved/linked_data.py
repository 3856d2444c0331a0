"""Comments told to search engines in a script: JSON-LD with `DiscussionForumPosting`, `Article` or whatever has any."""

from collections.abc import Iterator
from typing import Any

from outspoken.discussion.state import State
from outspoken.transfer.importers.saved.elements import Element, line_of
from outspoken.transfer.importers.saved.found import Discussion, Found
from outspoken.transfer.importers.saved.fragments import fragment
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.parts import fill
from outspoken.transfer.importers.saved.scripts import data_in
from outspoken.transfer.reading import fields

_SAYING = frozenset({"text", "author", "comment", "creativeWorkStatus"})


def count(page: Page) -> int:
    """Return how many comments the scripts tell of."""
    return sum(1 for _ in _told(page))


def read(page: Page) -> Discussion:
    """Return the discussion. Its texts are plain: links are not told to search engines."""
    discussion = Discussion()
    for script, value, parent in _told(page):
        comment = _comment(value, line_of(script))
        comment.parent = parent
        discussion.comments.append(comment)
    for _, value in _scripts(page):
        for posting in _listed(fields.member(value, "@graph") or value):
            if _comments_of(posting):
                discussion.headline = discussion.headline or fields.text(fields.member(posting, "headline"))
    return discussion


def _scripts(page: Page) -> Iterator[tuple[Element, Any]]:
    return data_in(page.tree, lambda element: (element.get("type") or "").lower().startswith("application/ld+json"))


def _told(page: Page) -> Iterator[tuple[Element, dict[str, Any], int | None]]:
    """Yield each comment with the position of what it replies to; no recursion, however deep they are."""
    position = 0
    top: int | None = None
    waiting: list[tuple[dict[str, Any], int | None]]
    for script, value in _scripts(page):
        waiting = [
            (comment, top)
            for posting in _listed(fields.member(value, "@graph") or value)
            for comment in _comments_of(posting)
        ][::-1]
        while waiting:
            comment, parent = waiting.pop()
            yield script, comment, parent
            waiting += [(reply, position) for reply in reversed(_comments_of(comment))]
            position += 1


def _comments_of(value: Any) -> list[dict[str, Any]]:
    return [one for one in _listed(fields.member(value, "comment")) if not _SAYING.isdisjoint(one)]


def _listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _comment(value: dict[str, Any], line: int | None) -> Found:
    comment = Found(line, "", "")
    if fields.text(value.get("creativeWorkStatus")) == "Deleted":
        comment.state = State.DELETED
        return comment
    author = next(iter(_listed(value.get("author") or value.get("creator"))), None)
    comment.author = fields.name(fields.member(author, "name") or value.get("author"))
    comment.created, _ = fields.moment(value.get("datePublished") or value.get("dateCreated"), "")
    comment.edited, _ = fields.moment(value.get("dateModified"), "")
    comment.up, comment.down = fields.count(value.get("upvoteCount")), fields.count(value.get("downvoteCount"))
    fill(comment, fragment(fields.text(value.get("text"))), None)
    return comment
