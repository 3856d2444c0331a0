"""The tables are divided by thread and site, as a distributed PostgreSQL would divide them, and all goes on as before.

PostgreSQL's own partitions keep the same rule as Citus does: what has to be unique must name the column that divides.
"""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.store.database import open_database
from outspoken.store.tables import metadata
from outspoken.store.upgrading import upgrade
from tests import postgres
from tests.conftest import NOW
from tests.faults.ledger import Ledger
from tests.faults.served import Served
from tests.faults.trial import resolve_and_compare, write_until

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.xdist_group("faults-division"),
    pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING),
]

PARTS = 4
BY_ITSELF = {"threads": "id", "sites": "name", "redirects": "was"}
"""What a table is divided by that has neither thread nor site in its key."""
WHOLE = {"jobs": "an import is looked up by its id alone, and there are few"}
"""Tables that every part would have a copy of."""


def dividing_column(table: sa.Table) -> str:
    """Return the column by which a table is divided."""
    if table.name in BY_ITSELF:
        return BY_ITSELF[table.name]
    return next(name for name in ("thread", "site") if name in table.primary_key.columns)


@pytest.fixture
def divided(cluster: postgres.Cluster) -> Iterator[str]:
    """The address of an empty, migrated database whose tables are divided."""
    name = cluster.create()
    database = open_database(Path("/nowhere"), cluster.url(name))
    upgrade(database, NOW)
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            if table.name not in WHOLE:
                divide(connection, table)
    database.close()
    yield cluster.url(name)
    cluster.drop(name)


def divide(connection: sa.Connection, table: sa.Table) -> None:
    """Replace a table that the migrations made by the same in parts, with every index and every rule of its own."""
    connection.exec_driver_sql(f"ALTER TABLE {table.name} RENAME TO whole")
    column = dividing_column(table)
    connection.exec_driver_sql(f"CREATE TABLE {table.name} (LIKE whole INCLUDING ALL) PARTITION BY HASH ({column})")
    for part in range(PARTS):
        connection.exec_driver_sql(
            f"CREATE TABLE {table.name}_{part} PARTITION OF {table.name}"
            f" FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
        )
    connection.exec_driver_sql("DROP TABLE whole")


def test_writers_lose_nothing_when_the_tables_are_divided(divided: str, tmp_path: Path) -> None:
    served = Served(tmp_path, divided)
    chance, ledger = random.Random(), Ledger()
    threads = served.open_threads(6)
    served.start()

    async def enough_is_written() -> None:
        while ledger.counts.acknowledged < 300 or ledger.counts.votes < 30 or ledger.counts.deletes < 5:
            await asyncio.sleep(0.05)

    async def trial() -> None:
        await write_until(enough_is_written, served, threads, ledger, chance)
        await resolve_and_compare(served, threads, ledger, chance)

    try:
        asyncio.run(trial())
    finally:
        served.stop()

    served.check()
    assert ledger.counts.unknown == 0
    assert ledger.counts.unavailable == 0


def test_the_parts_hold_different_threads(divided: str, tmp_path: Path) -> None:
    Served(tmp_path, divided).open_threads(40)

    database = open_database(Path("/nowhere"), divided)
    with database.reading() as connection:
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM threads_{part}").scalar() for part in range(PARTS)]
    database.close()

    assert sum(count or 0 for count in counts) == 40
    assert all(counts)
