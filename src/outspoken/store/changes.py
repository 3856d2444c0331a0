"""What happens to a comment afterwards: its author edits it, its state changes, its text is erased."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Body, Comment, Quotation
from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.permission import may_delete, may_edit
from outspoken.discussion.state import Actor, Event, State, next_state
from outspoken.store import ledger
from outspoken.store.decisions import record
from outspoken.store.publishing import write_body
from outspoken.store.redirects import Spot, moved_to
from outspoken.store.rows import Row, change_each, each_of, encode_quotes, place_of
from outspoken.store.sealing import Entropy
from outspoken.store.tables import authors, bodies, comments, contacts, keys, reports, threads, votes
from outspoken.store.threads import as_thread, lock_leaving, lock_thread
from outspoken.store.windows import comment_at

_STANDING: sa.Select[Any] = sa.select(
    *(comments.c.number, comments.c.parent, comments.c.trunk, comments.c.path),
    *(comments.c.state, comments.c.replies, comments.c.shown),
)
_MORE_REPLIES = (
    comments.update()
    .where(comments.c.thread == sa.bindparam("in_thread"), comments.c.number == sa.bindparam("with_number"))
    .values(replies=comments.c.replies + sa.bindparam("more"))
)


def is_author(connection: sa.Connection, comment: Comment, key_hash: bytes | None) -> bool:
    """Tell whether the key of that hash is the one the comment was written with."""
    if comment.author is None or key_hash is None:
        return False
    kept = connection.execute(
        sa.select(authors.c.key_hash).where(
            authors.c.thread == comment.thread, authors.c.number == comment.author.number
        )
    ).scalar()
    return kept is not None and kept == key_hash


def edit(
    connection: sa.Connection,
    thread: str,
    number: int,
    *,
    key_hash: bytes | None,
    body: Body,
    quotes: tuple[Quotation, ...],
    hold: tuple[str, str] | None,
    now: datetime,
    entropy: Entropy,
) -> State:
    """Replace a text by its author's new one and return the state it is in; the old text and its key are destroyed.

    `hold` is the rule and reason for which the new text has to wait for a moderator, if any.

    Raises:
        NotFound, NotAllowed, NotPossible: as `may_edit` says.
    """
    discussed = as_thread(lock_thread(connection, thread))
    comment = comment_at(connection, thread, number)
    mine = is_author(connection, comment, key_hash)
    may_edit(discussed, comment, is_author=mine, now=now)
    destroy_body(connection, thread, number)
    write_body(connection, thread, number, body, entropy)
    connection.execute(
        comments.update()
        .where(_this(thread, number))
        .values(edited=now, quotes=encode_quotes(quotes) if quotes else None)
    )
    if comment.state is State.PUBLISHED:
        _touch(connection, thread)
    if hold is not None and comment.state is State.PUBLISHED:
        return change_state(connection, thread, number, Event.HOLD, Actor.RULE, rule=hold[0], reason=hold[1], now=now)
    return comment.state


def delete(connection: sa.Connection, thread: str, number: int, *, key_hash: bytes | None, now: datetime) -> None:
    """Let an author take back a comment: its text is erased, a tombstone stays if there are replies.

    Raises:
        NotFound, NotAllowed, NotPossible: as `may_delete` says.
    """
    lock_leaving(connection, thread)
    comment = comment_at(connection, thread, number)
    may_delete(comment, is_author=is_author(connection, comment, key_hash))
    change_state(connection, thread, number, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=now)


def change_state(
    connection: sa.Connection,
    thread: str,
    number: int,
    event: Event,
    actor: Actor,
    *,
    rule: str,
    reason: str,
    now: datetime,
) -> State:
    """Let something happen to a comment, record it, and return the state it leads to.

    Raises:
        NotFound: if there is no such comment.
        NotPossible: if the table of transitions has no such way, or nothing is left that could be shown.
    """
    # Who takes something back isn't told to wait, not even while the thread is being joined with another.
    locked = lock_leaving(connection, thread) if event is Event.DELETE else lock_thread(connection, thread)
    row = connection.execute(sa.select(comments.c.state, comments.c.shown).where(_this(thread, number))).one_or_none()
    if row is None:
        raise NotFound("There is no such comment.")
    before = State(row.state)
    after = next_state(before, event, actor)
    if after is State.PUBLISHED and not _has_body(connection, thread, number):
        # It came as a tombstone, or its import was undone.
        raise NotPossible("Of this comment only its place is kept; there is no text that could be shown.")
    connection.execute(comments.update().where(_this(thread, number)).values(state=after.value))
    if after is State.DELETED:
        erase(connection, locked.site, thread, number)
    difference = int(after is State.PUBLISHED) - int(before is State.PUBLISHED)
    connection.execute(
        threads.update()
        .where(threads.c.id == thread)
        .values(
            comments=threads.c.comments + difference,
            # What nobody could see and nobody will see must not be noticed by those who watch the version.
            version=threads.c.version + int(row.shown or after is State.PUBLISHED),
            active=sa.func.coalesce(threads.c.active, sa.literal(now, threads.c.active.type))
            if after is State.PUBLISHED
            else threads.c.active,
        )
    )
    show_or_hide(connection, thread, number)
    record(connection, thread, number, before, after, actor, rule, reason, now)
    if locked.leaving is not None and (copy := _live_copy(connection, thread, number)) is not None:
        change_state(connection, copy.thread, copy.number, event, actor, rule=rule, reason=reason, now=now)
    return after


def _has_body(connection: sa.Connection, thread: str, number: int) -> bool:
    found = sa.select(bodies.c.number).where(bodies.c.thread == thread, bodies.c.number == number)
    return connection.execute(found).first() is not None


def _live_copy(connection: sa.Connection, thread: str, number: int) -> Spot | None:
    """Return where a comment already stands in the thread that its own is leaving for, unless it is deleted there."""
    copy = moved_to(connection, thread, [number]).get(number)
    if copy is None or comment_at(connection, copy.thread, copy.number).state is State.DELETED:
        return None
    return copy


def erase(connection: sa.Connection, site: str, thread: str, number: int) -> None:
    """Destroy all that is kept of a comment but its place: text, key, votes, reports, e-mail, times, an unused author.

    If it came with an import, the ledger sees to it that it doesn't come back with the next.
    """
    destroy_body(connection, thread, number)
    for table in (votes, reports):
        connection.execute(table.delete().where(table.c.thread == thread, table.c.number == number))
    connection.execute(
        contacts.delete().where(contacts.c.site == site, contacts.c.thread == thread, contacts.c.number == number)
    )
    author, origin = connection.execute(
        sa.select(comments.c.author, comments.c.origin).where(_this(thread, number))
    ).one()
    if origin is not None:
        ledger.enter(connection, site, thread, number)
    connection.execute(
        comments.update()
        .where(_this(thread, number))
        .values(
            author=None,
            created=None,
            edited=None,
            quotes=None,
            origin=None,
            submission=None,
            up=0,
            down=0,
            best_rank=best_rank(0, 0),
            controversial_rank=controversial_rank(0, 0),
        )
    )
    if author is not None:
        forget_unused(connection, thread, author)


def forget_unused(connection: sa.Connection, thread: str, author: int) -> None:
    """Delete an author by whom nothing is left."""
    others = sa.select(comments.c.number).where(comments.c.thread == thread, comments.c.author == author).limit(1)
    if connection.execute(others).one_or_none() is None:
        connection.execute(authors.delete().where(authors.c.thread == thread, authors.c.number == author))


def destroy_body(connection: sa.Connection, thread: str, number: int) -> None:
    """Destroy a text and its key, and nothing else of the comment."""
    for table in (keys, bodies):
        connection.execute(table.delete().where(table.c.thread == thread, table.c.number == number))


def _touch(connection: sa.Connection, thread: str) -> None:
    connection.execute(threads.update().where(threads.c.id == thread).values(version=threads.c.version + 1))


def count_replies(connection: sa.Connection, thread: str, parents: Iterable[Row], more: Mapping[int, int]) -> None:
    """Add replies that readers see to the counts of comments, by number; show what is gone and has a reply now."""
    answered = [row for row in parents if more.get(row.number)]
    if not answered:
        return
    connection.execute(
        _MORE_REPLIES,
        [{"in_thread": thread, "with_number": row.number, "more": more[row.number]} for row in answered],
    )
    for row in answered:
        if not row.shown:
            show_or_hide(connection, thread, row.number)


def show_or_hide(connection: sa.Connection, thread: str, number: int) -> None:
    """Bring `shown` and the parents' counts of replies in line, upwards as far as something changes.

    A long line of tombstones appears or vanishes with its last reply: four statements for each hundred of them.
    """
    line = connection.execute(_STANDING.where(_this(thread, number))).all() if number else []
    while turned := _turned(line):
        is_shown = not turned[0].shown
        change_each(connection, thread, [row.number for row in turned], shown=is_shown)
        parents = [row.parent for row in turned if row.parent]
        change_each(connection, thread, parents, replies=comments.c.replies + (1 if is_shown else -1))
        above = turned[-1].parent
        line = _line_above(connection, thread, above) if above and len(turned) == len(line) else []


def _line_above(connection: sa.Connection, thread: str, number: int) -> Sequence[Row]:
    """Return a comment and, if more may change, the ancestors that its stretch knows, innermost first."""
    row = connection.execute(_STANDING.where(_this(thread, number))).one()
    if not _turned([row]) or not row.parent:
        return [row]
    above = each_of(connection, thread, place_of(row).ancestors())
    return [row, *sorted(above, key=lambda row: -row.number)]


def _turned(line: Sequence[Row]) -> list[Row]:
    """Return those from the first on that have to appear or to vanish, each because of the one before it."""
    turned: list[Row] = []
    change = 0
    for row in line:
        if row.shown == (row.state == State.PUBLISHED.value or row.replies + change > 0):
            break
        turned.append(row)
        change = -1 if row.shown else 1
    return turned


def _this(thread: str, number: int) -> sa.ColumnElement[bool]:
    return (comments.c.thread == thread) & (comments.c.number == number)
