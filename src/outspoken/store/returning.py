"""Threads that come back from an archive with the ids they had: begun where they are missing, else gone on with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.thread import Story
from outspoken.store.rows import Row
from outspoken.store.tables import threads
from outspoken.store.threads import add_address, lock_thread

_OF_STORY = (
    *("headline", "url", "attribution", "attribution_url", "excerpt", "published"),
    *("listed", "opening", "opened"),
)


@dataclass(frozen=True, slots=True)
class KeptThread:
    """A thread as an archive tells it."""

    id: str
    site: str
    story: Story
    opening: str
    listed: datetime
    opened: datetime
    active: datetime | None
    last_number: int
    last_author: int


class OtherSite(Exception):
    """A thread of that id is here, but belongs to another site."""


def begin(connection: sa.Connection, thread: KeptThread, addresses: Sequence[str]) -> bool:
    """Make the thread if it isn't here, let the addresses lead to it, and return whether it was made.

    Numbers that it gave out count as given out here, so that nobody who writes meanwhile gets one of them.

    Raises:
        OtherSite: if there is one that belongs to another site.
    """
    row = connection.execute(threads.select().where(threads.c.id == thread.id)).one_or_none()
    if row is None:
        connection.execute(threads.insert().values(_thread_row(thread)))
    elif row.site != thread.site:
        raise OtherSite(f"The thread {thread.id} is here already, but belongs to the site {row.site}.")
    for address in addresses:
        add_address(connection, thread.site, address, thread.id)
    return row is None


def is_here(connection: sa.Connection, thread: str) -> bool:
    """Tell whether there is a thread of that id."""
    return connection.execute(sa.select(threads.c.id).where(threads.c.id == thread)).one_or_none() is not None


def _thread_row(thread: KeptThread) -> dict[str, Any]:
    story = thread.story
    return {
        "id": thread.id,
        "site": thread.site,
        "headline": story.headline,
        "url": story.url,
        "attribution": story.attribution,
        "attribution_url": story.attribution_url,
        "excerpt": story.excerpt,
        "published": story.published,
        "listed": thread.listed,
        "opening": thread.opening,
        "opened": thread.opened,
        "active": thread.active,
        "comments": 0,
        "last_number": thread.last_number,
        "last_author": thread.last_author,
        "version": 1,
    }


def go_on(connection: sa.Connection, thread: KeptThread, was: str, digest: Callable[[Row], str]) -> None:
    """Let a thread that is here have given out what it gave out since; its story changes if it is as it `was`."""
    row = lock_thread(connection, thread.id)
    changes: dict[str, Any] = {
        "active": max((time for time in (row.active, thread.active) if time is not None), default=None),
        "last_number": max(row.last_number, thread.last_number),
        "last_author": max(row.last_author, thread.last_author),
    }
    if was and was == digest(row):
        told = _thread_row(thread)
        changes |= {name: told[name] for name in _OF_STORY} | {"version": row.version + 1}
    connection.execute(threads.update().where(threads.c.id == thread.id).values(changes))
