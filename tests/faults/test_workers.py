"""Several processes on one PostgreSQL: a reader can't tell them apart, and none of them has to live."""

import asyncio
import json
import os
import random
import re
import signal
import socket
from collections.abc import Awaitable, Iterator
from typing import TypeVar
from urllib.parse import urlencode

import pytest

from bench.client import Answer, Connection
from tests import postgres
from tests.faults.crew import connect_to_each, wait_for_others, worker_of, workers
from tests.faults.ledger import Ledger
from tests.faults.served import Served
from tests.faults.trial import resolve_and_compare, write_until
from tests.postgres import Cluster

T = TypeVar("T")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.xdist_group("faults-workers"),
    pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING),
]

_WORKERS = 3
_LOOKS = 40
_PATIENCE = 100.0
_SHOWN_WITHIN = 2.0
"""Seconds after which every worker has put its figures where the others find them."""
_SETTINGS = "[limits]\nfastest_form_seconds = 0\n"


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    """A database server that may be torn down."""
    with postgres.running() as running:
        yield running


@pytest.fixture(scope="module")
def served(own_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with several workers."""
    served = Served(tmp_path_factory.mktemp("workers"), own_cluster.url(own_cluster.create()), _WORKERS)
    served.open_threads(1)
    (served.folder / "outspoken.toml").write_text(_SETTINGS)
    served.start()
    yield served
    served.stop()
    served.check()


@pytest.fixture
def thread(served: Served) -> str:
    """A discussion of a test's own."""
    (thread,) = served.open_threads(1)
    return thread


def patiently(scene: Awaitable[T]) -> T:
    """Return what comes of a scene; one that waits for what never comes fails in the end."""

    async def waited() -> T:
        return await asyncio.wait_for(scene, _PATIENCE)

    return asyncio.run(waited())


async def post(connection: Connection, thread: str, text: str, **headers: str) -> dict[str, object]:
    """Write as a program does, and return the receipt."""
    answer = await connection.send(
        "POST",
        f"/api/v1/threads/{thread}/comments",
        json.dumps({"body": text}).encode(),
        {"Content-Type": "application/json", **headers},
    )
    assert answer.status == 201, answer
    receipt: dict[str, object] = json.loads(answer.body)
    return receipt


async def send_form(
    connection: Connection, served: Served, path: str, fields: dict[str, str], cookie: str = ""
) -> Answer:
    """Send a form as a browser does."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{served.port}"}
    return await connection.send(
        "POST", path, urlencode(fields).encode(), headers | ({"Cookie": cookie} if cookie else {})
    )


def fields_in(answer: Answer) -> dict[str, str]:
    """Return the hidden fields of the composer on a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.body.decode())
    return dict(found)


def test_whoever_writes_is_shown_it_by_every_worker_at_once_and_strangers_soon(served: Served, thread: str) -> None:
    async def scene() -> None:
        each = await connect_to_each(served)
        for round_, writer in enumerate(each, start=1):
            # All keep the page as it was.
            for connection in each.values():
                await connection.send("GET", f"/t/{thread}")
            text = f"The gangway was repainted, round {round_}."
            fields = {
                **fields_in(await each[writer].send("GET", f"/t/{thread}/comments")),
                "body": text,
                "action": "post",
            }
            answer = await send_form(each[writer], served, f"/t/{thread}/comments", fields)
            assert answer.status == 303, answer
            seen, _, _ = answer.headers["set-cookie"].partition(";")
            assert seen.startswith("outspoken-seen=")
            for connection in each.values():
                page = await connection.send("GET", f"/t/{thread}", headers={"Cookie": seen})
                assert text.encode() in page.body
            for connection in each.values():
                while text.encode() not in (await connection.send("GET", f"/t/{thread}")).body:
                    await asyncio.sleep(0.02)

    patiently(scene())


def test_no_worker_shows_what_was_taken_back_once_that_is_acknowledged(served: Served, thread: str) -> None:
    async def scene() -> None:
        each = await connect_to_each(served)
        for writer in (*each, *each):
            receipt = await post(each[writer], thread, f"Written in haste by {writer}.")
            await _is_shown_by_all(each, thread, f"in haste by {writer}.")
            await _take_back(served, each[writer], thread, receipt)
            for _ in range(_LOOKS):
                for connection in each.values():
                    assert f"in haste by {writer}.".encode() not in (await connection.send("GET", f"/t/{thread}")).body

    patiently(scene())


def test_a_notice_that_is_lost_leaves_no_old_page(served: Served, thread: str, own_cluster: Cluster) -> None:
    async def scene() -> None:
        each = await connect_to_each(served)
        for number, writer in enumerate((*each, *each)):
            receipt = await post(each[writer], thread, f"Regretted, number {number}.")
            await _is_shown_by_all(each, thread, f"Regretted, number {number}.")
            deaf = asyncio.create_task(_keep_deaf(own_cluster))
            while not deaf.done() and await _listeners(own_cluster):
                await asyncio.sleep(0.01)
            await _take_back(served, each[writer], thread, receipt)
            for _ in range(_LOOKS):
                for connection in each.values():
                    page = await connection.send("GET", f"/t/{thread}")
                    assert f"Regretted, number {number}.".encode() not in page.body
            deaf.cancel()
            while await _listeners(own_cluster) < len(each):
                await asyncio.sleep(0.05)

    patiently(scene())


