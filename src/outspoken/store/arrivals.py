"""Comments on their way into one thread, all that came in together, in as few statements as one alone would need."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import Invalid, NotFound
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.permission import may_reply, may_write
from outspoken.discussion.place import LARGEST_NUMBER, Place, root
from outspoken.discussion.state import Actor, State
from outspoken.store.decisions import record
from outspoken.store.rows import WHOLE, Row, as_comment, as_comments, encode_quotes, place_of
from outspoken.store.sealing import Entropy, seal
from outspoken.store.submission import Receipt, Submission
from outspoken.store.tables import PUBLISHED, authors, bodies, comments, keys, threads
from outspoken.store.threads import as_thread
from outspoken.text.names import skeleton

_REPEATED_WITHIN = timedelta(minutes=1)
_REPEATED_AMONG = 20
_UNLIKELY_TWICE = 40
"""Characters from which on two people don't write the same by chance within a minute."""

# What every comment needs is put together once: building a statement costs more than SQLite takes to run it.
_here = comments.c.thread == sa.bindparam("in_thread")
_author_here = authors.c.thread == sa.bindparam("in_thread")


def _among(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam("asked", expanding=True))


_BY_SUBMISSION = sa.select(comments.c.submission, comments.c.number, comments.c.state).where(
    _here, _among(comments.c.submission)
)
_BY_NUMBER = WHOLE.where(_here, _among(comments.c.number))
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
_AUTHORS_OF_KEYS = sa.select(authors.c.key_hash, authors.c.name, authors.c.number).where(
    _author_here, _among(authors.c.key_hash), authors.c.name.in_(sa.bindparam("names", expanding=True))
)
_OTHER_OF_LOOK = (
    sa.select(authors.c.number)
    .where(
        _author_here,
        authors.c.skeleton == sa.bindparam("look"),
        authors.c.key_hash.is_distinct_from(sa.bindparam("key_hash")),
    )
    .limit(1)
)
_COUNT_REPLIES = (
    comments.update()
    .where(_here, comments.c.number == sa.bindparam("parent_number"))
    .values(replies=comments.c.replies + sa.bindparam("more"))
)
_COUNT_COMMENTS = threads.update().where(threads.c.id == sa.bindparam("in_thread"))
_ADD_COMMENT, _ADD_AUTHOR, _ADD_BODY, _ADD_KEY = (table.insert() for table in (comments, authors, bodies, keys))


