"""What machines that read pages are told: the discussion as schema.org's `DiscussionForumPosting`, in JSON-LD."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from markupsafe import Markup

from outspoken.discussion.comment import Author, Comment, as_shown
from outspoken.discussion.thread import Thread
from outspoken.discussion.window import Branch, Window
from outspoken.pages import links
from outspoken.pages.comments import plain_text
from outspoken.pages.views import web_address

_ESCAPES = {
    b"<": b"\\u003c",
    b">": b"\\u003e",
    b"&": b"\\u0026",
    "\u2028".encode(): b"\\u2028",
    "\u2029".encode(): b"\\u2029",
}
"""What would end the block or a line of it, in UTF-8."""


def discussion_posting(base: str, thread: Thread, window: Window) -> Markup:
    """Return the content of a `<script type="application/ld+json">` with the story and the comments of a window."""
    story = thread.story
    address = links.absolute(base, links.thread(thread.id))
    posting = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "@id": address,
        "url": address,
        "headline": story.headline,
        "text": story.excerpt or story.headline,
        "datePublished": _time(story.published or thread.opened),
        "author": {"@type": "Organization", "name": story.attribution or thread.site},
        "commentCount": thread.comments,
        "comment": [_comment(base, thread.id, branch) for branch in window.branches],
    }
    if source := web_address(story.url):
        posting["isBasedOn"] = source
    # A data block isn't run, but the parser still looks for its end, and for comments, in the text.
    content = msgspec.json.encode(posting)
    for char, escape in _ESCAPES.items():
        content = content.replace(char, escape)
    return Markup(content.decode())  # noqa: S704


def _comment(base: str, thread_id: str, branch: Branch) -> dict[str, Any]:
    comment = as_shown(branch.comment)
    described: dict[str, Any] = {
        "@type": "Comment",
        "url": links.absolute(base, links.comment(thread_id, comment.number)),
        **_content(comment),
    }
    if branch.replies:
        described["comment"] = [_comment(base, thread_id, reply) for reply in branch.replies]
    return described


def _content(comment: Comment) -> dict[str, Any]:
    if comment.is_tombstone:
        return {"creativeWorkStatus": "Deleted"}
    content: dict[str, Any] = {
        "author": _person(comment.author),
        "text": plain_text(comment.body.html) if comment.body else "",
        "upvoteCount": comment.up,
        "downvoteCount": comment.down,
    }
    if comment.created:
        content["datePublished"] = _time(comment.created)
    if comment.edited:
        content["dateModified"] = _time(comment.edited)
    return content


def _person(author: Author | None) -> dict[str, str]:
    return {"@type": "Person", "name": author.name if author and author.name else "Anonymous"}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
