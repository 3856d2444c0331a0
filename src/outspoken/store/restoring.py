"""Comments that come back with the numbers they had: a thread as an archive kept it, or what is missing in one here.

What is here is never changed, only added to. Every part that is taken leaves the thread whole, so that a restoration
that was cut off is simply begun again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Body, Comment, Origin, Quotation
from outspoken.discussion.order import best_rank, controversial_rank
from outspoken.discussion.place import Place
from outspoken.discussion.state import State
from outspoken.store.bulk import Values, add_rows
from outspoken.store.changes import count_replies, destroy_body, erase, show_or_hide
from outspoken.store.loading import shown_replies, stands
from outspoken.store.numbers import Numbers
from outspoken.store.publishing import write_bodies
from outspoken.store.redirects import moved_to
from outspoken.store.rows import Row, as_comment, each_of, encode_origin, encode_quotes
from outspoken.store.sealing import Entropy, seal
from outspoken.store.tables import authors, bodies, comments, decisions, keys, minutes, provenance, threads
from outspoken.store.threads import lock_thread
from outspoken.text.names import skeleton

_LOOK_UP = 500
_OF_PLACE = ("thread", "number", "parent", "depth", "trunk", "path", "replies", "shown", "submission")
"""Columns of a comment that nothing changes, or that follow from its replies."""


@dataclass(frozen=True, slots=True)
class KeptAuthor:
    """An author as an archive tells them."""

    number: int
    name: str
    mark: bytes
    key_hash: bytes | None
    source: str | None


@dataclass(frozen=True, slots=True)
class KeptComment:
    """A comment as an archive tells it."""

    number: int
    parent: int
    state: State
    author: int | None
    created: datetime | None
    edited: datetime | None
    up: int
    down: int
    body: Body | None
    quotes: tuple[Quotation, ...]
    origin: Origin | None
    was: str = ""
    """What `digest` gives for how it was before it was changed; empty if it isn't told as a change."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """A part of an archive, held against what is here."""

    missing: Sequence[KeptComment]
    changed: Sequence[KeptComment]
    """What is here as it was before."""
    known: int
    """How many are here already."""
    differing: Sequence[int]
    """Numbers under which something else stands here, or whose parents are such."""
    moved: Sequence[int] = ()
    """Numbers of what is here under another number or in another thread; they count as known."""
    unanswered: Sequence[int] = ()
    """Numbers of what answers a comment of an earlier archive that isn't here any more."""


