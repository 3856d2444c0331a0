"""The disk is full: writers are told so and lose nothing, readers notice nothing, then all goes on by itself."""

import asyncio
import errno
import html
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.client import Answer, Connection
from tests.faults.reading import all_comments
from tests.faults.served import Served

_DISK = "24m"
_TEXT = "The ferry stays in port, and nobody says until when. " * 60


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small file system can be mounted by root alone, and not in every container")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def served(small_disk: Path) -> Iterator[Served]:
    """A server with its data there."""
    served = Served(small_disk)
    yield served
    served.stop()


def fill(folder: Path) -> Path:
    """Write until nothing fits any more; returns the file to delete for room."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as full:
                if full.errno != errno.ENOSPC:
                    raise
    return filler


async def post(connection: Connection, thread: str, text: str) -> Answer:
    return await connection.send(
        "POST",
        f"/api/v1/threads/{thread}/comments",
        json.dumps({"body": text}).encode(),
        {"Content-Type": "application/json"},
    )


def test_a_full_disk_stops_writers_clearly_and_readers_not_at_all(served: Served, small_disk: Path) -> None:
    (thread,) = served.open_threads(1)
    served.start()

    async def trial() -> None:
        connection = Connection(served.port)
        acknowledged = []
        for number in range(20):
            answer = await post(connection, thread, f"{number}: {_TEXT}")
            assert answer.status == 201, answer
            acknowledged.append(json.loads(answer.body)["number"])
        page = (await connection.send("GET", f"/t/{thread}")).body.decode()
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token is not None

        filler = fill(small_disk)
        # What was set aside for the log before still takes a few.
        while (answer := await post(connection, thread, f"{len(acknowledged)}: {_TEXT}")).status == 201:
            acknowledged.append(json.loads(answer.body)["number"])
            assert len(acknowledged) < 5_000
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "try again" in json.loads(answer.body)["detail"]

        text = f"This took me an hour. {_TEXT.strip()}"
        fields = {"body": text, "name": "Ann", "token": token[1], "parent": "", "submission": os.urandom(16).hex()}
        answer = await connection.send(
            "POST",
            f"/t/{thread}/comments",
            urlencode(fields).encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": served.origin},
        )
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        returned = html.unescape(answer.body.decode())
        assert text in returned, "the form came back without the text"
        assert "try again" in returned

        for address in (f"/t/{thread}", f"/t/{thread}?sort=newest", f"/t/{thread}/1", "/"):
            assert (await connection.send("GET", address)).status == 200, address
        assert sorted(comment["number"] for comment in await all_comments(served.port, thread)) == acknowledged

        filler.unlink()
        answer = await post(connection, thread, "There is room again.")
        assert answer.status == 201, answer
        acknowledged.append(json.loads(answer.body)["number"])
        assert sorted(comment["number"] for comment in await all_comments(served.port, thread)) == acknowledged
        connection.close()

    asyncio.run(trial())
    served.stop()
    served.check()
