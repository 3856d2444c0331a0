"""Remark42 backups: a line about users and pages, then a line for each comment, usually gzipped.

Who voted, hashed addresses and pictures are never read. An author's id is taken over only where it was made from a
public account elsewhere: Remark42 also makes ids from e-mails, from chat accounts and from names.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.reading.fields import flag, kind_of_markdown, member, moment, name, page, reference, score, text
from outspoken.transfer.reading.json_lines import AfterFirstLine, FirstLine, values_by_line
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_PUBLIC_ACCOUNT = re.compile(r"(?:github|google|facebook|yandex|twitter|microsoft|patreon|discord|apple)_\w+")


class Remark42:
    """The backup that Remark42 makes nightly, and that its administrators can ask for."""

    name = "remark42"
    title = "Remark42 backup"

    def recognises(self, head: bytes) -> bool:
        """Tell whether the first line is Remark42's about users and pages."""
        shape = shape_of(head)
        return "version" in shape and ({"users", "posts"} <= shape or "users[].blocked.status" in shape)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream the comments line by line, a page before its first comment.

        Raises:
            Unreadable: if it isn't such a backup, is cut off, or is of another version.
        """
        closed = _closed_pages(path)
        pages = Names()
        with opened(path, progress) as source:
            for line, comment in values_by_line(AfterFirstLine(source)):
                address = text(member(member(comment, "locator"), "url")).strip()
                if not address:
                    yield Problem(f"line {line}", "a comment that names no page can't be placed")
                    continue
                if address not in pages:
                    pages.add(address)
                    yield page(address, address, text(member(comment, "title")), closed=address in closed)
                yield from _comment(comment, address, line)


IMPORTER: Importer = Remark42()


def _closed_pages(path: Path) -> frozenset[str]:
    """Read the first line, which may be of any length, for the pages that were closed."""
    version: Any = None
    closed = set()
    with opened(path, lambda _: None) as source:
        for found in values(FirstLine(source), "version", "posts[]"):
            if found.place == "version":
                version = found.value
            elif flag(member(found.value, "read_only")):
                closed.add(text(member(found.value, "url")).strip())
    if version != 1:
        raise Unreadable(f"The first line isn't that of a Remark42 backup of version 1, but “{str(version)[:20]}”.")
    return frozenset(closed)


def _comment(comment: Any, address: str, line: int) -> Iterator[Record]:
    source = reference(member(comment, "id"))
    if not source:
        yield Problem(f"line {line}", "a comment without id can't be told from others")
        return
    where = f"line {line}"
    created, no_date = moment(member(comment, "time"), where)
    edited, no_edit = moment(member(member(comment, "edit"), "time"), where)
    yield from no_date + no_edit
    is_deleted = flag(member(comment, "delete"))
    user = member(comment, "user")
    author, account = name(member(user, "name")), text(member(user, "id"))
    html, markdown = text(member(comment, "text")), text(member(comment, "orig"))
    up, down = _votes(comment)
    yield SourceComment(
        source=source,
        story=address,
        parent=reference(member(comment, "pid")) or None,
        author="" if is_deleted else author,
        author_source=account if not is_deleted and _PUBLIC_ACCOUNT.fullmatch(account) else None,
        body="" if is_deleted else html or markdown,
        markup=Markup.HTML if html else kind_of_markdown(markdown),
        created=created,
        edited=edited,
        state=State.DELETED if is_deleted else State.PUBLISHED,
        line=line,
        lost=() if author or is_deleted else ("author",),
        up=up,
        down=down,
    )


def _votes(comment: Any) -> tuple[int, int]:
    """Count the votes, or take the score where the votes aren't in the file."""
    votes = member(comment, "votes")
    if not isinstance(votes, dict) or not votes:
        return score(member(comment, "score"))
    up = sum(vote is True for vote in votes.values())
    return up, len(votes) - up
