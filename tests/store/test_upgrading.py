import shutil
import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from outspoken.store import migrations, upgrading
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.sites import add_site, all_sites
from outspoken.store.tables import metadata
from outspoken.store.upgrading import NewerDatabase, newest_revision, upgrade
from tests.factories import a_site
from tests.postgres import Cluster


def set_version(database: Database, version: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :version"), {"version": version})


NEWEST = newest_revision()


def test_an_upgraded_database_has_exactly_the_tables_of_the_program(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_upgrading_again_changes_nothing_and_puts_nothing_aside(database: Database, now: datetime) -> None:
    with database.writing() as connection:
        add_site(connection, a_site())

    assert upgrade(database, now) is None

    with database.reading() as connection:
        assert len(all_sites(connection)) == 1
    if database.file:
        assert not list(database.file.parent.glob("*.before-*"))


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database: Database, now: datetime) -> None:
    set_version(database, "9999")

    with pytest.raises(NewerDatabase, match="9999"):
        upgrade(database, now)

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    if database.file:
        assert not list(database.file.parent.glob("*.before-*"))


def test_a_new_file_needs_no_copy(tmp_path: Path, now: datetime) -> None:
    database = open_database(tmp_path)

    assert upgrade(database, now) is None

    assert list(check(database)) == []
    assert sorted(path.name for path in tmp_path.iterdir() if "before" in path.name) == []


def test_a_copy_is_put_aside_before_an_older_database_is_changed(
    sqlite: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite.writing() as connection:
        add_site(connection, a_site())
    scripts = _with_another_migration(tmp_path)
    monkeypatch.setattr("outspoken.store.upgrading._SCRIPTS", scripts)

    copy = upgrade(sqlite, now)

    assert copy is not None
    assert copy.name == f"outspoken.db.before-{NEWEST}-20260504-1230"
    kept = sqlite3.connect(copy)
    assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (NEWEST,)
    assert kept.execute("SELECT name FROM sites").fetchone() == ("harbour",)
    kept.close()
    with sqlite.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "extra"
        assert len(all_sites(connection)) == 1


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = _with_another_migration(tmp_path, "raise RuntimeError('no')")
    monkeypatch.setattr("outspoken.store.upgrading._SCRIPTS", scripts)

    with pytest.raises(RuntimeError):
        upgrade(database, now)

    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == NEWEST
        assert "extra" not in sa.inspect(connection).get_table_names()


def _with_another_migration(folder: Path, then: str = "pass") -> str:
    """Copy the program's migrations and add one that makes a table."""
    target = folder / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, target)
    (target / "versions" / "9999_extra.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = 'extra', '{NEWEST}'\n"
        f"def upgrade():\n    op.create_table('extra', sa.Column('id', sa.Integer, primary_key=True))\n    {then}\n"
    )
    return str(target)


def test_processes_that_start_at_once_upgrade_once(tmp_path: Path, now: datetime) -> None:
    _start_at_once([open_database(tmp_path) for _ in range(4)], now)


@pytest.mark.postgres
def test_processes_that_start_at_once_upgrade_postgresql_once(cluster: Cluster, now: datetime) -> None:
    name = cluster.create()
    _start_at_once([open_database(Path("/nowhere"), cluster.url(name)) for _ in range(4)], now)
    cluster.drop(name)


def _start_at_once(databases: list[Database], now: datetime) -> None:
    failures: list[BaseException] = []
    gate = threading.Barrier(len(databases))

    def start(database: Database) -> None:
        gate.wait()
        try:
            upgrade(database, now)
        except BaseException as failure:
            failures.append(failure)

    starting = [threading.Thread(target=start, args=(database,)) for database in databases]
    for one in starting:
        one.start()
    for one in starting:
        one.join()
    assert failures == []
    assert list(check(databases[0])) == []
    for database in databases:
        database.close()


def test_the_migrations_know_themselves_by_the_names_of_their_files() -> None:
    config = Config()
    config.set_main_option("script_location", "outspoken:store/migrations")
    scripts = ScriptDirectory.from_config(config)

    assert newest_revision() == scripts.get_current_head()
    assert upgrading._known() == {script.revision for script in scripts.walk_revisions()}


def test_a_database_of_the_first_version_is_brought_to_this_one(database: Database, now: datetime) -> None:
    """The tables of the fixture are the newest; this takes them back to how the first version left them."""
    with database.writing() as connection:
        add_site(connection, a_site())
        for statement in (
            *("DROP INDEX jobs_of_site", "DROP INDEX provenance_of_comment", "DROP INDEX addresses_of_thread"),
            *("ALTER TABLE jobs DROP COLUMN fingerprint", "ALTER TABLE jobs DROP COLUMN undone"),
            *("DROP TABLE job_threads", "DROP TABLE ledger", "DROP TABLE reports"),
            *("DROP TABLE redirects", "DROP TABLE joinings", "ALTER TABLE threads DROP COLUMN leaving"),
            "ALTER TABLE sites DROP COLUMN ledger_salt",
            *("ALTER TABLE sites DROP COLUMN live_tick", "DROP INDEX authors_by_key", "DROP INDEX authors_by_source"),
            "CREATE INDEX authors_by_key ON authors (thread, key_hash)",
            "CREATE INDEX addresses_of_thread ON addresses (thread)",
            "CREATE INDEX provenance_of_thread ON provenance (thread, number)",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.exec_driver_sql(statement)

    upgrade(database, now)

    with database.reading() as connection:
        (site,) = all_sites(connection)
        assert site == a_site()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert list(check(database)) == []
