"""Comments on their way into another thread, a few hundred a step, each with all that belongs to it.

A copy gets the next number of its new thread and a text under a key of its own, because a sealed text opens only where
it stands. Where its old address leads is written in the same transaction; so is where it came from, so that whoever
brings the old file in again finds the copy. What is left where it was is nobody's business here.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Comment, Quotation
from outspoken.discussion.errors import NotPossible
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store import redirects
from outspoken.store.changes import count_replies
from outspoken.store.loading import shown_replies, stands
from outspoken.store.newcomers import bring_authors
from outspoken.store.parts import in_parts
from outspoken.store.publishing import write_bodies
from outspoken.store.rows import WHOLE, Row, as_comment, each_of, encode_quotes
from outspoken.store.sealing import Entropy
from outspoken.store.tables import claimed, comments, contacts, decisions, ledger, provenance, reports, threads, votes

STEP = 250
"""Comments of the old thread that one step looks at."""

_COLUMNS = tuple(column.name for column in comments.columns)
_BESIDE = (votes, decisions, reports)
_BELONGING = tuple(
    table.update()
    .where(
        table.c.site == sa.bindparam("of_site"),
        table.c.thread == sa.bindparam("from_thread"),
        table.c.number == sa.bindparam("from_number"),
    )
    .values(thread=sa.bindparam("to_thread"), number=sa.bindparam("to_number"))
    for table in (provenance, contacts, claimed)
)
"""Where a comment came from, the e-mail it was written under, the codes that lead to it: each goes along."""
_ERASED = (
    ledger.update()
    .where(ledger.c.site == sa.bindparam("of_site"), ledger.c.digest == sa.bindparam("with_digest"))
    .values(thread=sa.bindparam("to_thread"), number=sa.bindparam("to_number"))
)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one step did."""

    comments: int
    last: int
    """Up to which number the old thread was looked at."""
    is_end: bool


@dataclass(frozen=True, slots=True)
class _Coming:
    """A comment with its new number and the new number of what it answers."""

    row: Row
    comment: Comment
    number: int
    parent: int

    @property
    def state(self) -> State:
        """The state it keeps."""
        return self.comment.state


