"""The process is killed while many write. What was acknowledged is there afterwards, exactly once, byte for byte."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.ledger import GONE, Ledger, digest
from tests.faults.served import Served
from tests.faults.trial import resolve_and_compare, write_until
from tests.postgres import Cluster

pytestmark = pytest.mark.xdist_group("faults-kill")

_THREADS_A_ROUND = 2


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Served]:
    """A server with its data in a file."""
    served = Served(tmp_path)
    yield served
    served.stop()


@pytest.fixture
def on_postgres(tmp_path: Path, cluster: Cluster) -> Iterator[Served]:
    """A server with its data in PostgreSQL."""
    name = cluster.create()
    served = Served(tmp_path, cluster.url(name))
    yield served
    served.stop()
    cluster.drop(name)


async def kill_again_and_again(served: Served, rounds: int) -> Ledger:
    """Kill and start `rounds` times; each round ends with a full comparison and `outspoken check`."""
    chance, ledger = random.Random(), Ledger()
    threads = served.open_threads(rounds * _THREADS_A_ROUND)
    for number in range(rounds):
        here = threads[number * _THREADS_A_ROUND :][:_THREADS_A_ROUND]
        served.start()

        async def kill() -> None:
            await asyncio.sleep(chance.uniform(0.2, 2.0))
            served.kill()

        await write_until(kill, served, here, ledger, chance)
        served.start()
        await resolve_and_compare(served, here, ledger, chance)
        served.kill()
        served.check()
    served.start()
    await resolve_and_compare(served, threads, ledger, chance)
    served.stop()
    served.check()
    # Shown with `-s`, for notes on a release.
    print(f"{rounds} kills, {len(ledger.entries)} comments kept: {ledger.counts}; lost 0, twice 0")  # noqa: T201
    return ledger


def test_what_was_acknowledged_survives_kills_on_sqlite(on_sqlite: Served) -> None:
    ledger = asyncio.run(kill_again_and_again(on_sqlite, rounds=3))
    assert ledger.counts.acknowledged > 0


@pytest.mark.postgres
def test_what_was_acknowledged_survives_kills_on_postgresql(on_postgres: Served) -> None:
    ledger = asyncio.run(kill_again_and_again(on_postgres, rounds=3))
    assert ledger.counts.acknowledged > 0


@pytest.mark.long
def test_what_was_acknowledged_survives_25_kills_on_sqlite(on_sqlite: Served) -> None:
    ledger = asyncio.run(kill_again_and_again(on_sqlite, rounds=25))
    assert ledger.counts.acknowledged > 0


@pytest.mark.long
@pytest.mark.postgres
def test_what_was_acknowledged_survives_25_kills_on_postgresql(on_postgres: Served) -> None:
    ledger = asyncio.run(kill_again_and_again(on_postgres, rounds=25))
    assert ledger.counts.acknowledged > 0


def test_the_comparison_notices_what_is_lost_changed_or_twice(on_sqlite: Served) -> None:
    # A harness that can't fail proves nothing.
    chance, ledger = random.Random(1), Ledger()
    threads = on_sqlite.open_threads(1)
    on_sqlite.start()
    asyncio.run(write_until(lambda: asyncio.sleep(1.0), on_sqlite, threads, ledger, chance))
    asyncio.run(resolve_and_compare(on_sqlite, threads, ledger, chance))
    stored = next(entry for entry in ledger.entries if GONE not in entry.may_be)

    stored.may_be = {digest("something else")}
    with pytest.raises(AssertionError, match="lost or changed"):
        asyncio.run(resolve_and_compare(on_sqlite, threads, ledger, chance))

    ledger.entries.remove(stored)
    with pytest.raises(AssertionError, match="nobody sent it or it was sent once"):
        asyncio.run(resolve_and_compare(on_sqlite, threads, ledger, chance))

    stored.number, stored.may_be = 1_000_000, {digest(stored.text)}
    ledger.entries.append(stored)
    with pytest.raises(AssertionError, match=r"sent once|lost or changed"):
        asyncio.run(resolve_and_compare(on_sqlite, threads, ledger, chance))
