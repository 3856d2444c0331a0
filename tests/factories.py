"""Makers of valid things. Whoever calls one names only what matters to the test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
import sqlalchemy as sa

from outspoken.discussion.comment import Author, Body, Comment, Origin
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import root
from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening, Site, Story, Thread
from outspoken.store.database import Database
from outspoken.store.loading import Arrival
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.sites import add_site
from outspoken.store.submission import Receipt, Submission
from outspoken.store.threads import open_thread
from outspoken.text.markup import Markup
from outspoken.text.render import RENDERER, render

MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
_numbers = count(1)


def a_site(name: str = "harbour", **changes: Any) -> Site:
    """Make a publication."""
    return replace(Site(name, "The Harbour Post", ("https://harbour.example",), staff_names=("Moderator",)), **changes)


def a_story(headline: str = "Ferry line to close in autumn", **changes: Any) -> Story:
    """Make a story."""
    return replace(Story(headline, url="https://harbour.example/ferry", published=MOMENT), **changes)


def a_thread(id: str = "ferry", **changes: Any) -> Thread:
    """Make a thread as the domain knows it."""
    return replace(
        Thread(id, "harbour", a_story(), Opening.OPEN, comments=0, version=1, opened=MOMENT, active=None), **changes
    )


def a_body(source: str = "The ferry was late again.", markup: Markup = Markup.MARKDOWN) -> Body:
    """Make a text and its HTML."""
    return Body(source, markup.value, render(source, markup), RENDERER)


def a_comment(number: int = 1, parent: int = 0, *, up: int = 0, down: int = 0, **changes: Any) -> Comment:
    """Make a published comment as the domain knows it."""
    comment = Comment(
        thread="ferry",
        number=number,
        parent=parent,
        depth=1 if parent else 0,
        state=State.PUBLISHED,
        author=Author(1, "Greta", b"m" * 16),
        body=a_body(),
        created=MOMENT,
        up=up,
        down=down,
        best_rank=best_rank(up, down),
        controversial_rank=controversial_rank(up, down),
    )
    return replace(comment, **changes)


def a_submission(thread: str = "ferry", **changes: Any) -> Submission:
    """Make a submission by somebody who has not written before, unless `key_hash` says otherwise."""
    number = next(_numbers)
    submission = Submission(
        thread=thread,
        parent=0,
        name=f"Reader {_word(number)}",
        mark=number.to_bytes(16),
        key_hash=number.to_bytes(32),
        body=a_body(f"Words number {number}."),
        quotes=(),
        idempotency_key=number.to_bytes(16),
        state=State.PUBLISHED,
    )
    return replace(submission, **changes)


def an_arrival(
    number: int, parent: "Arrival | None" = None, *, state: State = State.PUBLISHED, **changes: Any
) -> Arrival:
    """Make an imported comment that stands below another."""
    arrival = Arrival(
        source=f"s{number}",
        number=number,
        parent=parent.number if parent else 0,
        place=parent.place.below(number) if parent else root(number),
        depth=parent.depth + 1 if parent else 0,
        state=state,
        author=None,
        created=MOMENT if state is State.PUBLISHED else None,
        body=a_body(f"Imported words {number}.") if state is State.PUBLISHED else None,
        quotes=(),
        origin=Origin("example", (), ()),
        line=number,
    )
    return msgspec.structs.replace(arrival, **changes)


def open_ferry(database: Database, id: str = "ferry", *, opening: Opening = Opening.OPEN) -> str:
    """Keep a site and a thread in the database and return the thread's id."""
    with database.writing() as connection:
        add_site(connection, a_site())
        open_thread(
            connection,
            id=id,
            site="harbour",
            story=a_story(),
            addresses_of_page=[f"harbour.example/{id}"],
            now=MOMENT,
            opening=opening,
        )
    return id


def say(database: Database, entropy: Entropy, *submissions: Submission, now: datetime = MOMENT) -> list[Receipt]:
    """Publish comments, all in one transaction."""
    with database.writing() as connection:
        return [publish(connection, submission, now, entropy) for submission in submissions]


def rows_of(connection: sa.Connection, statement: str) -> Sequence[Any]:
    """Read with a statement of the test's own."""
    return connection.exec_driver_sql(statement).all()


def _word(number: int) -> str:
    """Spell a number in letters that don't look like each other."""
    letters = "bcdfghkmpq"
    return "".join(letters[int(digit)] for digit in str(number))