@dataclass(frozen=True, slots=True)
class Carrying:
    """The way from one thread into another that is locked."""

    connection: sa.Connection
    origin: str
    target: Row
    tops: frozenset[int] | None
    """The comments that come with their replies; None for all."""
    has_same_excerpt: bool
    """Whether what quotes the story quotes that of the other thread too."""
    entropy: Entropy

    def step(self, after: int) -> Carried:
        """Carry what comes among the next comments behind the number `after`.

        Raises:
            NotPossible: if a comment's parent isn't where it should be.
            Damaged: if a text can't be opened.
        """
        rows = self.connection.execute(
            WHOLE.where(comments.c.thread == self.origin, comments.c.number > after)
            .order_by(comments.c.number)
            .limit(STEP)
        ).all()
        if not rows:
            return Carried(0, after, is_end=True)
        coming, numbers = self._numbered(rows)
        if coming:
            self._take_in(coming, numbers)
        return Carried(len(coming), rows[-1].number, is_end=False)

    def _numbered(self, rows: Sequence[Row]) -> tuple[list[_Coming], dict[int, int]]:
        """Return the comments that come, and by old number the new ones of them and of what they name."""
        numbers = self._carried({row.parent for row in rows})
        coming: list[_Coming] = []
        for row in rows:
            if row.parent in numbers:
                parent = numbers[row.parent]
            elif row.number in self.tops if self.tops is not None else not row.parent:
                parent = 0
            elif self.tops is not None:
                continue
            else:
                raise NotPossible("A comment's parent isn't there. “outspoken check” tells what is wrong.")
            coming.append(_Coming(row, as_comment(row), self.target.last_number + len(coming) + 1, parent))
            numbers[row.number] = coming[-1].number
        quoted = {quote.target for it in coming for quote in it.comment.quotes}
        return coming, numbers | self._carried(quoted - numbers.keys())

    def _carried(self, numbers: Set[int]) -> dict[int, int]:
        """Return the new numbers of those of these comments that an earlier step has carried."""
        moved = redirects.moved_to(self.connection, self.origin, numbers - {0})
        return {old: spot.number for old, spot in moved.items() if spot.thread == self.target.id}

    def _take_in(self, coming: Sequence[_Coming], numbers: Mapping[int, int]) -> None:
        connection, target = self.connection, self.target
        people = bring_authors(connection, self.origin, target, {it.row.author for it in coming} - {None})
        above = self._above(coming)
        places = stands(coming, above)
        replies = shown_replies(coming)
        known = self._known_submissions(coming)
        connection.execute(
            comments.insert(),
            [
                {name: getattr(it.row, name) for name in _COLUMNS}
                | {"thread": target.id, "number": it.number, "parent": it.parent}
                | _at_place(*places[it.number])
                | {"author": people.get(it.row.author), "quotes": self._quotes(it.comment, numbers)}
                | {"replies": replies[it.number], "shown": it.state is State.PUBLISHED or replies[it.number] > 0}
                | {"submission": None if it.row.submission in known else it.row.submission}
                for it in coming
            ],
        )
        texts = [(it.number, it.comment.body) for it in coming if it.comment.body is not None]
        write_bodies(connection, target.id, texts, self.entropy)
        here = {it.row.number: it.number for it in coming}
        self._carry_what_is_beside(here)
        self._count(coming)
        count_replies(connection, target.id, above.values(), replies)

    def _above(self, coming: Sequence[_Coming]) -> dict[int, Row]:
        """Return the rows of the parents that came with an earlier step."""
        numbers = {it.number for it in coming}
        wanted = {it.parent for it in coming if it.parent and it.parent not in numbers}
        return {row.number: row for row in each_of(self.connection, self.target.id, sorted(wanted))}

    def _known_submissions(self, coming: Sequence[_Coming]) -> set[bytes]:
        """Return which keys of these submissions the other thread has too: who sent two with one key meant two."""
        sent = [it.row.submission for it in coming if it.row.submission is not None]
        found = self.connection.execute(
            sa.select(comments.c.submission).where(comments.c.thread == self.target.id, comments.c.submission.in_(sent))
        )
        return set(found.scalars())

    def _quotes(self, comment: Comment, numbers: Mapping[int, int]) -> bytes | None:
        """Return what a comment quotes by its new numbers, without what is left behind."""
        kept = [
            Quotation(numbers[quote.target] if quote.target else 0, quote.start, quote.length)
            for quote in comment.quotes
            if quote.target in numbers or (not quote.target and self.has_same_excerpt)
        ]
        return encode_quotes(kept) if kept else None

    def _carry_what_is_beside(self, numbers: Mapping[int, int]) -> None:
        connection, target = self.connection, self.target
        for table in _BESIDE:
            query = table.select().where(table.c.thread == self.origin, table.c.number.in_(list(numbers)))
            for part in in_parts(connection.execute(query).all()):
                connection.execute(
                    table.insert(),
                    [{**row._mapping, "thread": target.id, "number": numbers[row.number]} for row in part],
                )
        moves = [
            {"of_site": target.site, "from_thread": self.origin, "from_number": old, **self._at(new)}
            for old, new in numbers.items()
        ]
        for statement in _BELONGING:
            connection.execute(statement, moves)
        entries = connection.execute(
            sa.select(ledger.c.digest, ledger.c.number).where(
                ledger.c.site == target.site, ledger.c.thread == self.origin, ledger.c.number.in_(list(numbers))
            )
        ).all()
        if entries:
            connection.execute(
                _ERASED,
                [
                    {"of_site": target.site, "with_digest": entry.digest, **self._at(numbers[entry.number])}
                    for entry in entries
                ],
            )
        redirects.lead_on(connection, self.origin, target.id, list(numbers.items()))

    def _at(self, number: int) -> dict[str, Any]:
        return {"to_thread": self.target.id, "to_number": number}

    def _count(self, coming: Sequence[_Coming]) -> None:
        published = [it.row.created for it in coming if it.state is State.PUBLISHED]
        target = self.target
        self.connection.execute(
            threads.update()
            .where(threads.c.id == target.id)
            .values(
                comments=target.comments + len(published),
                last_number=coming[-1].number,
                active=max((time for time in (target.active, *published) if time is not None), default=None),
                version=target.version + 1,
            )
        )


def _at_place(place: Place, depth: int) -> dict[str, Any]:
    return {"trunk": place.trunk, "path": place.path, "depth": depth}
