"""Finding in an old system's file what somebody wrote there: by the e-mail that only the file still has."""

from collections.abc import Iterator
from pathlib import Path

from outspoken.store.contacts import Found, folded
from outspoken.store.database import Database
from outspoken.store.imports import Name, known_records
from outspoken.store.parts import in_parts
from outspoken.transfer.records import Importer, Progress, SourceComment


def written_in(importer: Importer, file: Path, email: str, progress: Progress = lambda _: None) -> list[Name]:
    """Return under which names the comments are known that were written under an address. Nothing else is kept.

    Raises:
        Unreadable: if the file is not what it should be.
    """
    wanted = folded(email)
    return [
        (importer.name, record.source)
        for record in importer.read(file, progress)
        if isinstance(record, SourceComment) and record.email and folded(record.email) == wanted
    ]


def imported_as(database: Database, site: str, names: list[Name]) -> Iterator[Found]:
    """Yield which comments of a site were imported under these names; what was erased since is none."""
    for part in in_parts(names):
        with database.reading() as connection:
            known = known_records(connection, site, part)
        yield from dict.fromkeys((at.thread, at.number) for at in known.values())
