"""Stories and their threads: opening one, finding it by page, listing the newest."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.thread import Opening, Story, Thread
from outspoken.store.tables import addresses, threads

_BY_ID = threads.select().where(threads.c.id == sa.bindparam("id"))
_LOCKED = _BY_ID.with_for_update()
VERSION = sa.select(threads.c.version).where(threads.c.id == sa.bindparam("id"))
"""What version a thread has: one row of one column, or none."""
IN_PUBLIC = ~(
    (threads.c.opening != Opening.OPEN.value)
    & (threads.c.comments == 0)
    & (threads.c.last_number > 0)
    & threads.c.active.is_(None)
)
"""Whether a thread stands where everybody looks. What came from a draft or a private page is closed, and as long as
nothing of it was approved even its address tells what is none of readers' business."""
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 12


def new_thread_id(entropy: Callable[[int], bytes]) -> str:
    """Return a random id of twelve letters and digits that can't be mistaken for each other (60 bits)."""
    return "".join(_LETTERS[byte & 31] for byte in entropy(_ID_LENGTH))


def open_thread(
    connection: sa.Connection,
    *,
    id: str,
    site: str,
    story: Story,
    addresses_of_page: Iterable[str],
    now: datetime,
    opening: Opening = Opening.OPEN,
    listed: datetime | None = None,
) -> None:
    """Open the discussion of a story, and let these addresses lead to it (those that lead elsewhere stay so).

    `listed` gives a story without a date its place among others; without it, it counts as new.
    """
    connection.execute(
        threads.insert().values(
            id=id,
            site=site,
            headline=story.headline,
            url=story.url,
            attribution=story.attribution,
            attribution_url=story.attribution_url,
            excerpt=story.excerpt,
            published=story.published,
            listed=story.published or listed or now,
            opening=opening,
            opened=now,
            active=None,
            comments=0,
            last_number=0,
            last_author=0,
            version=1,
        )
    )
    for address in dict.fromkeys(addresses_of_page):
        add_address(connection, site, address, id)


def add_address(connection: sa.Connection, site: str, address: str, thread: str) -> None:
    """Let an address lead to a thread, unless it already leads somewhere."""
    if thread_at(connection, site, [address]) is None:
        connection.execute(addresses.insert().values(site=site, address=address, thread=thread))


def thread_at(connection: sa.Connection, site: str, candidates: Sequence[str]) -> str | None:
    """Return the id of the thread that the first known of these addresses leads to."""
    possible = [address for address in candidates if _can_be_kept(address)]
    rows = connection.execute(addresses.select().where(addresses.c.site == site, addresses.c.address.in_(possible)))
    found = {row.address: row.thread for row in rows}
    return next((found[address] for address in candidates if address in found), None)


def counts_at(connection: sa.Connection, site: str, pages: Sequence[str]) -> dict[str, int]:
    """Return how many comments are published on pages of a site, by folded address; without a thread, none is told."""
    possible = [address for address in dict.fromkeys(pages) if _can_be_kept(address)]
    led = connection.execute(
        sa.select(addresses.c.address, addresses.c.thread).where(
            addresses.c.site == site, addresses.c.address.in_(possible)
        )
    ).all()
    counted = connection.execute(
        sa.select(threads.c.id, threads.c.comments).where(
            threads.c.site == site, threads.c.id.in_(sorted({row.thread for row in led}))
        )
    )
    counts = {row.id: row.comments for row in counted}
    return {row.address: counts[row.thread] for row in led if row.thread in counts}


def thread_by_id(connection: sa.Connection, id: str) -> Thread:
    """Return a thread.

    Raises:
        NotFound: if there is none.
    """
    return as_thread(thread_row(connection, id))


def thread_row(connection: sa.Connection, id: str) -> sa.Row[Any]:
    """Return a thread's row.

    Raises:
        NotFound: if there is none.
    """
    return _only(connection, _BY_ID, id)


def _can_be_kept(text: str) -> bool:
    """Tell whether a database can hold, and so be asked for, a text: PostgreSQL knows no NUL, neither half pairs."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def lock_thread(connection: sa.Connection, id: str) -> sa.Row[Any]:
    """Read a thread's row so that no other process can change anything in the thread until this transaction ends.

    Whatever writes in a thread locks it first: two writers that lock rows in different orders wait for ever.

    Raises:
        NotFound: if there is no such thread.
        NotPossible: if its comments are on their way into another thread.
    """
    row = lock_leaving(connection, id)
    if row.leaving is not None:
        raise NotPossible("This discussion is being put together with another one. Please try again in a minute.")
    return row


def lock_leaving(connection: sa.Connection, id: str) -> sa.Row[Any]:
    """Lock a thread as `lock_thread` does, also if its comments are on their way into another.

    Raises:
        NotFound: if there is no such thread.
    """
    return _only(connection, _LOCKED, id)


def _only(connection: sa.Connection, statement: sa.Select[Any], id: str) -> sa.Row[Any]:
    row = connection.execute(statement, {"id": id}).one_or_none() if _can_be_kept(id) else None
    if row is None:
        raise NotFound("There is no such discussion.")
    return row


def version_of(connection: sa.Connection, id: str) -> int | None:
    """Return the version of a thread, None if there is no such thread."""
    if not _can_be_kept(id):
        return None
    return connection.execute(VERSION, {"id": id}).scalar()


def newest_threads(connection: sa.Connection, site: str, limit: int) -> list[Thread]:
    """Return the newest stories of a site that are for everybody to see."""
    rows = connection.execute(
        threads.select()
        .where(threads.c.site == site, IN_PUBLIC)
        .order_by(threads.c.listed.desc(), threads.c.id.desc())
        .limit(limit)
    )
    return [as_thread(row) for row in rows]


def liveliest_threads(connection: sa.Connection, site: str, limit: int) -> list[Thread]:
    """Return the threads of a site in which somebody wrote last."""
    rows = connection.execute(
        threads.select()
        .where(threads.c.site == site, threads.c.active.is_not(None))
        .order_by(threads.c.active.desc(), threads.c.id.desc())
        .limit(limit)
    )
    return [as_thread(row) for row in rows]


def move_thread(connection: sa.Connection, site: str, id: str, url: str, address: str) -> str:
    """Give a thread another page and return its id; the addresses that led to it go on doing so.

    A page that has a discussion already keeps it: then that one's id is returned, and nothing is changed.

    Raises:
        NotFound: if the site has no such thread.
    """
    if lock_thread(connection, id).site != site:
        raise NotFound("There is no such discussion.")
    add_address(connection, site, address, id)
    there = thread_at(connection, site, [address])
    if there == id:
        connection.execute(threads.update().where(threads.c.id == id).values(url=url, version=threads.c.version + 1))
    return there or id


def set_opening(connection: sa.Connection, id: str, opening: Opening) -> None:
    """Open, close or freeze a thread.

    Raises:
        NotFound: if there is none.
    """
    changed = connection.execute(
        threads.update().where(threads.c.id == id).values(opening=opening, version=threads.c.version + 1)
    )
    if not changed.rowcount:
        raise NotFound("There is no such discussion.")


def as_thread(row: sa.Row[Any]) -> Thread:
    """Return the thread of a row of `threads`."""
    return Thread(
        id=row.id,
        site=row.site,
        story=Story(
            headline=row.headline,
            url=row.url,
            attribution=row.attribution,
            attribution_url=row.attribution_url,
            excerpt=row.excerpt,
            published=row.published,
        ),
        opening=Opening(row.opening),
        comments=row.comments,
        version=row.version,
        opened=row.opened,
        active=row.active,
    )
