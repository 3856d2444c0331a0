"""What every room's tests stand on: both databases, empty and migrated, a clock that stands still, known chance."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from outspoken.store.database import Database, open_database
from outspoken.store.upgrading import upgrade
from tests import postgres as server
from tests.scale.shards import Watch

settings.register_profile(
    "outspoken",
    deadline=None,
    # What chance finds is for whoever works on it; a change that has nothing to do with it isn't held up by it.
    derandomize="CI" in os.environ,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
settings.load_profile("outspoken")

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """One that looks at all statements of all tests."""
    with Watch() as watching:
        yield watching


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
def postgres(cluster: server.Cluster, _migrated_postgres: str) -> Iterator[Database]:
    """An empty, migrated PostgreSQL database."""
    name = cluster.create(_migrated_postgres)
    database = open_database(Path("/nowhere"), cluster.url(name))
    yield database
    database.close()
    cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database, once of each kind."""
    found: Database = request.getfixturevalue(request.param)
    return found
