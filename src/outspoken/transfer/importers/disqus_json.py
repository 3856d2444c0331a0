"""What the API of Disqus answers, kept as JSON: posts and threads, as lists or answers, one or several or line by line.

Scripts made such files where Disqus refused an export, and they lie in saved pages. Text is HTML; where only the raw
message is there, that. IP addresses are never read, nor who voted.
"""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.importers.disqus import unwrapped
from outspoken.transfer.reading.fields import count, email, flag, member, moment, name, public_id, reference, text
from outspoken.transfer.reading.json_lines import values_by_line
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.opening import head_of, opened
from outspoken.transfer.reading.paragraphs import paragraphed
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory

_PLACES = ("[]", "response[]", "response.posts[]", "posts[]", "threads[]", "response.thread", "thread")
_POSTS = ("", *(f"{place}." for place in _PLACES[:4]), "[].response[].", "[].response.posts[].", "[].posts[].")
_SIGNS = (("raw_message", "forum"), ("raw_message", "thread"), ("isDeleted", "isSpam", "thread"))
_MOST_WITHIN = 8


class DisqusJson:
    """Posts as the API of Disqus gives them, with the threads they name."""

    name = "disqus-json"
    title = "Disqus posts in JSON"

    def recognises(self, head: bytes) -> bool:
        """Tell whether posts are where they may be, by members that no other system has together."""
        places = shape_of(head)
        return any(all(f"{place}{sign}" in places for sign in signs) for place in _POSTS for signs in _SIGNS)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream comments, and each story where it is described; stories that are only named come last.

        Raises:
            Unreadable: if it isn't JSON, is cut off, or a value in it is beyond bounds.
        """
        described = Names()
        named = Notes()
        is_by_line = not head_of(path).lstrip().startswith(b"[") and "createdAt" in shape_of(head_of(path))
        with opened(path, progress) as source:
            found = (
                (value for _, value in values_by_line(source))
                if is_by_line
                else (found.value for found in values(source, *_PLACES))
            )
            for value in found:
                for item in _items(value):
                    if "identifiers" in item or {"link", "title"} <= item.keys():
                        yield from _story(item, described)
                    elif "thread" in item:
                        yield from _post(item, described, named)
                    else:
                        yield Problem("an object", "is neither a post nor a thread of Disqus")
        for thread, forum in named:
            if thread not in described:
                # Nothing is known of the page but its number; a map can give it an address.
                yield SourceStory(source=thread, identifier=f"{forum}/{thread}" if forum else thread)


IMPORTER: Importer = DisqusJson()


def _items(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the posts and threads in what may be one of them, a list, or an answer of the API."""
    if isinstance(value, list) and depth < _MOST_WITHIN:
        for item in value:
            yield from _items(item, depth + 1)
    elif isinstance(value, dict):
        parts = [
            value[part]
            for part in ("thread", "threads", "posts", "response")
            if isinstance(value.get(part), list | dict)
        ]
        if parts and "createdAt" not in value and depth < _MOST_WITHIN:
            for part in parts:
                yield from _items(part, depth + 1)
        else:
            yield value


def _story(thread: dict[str, Any], described: Names) -> Iterator[Record]:
    source = reference(thread.get("id"))
    if not source or source in described:
        return
    described.add(source)
    created, problems = moment(thread.get("createdAt"), f"thread {source}")
    yield from problems
    identifiers = thread.get("identifiers")
    yield SourceStory(
        source=source,
        url=text(thread.get("link")).strip() or None,
        identifier=(text(identifiers[0]).strip() or None) if isinstance(identifiers, list) and identifiers else None,
        headline=" ".join(html.unescape(text(thread.get("clean_title") or thread.get("title"))).split()),
        published=created,
        closed=flag(thread.get("isClosed")),
    )


def _post(post: dict[str, Any], described: Names, named: Notes) -> Iterator[Record]:
    thread = post["thread"]
    if isinstance(thread, dict):
        yield from _story(thread, described)
        thread = thread.get("id")
    source, story = reference(post.get("id")), reference(thread)
    if not source or not story:
        yield Problem(f"post {source}" if source else "a post", "has no number of its own, or none of its thread")
        return
    if story not in named:
        named.add(story, reference(post.get("forum")))
    created, problems = moment(post.get("createdAt"), f"post {source}")
    yield from problems
    state = _state(post)
    is_there = state in (State.PUBLISHED, State.HELD)
    author, account = _author(post.get("author")) if is_there else ("", None)
    body = _body(post) if is_there else ""
    yield SourceComment(
        source=source,
        story=story,
        parent=reference(post.get("parent")) or None,
        author=author,
        author_source=account,
        body=body,
        markup=Markup.HTML,
        created=created,
        state=state,
        lost=() if author or not is_there else ("author",),
        up=count(post.get("likes")) if is_there else 0,
        down=count(post.get("dislikes")) if is_there else 0,
        same_as=(("disqus", source),),
        email=email(member(post.get("author"), "email")) if is_there else "",
    )


def _state(post: dict[str, Any]) -> State:
    if flag(post.get("isDeleted")):
        return State.DELETED
    if flag(post.get("isSpam")):
        return State.SPAM
    return State.HELD if post.get("isApproved") is False else State.PUBLISHED


def _author(author: Any) -> tuple[str, str | None]:
    """Return name and public account; either may be an e-mail address, and then doesn't enter."""
    return name(member(author, "name") or author), public_id(member(author, "username"))


def _body(post: dict[str, Any]) -> str:
    """Return the message, and a link to each picture or film that it doesn't name itself."""
    message = text(post.get("message")) or paragraphed(text(post.get("raw_message")))
    media = post.get("media")
    for medium in media if isinstance(media, list) else ():
        address = text(member(medium, "url"))
        if address.startswith("//"):
            address = f"https:{address}"
        written = html.escape(address)
        if address.startswith(("http://", "https://")) and address not in message and written not in message:
            message += f'<p><a href="{written}">{written}</a></p>'
    return unwrapped(message)
