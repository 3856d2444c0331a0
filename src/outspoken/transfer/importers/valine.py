"""Comments of the systems that keep them on LeanCloud or alike: Valine, Waline and Twikoo, in whichever wrapping.

Addresses, agents, hashes of e-mails, pictures, websites and who liked what are never read.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.text.urls import split_url
from outspoken.transfer.reading.fields import count, email, flag, kind_of_markdown, moment, name, page, reference, text
from outspoken.transfer.reading.json_records import plain, records
from outspoken.transfer.reading.json_values import shape_of
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment

_ARRAYS = ("results[]", "data.Comment[]", "[]")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_LONGEST_LIST = 100_000
_STATES = {"": State.PUBLISHED, "approved": State.PUBLISHED, "waiting": State.HELD, "spam": State.SPAM}


class Valine:
    """An array, `results` or lines of comments with `nick`, `comment` and `url`."""

    name = "valine"
    title = "Valine, Waline or Twikoo export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with comments that have their names for text, author and page."""
        shape = shape_of(head)
        return any(
            {f"{array}{dot}comment", f"{array}{dot}nick", f"{array}{dot}url"} <= shape
            for array, dot in (*((array, ".") for array in _ARRAYS), ("", ""))
        )

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream the comments, a page before its first comment.

        Raises:
            Unreadable: if it isn't JSON, or is cut off.
        """
        pages = Names()
        with opened(path, progress) as source:
            for number, (line, comment) in enumerate(records(source, *_ARRAYS), start=1):
                address = _address(comment)
                if not address:
                    yield Problem(_where(line, number), "a comment that names no page can't be placed")
                    continue
                if address not in pages:
                    pages.add(address)
                    yield page(address, address)
                yield from _comment(comment, address, line, number)


IMPORTER: Importer = Valine()


def _where(line: int | None, number: int) -> str:
    return f"comment number {number}" if line is None else f"line {line}"


def _address(comment: dict[str, Any]) -> str:
    """Return the page's address: whole, if the file has it and it agrees with the path."""
    path, whole = text(comment.get("url")).strip(), text(comment.get("href")).strip().partition("#")[0]
    try:
        agrees = whole.startswith(("http://", "https://")) and split_url(whole).path == split_url(path).path
    except ValueError:
        agrees = False
    return whole if agrees and path.startswith("/") else path


def _comment(comment: dict[str, Any], address: str, line: int | None, number: int) -> Iterator[Record]:
    source = reference(plain(comment.get("objectId") or comment.get("_id") or comment.get("id")))
    where = _where(line, number)
    if not source:
        yield Problem(where, "a comment without id can't be told from others")
        return
    written = comment.get("insertedAt") or comment.get("createdAt") or comment.get("created")
    created, no_date = moment(plain(written), where)
    yield from no_date
    state = _state(comment)
    has_text = state is not State.SPAM
    author, body = name(comment.get("nick")), text(comment.get("comment"))
    yield SourceComment(
        source=source,
        story=address,
        parent=reference(plain(comment.get("pid"))) or reference(plain(comment.get("rid"))) or None,
        author=author if has_text else "",
        body=body if has_text else "",
        markup=Markup.HTML if "status" not in comment and _TAG.search(body) else kind_of_markdown(body),
        created=created,
        state=state,
        line=line,
        lost=() if author or not has_text else ("author",),
        up=_likes(comment.get("like")),
        email=email(comment.get("mail")) if has_text else "",
    )


def _state(comment: dict[str, Any]) -> State:
    state = _STATES.get(text(comment.get("status")).strip(), State.HELD)
    # Twikoo marks what it found to be spam, and in the same way what only waits until somebody has looked at it.
    return State.HELD if state is State.PUBLISHED and flag(comment.get("isSpam")) else state


def _likes(value: Any) -> int:
    """Count the likes: a number, a list of who it was, or such a list as JSON within a text."""
    if isinstance(value, str) and value.startswith("[") and len(value) <= _LONGEST_LIST:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return 0
    return len(value) if isinstance(value, list) else count(plain(value))
