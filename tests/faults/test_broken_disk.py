"""The disk can't be written to any more: it was sent read-only by an error, or the files were taken from us."""

import asyncio
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
from tests import disks
from tests.faults.reading import all_comments
from tests.faults.served import OUTSPOKEN, Served

pytestmark = pytest.mark.xdist_group("faults-broken-disk")

_TEXT = "The ferry stays in port, and nobody says until when. " * 20


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The file that stands for a disk."""
    return tmp_path / "image"


@pytest.fixture
def disk(tmp_path: Path, image: Path) -> Iterator[Path]:
    """A file system that can fail."""
    with disks.failing_disk(tmp_path / "disk", image) as folder:
        yield folder


@pytest.fixture
def served(disk: Path) -> Iterator[Served]:
    """A server with its data there."""
    served = Served(disk)
    yield served
    served.stop()


class Visit:
    """Somebody who reads and writes in one thread, and remembers what was acknowledged."""

    def __init__(self, served: Served, thread: str) -> None:
        self.served = served
        self.thread = thread
        self.connection = Connection(served.port)
        self.acknowledged: list[int] = []
        self._token = ""

    async def open_form(self) -> None:
        page = (await self.connection.send("GET", f"/t/{self.thread}")).body.decode()
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token is not None
        self._token = token[1]

    async def post(self, text: str = _TEXT) -> Answer:
        answer = await self.connection.send(
            "POST",
            f"/api/v1/threads/{self.thread}/comments",
            json.dumps({"body": text}).encode(),
            {"Content-Type": "application/json"},
        )
        if answer.status == 201:
            self.acknowledged.append(json.loads(answer.body)["number"])
        return answer

    async def send_form(self, text: str) -> Answer:
        fields = {"body": text, "token": self._token, "parent": "", "submission": os.urandom(16).hex()}
        return await self.connection.send(
            "POST",
            f"/t/{self.thread}/comments",
            urlencode(fields).encode(),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.served.origin},
        )

    async def is_all_there(self) -> bool:
        served = await all_comments(self.served.port, self.thread)
        return sorted(comment["number"] for comment in served) == self.acknowledged

    async def finds_readers_undisturbed_and_writers_told(self) -> None:
        """Assert what holds as long as nothing can be written."""
        answer = await self.post()
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "try again" in json.loads(answer.body)["detail"]
        text = f"This took me an hour. {_TEXT.strip()}"
        answer = await self.send_form(text)
        returned = html.unescape(answer.body.decode())
        assert answer.status == 503
        assert text in returned, "the form came back without the text"
        assert "try again" in returned
        for address in (f"/t/{self.thread}", f"/t/{self.thread}?sort=newest", f"/t/{self.thread}/1", "/"):
            assert (await self.connection.send("GET", address)).status == 200, address
        assert await self.is_all_there()


def test_on_a_disk_that_was_sent_read_only_readers_go_on_and_nothing_acknowledged_is_lost(
    served: Served, disk: Path, image: Path
) -> None:
    (thread,) = served.open_threads(1)
    served.start()

    async def while_it_fails() -> Visit:
        visit = Visit(served, thread)
        await visit.open_form()
        for number in range(20):
            assert (await visit.post(f"{number}: {_TEXT}")).status == 201
        os.sync()
        disks.fail(disk)
        await visit.finds_readers_undisturbed_and_writers_told()
        visit.connection.close()
        return visit

    async def afterwards(visit: Visit) -> None:
        assert await visit.is_all_there()
        assert (await visit.post()).status == 201
        visit.connection.close()

    visit = asyncio.run(while_it_fails())
    served.stop()
    disks.repair(image, disk)
    served.start()
    asyncio.run(afterwards(visit))
    served.stop()
    served.check()


def test_files_that_can_not_be_written_to_for_a_while_need_no_restart(served: Served, disk: Path) -> None:
    (thread,) = served.open_threads(1)
    served.start()
    files = [str(disk / name) for name in ("outspoken.db", "outspoken.db-wal")]

    async def trial() -> None:
        visit = Visit(served, thread)
        await visit.open_form()
        for number in range(20):
            assert (await visit.post(f"{number}: {_TEXT}")).status == 201
        # Stronger than a mode, which would stop neither root nor who has the file open.
        subprocess.run(["chattr", "+i", *files], check=True)
        try:
            await visit.finds_readers_undisturbed_and_writers_told()
        finally:
            subprocess.run(["chattr", "-i", *files], check=True)
        assert (await visit.post("It can be written to again.")).status == 201
        assert await visit.is_all_there()
        visit.connection.close()

    asyncio.run(trial())
    served.stop()
    served.check()


def test_a_server_that_can_not_write_from_the_beginning_says_so_in_one_line(served: Served, disk: Path) -> None:
    served.open_threads(1)
    disks.fail(disk)

    done = subprocess.run(
        [OUTSPOKEN, "serve", "--data", disk, "--port", str(served.port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("outspoken: ")
