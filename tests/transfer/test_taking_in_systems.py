"""Files of every system, all the way into a database: once, again, and in halves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.discussion.comment import Comment
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.tables import threads
from outspoken.store.windows import in_reading_order
from outspoken.transfer.importers import recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.report import Report
from tests.transfer.made_up import MadeUp, by_chance
from tests.transfer.writing_artalk import write_artalk_yaml, write_artrans
from tests.transfer.writing_commento import write_comentario, write_commento
from tests.transfer.writing_coral import write_coral, write_coral_legacy
from tests.transfer.writing_isso import write_isso, write_isso_json
from tests.transfer.writing_remark42 import write_remark42
from tests.transfer.writing_staticman import write_staticman
from tests.transfer.writing_topics import write_discourse, write_hypothesis
from tests.transfer.writing_valine import write_twikoo, write_valine, write_waline

Write = Callable[[Path, Sequence[MadeUp]], None]
Run = Callable[[Path], Report]


@dataclass(frozen=True)
class System:
    """An old system: how its files are called here, and who writes them."""

    format: str
    write: Write
    name: str = "export.json"
    depth: int = 100
    """How deep its replies can be."""
    is_one_topic: bool = False
    finds_halves: bool = True
    """Whether a half of its comments can be written so that the other half finds them."""


SYSTEMS = [
    System("artalk", write_artrans),
    System("artalk-yaml", write_artalk_yaml, "tables"),
    System("comentario", write_comentario),
    System("commento", write_commento),
    System("coral", write_coral, "coral.zip"),
    System("coral-legacy", write_coral_legacy, "folder"),
    System("discourse", write_discourse, is_one_topic=True),
    System("hypothesis", write_hypothesis),
    System("isso", write_isso, "comments.db"),
    System("isso-json", write_isso_json, depth=0),
    System("remark42", write_remark42, "backup.gz"),
    System("staticman", write_staticman, "comments.zip", depth=1, finds_halves=False),
    System("valine", write_valine),
    System("valine", write_waline),
    System("valine", write_twikoo),
]
each = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.write.__name__)


@pytest.fixture
def run(sqlite: Database, tmp_path: Path, entropy: Callable[[int], bytes]) -> Run:
    """Import a file, whatever it is, into the site "harbour"."""

    def running(path: Path) -> Report:
        return run_import(
            recognise(path),
            path,
            database=sqlite,
            site="harbour",
            scratch_folder=tmp_path,
            entropy=entropy,
            now=lambda: datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
        )

    return running


def shown(database: Database) -> dict[str, tuple[str | None, str | None]]:
    """Return author and text of the parent by the text of each comment."""
    found: dict[str, tuple[str | None, str | None]] = {}
    with database.reading() as connection:
        for thread in connection.execute(sa.select(threads.c.id)).scalars().all():
            comments: dict[int, Comment] = {c.number: c for c in in_reading_order(connection, thread)}
            for comment in comments.values():
                above = comments.get(comment.parent)
                found[_text(comment)] = (
                    comment.author.name if comment.author else None,
                    _text(above) if above else None,
                )
    return found


def _text(comment: Comment) -> str:
    assert comment.body is not None
    return comment.body.source


def expected(system: System, made: Sequence[MadeUp]) -> dict[str, tuple[str | None, str | None]]:
    by_number = {c.number: c for c in made}

    def parent(c: MadeUp) -> str | None:
        line: list[MadeUp] = []
        at = c
        while at.parent:
            at = by_number[at.parent]
            line.append(at)
        return None if not line or not system.depth else line[0 if system.depth > 1 else -1].text

    return {c.text: (c.author, parent(c)) for c in made}


@each
def test_a_file_brings_the_tree_and_the_same_file_twice_adds_nothing(
    system: System, run: Run, sqlite: Database, tmp_path: Path
) -> None:
    made = by_chance(11)
    path = tmp_path / system.name
    system.write(path, made)

    first, second = run(path), run(path)

    assert (first.format, first.comments, first.threads) == (system.format, 40, 1 if system.is_one_topic else 2)
    assert (first.problems, dict(first.skipped)) == ([], {})
    assert (second.comments, second.threads, second.duplicates) == (0, 0, 40)
    assert shown(sqlite) == expected(system, made)
    assert not list(check(sqlite))


@pytest.mark.parametrize("order", [1, -1], ids=["older first", "newer first"])
@pytest.mark.parametrize(
    "system", [system for system in SYSTEMS if system.finds_halves], ids=lambda system: system.write.__name__
)
def test_an_earlier_and_a_later_export_give_the_whole_in_either_order(
    system: System, order: int, run: Run, sqlite: Database, tmp_path: Path
) -> None:
    made = by_chance(12)
    for number, part in enumerate([made[:25], made][::order]):
        path = tmp_path / f"{number}-{system.name}"
        system.write(path, part)
        run(path)

    assert shown(sqlite) == expected(system, made)
