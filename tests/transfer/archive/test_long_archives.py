"""What is held of an archive that comes in is a few numbers for each of its comments."""

import gc
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive.reading import Archive
from tests.conftest import NOW
from tests.transfer.archive.forging import forge
from tests.transfer.archive.making import archive, fill, restore


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    """The files of an archive of one small thread."""
    folder = tmp_path_factory.mktemp("short")
    database = open_database(folder)
    upgrade(database, NOW)
    fill(database, 7, comments=10, threads=1)
    archive(database, folder / "a.zip")
    database.close()
    with zipfile.ZipFile(folder / "a.zip") as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def in_one_thread(files: dict[str, bytes], comments: int, path: Path) -> Path:
    """Write an archive of so many comments, each by another author, each but the first ten a reply to one far above."""
    (thread,) = (json.loads(line) for line in files["data/threads.ndjson"].splitlines())
    at = {"thread": f"of-{comments}"}
    numbers = range(1, comments + 1)
    said = {**at, "state": "published", "created": "2026-05-04T12:30Z", "markup": "html", "renderer": 0}
    kinds = {
        "threads": [
            thread | {"id": at["thread"]} | dict.fromkeys(("comments", "last_number", "last_author"), comments)
        ],
        "authors": [
            {**at, "number": number, "name": f"Passenger {number % 500}", "mark": "xx5AJw=="} for number in numbers
        ],
        "comments": [
            {**said, "number": number, "parent": number // 10, "author": number, "source": "Late.", "html": "Late."}
            for number in numbers
        ],
        "addresses": [],
        "decisions": [],
    }
    lines = {kind: b"".join(json.dumps(each).encode() + b"\n" for each in told) for kind, told in kinds.items()}
    return forge(path, {**files, **{f"data/{kind}.ndjson": content for kind, content in lines.items()}})


def of_many_threads(files: dict[str, bytes], threads: int, path: Path) -> Path:
    """Write an archive of so many threads of one comment, each with its page."""
    (thread,) = (json.loads(line) for line in files["data/threads.ndjson"].splitlines())
    ids = [f"of-{number:06}" for number in range(threads)]
    said = {"number": 1, "state": "published", "markup": "html", "renderer": 0, "source": "Late.", "html": "Late."}
    kinds = {
        "threads": [thread | {"id": id, "comments": 1, "last_number": 1, "last_author": 0} for id in ids],
        "comments": [said | {"thread": id} for id in ids],
        **dict.fromkeys(("authors", "addresses", "decisions"), ()),
    }
    data = {f"data/{kind}.ndjson": b"".join(map(line_of, told)) for kind, told in kinds.items()}
    pages = {f"pages/{id}.html": b"<p>Late." for id in ids}
    before = {name: content for name, content in files.items() if not name.startswith("pages/")}
    return forge(path, {**before, **data, **pages})


def line_of(told: dict[str, object]) -> bytes:
    return json.dumps(told).encode() + b"\n"


def test_a_thread_more_needs_no_more_than_a_line_in_the_directory_and_one_in_the_manifest(files, tmp_path):
    def peak(threads: int) -> int:
        whole = of_many_threads(files, threads, tmp_path / "a.zip")
        tracemalloc.start()
        try:
            with Archive(whole):
                return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    _, fewer, more = (peak(threads) for threads in (200, 500, 1_500))

    assert (more - fewer) / 1_000 < 1_000


def test_a_longer_thread_of_an_archive_hardly_needs_more_memory(files, sqlite, tmp_path):
    def held_at_the_end(comments: int) -> int:
        whole = in_one_thread(files, comments, tmp_path / "a.zip")
        held = []

        def writing(done: int, of: int) -> None:
            if done == of:
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])

        tracemalloc.start()
        try:
            assert restore(sqlite, whole, writing=writing).comments == comments
        finally:
            tracemalloc.stop()
        return held[-1]

    _, shorter, longer = (held_at_the_end(comments) for comments in (1_002, 1_001, 3_001))

    assert (longer - shorter) / 2_000 < 80
