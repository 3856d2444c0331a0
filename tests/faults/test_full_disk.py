"""The disk is full: writers are told so and lose nothing, readers notice nothing, then all goes on by itself."""

import asyncio
import contextlib
import html
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.client import Answer, Connection
from tests.disks import fill, small_disk
from tests.faults.reading import all_comments
from tests.faults.served import OUTSPOKEN, Served

pytestmark = pytest.mark.xdist_group("faults-full-disk")

_DISK = "24m"
_BALLAST = 4 * 1024 * 1024
_TEXT = "The ferry stays in port, and nobody says until when. " * 60


_HURRIED = "from outspoken import cli; from outspoken.web import app; app._CHECKPOINT_EVERY = 1.0; cli.app()"


class Hurried(Served):
    """A server that looks every second for something to be cleared below the rows, and not twice a minute."""

    def _command(self, *words: str) -> list[str]:
        program, *rest = super()._command(*words)
        return [sys.executable, "-c", _HURRIED, *rest] if words[0] == "serve" else [program, *rest]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    with small_disk(tmp_path / "disk", _DISK) as folder:
        yield folder


@pytest.fixture
def served(disk: Path) -> Iterator[Served]:
    """A server with its data there."""
    (disk / "outspoken.toml").write_text(f"[storage]\nballast_mb = {_BALLAST // 1024**2}\n")
    served = Hurried(disk)
    yield served
    served.stop()


async def post(connection: Connection, thread: str, text: str) -> Answer:
    return await connection.send(
        "POST",
        f"/api/v1/threads/{thread}/comments",
        json.dumps({"body": text}).encode(),
        {"Content-Type": "application/json"},
    )


def test_a_full_disk_stops_writers_clearly_and_readers_not_at_all(served: Served, disk: Path) -> None:
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

        filler = fill(disk)
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


def moderate(served: Served, *words: str) -> str:
    done = subprocess.run(
        [str(OUTSPOKEN), "moderate", *words, "--data", str(served.folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def key_of(served: Served, thread: str, number: int) -> bytes:
    """Return the key of a text; whoever has it can read what is left of the text."""
    file = served.folder / "outspoken.db"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (key,) = connection.execute("SELECT key FROM keys WHERE thread = ? AND number = ?", (thread, number)).fetchone()
    assert isinstance(key, bytes)
    return key


def below(served: Served) -> bytes:
    """Return all that lies in the database's files, in rows or not."""
    return b"".join(file.read_bytes() for file in served.folder.glob("outspoken.db*"))


async def take_back(connection: Connection, served: Served, thread: str, receipt: dict[str, object]) -> Answer:
    """Let its author delete a comment, by the code."""
    return await connection.send(
        "POST",
        f"/t/{thread}/{receipt['number']}/delete",
        urlencode({"code": receipt["code"]}).encode(),
        {"Content-Type": "application/x-www-form-urlencoded", "Origin": served.origin},
    )


async def erase_and_moderate(served: Served, left: int) -> None:
    """Fill the disk but for `left` bytes, and hold the server to what has to work even then."""
    (thread,) = served.open_threads(1)
    served.start()
    ballast = served.folder / "ballast"
    assert ballast.stat().st_size == _BALLAST
    connection = Connection(served.port)
    receipts = [json.loads((await post(connection, thread, f"{number}: {_TEXT}")).body) for number in range(40)]
    filler = fill(served.folder)
    os.truncate(filler, filler.stat().st_size - left)
    while (answer := await post(connection, thread, f"{len(receipts)}: {_TEXT}")).status == 201:
        receipts.append(json.loads(answer.body))
    assert answer.status == 503
    assert ballast.stat().st_size == _BALLAST, "nobody who adds gets at what is kept"

    key = key_of(served, thread, 1)
    assert key in below(served)
    for receipt in receipts[:20]:
        answer = await take_back(connection, served, thread, receipt)
        assert answer.status == 303, answer
    for number in range(21, 26):
        await asyncio.to_thread(moderate, served, "remove", thread, str(number), "--reason", "Off topic.")
    await asyncio.to_thread(moderate, served, "mark-spam", thread, "26")
    while key in below(served):
        await asyncio.sleep(0.2)
    # It was silent for so long that the server has closed it.
    connection.close()
    assert (await post(connection, thread, "The room that was made isn't for this.")).status == 503
    shown = {comment["number"] for comment in await all_comments(served.port, thread)}
    assert shown == {receipt["number"] for receipt in receipts[26:]}
    connection.close()

    # A restart in between changes nothing of it.
    served.stop()
    served.start()
    connection = Connection(served.port)
    assert (await post(connection, thread, "Nor after a restart.")).status == 503
    assert (await take_back(connection, served, thread, receipts[26])).status == 303

    filler.unlink()
    answer = await post(connection, thread, "There is room again.")
    assert answer.status == 201, answer
    assert ballast.stat().st_size == _BALLAST
    connection.close()
    served.stop()
    served.check()


def test_on_a_full_disk_a_server_starts_and_a_moderator_needs_none(served: Served, disk: Path) -> None:
    (thread,) = served.open_threads(1)
    served.start()

    async def write() -> None:
        connection = Connection(served.port)
        for number in range(3):
            assert (await post(connection, thread, f"{number}: {_TEXT}")).status == 201
        connection.close()

    async def read() -> list[int]:
        return [comment["number"] for comment in await all_comments(served.port, thread)]

    asyncio.run(write())
    served.stop()
    fill(disk)

    moderate(served, "remove", thread, "2")
    served.start()

    assert asyncio.run(read()) == [1, 3]
    served.stop()
    served.start()
    assert asyncio.run(read()) == [1, 3]


def test_on_a_full_disk_comments_can_still_be_taken_back_and_hidden(served: Served) -> None:
    asyncio.run(erase_and_moderate(served, left=0))


@pytest.mark.long
@pytest.mark.parametrize("left", [int(4096 * 1.13**step) for step in range(50)])
def test_on_a_full_disk_comments_can_be_taken_back_however_little_is_left(served: Served, left: int) -> None:
    asyncio.run(erase_and_moderate(served, left))
