"""The API's answers: what of a thread and its comments is public, as JSON."""

from datetime import datetime

import msgspec

from outspoken.discussion.comment import Comment
from outspoken.discussion.state import State
from outspoken.discussion.thread import Thread
from outspoken.discussion.window import Branch, Window
from outspoken.text.markup import Markup


class StoryAnswer(msgspec.Struct, frozen=True):
    """What is discussed."""

    headline: str
    url: str | None
    attribution: str
    attribution_url: str | None
    excerpt: str
    published: str | None


class ThreadAnswer(msgspec.Struct, frozen=True):
    """A story's discussion."""

    id: str
    site: str
    story: StoryAnswer
    opening: str
    """`open`, `closed` (no new comments) or `read-only`."""
    comments: int
    version: int
    """Counts every change that readers can see."""


class MoreAnswer(msgspec.Struct, frozen=True):
    """Replies that are not in this answer."""

    count: int
    after: str | None
    """Cursor for `after`, together with `parent`; null begins with the first reply."""


class CommentAnswer(msgspec.Struct, frozen=True):
    """A comment; of a tombstone, only its place."""

    number: int
    parent: int | None
    depth: int
    state: str
    author: str | None
    html: str | None
    source: str | None
    """As it was written here, in Markdown; null for what was imported, whose source may be anything."""
    created: str | None
    edited: str | None
    up: int
    down: int
    replies: int
    more: MoreAnswer | None


class CommentsAnswer(msgspec.Struct, frozen=True):
    """A window of a thread in reading order."""

    thread: str
    sort: str
    comments: list[CommentAnswer]
    before: str | None
    after: str | None


class CountsAnswer(msgspec.Struct, frozen=True):
    """How many comments several pages have."""

    counts: dict[str, int]
    """By the address of each page as it was asked."""


class PostedAnswer(msgspec.Struct, frozen=True):
    """What became of a comment that was sent."""

    thread: str
    number: int
    state: str
    reason: str | None
    """Why it is held, if it is."""
    is_duplicate: bool
    code: str | None
    """The key to edit or delete it, shown this once; null for a duplicate."""


encode = msgspec.json.Encoder().encode

_PUBLIC_STATES = {
    State.PUBLISHED: State.PUBLISHED,
    State.DELETED: State.DELETED,
    State.HELD: State.HELD,
    State.REMOVED: State.REMOVED,
    # How the moderators arrived at it is not for everybody.
    State.REJECTED: State.REMOVED,
    State.SPAM: State.REMOVED,
}


def thread_answer(thread: Thread) -> ThreadAnswer:
    """Return what is public of a thread."""
    story = thread.story
    return ThreadAnswer(
        id=thread.id,
        site=thread.site,
        story=StoryAnswer(
            headline=story.headline,
            url=story.url,
            attribution=story.attribution,
            attribution_url=story.attribution_url,
            excerpt=story.excerpt,
            published=_time(story.published),
        ),
        opening=thread.opening.value,
        comments=thread.comments,
        version=thread.version,
    )


def comments_answer(thread: Thread, window: Window) -> CommentsAnswer:
    """Return a window, its comments one after another."""
    found: list[CommentAnswer] = []
    waiting = list(reversed(window.branches))
    while waiting:
        branch = waiting.pop()
        found.append(_in_window(branch))
        waiting.extend(reversed(branch.replies))
    return CommentsAnswer(
        thread=thread.id,
        sort=window.sort.value,
        comments=found,
        before=str(window.before) if window.before else None,
        after=str(window.after) if window.after else None,
    )


def comment_answer(comment: Comment, more: MoreAnswer | None = None) -> CommentAnswer:
    """Return what is public of a comment that went through `as_shown`."""
    return CommentAnswer(
        number=comment.number,
        parent=comment.parent or None,
        depth=comment.depth,
        state=_PUBLIC_STATES[comment.state].value,
        author=comment.author.name if comment.author else None,
        html=comment.body.html if comment.body else None,
        source=comment.body.source if comment.body and comment.body.markup == Markup.MARKDOWN else None,
        created=_time(comment.created),
        edited=_time(comment.edited),
        up=comment.up,
        down=comment.down,
        replies=comment.replies,
        more=more,
    )


def _in_window(branch: Branch) -> CommentAnswer:
    more = MoreAnswer(branch.hidden, str(branch.after) if branch.after else None) if branch.hidden else None
    return comment_answer(branch.comment, more)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%MZ")
