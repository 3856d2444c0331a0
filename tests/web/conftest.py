"""Servers under test: on both databases, or on SQLite alone where the database makes no difference."""

from collections.abc import Iterator

import pytest

from outspoken.store.database import Database
from tests.web.talking import Talk


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