async def _is_shown_by_all(each: dict[int, Connection], thread: str, text: str) -> None:
    for connection in each.values():
        while text.encode() not in (await connection.send("GET", f"/t/{thread}")).body:
            await asyncio.sleep(0.02)


async def _take_back(served: Served, connection: Connection, thread: str, receipt: dict[str, object]) -> None:
    fields = {"code": str(receipt["code"])}
    answer = await send_form(connection, served, f"/t/{thread}/{receipt['number']}/delete", fields)
    assert answer.status == 303, answer


async def _listeners(cluster: Cluster) -> int:
    ((count,),) = await asyncio.to_thread(
        cluster.execute, "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN outspoken'"
    )
    assert isinstance(count, int)
    return count


async def _keep_deaf(cluster: Cluster) -> None:
    """Cut off whoever listens, again and again."""
    while True:
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN outspoken'"
        await asyncio.to_thread(cluster.execute, statement)


def test_one_sender_is_counted_by_all_workers_together(served: Served, thread: str) -> None:
    async def scene() -> list[object]:
        each = list((await connect_to_each(served)).values())
        return [
            (await post(each[number % len(each)], thread, f"Point {number}.", **{"X-Forwarded-For": "198.51.100.7"}))[
                "state"
            ]
            for number in range(5)
        ]

    assert patiently(scene()) == ["published"] * 3 + ["held"] * 2


def test_a_form_of_one_worker_is_taken_by_another_and_its_ticket_opens_once_at_a_third(
    served: Served, thread: str
) -> None:
    async def scene() -> None:
        asked, taker, shower = list((await connect_to_each(served)).values())
        fields = fields_in(await asked.send("GET", f"/t/{thread}/comments"))
        assert {"token", "submission"} <= set(fields)
        filled = {**fields, "body": "It leaves at seven.", "action": "post"}
        answer = await send_form(taker, served, f"/t/{thread}/comments", filled)
        assert answer.status == 303, answer
        again = await send_form(asked, served, f"/t/{thread}/comments", filled)
        assert again.status == 303, "the same form makes the same reader, whoever takes it"
        ticket = answer.headers["location"]
        shown = await shower.send("GET", ticket)
        assert re.search(rb'<code class="code" dir="ltr">[A-Z2-7-]+</code>', shown.body), shown
        for connection in (asked, taker, shower):
            assert (await connection.send("GET", ticket)).status == 404

    patiently(scene())


def test_open_pages_at_every_worker_are_told_of_what_is_written_at_one(served: Served, thread: str) -> None:
    async def scene() -> None:
        each = await connect_to_each(served)
        followers: dict[int, asyncio.StreamReader] = {}
        connections = []
        while len(followers) < len(each):
            connections.append(Connection(served.port))
            worker, reader = await _follow(connections[-1], served, thread)
            followers[worker] = reader
        await post(next(iter(each.values())), thread, "There is news.")
        for reader in followers.values():
            told = await reader.readuntil(b"\n\n")
            while b"event: change" not in told:
                told = await reader.readuntil(b"\n\n")

    patiently(scene())


async def _follow(connection: Connection, served: Served, thread: str) -> tuple[int, asyncio.StreamReader]:
    """Open a page that follows; returns the worker it came to and what it is sent."""
    await connection.send("GET", "/healthz")
    assert connection._reader is not None
    assert connection._writer is not None
    request = f"GET /api/v1/threads/{thread}/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    connection._writer.write(request.encode())
    assert b" 200 " in await connection._reader.readuntil(b"\r\n\r\n")
    return worker_of(connection, served), connection._reader


def test_the_figures_of_any_worker_are_those_of_all_and_never_fall(served: Served, thread: str) -> None:
    async def scene() -> None:
        each = await connect_to_each(served)
        await asyncio.sleep(_SHOWN_WITHIN)
        before = await _pieces(next(iter(each.values())))
        for connection in each.values():
            for number in range(3):
                await post(connection, thread, f"Figure {number}.")
        await asyncio.sleep(_SHOWN_WITHIN)
        assert {await _pieces(connection) for connection in each.values()} == {before + 3 * len(each)}
        victim, *others = workers(served)
        os.kill(victim, signal.SIGKILL)
        while victim in workers(served) or len(workers(served)) < _WORKERS:
            await asyncio.sleep(0.02)
        for worker in others:
            assert await _pieces(each[worker]) == before + 3 * len(each)
        await connect_to_each(served)

    patiently(scene())


