"""How a comment is read: the one select that everything uses, and the way from its row to the domain."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Author, Comment, Origin, Quotation
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store.sealing import unseal
from outspoken.store.tables import authors, bodies, comments, keys

Row = sa.Row[Any]

_MOST_AT_ONCE = 128


def whole(found: sa.FromClause) -> sa.Select[Any]:
    """Select comments with their authors and texts; every join is a look-up by primary key."""
    return (
        sa.select(found, authors.c.name, authors.c.mark, bodies.c.renderer, bodies.c.sealed, keys.c.key)
        .select_from(
            found.outerjoin(authors, (authors.c.thread == found.c.thread) & (authors.c.number == found.c.author))
            .outerjoin(bodies, (bodies.c.thread == found.c.thread) & (bodies.c.number == found.c.number))
            .outerjoin(keys, (keys.c.thread == found.c.thread) & (keys.c.number == found.c.number))
        )
        .set_label_style(sa.LABEL_STYLE_DISAMBIGUATE_ONLY)
    )


WHOLE = whole(comments)


def each_of(connection: sa.Connection, thread: str, numbers: Sequence[int], *, is_whole: bool = False) -> list[Row]:
    """Read these comments of a thread, as rows of `comments` or of `WHOLE`, in no particular order.

    Each is looked up by its key. Given a list, PostgreSQL before 17 weighs whether to walk all of the thread instead,
    and thinks the one that everybody writes in tonight as small as all others.
    """
    rows: list[Row] = []
    for start in range(0, len(numbers), _MOST_AT_ONCE):
        part = numbers[start : start + _MOST_AT_ONCE]
        places = 1 << (len(part) - 1).bit_length()
        asked: dict[str, object] = {f"number_{at}": 0 for at in range(places)}
        asked |= {f"number_{at}": number for at, number in enumerate(part)}
        rows += connection.execute(_look_ups(places, is_whole), {"in_thread": thread, **asked}).all()
    return rows


def change_each(connection: sa.Connection, thread: str, numbers: Sequence[int], **values: Any) -> None:
    """Change these comments of a thread, each by its key, for the reason that `each_of` gives."""
    if numbers:
        connection.execute(
            comments.update()
            .where(comments.c.thread == sa.bindparam("in_thread"), comments.c.number == sa.bindparam("with_number"))
            .values(values),
            [{"in_thread": thread, "with_number": number} for number in numbers],
        )


@cache
def _look_ups(places: int, is_whole: bool) -> sa.Select[Any]:
    """Return the statement for so many numbers; those that aren't needed are 0, which no comment has."""
    parts = [
        sa.select(comments).where(
            comments.c.thread == sa.bindparam("in_thread"), comments.c.number == sa.bindparam(f"number_{at}")
        )
        for at in range(places)
    ]
    found = sa.union_all(*parts).subquery("found")
    return whole(found) if is_whole else sa.select(found)


encode_quotes = encode_origin = msgspec.msgpack.Encoder().encode
_decode_quotes = msgspec.msgpack.Decoder(tuple[Quotation, ...]).decode
_decode_origin = msgspec.msgpack.Decoder(Origin).decode


def as_comment(row: Row) -> Comment:
    """Return the comment of a row of `WHOLE`, its text unsealed.

    Raises:
        Damaged: if the text can't be opened.
    """
    author = None if row.author is None else Author(row.author, row.name or "", row.mark or b"")
    body = None
    if row.sealed is not None and row.key is not None:
        body = unseal(row.sealed, row.key, row.renderer, row.thread, row.number)
    return Comment(
        thread=row.thread,
        number=row.number,
        parent=row.parent,
        depth=row.depth,
        state=State(row.state),
        author=author,
        body=body,
        created=row.created,
        edited=row.edited,
        up=row.up,
        down=row.down,
        best_rank=row.best_rank,
        controversial_rank=row.controversial_rank,
        replies=row.replies,
        quotes=_decode_quotes(row.quotes) if row.quotes else (),
        origin=_decode_origin(row.origin) if row.origin else None,
    )


def as_comments(rows: Sequence[Row]) -> list[Comment]:
    """Return the comments of rows of `WHOLE`."""
    return [as_comment(row) for row in rows]


def place_of(row: Row) -> Place:
    """Return where the comment of a row stands."""
    return Place(row.trunk, row.path)
