"""What is left in the files after somebody took back what they wrote.

Measured on PostgreSQL: the heap holds no key any more; its write-ahead log keeps both the key and the sealed text until
the segments are recycled, and dead rows keep an author's name until they are vacuumed. The manual says so.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from outspoken.discussion.order import Sort
from outspoken.store.changes import delete, edit
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.erasure import finish_erasing
from outspoken.store.sealing import Entropy
from outspoken.store.windows import window_of
from outspoken.text.names import skeleton
from tests.factories import MOMENT, a_body, a_submission, open_ferry, say
from tests.postgres import Cluster

KEY = b"k" * 32
WORD = "canary-singing-4711"
NAME = "Canary Nightingale 4711"


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: its files are looked into."""
    return own_postgres


def hits(folder: Path, needle: bytes) -> dict[str, int]:
    found = {str(path): path.read_bytes().count(needle) for path in folder.rglob("*") if path.is_file()}
    return {name: count for name, count in found.items() if count}


def tables_of(cluster: Cluster, database: Database) -> Path:
    """Return where the server keeps this database. Others of the same chance may hold the same keys."""
    name = database.url.database
    [(number,)] = cluster.execute(f"SELECT oid FROM pg_database WHERE datname = '{name}'")
    return cluster.files / "base" / str(number)


def write_many(database: Database, entropy: Entropy) -> list[int]:
    """Fill a thread, so that pages split and merge, with one person's comments among the others'."""
    open_ferry(database)
    canaries: list[int] = []
    for _ in range(12):
        others = [a_submission(body=a_body("x" * random.Random(7).randrange(900))) for _ in range(15)]
        mine = a_submission(name=NAME, key_hash=KEY, body=a_body(f"{WORD} {len(canaries)} " + "long " * 700))
        receipts = say(database, entropy, *others, mine)
        canaries.append(receipts[-1].number)
    return canaries


def test_after_erasing_neither_text_nor_name_is_anywhere_in_the_sqlite_files(
    sqlite: Database, entropy: Entropy
) -> None:
    assert sqlite.file is not None
    canaries = write_many(sqlite, entropy)
    assert finish_erasing(sqlite)
    with sqlite.reading() as connection:
        keys = connection.exec_driver_sql(
            "SELECT key FROM keys JOIN comments USING (thread, number) WHERE author = 16"
        ).scalars()
        secrets = [NAME.encode(), *keys]
    assert len(secrets) == 13
    assert all(hits(sqlite.file.parent, secret) for secret in secrets)
    assert hits(sqlite.file.parent, WORD.encode()) == {}

    for number in canaries:
        with sqlite.writing() as connection:
            delete(connection, "ferry", number, key_hash=KEY, now=MOMENT)
    assert finish_erasing(sqlite)

    assert [hits(sqlite.file.parent, secret) for secret in secrets] == [{}] * 13
    assert hits(sqlite.file.parent, WORD.encode()) == {}
    assert list(check(sqlite)) == []


def test_of_many_names_not_one_is_left_in_the_sqlite_files(sqlite: Database, entropy: Entropy) -> None:
    assert sqlite.file is not None
    open_ferry(sqlite)
    chance = random.Random(7)
    people = [
        a_submission(name=f"Canary {chance.randbytes(6 + at % 20).hex()}", key_hash=chance.randbytes(32))
        for at in range(600)
    ]
    say(sqlite, entropy, *people)
    assert finish_erasing(sqlite)
    erased = chance.sample(range(600), 400)
    for at in erased:
        with sqlite.writing() as connection:
            delete(connection, "ferry", at + 1, key_hash=people[at].key_hash, now=MOMENT)
    assert finish_erasing(sqlite)

    files = b"".join(path.read_bytes() for path in sqlite.file.parent.iterdir())
    gone = set(erased)
    left = {at for at, person in enumerate(people) if person.name.encode() in files}
    looks = {at for at, person in enumerate(people) if skeleton(person.name).encode() in files}
    keys = {at for at, person in enumerate(people) if person.key_hash in files}
    assert left == looks == keys == set(range(600)) - gone


