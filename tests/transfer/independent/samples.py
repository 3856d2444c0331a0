"""The sample files, each with its reader, and what either reading makes of them.

`python -m tests.transfer.independent.samples` prints that as a table.
"""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from outspoken.discussion.comment import Comment
from outspoken.store.database import Database, open_database
from outspoken.store.exports import comments_by_number
from outspoken.store.tables import threads
from outspoken.store.upgrading import upgrade
from outspoken.transfer.importers import recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.records import Unreadable
from outspoken.transfer.report import Report
from tests.transfer.independent.json_exports import commento, disqus_embed, isso_json, remark42
from tests.transfer.independent.said import Reading, Refused, Row, Said, expected, row
from tests.transfer.independent.tables import artalk, coral, isso, staticman
from tests.transfer.independent.texts import movable_type, page
from tests.transfer.independent.xml_exports import blogger, disqus, wordpress

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "import"

READERS: dict[str, Callable[[Path], Reading]] = {
    "artalk": artalk,
    "blogger/*.xml": blogger,
    "blogger/*.atom": blogger,
    "commento/*": commento,
    "coral": coral,
    "disqus/*.xml": disqus,
    "disqus/*.xml.gz": disqus,
    "disqus/*.html": disqus_embed,
    "flattened/*.html": page,
    "flattened/*.txt": page,
    "isso/*.json": isso_json,
    "isso/*.db": isso,
    "movabletype/*": movable_type,
    "remark42/*": remark42,
    "staticman/comments": staticman,
    "wordpress/*": wordpress,
}
"""What reads what matches; a folder without a star is read as a whole."""

_MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


def samples() -> list[str]:
    """Return the names of the samples: files, and folders that are read as one. The truth beside pages is none."""
    folders = {name for name in READERS if "*" not in name}
    files = [path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file()]
    return sorted(
        folders
        | {
            file.as_posix()
            for file in files
            if not file.name.endswith(".expected.json") and not folders & {each.as_posix() for each in file.parents}
        }
    )


def read(name: str) -> Row | None:
    """Return what has to come of a sample by the reading that has nothing to do with ours; None if it is refused."""
    readers = [reader for pattern, reader in READERS.items() if Path(name).match(pattern)]
    assert len(readers) == 1, f"{name} is to have one independent reader"
    try:
        return expected(readers[0](SAMPLES / name))
    except Refused:
        return None


def brought(name: str, database: Database, folder: Path) -> Row | str:
    """Import a sample into a site of its own and return what is there then, or why it was refused."""
    site = f"site-{samples().index(name)}"
    path = SAMPLES / name
    try:
        report = run_import(
            recognise(path),
            path,
            database=database,
            site=site,
            scratch_folder=folder,
            entropy=os.urandom,
            now=lambda: _MOMENT,
        )
    except Unreadable as refusal:
        return str(refusal)
    return _there(database, site, report)


def _there(database: Database, site: str, report: Report) -> Row:
    with database.reading() as connection:
        ids = connection.execute(sa.select(threads.c.id).where(threads.c.site == site)).scalars().all()
        comments = [comment for id in ids for comment in comments_by_number(connection, id, only_shown=False)]
    left_out = report.skipped + Counter({"no page": sum("isn't in the file" in each.what for each in report.problems)})
    return row({_source(comment): _said(comment) for comment in comments}, report.orphans, left_out)


def _said(comment: Comment) -> Said:
    return Said(
        source=_source(comment),
        page=comment.thread,
        parent=f"{comment.thread} {comment.parent}" if comment.parent else None,
        author=comment.author.name if comment.author else "",
        text=comment.body.source if comment.body else "",
        created=comment.created,
        state=comment.state.value,
        votes=(comment.up, comment.down),
        lost=comment.origin.lost if comment.origin else (),
    )


def _source(comment: Comment) -> str:
    return f"{comment.thread} {comment.number}"


def table() -> Iterator[str]:
    """Yield the lines of the table; a sample of which the two readings differ says so."""
    columns = "sample,pages,comments,live,tombstones,at each depth (roots first),lost,orphans,left out,read alike"
    yield f"| {columns.replace(',', ' | ')} |"
    yield f"|{'---|' * len(columns.split(','))}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = open_database(folder)
        upgrade(database, _MOMENT)
        for sample in samples():
            ours, theirs = brought(sample, database, folder), read(sample)
            is_alike = theirs is None if isinstance(ours, str) else ours == theirs
            cells = [f"refused: {ours}", *[""] * 7] if isinstance(ours, str) else ours.as_cells()
            yield f"| {' | '.join([sample, *cells, 'yes' if is_alike else 'NO'])} |"
        database.close()


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table())
