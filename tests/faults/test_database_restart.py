"""PostgreSQL is torn down and started again while many write, and our process has to live through it."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.faults.ledger import Ledger
from tests.faults.served import Served
from tests.faults.trial import resolve_and_compare, write_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.xdist_group("faults-database-restart"),
    pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING),
]


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A server that no other test uses."""
    with postgres.running() as running:
        yield running


@pytest.fixture
def served(tmp_path: Path, cluster: postgres.Cluster) -> Iterator[Served]:
    """A server of ours with its data there."""
    served = Served(tmp_path, cluster.url(cluster.create()))
    yield served
    served.stop()


def test_nothing_acknowledged_is_lost_when_the_database_restarts_and_writing_goes_on_by_itself(
    served: Served, cluster: postgres.Cluster
) -> None:
    chance, ledger = random.Random(), Ledger()
    threads = served.open_threads(2)
    served.start()
    pid = served.pid

    async def restart() -> None:
        for _ in range(3):
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            await asyncio.to_thread(cluster.control, "-m", "immediate", "stop")
            before = ledger.counts.unavailable
            while ledger.counts.unavailable < before + 10:
                await asyncio.sleep(0.05)
            await asyncio.to_thread(cluster.control, "start")
            done = ledger.counts.acknowledged
            while ledger.counts.acknowledged < done + 50:
                await asyncio.sleep(0.05)

    async def trial() -> None:
        await write_until(restart, served, threads, ledger, chance)
        await resolve_and_compare(served, threads, ledger, chance)

    asyncio.run(trial())

    assert served.pid == pid
    assert served.is_ready()
    served.stop()
    served.check()
    # Every request got an answer: the clear one that it can't be done now, never a broken connection.
    assert ledger.counts.unknown == 0
    assert ledger.counts.unavailable > 0