@dataclass(slots=True)
class Restoring:
    """One thread on its way back. Its parts come in the order of numbers, each in a transaction."""

    thread: str
    is_new: bool
    """Whether nothing of it was here, so that nothing has to be looked for."""
    entropy: Entropy
    digest: Callable[[Comment], str] = lambda _: ""
    """Gives a short name to a comment as it is here."""
    is_increment: bool = False
    """Whether replies may come without what they answer."""
    _differing: Numbers = field(default_factory=Numbers)
    _coming: Numbers = field(default_factory=Numbers)
    """Of an increment, the numbers of what is missing here."""
    _renumbered: dict[int, int] = field(default_factory=dict)
    """By their number in the archive, the one they have here, of those with whom it is another."""
    _unneeded: dict[int, KeptAuthor] = field(default_factory=dict)
    """Those who aren't here and, so far, needn't be."""

    def sort(self, connection: sa.Connection, part: Sequence[KeptComment]) -> Sorted:
        """Tell which comments aren't here yet. Parts have to come in order, whether they are added or not."""
        here = self._here(connection, part)
        absent = [comment.number for comment in part if comment.number not in here]
        moved = {} if self.is_new else moved_to(connection, self.thread, absent)
        answered = self._answered_here(connection, part)
        missing, changed, differing, unanswered = [], [], [], []
        for comment in part:
            found = here.get(comment.number)
            if comment.number in moved:
                self._differing.add(comment.number)
            elif found is not None and comment.was and comment.was == self.digest(found):
                changed.append(comment)
            elif found is None and comment.parent not in self._differing:
                if self.is_increment and not (comment.parent in answered or comment.parent in self._coming):
                    self._differing.add(comment.number)
                    unanswered.append(comment.number)
                    continue
                missing.append(comment)
                if self.is_increment:
                    self._coming.add(comment.number)
            elif found is None or comment.parent in self._differing or not _is_same(found, comment):
                self._differing.add(comment.number)
                differing.append(comment.number)
        known = len(part) - len(missing) - len(changed) - len(differing) - len(unanswered)
        return Sorted(missing, changed, known, differing, list(moved), unanswered)

    def add(self, connection: sa.Connection, part: Sequence[KeptComment], people: Mapping[int, KeptAuthor]) -> Sorted:
        """Add what isn't here. `people` are those that the part names, but for those whom earlier parts have named."""
        thread = lock_thread(connection, self.thread)
        parted = self.sort(connection, part)
        self._take_authors(connection, thread, [*parted.missing, *parted.changed], people)
        if parted.missing:
            self._insert(connection, thread, parted.missing)
        for comment in parted.changed:
            self._change(connection, thread.site, comment)
        return parted

    def _here(self, connection: sa.Connection, part: Sequence[KeptComment]) -> dict[int, Comment]:
        if self.is_new:
            return {}
        rows = each_of(connection, self.thread, [comment.number for comment in part], is_whole=True)
        return {row.number: as_comment(row) for row in rows}

    def _answered_here(self, connection: sa.Connection, part: Sequence[KeptComment]) -> set[int]:
        """Return the numbers of what a part of an increment answers and that is here, and 0, which roots answer."""
        asked = sorted({comment.parent for comment in part} - {0}) if self.is_increment and not self.is_new else []
        return {0, *(row.number for row in each_of(connection, self.thread, asked))}

    def _above(self, connection: sa.Connection, missing: Sequence[KeptComment]) -> dict[int, Row]:
        """Return the rows of the parents that don't come with this part."""
        coming = {comment.number for comment in missing}
        wanted = {comment.parent for comment in missing if comment.parent and comment.parent not in coming}
        return {row.number: row for row in each_of(connection, self.thread, sorted(wanted))}

    def _take_authors(
        self, connection: sa.Connection, thread: Row, missing: Sequence[KeptComment], people: Mapping[int, KeptAuthor]
    ) -> None:
        """Find or add the authors of these comments; who has a number of somebody else here gets a new one."""
        needed = {comment.author for comment in missing}
        waiting = {number: self._unneeded.pop(number) for number in needed & self._unneeded.keys() if number}
        named = [*waiting.values(), *people.values()]
        here = {} if self.is_new else self._authors_here(connection, [author.number for author in named])
        last, rows = thread.last_author, []
        for author in named:
            number, found = author.number, here.get(author.number)
            if found is not None and not _is_alike(found, author):
                found = self._alike(connection, author)
                number = last + 1 if found is None else found.number
            if found is None and author.number not in needed:
                self._unneeded[author.number] = author
                continue
            if number != author.number:
                self._renumbered[author.number] = number
            last = max(last, number)
            if found is None:
                rows.append(_author_row(self.thread, number, author))
        if rows:
            add_rows(connection, authors, tuple(rows[0]), [tuple(row.values()) for row in rows])
            connection.execute(threads.update().where(threads.c.id == self.thread).values(last_author=last))

    def _authors_here(self, connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Row]:
        found: dict[int, Row] = {}
        for start in range(0, len(numbers), _LOOK_UP):
            rows = connection.execute(
                authors.select().where(
                    authors.c.thread == self.thread, authors.c.number.in_(numbers[start : start + _LOOK_UP])
                )
            )
            found |= {row.number: row for row in rows}
        return found

    def _alike(self, connection: sa.Connection, author: KeptAuthor) -> Row | None:
        """Return the row of an author who was added when somebody else had their number."""
        rows = connection.execute(
            authors.select().where(authors.c.thread == self.thread, authors.c.skeleton == skeleton(author.name))
        )
        return next((row for row in rows if _is_alike(row, author)), None)

    def _insert(self, connection: sa.Connection, thread: Row, missing: Sequence[KeptComment]) -> None:
        above = self._above(connection, missing)
        places = stands(missing, above)
        replies = shown_replies(missing)
        rows = [
            _comment_row(self.thread, comment, places[comment.number], self._renumbered, replies[comment.number])
            | {"created": minutes(comment.created), "edited": minutes(comment.edited)}
            for comment in missing
        ]
        add_rows(connection, comments, tuple(rows[0]), [tuple(row.values()) for row in rows])
        self._add_texts(connection, missing)
        self._count(connection, thread, missing)
        count_replies(connection, self.thread, above.values(), replies)

    def _add_texts(self, connection: sa.Connection, missing: Sequence[KeptComment]) -> None:
        texts: list[Values] = []
        unlocking: list[Values] = []
        for comment in missing:
            if comment.body is not None:
                sealed = seal(comment.body, self.thread, comment.number, self.entropy)
                texts.append((self.thread, comment.number, comment.body.renderer, sealed.sealed))
                unlocking.append((self.thread, comment.number, sealed.key))
        add_rows(connection, bodies, ("thread", "number", "renderer", "sealed"), texts)
        add_rows(connection, keys, ("thread", "number", "key"), unlocking)

    def _change(self, connection: sa.Connection, site: str, comment: KeptComment) -> None:
        """Bring a comment that is here to what became of it."""
        this = (comments.c.thread == self.thread) & (comments.c.number == comment.number)
        before = connection.execute(sa.select(comments.c.state).where(this)).scalar_one()
        if comment.body is None:
            erase(connection, site, self.thread, comment.number)
        else:
            destroy_body(connection, self.thread, comment.number)
            write_bodies(connection, self.thread, [(comment.number, comment.body)], self.entropy)
        row = _comment_row(self.thread, comment, (Place(0, b""), 0), self._renumbered, 0)
        changes = {name: value for name, value in row.items() if name not in _OF_PLACE}
        connection.execute(comments.update().where(this).values(changes))
        difference = int(comment.state is State.PUBLISHED) - int(before == State.PUBLISHED.value)
        connection.execute(
            threads.update()
            .where(threads.c.id == self.thread)
            .values(comments=threads.c.comments + difference, version=threads.c.version + 1)
        )
        show_or_hide(connection, self.thread, comment.number)

    def _count(self, connection: sa.Connection, thread: Row, missing: Sequence[KeptComment]) -> None:
        published = [comment for comment in missing if comment.state is State.PUBLISHED]
        changes: dict[str, Any] = {"comments": thread.comments + len(published), "version": thread.version + 1}
        if not self.is_new:
            times = [thread.active, *(comment.created for comment in published)]
            changes["active"] = max((time for time in times if time is not None), default=None)
            changes["last_number"] = max(thread.last_number, missing[-1].number)
        connection.execute(threads.update().where(threads.c.id == self.thread).values(changes))


