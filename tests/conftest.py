"""What every room's tests stand on: both databases, empty and migrated, a clock that stands still, known chance."""

import gc
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings

from outspoken.store.database import Database, open_database
from outspoken.store.tables import metadata
from outspoken.store.upgrading import upgrade
from tests import postgres as server
from tests.compiling import compiled_once
from tests.scale.shards import Watch

T = TypeVar("T")

settings.register_profile(
    "outspoken",
    deadline=None,
    # What chance finds is for whoever works on it; a change that has nothing to do with it isn't held up by it.
    derandomize="CI" in os.environ,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
settings.load_profile("outspoken")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell in the ids of tests that share something costly which group they are of, to be run in one process.

    pytest-xdist 3.8 does so where pytest up to 9.1 kept an id; it finds the groups by what follows the last @, and
    begins them in the order of the tests if it is told not to sort them.
    """
    if config.getoption("loadgroup", False):
        groups: dict[str, list[pytest.Item]] = defaultdict(list)
        alone: list[pytest.Item] = []
        for item in items:
            if mark := item.get_closest_marker("xdist_group"):
                item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")
                groups[mark.args[0]].append(item)
            else:
                alone.append(item)
        items[:] = strewn(list(groups.values()), alone)


def strewn(groups: Sequence[list[T]], alone: Sequence[T]) -> list[T]:
    """Put groups, the largest first, evenly between what stands alone, and none into the last third.

    Many a group waits for a browser, or for a server that begins, while others can compute.
    """
    distance = len(alone) * 2 // 3 // max(1, len(groups))
    found: list[T] = []
    for place, group in enumerate(sorted(groups, key=len, reverse=True)):
        found += [*group, *alone[place * distance :][:distance]]
    return [*found, *alone[len(groups) * distance :]]


def pytest_collection_finish() -> None:
    """Keep what all tests share from the collector of garbage, which else goes through it time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """One that looks at all statements of all tests."""
    with Watch() as watching:
        yield watching


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(autouse=True)
def _every_statement_names_one_site_or_thread(watch: Watch) -> Iterator[None]:
    yield
    faults, watch.faults = watch.faults, []
    assert faults == []


@pytest.fixture
def now() -> datetime:
    """A moment at which the clock stands still."""
    return NOW


@pytest.fixture
def entropy() -> Callable[[int], bytes]:
    """Chance that is the same in every run."""
    return random.Random(20260504).randbytes


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of sample files that lies beside the repository in development."""
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of sample files (../shared/data) isn't here")
    return folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[server.Cluster]:
    """A PostgreSQL server of these tests' own."""
    if server.binaries() is None:
        pytest.skip(server.MISSING)
    with server.running() as running:
        yield running


@pytest.fixture(scope="session")
def _migrated_postgres(cluster: server.Cluster) -> str:
    name = cluster.create()
    database = open_database(Path("/nowhere"), cluster.url(name))
    upgrade(database, NOW)
    database.close()
    return name


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    database = open_database(folder)
    upgrade(database, NOW)
    database.maintain("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder / "outspoken.db"


@pytest.fixture
def sqlite(tmp_path: Path, _migrated_sqlite: Path) -> Iterator[Database]:
    """An empty, migrated SQLite database."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(_migrated_sqlite, folder / "outspoken.db")
    database = open_database(folder)
    yield database
    database.close()


@pytest.fixture
def own_postgres(cluster: server.Cluster, _migrated_postgres: str) -> Iterator[Database]:
    """A migrated PostgreSQL database for one test alone, which may change its tables, its settings or its figures."""
    with _made_from(cluster, _migrated_postgres) as database:
        yield database


@pytest.fixture(scope="session")
def _reused_postgres(cluster: server.Cluster, _migrated_postgres: str) -> Iterator[Database]:
    with _made_from(cluster, _migrated_postgres) as database:
        yield database


@contextmanager
def _made_from(cluster: server.Cluster, template: str) -> Iterator[Database]:
    name = cluster.create(template)
    database = open_database(Path("/nowhere"), cluster.url(name))
    yield database
    database.close()
    cluster.drop(name)


@pytest.fixture
def postgres(_reused_postgres: Database) -> Database:
    """An empty, migrated PostgreSQL database: emptied, because to make one anew takes a hundred times as long."""
    with _reused_postgres.writing() as connection:
        # Whoever left a transaction open in an earlier test is to be told of, not waited for.
        connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return _reused_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database, once of each kind."""
    found: Database = request.getfixturevalue(request.param)
    return found
