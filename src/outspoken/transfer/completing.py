"""What a record tells that the comment it is the same as has lost: a text, links in it, a date, a name. Pure."""

from outspoken.discussion.comment import Comment
from outspoken.discussion.state import State
from outspoken.store.completing import Completion
from outspoken.store.imports import Known
from outspoken.text.render import plain_text
from outspoken.transfer.preparing import body_of
from outspoken.transfer.records import SourceComment


def may_be_completed(known: Known) -> bool:
    """Tell whether anything is missing of a comment that is shown."""
    if known.state is not State.PUBLISHED or not known.job or known.origin is None:
        return False
    return known.created is None or bool(known.origin.lost)


def completion_of(comment: Comment, record: SourceComment) -> Completion | None:
    """Return what a record adds to a comment, None if that is nothing.

    A text takes the place of another only if it has links, which the other lost, and every word of the other in the
    same order. The author isn't numbered yet: `found` names it, and who writes it down knows the number.
    """
    if comment.origin is None or record.state is not State.PUBLISHED:
        return None
    lost = comment.origin.lost
    found: list[str] = []
    body = body_of(record)
    if body is not None and not _fits(comment, record, body.html):
        body = None
    if body is not None:
        found += ["body", "link"]
    if "author" in lost and comment.author is None and record.author:
        found.append("author")
    created = record.created if comment.created is None else None
    kept = tuple(what for what in found if what in lost)
    if not kept and created is None:
        return None
    return Completion(body=body, created=created, found=kept)


def _fits(comment: Comment, record: SourceComment, html: str) -> bool:
    """Tell whether a record's text may take the place of what is there."""
    lost = comment.origin.lost if comment.origin else ()
    there = comment.body.html if comment.body else ""
    if "body" in lost and not plain_text(there):
        return bool(plain_text(html)) and "body" not in record.lost
    if "link" not in lost or "<a " in there or "<a " not in html:
        return False
    words = iter(plain_text(html).casefold().split())
    # A shortened end ("…", ":") may have stood for the link itself.
    return all(any(_letters(word) == wanted for word in words) for wanted in _words(there))


def _words(html: str) -> list[str]:
    return [letters for word in plain_text(html).casefold().split() if (letters := _letters(word))]


def _letters(word: str) -> str:
    return "".join(char for char in word if char.isalnum())
