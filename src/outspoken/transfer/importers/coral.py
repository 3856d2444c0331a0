"""Coral as CSV: the three files that Coral's own importer takes, in a folder or a zip. They have no header.

Roles are never read.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.reading.csv_rows import csv_rows
from outspoken.transfer.reading.fields import email, moment, name, page, reference, text
from outspoken.transfer.reading.folders import files, names_in
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.opening import halves
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_COLUMNS = {"users.csv": 6, "stories.csv": 7, "comments.csv": 8}
_HEADER = "id"
UNKNOWN = ("", "")
"""Name and e-mail of somebody who isn't in the file."""

ReadRow = Callable[[list[str], int], Iterator[Record]]
"""Returns what a row holds that begins at a line."""

_STATES = {
    **{"": State.PUBLISHED, "NONE": State.PUBLISHED, "APPROVED": State.PUBLISHED, "ACCEPTED": State.PUBLISHED},
    **{"PREMOD": State.HELD, "SYSTEM_WITHHELD": State.HELD, "DELETED": State.DELETED},
    # Coral moderates what has appeared, so what it rejected was mostly shown before.
    "REJECTED": State.REMOVED,
}


class CoralCsv:
    """users.csv, stories.csv and comments.csv."""

    name = "coral"
    title = "Coral, a folder or zip of users.csv, stories.csv and comments.csv"

    def recognises(self, head: bytes) -> bool:  # noqa: ARG002  (as every importer has it)
        """Tell that one file alone isn't enough: without a header it could be anything."""
        return False

    def recognises_path(self, path: Path) -> bool:
        """Tell whether stories and comments are among the files."""
        return {"stories.csv", "comments.csv"} <= {file.name for file in names_in(path)}

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read users and stories, then stream the comments.

        Raises:
            Unreadable: if a file is missing, isn't CSV, or has other columns than Coral's importer asks for.
        """
        missing = {"stories.csv", "comments.csv"} - {file.name for file in names_in(path)}
        if missing:
            raise Unreadable(f"{path.name} has no {min(missing)}.")
        first, second = halves(path, progress)
        people = Notes()

        def note_person(row: list[str], _: int) -> Iterator[Record]:
            # The third column is the name; the second is the e-mail.
            people.add(row[0], name(row[2]), email(row[1]))
            return iter(())

        yield from _records(path, first, {"users.csv": note_person, "stories.csv": _story})
        yield from _records(path, second, {"comments.csv": partial(_comment, people)})


IMPORTER: Importer = CoralCsv()


def _records(path: Path, progress: Progress, tables: Mapping[str, ReadRow]) -> Iterator[Record]:
    """Yield what the rows of some tables hold, each row as long as it has to be, and what is wrong with a table."""
    for file in files(path, progress):
        table = file.name.name
        if table not in tables:
            continue
        for found in csv_rows(file, table):
            if isinstance(found, Problem):
                yield found
                continue
            line, row = found
            if len(row) != _COLUMNS[table]:
                raise Unreadable(f"{table}, line {line}: it has {len(row)} columns, not {_COLUMNS[table]}.")
            row[0] = row[0].strip()
            if row[0] != _HEADER:
                yield from tables[table](row, line)


def _story(row: list[str], line: int) -> Iterator[Record]:
    id, url, title, _, published_at, closed_at, _ = row
    where = f"stories.csv, line {line}"
    if not id:
        yield Problem(where, "a story without id can't be told from others")
        return
    published, no_date = moment(published_at, where)
    yield from no_date
    story = page(id, text(url).strip(), text(title), closed=bool(closed_at.strip()))
    yield msgspec.structs.replace(story, published=published)


def _comment(people: Notes, row: list[str], line: int) -> Iterator[Record]:
    id, writer, story, written, body, parent, status, _ = row
    where = f"comments.csv, line {line}"
    created, no_date = moment(written, where)
    yield from no_date
    author, mailbox = people.of(writer.strip()) or UNKNOWN
    yield from as_coral_keeps_it(
        SourceComment(
            source=reference(id),
            story=reference(story),
            parent=reference(parent) or None,
            author=author,
            author_source=reference(writer),
            body=text(body),
            markup=Markup.HTML,
            created=created,
            line=line,
            email=mailbox,
        ),
        status,
        where,
    )


def as_coral_keeps_it(comment: SourceComment, status: str, where: str) -> Iterator[Record]:
    """Yield `comment` in the state that Coral calls `status`, without what may not be kept of it."""
    if not comment.source:
        yield Problem(where, "a comment without id can't be told from others")
        return
    if not comment.story:
        yield Problem(where, "a comment that names no story can't be placed")
        return
    state = _STATES.get(status.strip().upper())
    if state is None:
        yield Problem(where, f"is in a state that isn't known ({text(status)[:20]}); it waits for a moderator")
        state = State.HELD
    if state in (State.REMOVED, State.DELETED):
        yield msgspec.structs.replace(comment, author="", author_source=None, body="", state=state, email="")
    elif comment.author and "@" not in (comment.author_source or "@"):
        yield msgspec.structs.replace(comment, state=state)
    else:
        yield msgspec.structs.replace(
            comment, author_source=None, state=state, lost=() if comment.author else ("author",)
        )
