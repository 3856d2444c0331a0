"""Isso's database, `comments.db`, read where it lies and never written to.

Addresses, websites and who voted are never read. Isso knows pages by their path; the host is in its settings.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from outspoken.store.foreign import Damaged, Foreign, foreign_database
from outspoken.transfer.reading.fields import count, email, kind_of_markdown, moment, name, page, reference, text
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_MAGIC = b"SQLite format 3\0"
_THREADS = ("id", "uri", "title")
_COMMENTS = ("id", "tid", "parent", "created", "modified", "mode", "text", "author", "likes", "dislikes")
_EMAIL = "email"
_STATES = {1: State.PUBLISHED, 2: State.HELD, 4: State.DELETED}


class IssoDatabase:
    """The SQLite file in which Isso keeps everything."""

    name = "isso"
    title = "Isso's database"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is a SQLite file with Isso's tables in its list."""
        return head.startswith(_MAGIC) and b"remote_addr" in head and b"voters" in head

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream pages, then comments, from the open file.

        Raises:
            Unreadable: if it isn't Isso's database, is damaged, or was copied while Isso wrote to it.
        """
        if not path.is_file():
            raise Unreadable(f"{path.name} isn't a file.")
        try:
            with foreign_database(path) as database:
                _refuse_others(database)
                yield from _pages(database)
                yield from _comments(database)
                if database.replaced:
                    yield Problem("the whole file", f"{database.replaced} texts aren't in UTF-8; some letters are lost")
        except Damaged as reason:
            raise Unreadable(f"The database can't be read: {reason}.") from reason
        progress(path.stat().st_size)


IMPORTER: Importer = IssoDatabase()


def _refuse_others(database: Foreign) -> None:
    for table, columns in (("threads", _THREADS), ("comments", _COMMENTS)):
        if missing := sorted(set(columns) - database.columns(table)):
            raise Unreadable(f"This isn't Isso's database: its table “{table}” has no “{missing[0]}”.")


def _pages(database: Foreign) -> Iterator[Record]:
    for id, uri, title in database.rows("threads", _THREADS):
        source = reference(id)
        if source:
            yield page(source, text(uri).strip(), text(title))


def _comments(database: Foreign) -> Iterator[Record]:
    columns = (*_COMMENTS, _EMAIL) if _EMAIL in database.columns("comments") else _COMMENTS
    for row in database.rows("comments", columns):
        yield from _comment(dict(zip(columns, row, strict=True)))


def _comment(row: dict[str, Any]) -> Iterator[Record]:
    source = reference(row["id"])
    if not source:
        yield Problem("table comments", "a comment without id can't be told from others")
        return
    where = f"comment {source}"
    created, no_date = moment(row["created"], where)
    edited, no_edit = moment(row["modified"], where)
    yield from no_date + no_edit
    state = _STATES.get(row["mode"], State.HELD)
    if row["mode"] not in _STATES:
        yield Problem(where, f"is in a state that isn't known ({text(row['mode'])[:20]}); it waits for a moderator")
    has_text, body = state is not State.DELETED, text(row["text"])
    yield SourceComment(
        source=source,
        story=reference(row["tid"]),
        parent=reference(row["parent"]) or None,
        author=name(row["author"]) if has_text else "",
        body=body if has_text else "",
        markup=kind_of_markdown(body),
        created=created,
        edited=edited,
        state=state,
        up=count(row["likes"]),
        down=count(row["dislikes"]),
        email=email(row.get(_EMAIL)) if has_text else "",
    )