def add_decisions(connection: sa.Connection, thread: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add decisions on comments that are here, unless they are known."""
    asked = sorted({row["number"] for row in rows})
    here, known = set(), set()
    for start in range(0, len(asked), _LOOK_UP):
        part = asked[start : start + _LOOK_UP]
        here |= {row.number for row in each_of(connection, thread, part)}
        found = connection.execute(
            sa.select(decisions.c.number, decisions.c.sequence).where(
                decisions.c.thread == thread, decisions.c.number.in_(part)
            )
        )
        known |= {(row.number, row.sequence) for row in found}
    new = [row for row in rows if row["number"] in here and (row["number"], row["sequence"]) not in known]
    if new:
        connection.execute(decisions.insert(), [{"thread": thread, **row} for row in new])


def add_provenance(connection: sa.Connection, site: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note where comments came from, unless it is known."""
    for format in {row["format"] for row in rows}:
        sources = [row["source"] for row in rows if row["format"] == format]
        known = set(
            connection.execute(
                sa.select(provenance.c.source).where(
                    provenance.c.site == site, provenance.c.format == format, provenance.c.source.in_(sources)
                )
            ).scalars()
        )
        new = [{"site": site, **row} for row in rows if row["format"] == format and row["source"] not in known]
        if new:
            add_rows(connection, provenance, tuple(new[0]), [tuple(row.values()) for row in new])


def _is_same(here: Comment, kept: KeptComment) -> bool:
    """Tell whether a comment is the one that an archive tells of, edited, hidden or erased though it may be."""
    times = {here.created, kept.created}
    if here.parent != kept.parent or not (len(times) == 1 or None in times):
        return False
    if here.body is None or kept.body is None or here.edited or kept.edited:
        return True
    return here.body.source == kept.body.source


def _is_alike(here: Row, author: KeptAuthor) -> bool:
    return bool((here.name, here.mark) == (author.name, author.mark))


def _author_row(thread: str, number: int, author: KeptAuthor) -> dict[str, Any]:
    return {
        "thread": thread,
        "number": number,
        "name": author.name,
        "skeleton": skeleton(author.name),
        "mark": author.mark,
        "key_hash": author.key_hash,
        "source": author.source,
    }


def _comment_row(
    thread: str, comment: KeptComment, stand: tuple[Place, int], renumbered: Mapping[int, int], replies: int
) -> dict[str, Any]:
    place, depth = stand
    return {
        "thread": thread,
        "number": comment.number,
        "parent": comment.parent,
        "depth": depth,
        "trunk": place.trunk,
        "path": place.path,
        "state": comment.state.value,
        "author": None if comment.author is None else renumbered.get(comment.author, comment.author),
        "created": comment.created,
        "edited": comment.edited,
        "up": comment.up,
        "down": comment.down,
        "best_rank": best_rank(comment.up, comment.down),
        "controversial_rank": controversial_rank(comment.up, comment.down),
        "replies": replies,
        "shown": comment.state is State.PUBLISHED or replies > 0,
        "quotes": encode_quotes(comment.quotes) if comment.quotes else None,
        "origin": None if comment.origin is None else encode_origin(comment.origin),
        "submission": None,
    }
