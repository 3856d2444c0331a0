"""A thread may be as long as a file, or each of its comments has a page of its own: what the import holds in memory is
a few numbers for each."""

import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.generate import write_disqus
from bench.peaks import run_to_end
from outspoken.store.database import Database
from outspoken.transfer.job import run_import
from outspoken.transfer.records import Importer, Progress, Record, SourceComment, SourceStory
from outspoken.transfer.report import Report

OUTSPOKEN = Path(sys.executable).with_name("outspoken")
MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
Said = Callable[[int], SourceComment]


def by_ann(number: int) -> SourceComment:
    """Return a comment that answers one far above."""
    parent = None if number < 10 else f"comment-{number // 10}"
    created = MOMENT + timedelta(minutes=number)
    return SourceComment(f"comment-{number}", "page", parent, "Ann", body="The ferry.", created=created)


def by_somebody_else(number: int) -> SourceComment:
    """Return one by a person who says nothing more."""
    return replace(by_ann(number), author=f"Passenger {number} of the ferry")


def to_nobody(number: int) -> SourceComment:
    """Return one that answers what isn't there."""
    return replace(by_ann(number), parent=f"lost-{number}")


def to_itself(number: int) -> SourceComment:
    """Return one that answers itself."""
    return replace(by_ann(number), parent=f"comment-{number}")


def without_end(number: int) -> SourceComment:
    """Return one that answers the one that comes after it."""
    return replace(by_ann(number), parent=f"comment-{number + 1}", created=None)


@dataclass(frozen=True)
class OneThread:
    """An importer that tells comments of one page as they are asked for."""

    comments: int
    said: Said = by_ann
    name: str = "told"
    title: str = "Records of a test"

    def recognises(self, head: bytes) -> bool:
        return not head

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        assert path
        progress(0)
        yield SourceStory("page", url="https://news.example/ferry")
        for number in range(self.comments):
            yield self.said(number)


@dataclass(frozen=True)
class ThreadsOfOne(OneThread):
    """The same, but each comment has a page of its own."""

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        assert path
        progress(0)
        for number in range(self.comments):
            yield SourceStory(f"page-{number}", url=f"https://news.example/ferry/{number}", identifier=f"{number}")
            yield replace(self.said(number), story=f"page-{number}", parent=None)


def bring_in(importer: Importer, database: Database, folder: Path, *, is_rehearsal: bool) -> Report:
    file = folder / "file"
    file.touch()
    return run_import(
        importer,
        file,
        database=database,
        site="harbour",
        scratch_folder=folder,
        entropy=os.urandom,
        now=lambda: MOMENT,
        is_rehearsal=is_rehearsal,
    )


def peak_of(importer: OneThread, database: Database, folder: Path) -> int:
    """Return how many bytes Python held at most while such a page was rehearsed."""
    tracemalloc.start()
    try:
        report = bring_in(importer, database, folder, is_rehearsal=True)
        assert report.comments + report.duplicates == importer.comments
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def growth(
    said: Said, database: Database, folder: Path, comments: int = 2_000, kind: type[OneThread] = OneThread
) -> float:
    """Return how many bytes more a file of twice as many comments takes, for each of its comments."""
    # What is put together only once comes first: statements, lists of a thousand.
    _, shorter, longer = (peak_of(kind(size, said), database, folder) for size in (1_200, comments, 2 * comments))
    return (longer - shorter) / comments


def test_a_longer_thread_hardly_needs_more_memory(database: Database, tmp_path: Path) -> None:
    assert growth(by_ann, database, tmp_path, 6_000) < 250


@pytest.mark.parametrize("said", [by_somebody_else, to_nobody, to_itself, without_end])
def test_nor_does_it_whoever_says_what_to_whom(said: Said, sqlite: Database, tmp_path: Path) -> None:
    assert growth(said, sqlite, tmp_path) < 250


def test_nor_does_one_that_is_here_already(sqlite: Database, tmp_path: Path) -> None:
    bring_in(OneThread(4_000), sqlite, tmp_path, is_rehearsal=False)

    assert growth(by_ann, sqlite, tmp_path) < 250


def test_more_pages_hardly_need_more_memory(sqlite: Database, tmp_path: Path) -> None:
    assert growth(by_ann, sqlite, tmp_path, kind=ThreadsOfOne) < 100


def test_nor_do_those_that_are_here_already(sqlite: Database, tmp_path: Path) -> None:
    bring_in(ThreadsOfOne(4_000), sqlite, tmp_path, is_rehearsal=False)

    assert growth(by_ann, sqlite, tmp_path, kind=ThreadsOfOne) < 100


@pytest.mark.long
@pytest.mark.parametrize("choices", [[], ["--dry-run", "--json"]], ids=["brought", "rehearsed"])
def test_a_million_comments_each_of_a_page_of_its_own_come_in_in_flat_memory(
    choices: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "export.xml"
    write_disqus(file, [1] * 1_000_000)

    run_to_end(OUTSPOKEN, "site", "add", "harbour", "--title", "Harbour", "--data", tmp_path / "data")
    words = ["import", file, "--data", tmp_path / "data", "--site", "harbour", "--map-out", tmp_path / "map.csv"]
    peak = run_to_end(OUTSPOKEN, *words, *choices).peak_mb

    # Shown with `-s`, for notes on a release.
    print(f"at most {peak} MB")  # noqa: T201
    assert peak < 300


@pytest.mark.long
def test_a_million_comments_of_one_thread_come_in_in_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "export.xml"
    write_disqus(file, [1_000_000])

    run_to_end(OUTSPOKEN, "site", "add", "harbour", "--title", "Harbour", "--data", tmp_path / "data")
    words = ["import", file, "--data", tmp_path / "data", "--site", "harbour"]
    peak = run_to_end(OUTSPOKEN, *words).peak_mb

    # Shown with `-s`, for notes on a release.
    print(f"at most {peak} MB")  # noqa: T201
    assert peak < 300
