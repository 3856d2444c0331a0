"""Commento exports (version 1), also as Comentario writes and reads them. Photos and links are never read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.transfer.reading.fields import (
    email,
    flag,
    markdown_or_html,
    member,
    moment,
    name,
    page,
    public_id,
    reference,
    score,
    text,
)
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.opening import halves, opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_NOBODY = ("anonymous", "0" * 64)
_UNKNOWN = ("", "")
_TAKEN_BACK = "[deleted]"
_STATES = {"approved": State.PUBLISHED, "unapproved": State.HELD, "flagged": State.HELD}


class Commento:
    """The export of a domain: its comments, then who wrote them."""

    name = "commento"
    title = "Commento export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with comments or people that have Commento's ids, or with nobody's."""
        shape = shape_of(head)
        return bool(shape & {"comments[].commentHex", "commenters[].commenterHex"}) or (
            {"version", "comments", "commenters"} <= shape and "pages" not in shape
        )

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read twice: who wrote, then the comments. A page comes before its first comment.

        Raises:
            Unreadable: if it isn't a Commento export of version 1, or is cut off.
        """
        first, second = halves(path, progress)
        people = _people(path, first)
        pages = Names()
        with opened(path, second) as source:
            for number, found in enumerate(values(source, "comments[]"), start=1):
                address = _address(found.value)
                if address not in pages:
                    pages.add(address)
                    yield page(address, address)
                yield from _comment(found.value, address, number, people)


IMPORTER: Importer = Commento()


def _people(path: Path, progress: Progress) -> Notes:
    """Return names and e-mails by id. This is what memory grows with: people, not comments."""
    version: Any = None
    people = Notes()
    with opened(path, progress) as source:
        for found in values(source, "version", "commenters[]"):
            if found.place == "version":
                version = found.value
            elif id := reference(member(found.value, "commenterHex")):
                people.add(id, name(member(found.value, "name")), email(member(found.value, "email")))
    if version != 1:
        raise Unreadable(f"Of Commento's exports version 1 can be read, not “{str(version)[:20]}”.")
    return people


def _address(comment: Any) -> str:
    host = text(member(comment, "host") or member(comment, "domain")).strip()
    path = text(member(comment, "path") or member(comment, "url")).strip()
    path = path if path.startswith("/") else f"/{path}"
    return f"https://{host}{path}" if host else path


def _comment(comment: Any, address: str, number: int, people: Notes) -> Iterator[Record]:
    source = reference(member(comment, "commentHex"))
    if not source:
        yield Problem(f"comment number {number}", "it has no id and can't be told from others")
        return
    where = f"comment {source}"
    created, no_date = moment(member(comment, "creationDate"), where)
    yield from no_date
    state = _state(comment)
    if state is None:
        yield Problem(where, f"is in a state that isn't known ({text(member(comment, 'state'))[:20]}); it waits")
        state = State.HELD
    parent, writer = reference(member(comment, "parentHex")), reference(member(comment, "commenterHex"))
    has_text = state is not State.DELETED
    is_somebody = has_text and bool(writer) and writer not in _NOBODY
    author, mailbox = (is_somebody and people.of(writer)) or _UNKNOWN
    body, markup = markdown_or_html(text(member(comment, "markdown")), text(member(comment, "html")))
    up, down = score(member(comment, "score"))
    yield SourceComment(
        source=source,
        story=address,
        parent=None if parent in ("", "root") else parent,
        author=author,
        author_source=public_id(writer) if author else None,
        body=body if has_text else "",
        markup=markup,
        created=created,
        state=state,
        lost=("author",) if is_somebody and not author else (),
        up=up,
        down=down,
        email=mailbox,
    )


def _state(comment: Any) -> State | None:
    # Commento's own exports leave the flag out. What it put in the place of the text is all that tells, and Comentario
    # goes by that, too.
    is_replaced = member(comment, "commenterHex") in _NOBODY and text(member(comment, "markdown")) == _TAKEN_BACK
    if is_replaced or flag(member(comment, "deleted")):
        return State.DELETED
    return _STATES.get(text(member(comment, "state")).strip() or "approved")