def test_after_an_edit_the_key_of_the_old_text_is_nowhere_in_the_sqlite_files(
    sqlite: Database, entropy: Entropy
) -> None:
    assert sqlite.file is not None
    open_ferry(sqlite)
    say(sqlite, entropy, a_submission(key_hash=KEY))
    with sqlite.reading() as connection:
        key = connection.exec_driver_sql("SELECT key FROM keys").scalar_one()

    with sqlite.writing() as connection:
        edit(
            *(connection, "ferry", 1),
            key_hash=KEY,
            body=a_body("Better."),
            quotes=(),
            hold=None,
            now=MOMENT,
            entropy=entropy,
        )
    assert finish_erasing(sqlite)

    assert hits(sqlite.file.parent, key) == {}


def test_a_reader_who_takes_long_puts_erasing_off_and_writers_go_on(sqlite: Database, entropy: Entropy) -> None:
    open_ferry(sqlite)
    say(sqlite, entropy, a_submission(key_hash=KEY), a_submission())
    with sqlite.reading() as connection:
        window_of(connection, "ferry", Sort.OLDEST)
        with sqlite.writing() as writing:
            delete(writing, "ferry", 1, key_hash=KEY, now=MOMENT)

        assert not finish_erasing(sqlite)
        assert say(sqlite, entropy, a_submission())[0].number == 3

    assert finish_erasing(sqlite)


@pytest.fixture
def calm(cluster: Cluster) -> Iterator[None]:
    """While no figures are gathered but when a test does: whoever gathers them is a reader that keeps dead rows."""
    cluster.execute("ALTER SYSTEM SET autovacuum = off")
    cluster.execute("SELECT pg_reload_conf()")
    while cluster.execute("SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"):
        time.sleep(0.05)
    yield
    cluster.execute("ALTER SYSTEM RESET autovacuum")
    cluster.execute("SELECT pg_reload_conf()")


@pytest.mark.postgres
@pytest.mark.usefixtures("calm")
def test_a_key_that_postgresql_keeps_for_a_reader_counts_as_not_erased_yet(
    postgres: Database, cluster: Cluster, entropy: Entropy
) -> None:
    open_ferry(postgres)
    say(postgres, entropy, a_submission(key_hash=KEY))
    with postgres.reading() as connection:
        key = bytes(connection.exec_driver_sql("SELECT key FROM keys").scalar_one())
    tables = tables_of(cluster, postgres)
    with postgres.reading() as lasting:
        # A reader of the keys themselves would keep the table from being rewritten at all.
        lasting.exec_driver_sql("SELECT count(*) FROM sites")
        with postgres.writing() as connection:
            delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)

        assert not finish_erasing(postgres)
        cluster.execute("CHECKPOINT")
        assert hits(tables, key)

    assert finish_erasing(postgres)
    cluster.execute("CHECKPOINT")
    assert hits(tables, key) == {}


@pytest.mark.postgres
@pytest.mark.usefixtures("calm")
def test_after_erasing_the_key_is_in_no_table_of_postgresql(
    postgres: Database, cluster: Cluster, entropy: Entropy
) -> None:
    canaries = write_many(postgres, entropy)
    with postgres.reading() as connection:
        keys = [
            bytes(key)
            for key in connection.exec_driver_sql(
                "SELECT key FROM keys JOIN comments USING (thread, number) WHERE author = 16"
            ).scalars()
        ]
    # PostgreSQL keeps samples of what it looked at, and keeps them when the rows are gone.
    postgres.maintain("ANALYZE")
    cluster.execute("CHECKPOINT")
    tables = tables_of(cluster, postgres)
    assert len(keys) == 12
    assert all(hits(tables, key) for key in keys)

    for number in canaries:
        with postgres.writing() as connection:
            delete(connection, "ferry", number, key_hash=KEY, now=MOMENT)
    assert finish_erasing(postgres)
    cluster.execute("CHECKPOINT")

    assert [hits(tables, key) for key in keys] == [{}] * 12
    assert hits(tables, WORD.encode()) == {}
    assert hits(cluster.files / "pg_wal", WORD.encode()) == {}
    assert list(check(postgres)) == []


def test_no_text_is_readable_in_the_files_even_before_it_is_erased(sqlite: Database, entropy: Entropy) -> None:
    assert sqlite.file is not None
    open_ferry(sqlite)
    say(sqlite, entropy, a_submission(body=a_body(f"{WORD} {WORD}")))

    assert hits(sqlite.file.parent, WORD.encode()) == {}
