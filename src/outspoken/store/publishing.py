"""A comment comes in: its number, its place, its author, its text, all in one piece of work."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from outspoken.discussion.comment import Body, Quotation
from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.permission import may_reply, may_write
from outspoken.discussion.place import LARGEST_NUMBER, Place, root
from outspoken.discussion.state import Actor, State
from outspoken.store.decisions import record
from outspoken.store.rows import WHOLE, Row, as_comment, as_comments, encode_quotes, place_of
from outspoken.store.sealing import Entropy, seal
from outspoken.store.tables import PUBLISHED, authors, bodies, comments, keys, threads
from outspoken.store.threads import as_thread, lock_thread
from outspoken.text.names import skeleton

_REPEATED_WITHIN = timedelta(minutes=1)
_REPEATED_AMONG = 20
_UNLIKELY_TWICE = 40
"""Characters from which on two people don't write the same by chance within a minute."""

# What every comment needs is put together once: building a statement costs more than SQLite takes to run it.
_here = comments.c.thread == sa.bindparam("in_thread")
_BY_SUBMISSION = sa.select(comments.c.number, comments.c.state).where(
    _here, comments.c.submission == sa.bindparam("submission")
)
_BY_NUMBER = WHOLE.where(_here, comments.c.number == sa.bindparam("number"))
_LATEST_WRITTEN = (
    WHOLE.add_columns(authors.c.key_hash)
    .where(
        _here,
        comments.c.number > sa.bindparam("after"),
        PUBLISHED,
        comments.c.parent == sa.bindparam("parent"),
        comments.c.created >= sa.bindparam("since"),
    )
    .order_by(comments.c.number)
)
_AUTHOR = sa.select(authors.c.number).where(
    authors.c.thread == sa.bindparam("in_thread"),
    authors.c.key_hash == sa.bindparam("key_hash"),
    authors.c.name == sa.bindparam("name"),
)
_OTHERS_OF_LOOK = (
    sa.select(authors.c.number)
    .where(
        authors.c.thread == sa.bindparam("in_thread"),
        authors.c.skeleton == sa.bindparam("look"),
        authors.c.key_hash.is_distinct_from(sa.bindparam("key_hash")),
    )
    .limit(1)
)
_COUNT_REPLY = (
    comments.update()
    .where(_here, comments.c.number == sa.bindparam("parent_number"))
    .values(replies=comments.c.replies + 1)
)
_COUNT_COMMENT = threads.update().where(threads.c.id == sa.bindparam("in_thread"))
_ADD_COMMENT, _ADD_AUTHOR, _ADD_BODY, _ADD_KEY = (table.insert() for table in (comments, authors, bodies, keys))


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment on its way in, already judged by the rules."""

    thread: str
    parent: int
    name: str
    mark: bytes
    key_hash: bytes
    """SHA-256 of the writer's key for this thread."""
    body: Body
    quotes: tuple[Quotation, ...]
    idempotency_key: bytes
    """The same for every attempt to send the same comment."""
    state: State
    rule: str = ""
    reason: str = ""
    may_be_repeated: bool = False
    """Whether it comes from a form that everybody is shown alike, by a browser that has no key yet.

    Then only its words can tell that a button was pressed twice.
    """


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission."""

    number: int
    state: State
    is_duplicate: bool
    version: int = field(default=0, compare=False)
    """The version of the thread that shows it; 0 for what readers aren't shown, and for duplicates."""


def publish(connection: sa.Connection, submission: Submission, now: datetime, entropy: Entropy) -> Receipt:
    """Take a comment into its thread, or recognise it as one that is there already.

    Raises:
        NotFound: if there is no such thread or parent.
        NotPossible: if the thread is closed or the parent is a tombstone.
        Invalid: if the name looks like another's in this thread.
    """
    thread_row = lock_thread(connection, submission.thread)
    # Looked for under the lock: another process may be taking in the same attempt at this moment.
    known = _sent_before(connection, submission)
    if known is not None:
        return known
    may_write(as_thread(thread_row))
    place, depth = _place_of_new(connection, submission, thread_row)
    if submission.may_be_repeated and (there := _said_by_anybody(connection, submission, thread_row, now)) is not None:
        return there
    author, is_new_author = _author(connection, submission, thread_row.last_author)
    if not is_new_author and (again := _said_before(connection, submission, author)) is not None:
        return again
    number = thread_row.last_number + 1
    is_published = submission.state is State.PUBLISHED
    connection.execute(
        _COUNT_COMMENT,
        {
            "in_thread": submission.thread,
            "last_number": number,
            "last_author": author if is_new_author else thread_row.last_author,
            "comments": thread_row.comments + int(is_published),
            # A comment that nobody may see must not be noticed by those who watch the version either.
            "version": thread_row.version + int(is_published),
            "active": now if is_published else thread_row.active,
        },
    )
    connection.execute(_ADD_COMMENT, _row(submission, number, place, depth, author, now))
    write_body(connection, submission.thread, number, submission.body, entropy)
    if is_published and submission.parent:
        connection.execute(_COUNT_REPLY, {"in_thread": submission.thread, "parent_number": submission.parent})
    if not is_published:
        record(
            connection,
            *(submission.thread, number, None, submission.state, Actor.RULE, submission.rule, submission.reason, now),
        )
    version = thread_row.version + 1 if is_published else 0
    return Receipt(number, submission.state, is_duplicate=False, version=version)


