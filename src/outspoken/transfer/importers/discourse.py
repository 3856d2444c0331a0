"""Discourse's topics as its site gives them (`/t/….json`, best with `?print=true`): one topic, its posts by number."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.reading.fields import count, flag, member, moment, name, page, public_id, reference, text
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.opening import halves, opened
from outspoken.transfer.reading.ornaments import without_ornaments
from outspoken.transfer.records import Importer, Problem, Progress, Record, Skipped, SourceComment, Unreadable

_POSTS = "post_stream.posts[]"
_LIKE = 2
_LEFT_OUT = {3: "notice of the system", 4: "whisper among the staff"}


class Discourse:
    """A topic and its posts. The opening post is a comment, too: somebody wrote it."""

    name = "discourse"
    title = "Discourse topic (JSON)"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with a topic's posts, or with the list of their ids."""
        return bool(shape_of(head) & {"post_stream.posts[].post_number", "post_stream.stream[]"})

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read twice: the topic, whose name stands after its posts, then the posts.

        Raises:
            Unreadable: if it isn't a topic in JSON, or is cut off.
        """
        first, second = halves(path, progress)
        topic = _topic(path, first)
        yield page(topic.id, "/".join(filter(None, ("/t", topic.slug, topic.id))), topic.title, closed=topic.closed)
        here = 0
        with opened(path, second) as source:
            for found in values(source, _POSTS):
                here += 1
                yield from _post(found.value, topic.id, here)
        if here < topic.posts:
            lack = f"only {here} of its {topic.posts} posts are in the file; its address with ?print=true has more"
            yield Problem(f"topic {topic.id}", lack)


IMPORTER: Importer = Discourse()


@dataclass(slots=True)
class _Topic:
    id: str = ""
    slug: str = ""
    title: str = ""
    closed: bool = False
    posts: int = 0


def _topic(path: Path, progress: Progress) -> _Topic:
    topic = _Topic()
    with opened(path, progress) as source:
        for found in values(source, "id", "slug", "title", "closed", "archived", "post_stream.stream[]"):
            if found.place == "id":
                topic.id = reference(found.value)
            elif found.place == "slug":
                topic.slug = reference(found.value)
            elif found.place == "title":
                topic.title = text(found.value)
            elif found.place == "post_stream.stream[]":
                topic.posts += 1
            else:
                topic.closed = topic.closed or flag(found.value)
    if not topic.id:
        raise Unreadable("The file has no id of a topic: it isn't a topic of Discourse.")
    return topic


def _post(post: Any, topic: str, place: int) -> Iterator[Record]:
    number, kind = reference(member(post, "post_number")), count(member(post, "post_type"))
    where = f"post number {number or place}"
    if not number:
        yield Problem(f"post in place {place}", "it has no number and can't be told from others")
        return
    if kind in _LEFT_OUT:
        yield Skipped(_LEFT_OUT[kind], where)
        return
    created, no_date = moment(member(post, "created_at"), where)
    yield from no_date
    answered, state = reference(member(post, "reply_to_post_number")), _state(post)
    has_text = state in (State.PUBLISHED, State.HELD)
    account = name(member(post, "username"))
    yield SourceComment(
        source=f"{topic}/{number}",
        story=topic,
        parent=f"{topic}/{answered}" if answered else None,
        author=account if has_text else "",
        author_source=public_id(account) if has_text else None,
        body=without_ornaments(text(member(post, "cooked"))) if has_text else "",
        markup=Markup.HTML,
        created=created,
        state=state,
        lost=() if account or not has_text else ("author",),
        up=_likes(post),
    )


def _state(post: Any) -> State:
    if flag(member(post, "user_deleted")):
        return State.DELETED
    if member(post, "deleted_at"):
        return State.REMOVED
    return State.HELD if flag(member(post, "hidden")) else State.PUBLISHED


def _likes(post: Any) -> int:
    actions = member(post, "actions_summary")
    return sum(
        count(member(action, "count"))
        for action in (actions if isinstance(actions, list) else ())
        if member(action, "id") == _LIKE
    )
