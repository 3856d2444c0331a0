"""Reading back finds what was lost, changed or kept twice: otherwise a good end of a soak would mean nothing."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.channel import Channels
from bench.crowd import Crowd, Entry
from bench.verifying import differences
from tests.faults.served import Served

pytestmark = pytest.mark.xdist_group("bench-verifying")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str, list[Entry]]]:
    """A server, a thread, and three comments that it acknowledged."""
    folder: Path = tmp_path_factory.mktemp("verifying")
    served = Served(folder)
    (thread,) = served.open_threads(1)
    served.start()
    yield served, thread, asyncio.run(write(served.port, thread))
    served.stop()


async def write(port: int, thread: str) -> list[Entry]:
    """Send three comments."""
    crowd, channels, entries = Crowd(port, seed=1), Channels(port, 1), []
    for _ in range(3):
        entry, request = crowd.comment(thread)
        reply = await channels.ask(request)
        assert reply.status == 201
        entry.number = json.loads(reply.body)["number"]
        entries.append(entry)
    channels.close()
    return entries


def found(served: Served, before: dict[str, int], entries: list[Entry]) -> list[str]:
    """Return what is different."""
    return asyncio.run(differences(served.port, before, entries))


def test_nothing_is_found_where_all_is_there(served: tuple[Served, str, list[Entry]]) -> None:
    server, thread, entries = served

    assert found(server, {thread: 0}, entries) == []


def test_a_comment_that_is_not_there_is_found(served: tuple[Served, str, list[Entry]]) -> None:
    server, thread, entries = served
    lost = Entry(thread, 0, "", b"what nobody can read", number=4)

    assert found(server, {thread: 0}, [*entries, lost]) == [f"{thread}: comment 4 was lost or changed"]


def test_a_comment_that_reads_otherwise_is_found(served: tuple[Served, str, list[Entry]]) -> None:
    server, thread, entries = served
    first, *others = entries
    changed = Entry(thread, 0, first.key, b"what was acknowledged", number=first.number)

    assert found(server, {thread: 0}, [changed, *others]) == [f"{thread}: comment {first.number} was lost or changed"]


def test_a_comment_that_was_kept_twice_is_found(served: tuple[Served, str, list[Entry]]) -> None:
    server, thread, entries = served

    assert found(server, {thread: 0}, entries[:-1]) == [
        f"{thread}: 1 comments that nobody sent, or that were sent once"
    ]


def test_a_number_that_was_given_twice_is_found(served: tuple[Served, str, list[Entry]]) -> None:
    server, thread, entries = served
    twice = Entry(thread, 0, "", entries[0].digest, number=entries[0].number)

    assert found(server, {thread: 0}, [*entries, twice]) == [
        f"{thread}: number {twice.number} was given to two comments"
    ]