def write_body(connection: sa.Connection, thread: str, number: int, body: Body, entropy: Entropy) -> None:
    """Keep a text under a fresh key. There must be none of this number."""
    sealed = seal(body, thread, number, entropy)
    at = {"thread": thread, "number": number}
    connection.execute(_ADD_BODY, {**at, "renderer": body.renderer, "sealed": sealed.sealed})
    connection.execute(_ADD_KEY, {**at, "key": sealed.key})


def _sent_before(connection: sa.Connection, submission: Submission) -> Receipt | None:
    row = connection.execute(
        _BY_SUBMISSION, {"in_thread": submission.thread, "submission": submission.idempotency_key}
    ).one_or_none()
    return None if row is None else Receipt(row.number, State(row.state), is_duplicate=True)


def _said_before(connection: sa.Connection, submission: Submission, author: int) -> Receipt | None:
    """Recognise the same words to the same comment, sent again from a new form."""
    row = connection.execute(
        WHOLE.where(comments.c.thread == submission.thread, comments.c.author == author)
        .order_by(comments.c.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.parent != submission.parent:
        return None
    last = as_comment(row)
    if last.body is None or last.body.source != submission.body.source:
        return None
    return Receipt(last.number, last.state, is_duplicate=True)


def _said_by_anybody(
    connection: sa.Connection, submission: Submission, thread_row: Row, now: datetime
) -> Receipt | None:
    """Recognise the same words by the same name to the same comment, published a moment ago.

    Without a name, short words don't count: many say "Thank you". What is held isn't compared, so nobody can ask for
    it.
    """
    if not submission.name and len(submission.body.source) < _UNLIKELY_TWICE:
        return None
    # Names are compared here: a database that is asked for them reads all that an author of this name has written.
    rows = connection.execute(
        _LATEST_WRITTEN,
        {
            "in_thread": submission.thread,
            "after": thread_row.last_number - _REPEATED_AMONG,
            "parent": submission.parent,
            "since": now - _REPEATED_WITHIN,
        },
    ).all()
    for comment in as_comments([row for row in rows if row.name == submission.name and row.key_hash is not None]):
        if comment.body is not None and comment.body.source == submission.body.source:
            return Receipt(comment.number, comment.state, is_duplicate=True)
    return None


def _place_of_new(connection: sa.Connection, submission: Submission, thread_row: Row) -> tuple[Place, int]:
    number = thread_row.last_number + 1
    if not submission.parent:
        return root(number), 0
    if not 0 < submission.parent <= LARGEST_NUMBER:
        raise NotFound("The comment you reply to does not exist.")
    row = connection.execute(_BY_NUMBER, {"in_thread": submission.thread, "number": submission.parent}).one_or_none()
    if row is None:
        raise NotFound("The comment you reply to does not exist.")
    may_reply(as_thread(thread_row), as_comment(row))
    return place_of(row).below(number), row.depth + 1


def _author(connection: sa.Connection, submission: Submission, last_author: int) -> tuple[int, bool]:
    """Return the number of the author this is shown as, and whether it is a new one.

    Raises:
        Invalid: if somebody else in this thread goes by a name that looks like it.
    """
    named = {"in_thread": submission.thread, "key_hash": submission.key_hash, "name": submission.name}
    known = connection.execute(_AUTHOR, named).scalar()
    if known is not None:
        return known, False
    look = skeleton(submission.name)
    if look and _is_taken(connection, submission, look):
        raise Invalid("name", "Somebody in this discussion already goes by this name or one that looks like it.")
    number = last_author + 1
    connection.execute(
        _ADD_AUTHOR,
        {
            "thread": submission.thread,
            "number": number,
            "name": submission.name,
            "skeleton": look,
            "mark": submission.mark,
            "key_hash": submission.key_hash,
            "source": None,
        },
    )
    return number, True


def _is_taken(connection: sa.Connection, submission: Submission, look: str) -> bool:
    asked = {"in_thread": submission.thread, "look": look, "key_hash": submission.key_hash}
    return connection.execute(_OTHERS_OF_LOOK, asked).first() is not None


def _row(
    submission: Submission, number: int, place: Place, depth: int, author: int, now: datetime
) -> dict[str, object]:
    return {
        "thread": submission.thread,
        "number": number,
        "parent": submission.parent,
        "depth": depth,
        "trunk": place.trunk,
        "path": place.path,
        "state": submission.state.value,
        "author": author,
        "created": now,
        "edited": None,
        "up": 0,
        "down": 0,
        "best_rank": best_rank(0, 0),
        "controversial_rank": controversial_rank(0, 0),
        "replies": 0,
        "shown": submission.state is State.PUBLISHED,
        "quotes": encode_quotes(submission.quotes) if submission.quotes else None,
        "origin": None,
        "submission": submission.idempotency_key,
    }
