"""Comentario exports (version 3): pages, comments and people in one object. Websites are never read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.urls import split_url
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
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory, Unreadable

_NOBODY = "00000000-0000-0000-0000-000000000000"
_UNKNOWN = ("", "")
_KNOWN = frozenset({"version", "pages", "comments", "commenters"})


class Comentario:
    """The export of a domain. Pages are known by their path; the host is taken from the addresses of comments."""

    name = "comentario"
    title = "Comentario export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins as an export of Comentario does, of whichever version."""
        shape = shape_of(head)
        outermost = {place for place in shape if not {".", "["} & set(place)}
        is_alike = "version" in outermost and outermost <= _KNOWN
        return is_alike and ("comments[]" not in shape or "comments[].pageId" in shape)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read twice: pages and people, then the comments, of whose addresses the pages learn their host; pages that
        learn of none come last.

        Raises:
            Unreadable: if it isn't a Comentario export of version 3, or is cut off.
        """
        first, second = halves(path, progress)
        known = _known(path, first)
        with opened(path, second) as source:
            for number, found in enumerate(values(source, "comments[]"), start=1):
                yield from _page_of(found.value, known)
                yield from _comment(found.value, number, known.people)
        for id, *told in known.pages:
            if id not in known.hosted:
                yield _page(id, *told)


IMPORTER: Importer = Comentario()


@dataclass(slots=True)
class _Known:
    """What the first reading found, by id. This is what memory grows with: pages and people, not comments."""

    version: Any = None
    pages: Notes = field(default_factory=Notes)
    """Path, title, and something if it is closed."""
    hosted: Names = field(default_factory=Names)
    """Pages of which the whole address became known."""
    people: Notes = field(default_factory=Notes)
    """Names and e-mails."""


def _known(path: Path, progress: Progress) -> _Known:
    known = _Known()
    with opened(path, progress) as source:
        for found in values(source, "version", "pages[]", "commenters[]"):
            id = reference(member(found.value, "id"))
            if found.place == "version":
                known.version = found.value
            elif id and found.place == "pages[]":
                known.pages.add(
                    id,
                    text(member(found.value, "path")).strip() or "/",
                    text(member(found.value, "title")),
                    "closed" if flag(member(found.value, "isReadonly")) else "",
                )
            elif id:
                known.people.add(id, name(member(found.value, "name")), email(member(found.value, "email")))
    if known.version != 3:
        raise Unreadable(f"Of Comentario's exports version 3 can be read, not “{str(known.version)[:20]}”.")
    return known


def _page(id: str, path: str, title: str, closed: str) -> SourceStory:
    return page(id, path, title, closed=bool(closed))


def _page_of(comment: Any, known: _Known) -> Iterator[Record]:
    """Yield the page of a comment if the comment's own address, whose path is that of the page, is the first to tell
    its host."""
    id = reference(member(comment, "pageId"))
    told = known.pages.of(id)
    if told is None or id in known.hosted:
        return
    story = _page(id, *told)
    address = text(member(comment, "url")).strip().partition("#")[0]
    try:
        parts = split_url(address)
    except ValueError:
        return
    if parts.scheme in ("http", "https") and parts.netloc and (parts.path or "/") == story.identifier:
        known.hosted.add(id)
        yield replace(story, url=address, identifier=None)


def _comment(comment: Any, number: int, people: Notes) -> Iterator[Record]:
    source = reference(member(comment, "id"))
    if not source:
        yield Problem(f"comment number {number}", "it has no id and can't be told from others")
        return
    where = f"comment {source}"
    created, no_date = moment(member(comment, "createdTime"), where)
    edited, no_edit = moment(member(comment, "editedTime"), where)
    yield from no_date + no_edit
    state = _state(comment)
    has_text = state in (State.PUBLISHED, State.HELD)
    writer = reference(member(comment, "userCreated"))
    is_somebody = has_text and writer not in ("", _NOBODY)
    author, mailbox = (is_somebody and people.of(writer)) or _UNKNOWN
    author = author or name(member(comment, "authorName"))
    body, markup = markdown_or_html(text(member(comment, "markdown")), text(member(comment, "html")))
    up, down = score(member(comment, "score"))
    yield SourceComment(
        source=source,
        story=reference(member(comment, "pageId")),
        parent=reference(member(comment, "parentId")) or None,
        author=author if has_text else "",
        author_source=public_id(writer) if is_somebody and author else None,
        body=body if has_text else "",
        markup=markup,
        created=created,
        edited=edited,
        state=state,
        lost=("author",) if is_somebody and not author else (),
        up=up,
        down=down,
        email=mailbox,
    )


def _state(comment: Any) -> State:
    if flag(member(comment, "isDeleted")):
        return State.DELETED
    if flag(member(comment, "isPending")):
        return State.HELD
    # What has replies was shown before it was taken down; what has none is left out anyway.
    return State.PUBLISHED if member(comment, "isApproved") is not False else State.REMOVED
