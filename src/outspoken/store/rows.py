"""How a comment is read: the one select that everything uses, and the way from its row to the domain."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Author, Comment, Origin, Quotation
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store.sealing import unseal
from outspoken.store.tables import authors, bodies, comments, keys

Row = sa.Row[Any]

WHOLE = (
    sa.select(
        comments,
        authors.c.name,
        authors.c.mark,
        bodies.c.renderer,
        bodies.c.sealed,
        keys.c.key,
    )
    .select_from(
        comments.outerjoin(authors, (authors.c.thread == comments.c.thread) & (authors.c.number == comments.c.author))
        .outerjoin(bodies, (bodies.c.thread == comments.c.thread) & (bodies.c.number == comments.c.number))
        .outerjoin(keys, (keys.c.thread == comments.c.thread) & (keys.c.number == comments.c.number))
    )
    .set_label_style(sa.LABEL_STYLE_DISAMBIGUATE_ONLY)
)
"""Comments with their authors and texts; every join is a look-up by primary key."""

encode_quotes = msgspec.msgpack.Encoder().encode
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
