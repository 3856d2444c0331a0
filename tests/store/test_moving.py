"""A move carries every row of every table as it is, goes on after a cut, and never takes half for the whole."""

import hashlib
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outspoken.store.batches import SIZE, NotCarried, Sheet
from outspoken.store.database import Database, open_database
from outspoken.store.journal import Overtaken
from outspoken.store.moving import CARRYING, COMPARING, MovedOn, NotMovable, move
from outspoken.store.tables import metadata
from outspoken.store.upgrading import Unfinished, upgrade
from tests.conftest import NOW
from tests.factories import open_ferry
from tests.postgres import Cluster

ROWS = SIZE * 2 + 1
CHUNK = 20_000
LARGE = ("comments", "bodies", "keys", "votes")
Rows = dict[str, set[tuple[Any, ...]]]


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: tables are added to it, and what a move leaves behind is looked for."""
    return own_postgres


def some_value(column: sa.Column[Any], number: int, chance: random.Random) -> object:
    """Make a value that a database might not give back as it was: other scripts, zero bytes, nothing, large numbers."""
    if column.nullable and number % 3 == 0:
        return None
    match column.type:
        case sa.JSON():
            return {"name": ["Zoë", number, None, True], "ö": chance.choice(["", "\\u0000", '"'])}
        case sa.LargeBinary():
            return b"\x00\xff\n\\" + chance.randbytes(chance.randrange(9)) + number.to_bytes(4)
        case sa.Boolean():
            return bool(number % 2)
        case sa.SmallInteger():
            return number % 3 - 1
        case sa.BigInteger():
            return chance.randrange(-(2**62), 2**62)
        case sa.Integer():
            return number
        case sa.Text():
            return chance.choice(["a", "B", "é", "ж", "שלום", "\t\\N", "🏳️‍🌈", "_"]) + f"{number}\n"
        case _:
            return NOW


def fill(database: Database, rows: int = ROWS) -> None:
    """Put rows into every table there is, whatever it will be for, and many more into some."""
    chance = random.Random(3)
    for table in metadata.sorted_tables:
        count = rows if table.name in LARGE else 7
        for start in range(1, count + 1, CHUNK):
            with database.writing() as connection:
                connection.execute(
                    table.insert(),
                    [
                        {column.name: some_value(column, number, chance) for column in table.columns}
                        for number in range(start, min(start + CHUNK, count + 1))
                    ],
                )


def everything(database: Database) -> Rows:
    """Read all rows, with what the program makes of them."""
    with database.reading() as connection:
        return {
            table.name: {tuple(map(repr, row)) for row in connection.execute(table.select())}
            for table in metadata.sorted_tables
        }


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.stat().st_size and not file.name.endswith("-shm")
    }


class Cut(Exception):
    """What ends a move here, in place of a power cut."""


def cut_after(step: str, rows: int) -> Callable[[str, int, int], None]:
    def told(now_at: str, done: int, of: int) -> None:
        if now_at == step and done >= rows:
            raise Cut

    return told


@pytest.fixture
def full(sqlite: Database) -> Database:
    """A SQLite database with rows in every table."""
    fill(sqlite)
    return sqlite


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Database]:
    """A PostgreSQL database without anything, in which letters are sorted otherwise than bytes."""
    name = "moved"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'")
    database = open_database(Path("/nowhere"), cluster.url(name))
    yield database
    database.close()
    cluster.drop(name)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """A folder without a database."""
    database = open_database(tmp_path / "other")
    yield database
    database.close()


pytestmark = pytest.mark.postgres


def test_every_row_of_every_table_comes_across_and_back(full: Database, empty: Database, other: Database) -> None:
    before = everything(full)

    there = move(full, empty, NOW)
    back = move(empty, other, NOW)

    assert there == back == {name: len(rows) for name, rows in before.items()}
    assert all(there.values()), "a table without rows shows nothing"
    assert everything(empty) == before
    assert everything(other) == before
    upgrade(empty, NOW)
    upgrade(other, NOW)


def test_from_one_postgresql_to_another(postgres: Database, empty: Database) -> None:
    fill(postgres, rows=50)

    move(postgres, empty, NOW)

    assert everything(empty) == everything(postgres)


def test_from_one_file_to_another(full: Database, other: Database) -> None:
    move(full, other, NOW)

    assert everything(other) == everything(full)


def test_not_a_byte_of_the_old_files_changes(full: Database, empty: Database) -> None:
    # The database is open, so that a part of it is still in the log.
    assert full.file is not None
    folder = full.file.parent
    before = bytes_of(folder)
    assert any(name.endswith("-wal") for name in before)

    move(full, empty, NOW)

    assert bytes_of(folder) == before


@pytest.mark.parametrize("rows", [0, SIZE, 3 * SIZE + 7])
def test_a_move_that_was_cut_off_goes_on_where_it_stopped(full: Database, empty: Database, rows: int) -> None:
    steps: list[tuple[str, int]] = []
    with pytest.raises(Cut):
        move(full, empty, NOW, cut_after(CARRYING, rows))

    move(full, empty, NOW, lambda step, done, of: steps.append((step, done)))

    assert next(done for step, done in steps if step == CARRYING) >= rows
    assert everything(empty) == everything(full)


def test_a_move_can_be_cut_off_while_it_compares_and_more_than_once(full: Database, other: Database) -> None:
    for step, rows in ((CARRYING, SIZE), (COMPARING, 0), (COMPARING, 2 * SIZE)):
        with pytest.raises(Cut):
            move(full, other, NOW, cut_after(step, rows))

    move(full, other, NOW)

    assert everything(other) == everything(full)


@pytest.mark.parametrize("step", [CARRYING, COMPARING])
def test_what_changed_between_two_attempts_is_carried_as_it_is_now(full: Database, empty: Database, step: str) -> None:
    with pytest.raises(Cut):
        move(full, empty, NOW, cut_after(step, 5 * SIZE if step == CARRYING else 0))
    with full.writing() as connection:
        connection.exec_driver_sql("UPDATE keys SET key = x'00' WHERE number = 5")
        connection.exec_driver_sql("DELETE FROM bodies WHERE number = 7")
        connection.exec_driver_sql("INSERT INTO bodies VALUES ('!first', 1, 1, x'01'), ('~last', 1, 1, x'01')")
        # What was taken away makes room for another row under a unique index.
        connection.exec_driver_sql("UPDATE comments SET submission = NULL WHERE number = 8")
        connection.exec_driver_sql("UPDATE comments SET submission = x'0888' WHERE number = 10")

    move(full, empty, NOW)

    assert everything(empty) == everything(full)


@pytest.mark.parametrize("kind", ["empty", "other"])
def test_what_is_only_partly_filled_is_not_served(request: pytest.FixtureRequest, full: Database, kind: str) -> None:
    target: Database = request.getfixturevalue(kind)
    with pytest.raises(Cut):
        move(full, target, NOW, cut_after(CARRYING, SIZE))

    with pytest.raises(Unfinished, match="same “outspoken move” again"):
        upgrade(target, NOW)


@pytest.mark.parametrize("kind", ["full", "filled_postgres"])
def test_a_source_that_is_written_to_meanwhile_is_not_taken_for_carried(
    request: pytest.FixtureRequest, other: Database, kind: str
) -> None:
    source: Database = request.getfixturevalue(kind)

    def write(step: str, done: int, of: int) -> None:
        if step == CARRYING and done == 0:
            with source.writing() as connection:
                connection.exec_driver_sql("DELETE FROM keys WHERE number = 3")
                connection.exec_driver_sql("UPDATE keys SET number = -4 WHERE number = 4")

    with pytest.raises(MovedOn, match=r"^3 rows were changed"):
        move(source, other, NOW, write)
    with pytest.raises(Unfinished):
        upgrade(other, NOW)

    move(source, other, NOW)
    assert everything(other) == everything(source)


@pytest.fixture
def filled_postgres(postgres: Database) -> Database:
    fill(postgres, rows=50)
    return postgres


def test_a_target_that_holds_something_is_refused_and_left_as_it_is(sqlite: Database, postgres: Database) -> None:
    open_ferry(postgres)
    before = everything(postgres)

    with pytest.raises(NotMovable, match="there are rows in the table"):
        move(sqlite, postgres, NOW)

    assert everything(postgres) == before
    upgrade(postgres, NOW)


def test_a_target_that_is_somebody_elses_is_refused_before_a_table_is_made(sqlite: Database, empty: Database) -> None:
    with empty.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (number integer)")

    with pytest.raises(NotMovable, match="the table invoices"):
        move(sqlite, empty, NOW)

    with empty.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["invoices"]


def test_a_move_from_elsewhere_is_not_continued(full: Database, other: Database, postgres: Database) -> None:
    with pytest.raises(Cut):
        move(full, other, NOW, cut_after(CARRYING, SIZE))

    with pytest.raises(NotMovable, match="part of another move, from "):
        move(postgres, other, NOW)


def test_a_source_of_another_version_is_refused_and_not_upgraded(tmp_path: Path, other: Database) -> None:
    source = open_database(tmp_path / "source")
    with source.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num text)")

    with pytest.raises(NotMovable, match="was not written by this version"):
        move(source, other, NOW)

    with source.reading() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    source.close()


def test_without_a_source_nothing_is_made(tmp_path: Path, other: Database) -> None:
    source = open_database(tmp_path / "source")

    with pytest.raises(FileNotFoundError):
        move(source, other, NOW)

    assert list((tmp_path / "source").iterdir()) == []


def test_a_row_that_the_target_can_not_hold_is_named_without_what_is_in_it(full: Database, empty: Database) -> None:
    with full.writing() as connection:
        connection.exec_driver_sql("UPDATE authors SET name = 'canary' || char(0) WHERE number = 3")

    with pytest.raises(NotCarried, match="table authors") as refused:
        move(full, empty, NOW)

    assert "canary" not in str(refused.value)


def test_two_moves_into_one_database_don_t_mix(full: Database, empty: Database) -> None:
    first = iter([True])

    def another(step: str, done: int, of: int) -> None:
        if step == CARRYING and done > 0 and next(first, False):
            move(full, empty, NOW, cut_after(CARRYING, done + SIZE))

    with pytest.raises((Overtaken, Cut)):
        move(full, empty, NOW, another)
    move(full, empty, NOW)

    assert everything(empty) == everything(full)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE bodies SET sealed = '\\x00' WHERE number = 1500",
        "UPDATE comments SET up = up + 1 WHERE number = 1500",
        "UPDATE sites SET title = title || ' ' WHERE name IN (SELECT min(name) FROM sites)",
        "INSERT INTO keys VALUES ('elsewhere', 1, '\\x00')",
    ],
)
def test_whatever_differs_on_the_other_side_is_noticed(full: Database, empty: Database, damage: str) -> None:
    def harm(step: str, done: int, of: int) -> None:
        if step == CARRYING and done == of:
            with empty.writing() as connection:
                assert connection.exec_driver_sql(damage).rowcount == 1

    with pytest.raises(NotCarried):
        move(full, empty, NOW, harm)
    with pytest.raises(Unfinished):
        upgrade(empty, NOW)

    move(full, empty, NOW)
    assert everything(empty) == everything(full)


def test_what_was_lost_on_the_other_side_is_carried_again(full: Database, empty: Database) -> None:
    def harm(step: str, done: int, of: int) -> None:
        if step == CARRYING and done == of:
            with empty.writing() as connection:
                connection.exec_driver_sql("DELETE FROM keys WHERE number BETWEEN 900 AND 1100")

    move(full, empty, NOW, harm)

    assert everything(empty) == everything(full)


def test_a_table_is_read_in_the_order_of_its_index_and_never_sorted(database: Database) -> None:
    fill(database)
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE" if not database.is_sqlite else "SELECT 1")
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    for name in LARGE:
        asked: list[tuple[str, Any]] = []
        with database.reading() as connection:
            sa.event.listen(connection, "before_cursor_execute", partial(_note, asked))
            rows = sum(map(len, Sheet(metadata.tables[name]).batches(connection)))
            assert (rows, len(asked)) == (ROWS, ROWS // SIZE + 1)
            plans = str([connection.exec_driver_sql(explain + text, values).all() for text, values in list(asked)])
        assert not any(word in plans for word in ("TEMP B-TREE", "Sort", "Seq Scan")), plans


def _note(asked: list[tuple[str, Any]], *event: Any) -> None:
    asked.append((event[2], event[3]))