async def _pieces(connection: Connection) -> float:
    text = (await connection.send("GET", "/metrics")).body.decode()
    found = re.search(r"^outspoken_writer_pieces_total (\S+)$", text, re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_a_rolling_restart_takes_new_settings_and_one_that_can_not_begin_leaves_the_old_workers(
    served: Served, thread: str
) -> None:
    async def scene() -> None:
        before, file = workers(served), served.folder / "outspoken.toml"
        file.write_text(f"{_SETTINGS}links_in_comment = 'many'\n")
        os.kill(served.pid, signal.SIGHUP)
        while "links_in_comment" not in served.log():
            await asyncio.sleep(0.05)
        while len(workers(served)) != _WORKERS:
            await asyncio.sleep(0.05)
        assert workers(served) == before
        file.write_text(f"{_SETTINGS}links_in_comment = 0\n")
        os.kill(served.pid, signal.SIGHUP)
        await wait_for_others(served, before, _WORKERS)
        for connection in (await connect_to_each(served)).values():
            receipt = await post(connection, thread, "See https://ledger.example/ferry for more.")
            assert receipt["state"] == "held"
        file.write_text(_SETTINGS)

    patiently(scene())


def test_with_the_supervisor_go_all_workers_and_the_port_is_free_again(own_cluster: Cluster, tmp_path) -> None:
    served = Served(tmp_path, own_cluster.url(own_cluster.create()), 2)
    served.open_threads(1)
    served.start()
    orphans = workers(served)

    served.kill()

    while any(os.path.exists(f"/proc/{process}") for process in orphans):
        asyncio.run(asyncio.sleep(0.05))
    with socket.create_server(("127.0.0.1", served.port)):
        pass


async def _kill_one(served: Served, ledger: Ledger, chance: random.Random) -> None:
    victim = chance.choice(workers(served))
    os.kill(victim, signal.SIGKILL)
    while victim in workers(served):
        await asyncio.sleep(0.02)
    await _go_on(ledger)


async def _renew_all(served: Served, ledger: Ledger, count: int) -> None:
    before = workers(served)
    os.kill(served.pid, signal.SIGHUP)
    await wait_for_others(served, before, count)
    await _go_on(ledger)


async def _restart_database(cluster: Cluster, ledger: Ledger) -> None:
    await asyncio.to_thread(cluster.control, "-m", "immediate", "stop")
    before = ledger.counts.unavailable
    while ledger.counts.unavailable < before + 10:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(cluster.control, "start")
    await _go_on(ledger)


async def _go_on(ledger: Ledger, more: int = 100) -> None:
    done = ledger.counts.acknowledged
    while ledger.counts.acknowledged < done + more:
        await asyncio.sleep(0.02)


async def go_through_everything(served: Served, cluster: Cluster, count: int, rounds: int) -> Ledger:
    """Have workers killed and replaced and the database restarted while many write; hold all against the ledger."""
    chance, ledger = random.Random(), Ledger()
    threads = served.open_threads(2)
    served.start()
    pid = served.pid

    async def faults() -> None:
        await _go_on(ledger)
        for _ in range(rounds):
            await _kill_one(served, ledger, chance)
            await _renew_all(served, ledger, count)
            await _restart_database(cluster, ledger)

    await write_until(faults, served, threads, ledger, chance)
    await resolve_and_compare(served, threads, ledger, chance)
    assert served.pid == pid
    assert len(workers(served)) == count
    served.stop()
    served.check()
    # Shown with `-s`, for notes on a release.
    print(f"{count} workers, {len(ledger.entries)} comments kept: {ledger.counts}; lost 0, twice 0")  # noqa: T201
    return ledger


@pytest.mark.parametrize(
    ("count", "rounds"),
    [(2, 1), pytest.param(4, 1, marks=pytest.mark.long), pytest.param(2, 8, marks=pytest.mark.long)],
)
def test_nothing_acknowledged_is_lost_whoever_is_killed_replaced_or_restarted(
    own_cluster: Cluster, tmp_path, count: int, rounds: int
) -> None:
    served = Served(tmp_path, own_cluster.url(own_cluster.create()), count)
    try:
        ledger = asyncio.run(go_through_everything(served, own_cluster, count, rounds))
    finally:
        served.stop()
    assert ledger.counts.acknowledged > 300


def test_readers_meet_no_error_that_asking_once_more_does_not_cure(own_cluster: Cluster, tmp_path) -> None:
    served = Served(tmp_path, own_cluster.url(own_cluster.create()), 2)
    chance, ledger = random.Random(), Ledger()
    threads = served.open_threads(2)
    served.start()
    over = asyncio.Event()
    answered = [0, 0]

    async def read() -> None:
        connection = Connection(served.port)
        while not over.is_set():
            path = f"/t/{chance.choice(threads)}"
            try:
                answer = await connection.send("GET", path)
            except (OSError, EOFError):
                answered[1] += 1
                answer = await connection.send("GET", path)
            assert answer.status == 200
            answered[0] += 1
        connection.close()

    async def faults() -> None:
        await _go_on(ledger)
        await _kill_one(served, ledger, chance)
        await _renew_all(served, ledger, 2)

    async def scene() -> None:
        readers = [asyncio.create_task(read()) for _ in range(8)]
        await write_until(faults, served, threads, ledger, chance)
        over.set()
        await asyncio.gather(*readers)

    try:
        patiently(scene())
    finally:
        served.stop()
    assert answered[0] > 100
    print(f"{answered[0]} reads, {answered[1]} asked once more")  # noqa: T201