class Arrivals:
    """Comments on their way into one thread, whose row is locked: what is known of it, and what is to be written.

    Everything is looked for under the lock: another process may be taking in the same attempt at this moment.
    """

    def __init__(self, connection: sa.Connection, row: Row, now: datetime, entropy: Entropy) -> None:
        self._connection = connection
        self._thread = as_thread(row)
        self._now = now
        self._entropy = entropy
        self._last_number: int = row.last_number
        self._first_number = self._last_number + 1
        self._last_author: int = row.last_author
        self._published = 0
        self._sent: dict[bytes, Receipt] = {}
        self._parents: dict[int, Row] = {}
        self._authors: dict[tuple[bytes, str], int] = {}
        self._looks: dict[str, bytes] = {}
        self._replies: Counter[int] = Counter()
        self._rows: dict[sa.Insert, list[dict[str, object]]] = {
            statement: [] for statement in (_ADD_COMMENT, _ADD_AUTHOR, _ADD_BODY, _ADD_KEY)
        }

    def look_up(self, submissions: Sequence[Submission]) -> None:
        """Read what is there already of what these submissions need."""
        for row in self._ask(_BY_SUBMISSION, {submission.idempotency_key for submission in submissions}):
            self._sent[row.submission] = Receipt(row.number, State(row.state), is_duplicate=True)
        parents = {submission.parent for submission in submissions if 0 < submission.parent <= LARGEST_NUMBER}
        if parents:
            self._parents = {row.number: row for row in self._ask(_BY_NUMBER, parents)}
        names = list({submission.name for submission in submissions})
        for row in self._ask(_AUTHORS_OF_KEYS, {submission.key_hash for submission in submissions}, names=names):
            self._authors[row.key_hash, row.name] = row.number

    def take_in(self, submission: Submission) -> Receipt:
        """Prepare a comment to be written, or recognise it.

        Raises:
            Refusal: as `publish` says.
        """
        if submission.idempotency_key in self._sent:
            return self._sent[submission.idempotency_key]
        may_write(self._thread)
        number = self._last_number + 1
        place, depth = self._place(submission, number)
        if submission.may_be_repeated and (there := self._said_by_anybody(submission)) is not None:
            return there
        author = self._authors.get((submission.key_hash, submission.name))
        if author is None:
            author = self._new_author(submission)
        elif (again := self._said_before(submission, author)) is not None:
            return again
        self._last_number = number
        self._rows[_ADD_COMMENT].append(_row(submission, number, place, depth, author, self._now))
        sealed = seal(submission.body, submission.thread, number, self._entropy)
        at = {"thread": submission.thread, "number": number}
        self._rows[_ADD_BODY].append({**at, "renderer": submission.body.renderer, "sealed": sealed.sealed})
        self._rows[_ADD_KEY].append({**at, "key": sealed.key})
        version = self._count(submission, number)
        self._sent[submission.idempotency_key] = Receipt(number, submission.state, is_duplicate=True)
        return Receipt(number, submission.state, is_duplicate=False, version=version)

    def write(self) -> None:
        """Write what was prepared, and the thread's counts."""
        if self._last_number < self._first_number:
            return
        thread = self._thread
        self._write_rows()
        if self._replies:
            self._connection.execute(
                _COUNT_REPLIES,
                [
                    {"in_thread": thread.id, "parent_number": parent, "more": more}
                    for parent, more in sorted(self._replies.items())
                ],
            )
        self._connection.execute(
            _COUNT_COMMENTS,
            {
                "in_thread": thread.id,
                "last_number": self._last_number,
                "last_author": self._last_author,
                "comments": thread.comments + self._published,
                "version": thread.version + self._published,
                "active": self._now if self._published else thread.active,
            },
        )

    def _count(self, submission: Submission, number: int) -> int:
        """Count a comment, and return the version of the thread that shows it; 0 if readers aren't shown it."""
        if submission.state is not State.PUBLISHED:
            # A comment that nobody may see must not be noticed by those who watch the version either.
            record(
                self._connection,
                *(submission.thread, number, None, submission.state, Actor.RULE),
                *(submission.rule, submission.reason, self._now),
            )
            return 0
        self._published += 1
        if submission.parent:
            self._replies[submission.parent] += 1
        return self._thread.version + self._published

    def _place(self, submission: Submission, number: int) -> tuple[Place, int]:
        if not submission.parent:
            return root(number), 0
        row = self._parents.get(submission.parent) or self._just_written(submission.parent)
        if row is None:
            raise NotFound("The comment you reply to does not exist.")
        may_reply(self._thread, as_comment(row))
        return place_of(row).below(number), row.depth + 1

    def _just_written(self, number: int) -> Row | None:
        """Return a comment that came in together with the one that answers it already."""
        if not self._first_number <= number <= self._last_number:
            return None
        self._write_rows()
        return next(iter(self._ask(_BY_NUMBER, [number])), None)

    def _new_author(self, submission: Submission) -> int:
        """Return the number of an author who wasn't in this thread before.

        Raises:
            Invalid: if somebody else in this thread goes by a name that looks like it.
        """
        look = skeleton(submission.name)
        if look and self._is_taken(look, submission.key_hash):
            raise Invalid("name", "Somebody in this discussion already goes by this name or one that looks like it.")
        self._last_author += 1
        self._authors[submission.key_hash, submission.name] = self._last_author
        if look:
            self._looks[look] = submission.key_hash
        self._rows[_ADD_AUTHOR].append(
            {
                "thread": submission.thread,
                "number": self._last_author,
                "name": submission.name,
                "skeleton": look,
                "mark": submission.mark,
                "key_hash": submission.key_hash,
                "source": None,
            }
        )
        return self._last_author

    def _is_taken(self, look: str, key_hash: bytes) -> bool:
        if self._looks.get(look, key_hash) != key_hash:
            return True
        asked = {"in_thread": self._thread.id, "look": look, "key_hash": key_hash}
        return self._connection.execute(_OTHER_OF_LOOK, asked).first() is not None

    def _said_before(self, submission: Submission, author: int) -> Receipt | None:
        """Recognise the same words to the same comment, sent again from a new form."""
        self._write_rows()
        row = self._connection.execute(
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

    def _said_by_anybody(self, submission: Submission) -> Receipt | None:
        """Recognise the same words by the same name to the same comment, published a moment ago.

        Without a name, short words don't count: many say "Thank you". What is held isn't compared, so nobody can ask
        for it.
        """
        if not submission.name and len(submission.body.source) < _UNLIKELY_TWICE:
            return None
        self._write_rows()
        # Names are compared here: a database that is asked for them reads all that an author of this name has written.
        rows = self._connection.execute(
            _LATEST_WRITTEN,
            {
                "in_thread": submission.thread,
                "after": self._last_number - _REPEATED_AMONG,
                "parent": submission.parent,
                "since": self._now - _REPEATED_WITHIN,
            },
        ).all()
        for comment in as_comments([row for row in rows if row.name == submission.name and row.key_hash is not None]):
            if comment.body is not None and comment.body.source == submission.body.source:
                return Receipt(comment.number, comment.state, is_duplicate=True)
        return None

    def _write_rows(self) -> None:
        """Write the rows that were prepared; those who are looked at next may be looked for among them."""
        for statement, rows in self._rows.items():
            if rows:
                self._connection.execute(statement, rows)
                rows.clear()

    def _ask(self, statement: sa.Select[Any], asked: Collection[object], **more: object) -> Sequence[Row]:
        return self._connection.execute(statement, {"in_thread": self._thread.id, "asked": list(asked), **more}).all()


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
