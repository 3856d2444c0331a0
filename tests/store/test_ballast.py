"""Room that is kept for hiding and erasing: who gets it, and when it is put back."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken.store.ballast import NONE, Ballast, lacks_room
from outspoken.store.database import Database, open_database
from outspoken.store.publishing import Receipt, Submission, publish
from outspoken.store.sealing import Entropy
from outspoken.store.upgrading import upgrade
from outspoken.store.writer import Unavailable, Work, Writer
from tests.conftest import NOW
from tests.disks import fill, small_disk
from tests.factories import a_body, a_submission, open_ferry, say

SIZE = 4 * 1024 * 1024
PATIENCE = 60


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "20m") as folder:
        yield folder


def publishing(submission: Submission, entropy: Entropy) -> Work[Receipt]:
    return lambda connection: publish(connection, submission, NOW, entropy)


def held(folder: Path) -> int:
    """Return how much room a ballast really takes up."""
    file = folder / "ballast"
    return file.stat().st_blocks * 512 if file.exists() else 0


def test_the_room_is_taken_up_for_real(disk: Path) -> None:
    assert Ballast(disk, SIZE).put_back()

    assert held(disk) == SIZE


def test_it_is_put_back_only_when_there_is_twice_the_room_and_till_then_nobody_may_add(disk: Path) -> None:
    ballast = Ballast(disk, SIZE)
    filler = fill(disk)

    assert not ballast.put_back()
    with filler.open("r+b") as file:
        file.truncate(filler.stat().st_size - 2 * SIZE + 4096)
    assert not ballast.put_back()
    assert held(disk) == 0
    filler.unlink()
    assert ballast.put_back()
    assert held(disk) == SIZE


def test_what_another_process_gave_up_is_seen_at_once(disk: Path) -> None:
    here, there = Ballast(disk, SIZE), Ballast(disk, SIZE)
    here.put_back()
    fill(disk)

    there.make_room()

    assert not here.put_back()
    assert held(disk) == 0


def test_with_room_enough_nothing_is_given_up_beforehand(disk: Path) -> None:
    ballast = Ballast(disk, SIZE)
    ballast.put_back()

    ballast.make_room()

    assert held(disk) == SIZE


def test_it_is_given_up_once(disk: Path) -> None:
    ballast = Ballast(disk, SIZE)
    ballast.put_back()

    assert [ballast.give_up(), ballast.give_up()] == [True, False]


def test_a_ballast_of_nothing_leaves_no_file_and_hinders_nobody(tmp_path: Path) -> None:
    for ballast in (Ballast(tmp_path, 0), NONE):
        assert ballast.put_back()
        ballast.make_room()
        assert not ballast.give_up()

    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_made_everything_goes_on_without(tmp_path: Path) -> None:
    (tmp_path / "ballast").mkdir()

    assert Ballast(tmp_path, SIZE).put_back()
    assert Ballast(tmp_path / "gone", SIZE).put_back()


def test_only_a_full_disk_counts_as_one() -> None:
    def failure(code: int) -> sa.exc.OperationalError:
        original = sqlite3.OperationalError("no")
        original.sqlite_errorcode = code
        return sa.exc.OperationalError("", None, original)

    assert all(lacks_room(failure(code)) for code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE))
    assert not any(
        lacks_room(failure(code))
        for code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT)
    )
    assert not lacks_room(ValueError())


@pytest.fixture
def small(disk: Path, entropy: Entropy) -> Iterator[Database]:
    """A database with a comment on the small disk."""
    database = open_database(disk)
    upgrade(database, NOW)
    open_ferry(database)
    say(database, entropy, a_submission())
    yield database
    database.close()


def test_of_those_who_come_together_on_a_full_disk_only_they_who_hide_or_erase_are_served(
    small: Database, disk: Path, entropy: Entropy
) -> None:
    writer = Writer(small, ballast=Ballast(disk, SIZE))
    fill(disk)
    is_open = threading.Event()

    def wait(_: sa.Connection) -> None:
        assert is_open.wait(PATIENCE)

    def erase(connection: sa.Connection) -> None:
        # More than the log has room for, as if the comment were a long one.
        connection.exec_driver_sql("UPDATE bodies SET sealed = zeroblob(3000000)")
        connection.exec_driver_sql("DELETE FROM bodies")

    writer.submit_change("gate", wait)
    long = [a_submission(body=a_body("word " * 3_000)) for _ in range(300)]
    added = [writer.submit("ferry", publishing(one, entropy)) for one in long]
    erased = writer.submit_change("ferry", erase)
    is_open.set()

    erased.result(PATIENCE)
    for answer in added:
        with pytest.raises(Unavailable):
            answer.result(PATIENCE)
    assert held(disk) == 0
    with pytest.raises(Unavailable):
        writer.submit("ferry", lambda _: None).result(PATIENCE)
    (disk / "filler").unlink()
    writer.submit("ferry", lambda _: None).result(PATIENCE)
    assert held(disk) == SIZE
    writer.close()


def test_who_only_adds_never_gets_at_the_room(small: Database, disk: Path, entropy: Entropy) -> None:
    writer = Writer(small, ballast=Ballast(disk, SIZE))
    fill(disk)

    def add() -> BaseException | None:
        one = a_submission(body=a_body("word " * 3_000))
        return writer.submit("ferry", publishing(one, entropy)).exception(PATIENCE)

    refusal = next(filter(None, (add() for _ in range(2_000))))

    assert isinstance(refusal, Unavailable)
    assert held(disk) == SIZE
    writer.close()
