"""Filling in what a comment or a story lost on its way here, once a better file has it. Nothing is overwritten."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Body, Comment, Quotation
from outspoken.discussion.thread import Story
from outspoken.store.publishing import write_body
from outspoken.store.rows import encode_quotes
from outspoken.store.sealing import Entropy
from outspoken.store.tables import bodies, comments, keys, threads

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Completion:
    """What a comment gets that it didn't have."""

    body: Body | None = None
    quotes: tuple[Quotation, ...] = ()
    created: datetime | None = None
    author: int | None = None
    found: tuple[str, ...] = ()
    """What is lost no longer."""


def complete(connection: sa.Connection, comment: Comment, completion: Completion, entropy: Entropy) -> None:
    """Fill in what was missing of a comment in a thread that is locked."""
    thread, number = comment.thread, comment.number
    values: dict[str, Any] = {}
    if completion.body is not None:
        for table in (keys, bodies):
            connection.execute(table.delete().where(table.c.thread == thread, table.c.number == number))
        write_body(connection, thread, number, completion.body, entropy)
        values["quotes"] = encode_quotes(completion.quotes) if completion.quotes else None
    if completion.created is not None:
        values["created"] = completion.created
    if completion.author is not None:
        values["author"] = completion.author
    if comment.origin is not None:
        lost = tuple(what for what in comment.origin.lost if what not in completion.found)
        values["origin"] = _encode(replace(comment.origin, lost=lost))
    if values:
        connection.execute(
            comments.update().where(comments.c.thread == thread, comments.c.number == number).values(values)
        )
    connection.execute(threads.update().where(threads.c.id == thread).values(version=threads.c.version + 1))


def complete_story(connection: sa.Connection, thread: str, story: Story) -> None:
    """Fill in what a thread that is locked doesn't know of its story."""
    row = connection.execute(threads.select().where(threads.c.id == thread)).one()
    given: dict[str, Any] = {
        "url": story.url,
        "attribution": story.attribution,
        "attribution_url": story.attribution_url,
        "excerpt": story.excerpt,
        "published": story.published,
    }
    values = {name: value for name, value in given.items() if value and not getattr(row, name)}
    if values:
        connection.execute(
            threads.update().where(threads.c.id == thread).values(**values, version=threads.c.version + 1)
        )
