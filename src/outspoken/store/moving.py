"""Carrying a whole database across, from SQLite to PostgreSQL, back, or from one PostgreSQL to another.

Theory of operation: the source is read in one state of it, table by table in the order of its keys, in batches. Each
batch and the journal's note of it are one transaction of the target, so that a move that was cut off goes on where it
stopped. Then all is read again on both sides and compared, row by row. What differs (only if the source was changed
between two runs) is put right. At last the source is looked at once more: if there is something new in it, that is
carried too, and the move isn't ended, because whoever wrote it may still be writing.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from outspoken.store import journal
from outspoken.store.batches import NotCarried, Sheet, Values
from outspoken.store.database import Database
from outspoken.store.erasure import finish_erasing
from outspoken.store.journal import Stage
from outspoken.store.source import Source
from outspoken.store.tables import metadata
from outspoken.store.upgrading import REVISIONS, newest_revision, revision_of, upgrade

CARRYING = "Carrying"
COMPARING = "Comparing"
LOOKING = "Looking for what changed"

Told = Callable[[str, int, int], None]
"""Told which step is how far: the step, rows done, rows in all."""


class NotMovable(Exception):
    """The one can't be read by this program, or the other one holds something already."""


class MovedOn(Exception):
    """The source was written to while it was carried. What was new is carried too; the move is not ended."""


def move(origin: Database, target: Database, now: datetime, told: Told = lambda *_: None) -> dict[str, int]:
    """Carry everything and return how many rows each table has; go on where an earlier attempt was cut off.

    Raises:
        FileNotFoundError: if there is no database to carry.
        NotMovable: if one of the two isn't fit; nothing was written then.
        NotCarried: if the target can't hold a row, or gives it back otherwise.
        MovedOn: if somebody writes to the source; the same call goes on from here.
        Overtaken: if another move fills the same target.
    """
    with Source(origin) as source:
        if revision_of(source.connection) != newest_revision():
            raise NotMovable(f"{source.name} was not written by this version of the program; serve it once with it.")
        passage = _Passage(source.connection, target, told)
        has_begun = _prepare(target, source.name, now)
        if has_begun:
            passage.prune()
        passage.carry()
        passage.compare()
        if source.renew():
            late = passage.prune() + passage.compare()
            if late:
                raise MovedOn(
                    f"{late} rows were changed in {source.name} while it was carried. Stop what writes "
                    "to it and run the same command again: only what differs is carried then."
                )
        carried = passage.counts()
    _finish(target, has_pruned=has_begun)
    return carried


def _prepare(target: Database, source: str, now: datetime) -> bool:
    """Make the tables and the journal where there is nothing yet; return whether a move was begun there before."""
    with target.reading() as connection:
        if journal.is_begun(connection):
            if (begun := journal.source_of(connection)) != source:
                raise NotMovable(f"the database to fill holds part of another move, from {begun}.")
            if revision_of(connection) != newest_revision():
                raise NotMovable("the move was begun by another version of the program. Begin again with an empty one.")
            return True
        there = set(sa.inspect(connection).get_table_names())
        if strangers := there - set(metadata.tables) - {REVISIONS}:
            raise NotMovable(f"the database to fill holds something else: the table {min(strangers)}.")
    upgrade(target, now)
    with target.writing() as connection:
        if full := [sheet.name for sheet in _SHEETS if not sheet.is_empty(connection)]:
            raise NotMovable(f"the database to fill holds something already: there are rows in the table {full[0]}.")
        journal.begin(connection, source, [sheet.name for sheet in _SHEETS])
    return False


def _finish(target: Database, *, has_pruned: bool) -> None:
    with target.writing() as connection:
        journal.end(connection)
    if target.is_sqlite or has_pruned:
        finish_erasing(target)
    if not target.is_sqlite:
        # Without figures the planner takes a table of a million rows for a small one.
        target.maintain(f"VACUUM (ANALYZE) {', '.join(sheet.name for sheet in _SHEETS)}")


_SHEETS = tuple(Sheet(table) for table in metadata.sorted_tables)


class _Passage:
    """The way between one state of the source and the target."""

    def __init__(self, source: sa.Connection, target: Database, told: Told) -> None:
        self._source = source
        self._target = target
        self._told = told

    def counts(self) -> dict[str, int]:
        """Return how many rows each table of the source has."""
        return {sheet.name: sheet.count(self._source) for sheet in _SHEETS}

    def carry(self) -> None:
        """Carry what the journal doesn't have yet."""
        with self._target.reading() as connection:
            stages = journal.stages(connection)
        done, of = sum(stage.rows for stage in stages.values()), sum(self.counts().values())
        self._told(CARRYING, done, of)
        for sheet in _SHEETS:
            stage = stages[sheet.name]
            if stage.is_whole:
                continue
            for rows in sheet.batches(self._source, stage.last):
                after = Stage(stage.rows + len(rows), sheet.key_of(rows[-1]))
                with self._target.writing() as connection:
                    journal.advance(connection, sheet.name, stage, after)
                    sheet.add(connection, rows)
                stage = after
                done += len(rows)
                self._told(CARRYING, done, of)
            with self._target.writing() as connection:
                journal.advance(connection, sheet.name, stage, Stage(stage.rows, stage.last, is_whole=True))

    def prune(self) -> int:
        """Remove from the target what isn't in the source, or isn't so, and return how many rows that were."""
        removed, done = 0, 0
        with self._target.reading() as connection:
            of = sum(sheet.count(connection) for sheet in _SHEETS)
            for sheet in _SHEETS:
                for rows in sheet.batches(connection):
                    kept = sheet.find(self._source, [sheet.key_of(row) for row in rows])
                    stale = [key for row in rows if kept.get(key := sheet.key_of(row)) != row]
                    if stale:
                        with self._target.writing() as writing:
                            sheet.delete(writing, stale)
                    removed += len(stale)
                    done += len(rows)
                    self._told(LOOKING, done, of)
        return removed

    def compare(self) -> int:
        """Compare every row of the source, carry what is missing, and return how many rows that were.

        Raises:
            NotCarried: if a row is stored otherwise than it was given, or the target holds more.
        """
        counts = self.counts()
        put_right, done, of = 0, 0, sum(counts.values())
        for sheet in _SHEETS:
            for rows in sheet.batches(self._source):
                if missing := self._differing(sheet, rows):
                    with self._target.writing() as connection:
                        sheet.add(connection, missing)
                    if self._differing(sheet, missing):
                        raise NotCarried(f"the table {sheet.name} gives a row back otherwise than it was stored.")
                put_right += len(missing)
                done += len(rows)
                self._told(COMPARING, done, of)
            with self._target.reading() as connection:
                if sheet.count(connection) != counts[sheet.name]:
                    raise NotCarried(f"the table {sheet.name} has rows that nobody carried: who writes there?")
        return put_right

    def _differing(self, sheet: Sheet, rows: list[Values]) -> list[Values]:
        with self._target.reading() as connection:
            found = sheet.find(connection, [sheet.key_of(row) for row in rows])
        return [row for row in rows if found.get(sheet.key_of(row)) != row]
