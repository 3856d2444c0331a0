"""The PostgreSQL server is lost for good while many write, and its standby takes over under the same address."""

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
    pytest.mark.xdist_group("faults-failover"),
    pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING),
]


@pytest.fixture
def primary() -> Iterator[postgres.Cluster]:
    """A server that no other test uses."""
    with postgres.running() as running:
        yield running


@pytest.fixture
def standby(primary: postgres.Cluster) -> Iterator[postgres.Cluster]:
    """A server that follows it, commit by commit."""
    with postgres.standby_of(primary) as running:
        yield running


def address_of(database: str, *clusters: postgres.Cluster) -> str:
    """Return one address for several servers, of which the one counts that takes writes."""
    hosts = "&".join(f"host=127.0.0.1:{cluster.port}" for cluster in clusters)
    return f"postgresql://postgres@/{database}?{hosts}&target_session_attrs=read-write"


async def fail_over(primary: postgres.Cluster, standby: postgres.Cluster, ledger: Ledger, acknowledged: int) -> None:
    """Lose the primary in the middle, let writers notice, promote the standby, and go on for a while."""
    while ledger.counts.acknowledged < acknowledged:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(primary.control, "-m", "immediate", "stop")
    before = ledger.counts.unavailable
    while ledger.counts.unavailable < before + 10:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(standby.control, "promote")
    done = ledger.counts.acknowledged
    while ledger.counts.acknowledged < done + acknowledged:
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_acknowledged_is_lost_when_a_standby_takes_over(
    tmp_path: Path, primary: postgres.Cluster, standby: postgres.Cluster, workers: int
) -> None:
    chance, ledger = random.Random(), Ledger()
    served = Served(tmp_path, address_of(primary.create(), primary, standby), workers)
    threads = served.open_threads(2)
    served.start()
    pid = served.pid

    async def trial() -> None:
        await write_until(lambda: fail_over(primary, standby, ledger, 300), served, threads, ledger, chance)
        await resolve_and_compare(served, threads, ledger, chance)

    try:
        asyncio.run(trial())
        assert served.pid == pid
        assert served.is_ready()
    finally:
        served.stop()
    served.check()
    # Every request got an answer: the clear one that it can't be done now, never a broken connection.
    assert ledger.counts.unknown == 0
    assert ledger.counts.acknowledged >= 600
    # Shown with `-s`, for notes on a release.
    print(f"{len(ledger.entries)} comments kept: {ledger.counts}; lost 0, twice 0")  # noqa: T201
