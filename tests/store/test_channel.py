"""What one process on a PostgreSQL tells another: what it committed; and that something may be missing."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from outspoken.store.channel import Listener, Notice, teller
from outspoken.store.database import Database
from outspoken.store.writer import Changed
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres

_PATIENCE = 30.0
FERRY = Changed(frozenset({"ferry0000000"}), frozenset())


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: connections to it are cut."""
    return own_postgres


@dataclass
class Ear:
    """Notes what is heard."""

    heard: "queue.Queue[Changed | None]" = field(default_factory=queue.Queue)

    def next(self) -> Changed | None:
        return self.heard.get(timeout=_PATIENCE)


@pytest.fixture
def ear(postgres: Database) -> Iterator[Ear]:
    """Somebody who listens from here on."""
    ear = Ear()
    listener = Listener(postgres.url, "own", ear.heard.put)
    assert ear.next() is None
    yield ear
    listener.close()


def tell(database: Database, sender: str, changed: Changed) -> None:
    with database.writing() as connection:
        teller(sender)(connection, changed)


def test_what_another_has_committed_is_heard_and_ones_own_is_not(postgres: Database, ear: Ear) -> None:
    tell(postgres, "own", Changed(frozenset({"mine00000000"}), frozenset()))
    tell(postgres, "other", Changed(frozenset(), frozenset()))
    tell(postgres, "other", Changed(frozenset({"added0000000"}), frozenset({"altered00000", "altered00001"})))

    assert ear.next() == Changed(frozenset({"added0000000"}), frozenset({"altered00000", "altered00001"}))


def test_what_is_rolled_back_is_told_to_nobody(postgres: Database, ear: Ear) -> None:
    def fail() -> None:
        with postgres.writing() as connection:
            teller("other")(connection, Changed(frozenset({"undone000000"}), frozenset()))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    tell(postgres, "other", FERRY)

    assert ear.next() == FERRY


def test_a_full_batch_is_told_whole_and_more_than_can_be_said_is_told_as_everything(
    postgres: Database, ear: Ear
) -> None:
    batch = Changed(frozenset(f"{number:012}" for number in range(512)), frozenset())
    tell(postgres, "other", batch)
    tell(postgres, "other", Changed(frozenset(f"{number:012}" for number in range(5_000)), frozenset()))

    assert ear.next() == batch
    assert ear.next() is None


def test_a_notice_that_can_not_be_read_counts_as_everything(postgres: Database, ear: Ear) -> None:
    with postgres.writing() as connection:
        connection.exec_driver_sql("SELECT pg_notify('outspoken', 'of another version')")

    assert ear.next() is None


def test_who_was_cut_off_is_told_that_something_may_be_missing_and_hears_again(
    postgres: Database, ear: Ear, cluster: Cluster
) -> None:
    database = postgres.url.database
    cluster.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND query ~ '^LISTEN'"
    )
    assert ear.next() is None
    tell(postgres, "other", FERRY)

    heard = ear.next()
    while heard is None:
        tell(postgres, "other", FERRY)
        heard = ear.next()

    assert heard == FERRY


def test_a_listener_that_never_reaches_the_database_says_again_and_again_that_all_may_have_changed(
    postgres: Database,
) -> None:
    ear = Ear()
    listener = Listener(postgres.url.set(port=1), "own", ear.heard.put)

    assert [ear.next() for _ in range(3)] == [None] * 3
    listener.close()


def test_a_notice_holds_nothing_but_the_ids_of_threads() -> None:
    assert Notice.__struct_fields__ == ("sender", "added", "altered", "is_of_everything")
