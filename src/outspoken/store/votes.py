"""Votes: one a voter and comment, changed or taken back at will. Nothing tells who a voter is.

All that are given in one thread at about the same time are counted together: a row for each voter, but one for each
comment and one for the thread, however many clicks there were.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotFound, Refusal
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.permission import may_vote
from outspoken.discussion.place import LARGEST_NUMBER
from outspoken.discussion.thread import Thread
from outspoken.store.rows import WHOLE, as_comment
from outspoken.store.tables import authors, comments, threads, votes
from outspoken.store.threads import as_thread, lock_thread
from outspoken.store.windows import comment_at

_here = comments.c.thread == sa.bindparam("in_thread")
_vote_here = (votes.c.thread == sa.bindparam("in_thread")) & (votes.c.number == sa.bindparam("on"))
_COMMENTS = WHOLE.add_columns(authors.c.key_hash).where(
    _here, comments.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_GIVEN = sa.select(votes.c.voter, votes.c.value).where(
    _vote_here, votes.c.voter.in_(sa.bindparam("voters", expanding=True))
)
_TAKE_BACK = votes.delete().where(_vote_here, votes.c.voter == sa.bindparam("by"))
_COUNTED = comments.update().where(_here, comments.c.number == sa.bindparam("on"))
_TOUCHED = threads.update().where(threads.c.id == sa.bindparam("in_thread"))


@dataclass(frozen=True, slots=True)
class Ballot:
    """One vote as it is given."""

    thread: str
    number: int
    voter: bytes
    key_hash: bytes | None
    """SHA-256 of the voter's key for this thread, to know authors by."""
    value: int
    """1 or -1; 0 takes a vote back."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many votes a comment has."""

    up: int
    down: int
    version: int = field(default=0, compare=False)
    """The version of the thread that shows them; 0 if nothing changed."""


def vote(connection: sa.Connection, ballot: Ballot) -> Tally:
    """Count a vote, and return how many there are for and against.

    Raises:
        NotFound, NotAllowed, NotPossible: as `may_vote` says.
    """
    (outcome,) = vote_all(connection, [ballot])
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def vote_all(connection: sa.Connection, ballots: Sequence[Ballot]) -> list[Tally | Refusal]:
    """Count votes in one thread, in their order.

    Returns what became of each: how many there are in the end, or what `vote` would have raised.

    Raises:
        NotFound: if there is no such thread.
    """
    thread = ballots[0].thread
    row = lock_thread(connection, thread)
    boxes = _boxes(connection, thread, ballots)
    refusals = {
        ballot: refusal
        for ballot in ballots
        if (refusal := _refusal(as_thread(row), boxes.get(ballot.number), ballot)) is not None
    }
    for ballot in ballots:
        if ballot not in refusals:
            boxes[ballot.number].given[ballot.voter] = ballot.value
    changed = [box for box in boxes.values() if box.has_changed]
    for box in changed:
        _replace(connection, box)
    if changed:
        _keep_counts(connection, thread, changed)
        connection.execute(_TOUCHED, {"in_thread": thread, "version": row.version + 1})
    return [
        refusals.get(ballot)
        or Tally(*boxes[ballot.number].counts(), row.version + 1 if boxes[ballot.number].has_changed else 0)
        for ballot in ballots
    ]


def take_votes(connection: sa.Connection, thread: str, number: int, values: Mapping[bytes, int]) -> Tally:
    """Count many votes of 1 or -1 at once, by voters who have none on this comment yet, and return how many there are.

    Raises:
        NotFound, NotPossible: as `may_vote` says.
    """
    row = lock_thread(connection, thread)
    comment = comment_at(connection, thread, number)
    may_vote(as_thread(row), comment, is_author=False)
    box = _Box(comment, None, {}, dict(values))
    if box.has_changed:
        _replace(connection, box)
        _keep_counts(connection, thread, [box])
        connection.execute(_TOUCHED, {"in_thread": thread, "version": row.version + 1})
    return Tally(*box.counts())


@dataclass(frozen=True, slots=True)
class _Box:
    """The votes on one comment that are looked at."""

    comment: Comment
    key_hash: bytes | None
    """Of its author."""
    before: Mapping[bytes, int]
    given: dict[bytes, int]
    """By voter; 0 for none."""

    @property
    def has_changed(self) -> bool:
        return any(value != self.before.get(voter, 0) for voter, value in self.given.items())

    def changes(self) -> dict[bytes, int]:
        """Return the voters whose votes aren't what they were, with what they are."""
        return {voter: value for voter, value in self.given.items() if value != self.before.get(voter, 0)}

    def counts(self) -> tuple[int, int]:
        """Return how many there are for and against."""
        up, down = self.comment.up, self.comment.down
        for voter, value in self.given.items():
            before = self.before.get(voter, 0)
            up += (value == 1) - (before == 1)
            down += (value == -1) - (before == -1)
        return up, down


def _boxes(connection: sa.Connection, thread: str, ballots: Sequence[Ballot]) -> dict[int, _Box]:
    numbers = sorted({ballot.number for ballot in ballots if 0 < ballot.number <= LARGEST_NUMBER})
    boxes: dict[int, _Box] = {}
    for row in connection.execute(_COMMENTS, {"in_thread": thread, "numbers": numbers}).all():
        voters = sorted({ballot.voter for ballot in ballots if ballot.number == row.number})
        asked = {"in_thread": thread, "on": row.number, "voters": voters}
        before = {given.voter: given.value for given in connection.execute(_GIVEN, asked)}
        boxes[row.number] = _Box(as_comment(row), row.key_hash, before, dict(before))
    return boxes


def _refusal(thread: Thread, box: _Box | None, ballot: Ballot) -> Refusal | None:
    if box is None:
        return NotFound("There is no such comment.")
    is_author = box.key_hash is not None and box.key_hash == ballot.key_hash
    try:
        may_vote(thread, box.comment, is_author=is_author)
    except Refusal as refusal:
        return refusal
    return None


def _replace(connection: sa.Connection, box: _Box) -> None:
    at = {"thread": box.comment.thread, "number": box.comment.number}
    changes = box.changes()
    taken = [
        {"in_thread": box.comment.thread, "on": box.comment.number, "by": voter}
        for voter in changes
        if box.before.get(voter)
    ]
    if taken:
        connection.execute(_TAKE_BACK, taken)
    given = [{**at, "voter": voter, "value": value} for voter, value in changes.items() if value]
    if given:
        connection.execute(votes.insert(), given)


def _keep_counts(connection: sa.Connection, thread: str, boxes: Iterable[_Box]) -> None:
    counted: list[dict[str, Any]] = []
    for box in boxes:
        up, down = box.counts()
        ranks = {"best_rank": best_rank(up, down), "controversial_rank": controversial_rank(up, down)}
        counted.append({"in_thread": thread, "on": box.comment.number, "up": up, "down": down, **ranks})
    connection.execute(_COUNTED, counted)
