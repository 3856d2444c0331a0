"""What is held of an archive that comes in is a few numbers for each of its comments."""

import gc
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
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
