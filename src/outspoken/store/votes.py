"""Votes: one a voter and comment, changed or taken back at will. Nothing tells who a voter is."""

from collections.abc import Mapping

import sqlalchemy as sa

from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.permission import may_vote
from outspoken.store.changes import is_author
from outspoken.store.tables import comments, threads, votes
from outspoken.store.threads import as_thread, lock_thread
from outspoken.store.windows import comment_at


def vote(
    connection: sa.Connection,
    thread: str,
    number: int,
    *,
    voter: bytes,
    key_hash: bytes | None,
    value: int,
) -> tuple[int, int]:
    """Count a vote of 1 or -1, or take one back with 0, and return how many there are for and against.

    Raises:
        NotFound, NotAllowed, NotPossible: as `may_vote` says.
    """
    discussed = as_thread(lock_thread(connection, thread))
    comment = comment_at(connection, thread, number)
    may_vote(discussed, comment, is_author=is_author(connection, comment, key_hash))
    here = (votes.c.thread == thread) & (votes.c.number == number)
    before = connection.execute(sa.select(votes.c.value).where(here, votes.c.voter == voter)).scalar() or 0
    if before == value:
        return comment.up, comment.down
    connection.execute(votes.delete().where(here, votes.c.voter == voter))
    if value:
        connection.execute(votes.insert().values(thread=thread, number=number, voter=voter, value=value))
    up = comment.up + int(value == 1) - int(before == 1)
    down = comment.down + int(value == -1) - int(before == -1)
    _keep_counts(connection, thread, number, up, down)
    return up, down


def take_votes(connection: sa.Connection, thread: str, number: int, values: Mapping[bytes, int]) -> tuple[int, int]:
    """Count many votes of 1 or -1 at once, by voters who have none on this comment yet, and return how many there are.

    Raises:
        NotFound, NotPossible: as `may_vote` says.
    """
    discussed = as_thread(lock_thread(connection, thread))
    comment = comment_at(connection, thread, number)
    may_vote(discussed, comment, is_author=False)
    if not values:
        return comment.up, comment.down
    connection.execute(
        votes.insert(),
        [{"thread": thread, "number": number, "voter": voter, "value": value} for voter, value in values.items()],
    )
    up = comment.up + sum(value == 1 for value in values.values())
    down = comment.down + sum(value == -1 for value in values.values())
    _keep_counts(connection, thread, number, up, down)
    return up, down


def _keep_counts(connection: sa.Connection, thread: str, number: int, up: int, down: int) -> None:
    connection.execute(
        comments.update()
        .where(comments.c.thread == thread, comments.c.number == number)
        .values(up=up, down=down, best_rank=best_rank(up, down), controversial_rank=controversial_rank(up, down))
    )
    connection.execute(threads.update().where(threads.c.id == thread).values(version=threads.c.version + 1))
