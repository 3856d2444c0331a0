"""Discussions of every size side by side in one database, once for all tests, on each kind of database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from outspoken.store.database import Database, open_database
from outspoken.store.sites import add_site
from outspoken.store.upgrading import upgrade
from tests import postgres as server
from tests.conftest import NOW
from tests.factories import a_site
from tests.scale.crowds import Crowd, calm, chain, flooded, gather, measured, mixed, publish_stories, wide

SMALL, MIDDLE, LARGE = 50, 1_000, 20_000
DEEP = 3_000
SHAPES = {"mixed": mixed, "wide": wide, "chain": chain}


@dataclass(frozen=True)
class Town:
    """A database, and what is in it by size."""

    database: Database
    crowds: dict[str, dict[int, Crowd]]
    """By shape."""
    sites: dict[int, str]
    calm: Crowd
    """A discussion in which nothing waits."""
    flooded: Crowd
    """One in which nearly everything does."""

    def largest(self, shape: str = "mixed") -> Crowd:
        """Return the largest discussion of a shape."""
        return self.crowds[shape][max(self.crowds[shape])]


def settle(database: Database, sizes: list[int], deepest: int) -> Town:
    """Fill a new database with discussions of every shape and with sites of these sizes."""
    upgrade(database, NOW)
    sites = {size: f"site-{size}" for size in sizes}
    with database.writing() as connection:
        for name in ("harbour", *sites.values()):
            add_site(connection, a_site(name))
    for size, site in sites.items():
        publish_stories(database, site, size)
    town = Town(
        database,
        {
            shape: {
                size: gather(database, f"{shape}-{size}", size, SHAPES[shape])
                for size in ([MIDDLE, deepest] if shape == "chain" else sizes)
            }
            for shape in SHAPES
        },
        sites,
        calm=gather(database, "calm", max(sizes), state=calm),
        flooded=gather(database, "flooded", max(sizes), state=flooded),
    )
    measured(database)
    return town


@pytest.fixture(scope="session")
def sqlite_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    database = open_database(tmp_path_factory.mktemp("town"))
    yield settle(database, [SMALL, MIDDLE, LARGE], DEEP)
    database.close()


@pytest.fixture(scope="session")
def postgres_town(cluster: server.Cluster) -> Iterator[Town]:
    database = open_database(Path("/nowhere"), cluster.url(cluster.create()))
    yield settle(database, [SMALL, MIDDLE, LARGE], DEEP)
    database.close()


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.xdist_group("town on SQLite")),
        pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("town on PostgreSQL")]),
    ]
)
def town(request: pytest.FixtureRequest) -> Town:
    """A database full of discussions, once of each kind."""
    found: Town = request.getfixturevalue(f"{request.param}_town")
    return found
