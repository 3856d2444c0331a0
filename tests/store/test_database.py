from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.store.database import Database, open_database
from tests.factories import a_site, open_ferry


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: it is cleared up."""
    return own_postgres


def test_without_an_address_the_database_is_a_file_in_the_folder(tmp_path: Path) -> None:
    database = open_database(tmp_path / "new" / "folder")

    assert database.is_sqlite
    assert database.file == tmp_path / "new" / "folder" / "outspoken.db"
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_a_sqlite_address_is_taken_as_it_is(tmp_path: Path) -> None:
    assert open_database(tmp_path, f"sqlite:///{tmp_path}/other.db").file == tmp_path / "other.db"


def test_a_postgresql_address_needs_no_driver(tmp_path: Path) -> None:
    database = open_database(tmp_path, "postgresql://somebody@db.example/outspoken")

    assert not database.is_sqlite
    assert database.file is None
    assert database.url.drivername == "postgresql+psycopg"


def test_an_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="isn't a database we know"):
        open_database(tmp_path, "mysql://db.example/outspoken")


def test_readers_can_not_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM sites")


def test_readers_see_one_state_while_others_write(database: Database) -> None:
    with database.reading() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM threads").scalar()
        open_ferry(database)
        after = connection.exec_driver_sql("SELECT count(*) FROM threads").scalar()

    assert (before, after) == (0, 0)


def test_what_fails_leaves_nothing(database: Database) -> None:
    from outspoken.store.sites import add_site, all_sites

    def fail() -> None:
        with database.writing() as connection:
            add_site(connection, a_site())
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with database.reading() as connection:
        assert all_sites(connection) == []


def test_sqlite_keeps_its_promises_on_every_connection(sqlite: Database) -> None:
    for opened in (sqlite.reading, sqlite.writing):
        with opened() as connection:
            asked = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("synchronous", "secure_delete", "journal_mode", "temp_store", "query_only")
            }
        is_reading = opened == sqlite.reading
        assert asked == {
            "synchronous": 2,
            "secure_delete": 1,
            "journal_mode": "wal",
            "temp_store": 2,
            "query_only": int(is_reading),
        }


def test_no_error_carries_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError) as failed, database.writing() as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:name)"), {"name": "canary-4711"})

    assert "canary-4711" not in str(failed.value)


def test_maintenance_runs_outside_of_any_transaction(database: Database) -> None:
    answer = database.maintain("PRAGMA wal_checkpoint(TRUNCATE)" if database.is_sqlite else "VACUUM keys")

    assert answer == ((0, 0, 0) if database.is_sqlite else ())
