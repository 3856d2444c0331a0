"""Where comments and threads are now that had another address once. Asked only where nothing is found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from outspoken.discussion.place import LARGEST_NUMBER
from outspoken.store.parts import in_parts
from outspoken.store.rows import Row
from outspoken.store.tables import comments, redirects

_WHERE = redirects.select().where(
    redirects.c.was == sa.bindparam("was_in"), redirects.c.was_number == sa.bindparam("was_at")
)
_IS_SHOWN = sa.select(comments.c.shown).where(
    comments.c.thread == sa.bindparam("in_thread"), comments.c.number == sa.bindparam("at_number")
)
_FORMER = redirects.select().where(
    redirects.c.thread == sa.bindparam("in_thread"), redirects.c.number == sa.bindparam("at_number")
)
_FOLLOW = (
    redirects.update()
    .where(redirects.c.thread == sa.bindparam("from_thread"), redirects.c.number == sa.bindparam("from_number"))
    .values(thread=sa.bindparam("to_thread"), number=sa.bindparam("to_number"))
)
_FORGET = redirects.delete().where(
    redirects.c.thread == sa.bindparam("in_thread"), redirects.c.number == sa.bindparam("at_number")
)


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A comment's place among all, or with the number 0 that of a thread."""

    thread: str
    number: int = 0


def spot_now(connection: sa.Connection, thread: str, number: int = 0) -> Spot | None:
    """Return where a reader finds what had this address; None if it had nothing that may be seen.

    A comment that is hidden is told of no more than one that never was.
    """
    if not 0 <= number <= LARGEST_NUMBER:
        return None
    row = connection.execute(_WHERE, {"was_in": thread, "was_at": number}).one_or_none()
    if row is None:
        return None
    if number and not connection.execute(_IS_SHOWN, {"in_thread": row.thread, "at_number": row.number}).scalar():
        return None
    return Spot(row.thread, row.number)


def former_spots(connection: sa.Connection, thread: str, number: int) -> list[Spot]:
    """Return the addresses that a comment had before, in no particular order."""
    rows = connection.execute(_FORMER, {"in_thread": thread, "at_number": number})
    return [Spot(row.was, row.was_number) for row in rows]


def moved_to(connection: sa.Connection, was: str, numbers: Iterable[int]) -> dict[int, Spot]:
    """Return where those of these comments of a thread are that have moved, shown or not."""
    found: dict[int, Spot] = {}
    for part in in_parts(list(dict.fromkeys(numbers))):
        rows = connection.execute(redirects.select().where(redirects.c.was == was, redirects.c.was_number.in_(part)))
        found |= {row.was_number: Spot(row.thread, row.number) for row in rows}
    return found


def lead_on(connection: sa.Connection, was: str, thread: str, numbers: Sequence[tuple[int, int]]) -> None:
    """Let (old number, new number) of a thread lead to another one, and so whatever led to them until now."""
    if not numbers:
        return
    connection.execute(
        _FOLLOW,
        [{"from_thread": was, "from_number": old, "to_thread": thread, "to_number": new} for old, new in numbers],
    )
    connection.execute(
        redirects.insert(),
        [{"was": was, "was_number": old, "thread": thread, "number": new} for old, new in numbers],
    )


def forget(connection: sa.Connection, thread: str, numbers: Sequence[int]) -> None:
    """Let nothing lead any longer to comments that are gone for good, or with the number 0 to a thread."""
    if numbers:
        connection.execute(_FORGET, [{"in_thread": thread, "at_number": number} for number in numbers])


def leading_to(connection: sa.Connection, thread: str) -> Sequence[Row]:
    """Return all that leads into a thread."""
    return connection.execute(redirects.select().where(redirects.c.thread == thread)).all()


def has_comments(connection: sa.Connection, thread: str) -> bool:
    """Tell whether anything stands in a thread."""
    found = sa.select(comments.c.number).where(comments.c.thread == thread).limit(1)
    return connection.execute(found).first() is not None


def copied_from(connection: sa.Connection, was: str, thread: str, limit: int) -> list[int]:
    """Return the highest numbers of what has moved from a thread into another and still stands in both."""
    query = (
        sa.select(comments.c.number)
        .join(redirects, (redirects.c.was == comments.c.thread) & (redirects.c.was_number == comments.c.number))
        .where(comments.c.thread == was, redirects.c.was == was, redirects.c.thread == thread)
        .order_by(comments.c.number.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
