"""The same at 100,000 and a million comments, and with a million stories: some minutes a database."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outspoken.store.branches import STEP
from outspoken.store.database import Database, open_database
from outspoken.store.publishing import publish
from outspoken.store.sites import add_site
from outspoken.store.upgrading import upgrade
from tests import postgres as server
from tests.conftest import NOW
from tests.factories import MOMENT, a_site, a_submission, rows_of
from tests.scale.conftest import Town, settle
from tests.scale.costs import Cost, cost_of
from tests.scale.crowds import gather, wide
from tests.scale.questions import IMPORTING, PUBLISHING, READING, WRITING
from tests.scale.test_flat_cost import PREPARED, grows

pytestmark = pytest.mark.long

SIZES = [50, 1_000, 100_000, 1_000_000]
DEEPEST = 10_000


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """A database with all sizes of everything."""
    if request.param == "sqlite":
        database = open_database(tmp_path)
    else:
        cluster: server.Cluster = request.getfixturevalue("cluster")
        database = open_database(tmp_path, cluster.url(cluster.create()))
    yield settle(database, SIZES, DEEPEST)
    database.close()


def told(name: str, costs: Mapping[int, Cost]) -> str:
    """Return a line for notes on a release: statements, instructions or rows, and pages by size."""
    return f"{name}: " + "  ".join(f"{size}: {len(c.statements)}/{c.rows}/{c.pages}" for size, c in costs.items())


def test_a_million_costs_what_a_thousand_costs(city: Town) -> None:
    def costs_of(ask: Callable[[sa.Connection, Any], object], among: Mapping[int, Any]) -> dict[int, Cost]:
        warmed = 0 if city.database.is_sqlite else PREPARED
        return {
            size: cost_of(city.database, lambda connection, it=it: ask(connection, it), warmed=warmed)  # type: ignore[misc]
            for size, it in among.items()
        }

    found = {
        f"{shape}, {question.name}": costs_of(question.ask, crowds)
        for shape, crowds in city.crowds.items()
        for question in (*READING, *WRITING, *IMPORTING)
    } | {f"stories, {question.name}": costs_of(question.ask, city.sites) for question in PUBLISHING}

    # Shown with `-s`.
    print("", *(told(name, costs) for name, costs in found.items()), sep="\n")  # noqa: T201
    grown = [told(name, costs) for name, costs in found.items() if grows(costs[1_000], costs[max(costs)])]
    assert grown == []


def removal(folder: Path, url: str | None) -> "subprocess.Popen[bytes]":
    """Start to remove a hundred thousand comments in a process of its own."""
    command = [sys.executable, "-c", "from outspoken.cli import app; app()", "moderate", "remove", "crowd", "1"]
    environment = {**os.environ, "OUTSPOKEN_DATABASE": url or ""}
    return subprocess.Popen(
        [*command, "--with-replies", "--data", str(folder)], env=environment, stdout=subprocess.DEVNULL
    )


def standing(database: Database) -> int:
    with database.reading() as connection:
        return int(rows_of(connection, "SELECT comments FROM threads WHERE id = 'crowd'")[0][0])


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_branch_of_a_hundred_thousand_is_removed_despite_a_kill_while_others_write(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = None
    if kind == "postgres":
        cluster: server.Cluster = request.getfixturevalue("cluster")
        url = cluster.url(cluster.create())
    database = open_database(tmp_path, url)
    upgrade(database, NOW)
    with database.writing() as connection:
        add_site(connection, a_site())
    gather(database, "crowd", 100_000, wide)
    gather(database, "other", 50)
    all_published = standing(database)
    waits: list[float] = []
    is_over = threading.Event()

    def write() -> None:
        while not is_over.wait(0.02):
            started = time.perf_counter()
            with database.writing() as connection:
                publish(connection, a_submission("other"), MOMENT, os.urandom)
            waits.append(time.perf_counter() - started)

    writer = threading.Thread(target=write)
    writer.start()
    began = time.perf_counter()
    try:
        killed = removal(tmp_path, url)
        while standing(database) > all_published - 20 * STEP:
            time.sleep(0.05)
        killed.kill()
        killed.wait()
        after_kill = standing(database)
        resumed = removal(tmp_path, url)
        assert resumed.wait() == 0
    finally:
        is_over.set()
        writer.join()
    took = time.perf_counter() - began

    assert 0 < after_kill < all_published
    assert standing(database) == 0
    with database.reading() as connection:
        state = "SELECT state, shown, count(*) FROM comments WHERE thread = 'crowd' GROUP BY 1, 2 ORDER BY 1, 2"
        left = [(row[0], bool(row[1])) for row in rows_of(connection, state)]
        removed = rows_of(connection, "SELECT count(*) FROM comments WHERE thread = 'crowd' AND state = 'removed'")
        decided = rows_of(connection, "SELECT count(*) FROM decisions WHERE thread = 'crowd' AND after = 'removed'")
    assert left == [("held", False), ("removed", False)]
    assert removed == decided
    checked = subprocess.run(
        [sys.executable, "-c", "from outspoken.cli import app; app()", "check", "--data", str(tmp_path)],
        env={**os.environ, "OUTSPOKEN_DATABASE": url or ""},
        check=False,
    )
    assert checked.returncode == 0
    waits.sort()
    # Shown with `-s`, for notes on a release; no time is asserted.
    print(  # noqa: T201
        f"{kind}: {took:.0f} s, {len(waits)} others wrote meanwhile: "
        f"half within {waits[len(waits) // 2] * 1e3:.0f} ms, the slowest {waits[-1] * 1e3:.0f} ms"
    )
    database.close()
