"""A thread may be as long as a file: what its import holds in memory is a few numbers for each comment."""

import os
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.generate import write_disqus
from bench.peaks import run_to_end
from outspoken.store.database import Database
from outspoken.transfer.job import run_import
from outspoken.transfer.records import Progress, Record, SourceComment, SourceStory

OUTSPOKEN = Path(sys.executable).with_name("outspoken")
MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class OneThread:
    """An importer that tells comments of one page as they are asked for, each a reply to one far above."""

    comments: int
    name: str = "told"
    title: str = "Records of a test"

    def recognises(self, head: bytes) -> bool:
        return not head

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        assert path
        progress(0)
        yield SourceStory("page", url="https://news.example/ferry")
        for number in range(self.comments):
            parent = None if number < 10 else f"comment-{number // 10}"
            created = MOMENT + timedelta(minutes=number)
            yield SourceComment(f"comment-{number}", "page", parent, "Ann", body="The ferry.", created=created)


def peak_of(comments: int, database: Database, folder: Path) -> int:
    """Return how many bytes Python held at most while such a page was rehearsed."""
    file = folder / "file"
    file.touch()
    tracemalloc.start()
    try:
        report = run_import(
            OneThread(comments),
            file,
            database=database,
            site="harbour",
            scratch_folder=folder,
            entropy=os.urandom,
            now=lambda: MOMENT,
            is_rehearsal=True,
        )
        assert report.comments == comments
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_longer_thread_hardly_needs_more_memory(database: Database, tmp_path: Path) -> None:
    peak_of(100, database, tmp_path)

    shorter, longer = (peak_of(comments, database, tmp_path) for comments in (6_000, 12_000))

    assert (longer - shorter) / 6_000 < 250


@pytest.mark.long
def test_a_million_comments_of_one_thread_come_in_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    write_disqus(file, [1_000_000])

    words = ["import", file, "--data", tmp_path / "data", "--site", "harbour"]
    peak = run_to_end(OUTSPOKEN, *words).peak_mb

    # Shown with `-s`, for notes on a release.
    print(f"at most {peak} MB")  # noqa: T201
    assert peak < 300
