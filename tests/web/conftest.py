"""Servers under test: on both databases, or on SQLite alone where the database makes no difference."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from outspoken.store.database import Database, open_database
from outspoken.store.tables import metadata
from tests.postgres import Cluster
from tests.web.talking import Talk


@pytest.fixture(scope="session")
def _reused_postgres(cluster: Cluster, _migrated_postgres: str) -> Iterator[Database]:
    name = cluster.create(_migrated_postgres)
    database = open_database(Path("/nowhere"), cluster.url(name))
    yield database
    database.close()
    cluster.drop(name)


@pytest.fixture
def postgres(_reused_postgres: Database) -> Database:
    """An empty, migrated PostgreSQL database: emptied, because making one anew takes longer than most tests here."""
    with _reused_postgres.writing() as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(table.name for table in metadata.sorted_tables)}")
    return _reused_postgres


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    """A server with one discussion, on each kind of database."""
    talk = Talk(database)
    talk.add_thread()
    yield talk
    talk.close()


@pytest.fixture
def local(sqlite: Database) -> Iterator[Talk]:
    """A server with one discussion, on SQLite."""
    talk = Talk(sqlite)
    talk.add_thread()
    yield talk
    talk.close()
