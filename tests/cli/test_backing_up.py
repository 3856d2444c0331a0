"""`outspoken backup` and `restore`: online, encrypted, rehearsed, and what was erased stays erased."""

import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from typer.testing import CliRunner

from bench.peaks import run_to_end
from outspoken.cli import command_line
from outspoken.discussion.state import Actor, Event
from outspoken.store.changes import change_state
from outspoken.store.database import Database, open_database
from outspoken.store.erasures import Erasures
from outspoken.store.upgrading import upgrade
from tests.cli.conftest import refused
from tests.factories import MOMENT, a_submission, open_ferry, rows_of, say
from tests.postgres import Cluster
from tests.store.test_moving import everything
from tests.store.test_moving import fill as fill_rows
from tests.transfer.archive.making import fill

OUTSPOKEN = Path(sys.executable).with_name("outspoken")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, folder) -> Iterator[tuple[object, ...]]:
    """Where a server is, as words of the command line."""
    if request.param == "sqlite":
        yield ("--data", folder)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield ("--data", folder, "--database", cluster.url(name))
    cluster.drop(name)


def at(place: tuple[object, ...]) -> Database:
    return open_database(Path(str(place[1])), str(place[3]) if len(place) > 2 else None)


def outspoken(*words: object):
    return CliRunner().invoke(command_line(), [*map(str, words)], env={"OUTSPOKEN_DATABASE": ""})


@pytest.fixture
def key(tmp_path) -> tuple[str, Path]:
    """A public key and the file with its secret half."""
    made = outspoken("keys", "new", tmp_path / "identity", "--for", "backups")
    assert made.exit_code == 0, made.output
    return made.stdout.strip(), tmp_path / "identity"


@pytest.fixture
def filled(place, folder) -> tuple[object, ...]:
    database = at(place)
    upgrade(database, MOMENT)
    fill(database, 61, comments=60)
    database.close()
    folder.mkdir(exist_ok=True)
    (folder / "outspoken.toml").write_text('[log]\nlevel = "info"\n')
    return place


def back_up(place, output: Path, recipient: str, *more: object) -> Path:
    done = outspoken("backup", "--output", output, "--recipient", recipient, *place, *more)
    assert done.exit_code == 0, done.output
    return Path(done.stdout.split()[1].rstrip("."))


def state_of(place) -> dict:
    database = at(place)
    found = everything(database)
    database.close()
    return found


def test_a_backup_comes_back_as_it_was_settings_too(filled, folder, key, tmp_path):
    before = state_of(filled)
    backup = back_up(filled, tmp_path / "backups", key[0])

    rehearsed = outspoken("restore", backup, "--identity", key[1], "--rehearse", "--data", folder)
    restored = outspoken("restore", backup, "--identity", key[1], "--data", tmp_path / "back")

    assert rehearsed.exit_code == 0, rehearsed.output
    assert "can be read and is whole" in rehearsed.stdout
    assert restored.exit_code == 0, restored.output
    assert "Nothing was erased since" in restored.stdout
    assert state_of(("--data", tmp_path / "back")) == before
    assert (tmp_path / "back" / "outspoken.toml").read_text() == (folder / "outspoken.toml").read_text()
    assert outspoken("check", "--data", tmp_path / "back").exit_code == 0
    assert sorted(file.name for file in (tmp_path / "backups").iterdir()) == ["erased.list", backup.name]
    assert backup.stat().st_mode & 0o077 == 0


@pytest.mark.postgres
def test_a_backup_of_either_database_fills_the_other(filled, folder, key, tmp_path, cluster):
    before = state_of(filled)
    backup = back_up(filled, tmp_path / "backups", key[0])
    name = cluster.create()
    where = ("--data", tmp_path / "back", "--database", cluster.url(name))

    restored = outspoken("restore", backup, "--identity", key[1], *where)

    assert restored.exit_code == 0, restored.output
    assert state_of(where) == before
    assert "holds something already" in refused(outspoken("restore", backup, "--identity", key[1], *where))
    cluster.drop(name)


def test_what_was_erased_since_stays_erased_after_a_restore(filled, folder, key, tmp_path):
    backup = back_up(filled, tmp_path / "backups", key[0])
    database = at(filled)
    with database.reading() as connection:
        first, second = rows_of(
            connection, "SELECT thread, number FROM comments WHERE state = 'published' ORDER BY thread, number LIMIT 2"
        )
    for gone in (first, second):
        with database.writing() as connection:
            change_state(
                connection, gone.thread, gone.number, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=MOMENT
            )
    database.close()
    # One is known from the ledger of the running server alone, one because the next backup noted it.
    Erasures(folder).add([(first.thread, first.number)])
    back_up(filled, tmp_path / "backups", key[0])
    Erasures(folder).file.unlink()

    rehearsed = outspoken("restore", backup, "--identity", key[1], "--rehearse", "--data", folder)
    restored = outspoken("restore", backup, "--identity", key[1], "--data", tmp_path / "back")

    assert "2 comments that were erased since" in rehearsed.stdout
    assert "2 comments that were erased since" in restored.stdout
    database = open_database(tmp_path / "back")
    with database.reading() as connection:
        for gone in (first, second):
            (row,) = rows_of(
                connection,
                f"SELECT state, author FROM comments WHERE thread = '{gone.thread}' AND number = {gone.number}",
            )
            assert (row.state, row.author) == ("deleted", None)
            assert not rows_of(
                connection, f"SELECT 1 FROM bodies WHERE thread = '{gone.thread}' AND number = {gone.number}"
            )
    database.close()
    assert outspoken("check", "--data", tmp_path / "back").exit_code == 0


def test_nothing_that_was_erased_is_in_the_bytes_of_what_was_restored(folder, key, tmp_path, entropy):
    canary = "canary of the author"
    database = open_database(folder)
    upgrade(database, MOMENT)
    open_ferry(database)
    say(database, entropy, a_submission(name=canary), a_submission())
    database.close()
    backup = back_up(("--data", folder), tmp_path / "backups", key[0])
    Erasures(folder).add([("ferry", 1)])

    assert outspoken("restore", backup, "--identity", key[1], "--data", tmp_path / "back").exit_code == 0
    # It is restored elsewhere, so it doesn't know that ledger; copied there, it does.
    assert canary.encode() in (tmp_path / "back" / "outspoken.db").read_bytes()
    there = tmp_path / "there"
    there.mkdir()
    (there / "erased.list").write_bytes((folder / "erased.list").read_bytes())
    assert outspoken("restore", backup, "--identity", key[1], "--data", there).exit_code == 0
    assert not any(canary.encode() in file.read_bytes() for file in there.iterdir())


def test_a_backup_is_one_state_while_others_write(filled, folder, key, tmp_path):
    stop = threading.Event()
    database = at(filled)
    with database.reading() as connection:
        (thread, *_) = rows_of(connection, "SELECT id FROM threads ORDER BY id LIMIT 1")

    def write():
        chance = random.Random(1)
        while not stop.is_set():
            say(database, chance.randbytes, a_submission(thread.id))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        backups = [back_up(filled, tmp_path / f"b{number}", key[0]) for number in range(2)]
    finally:
        stop.set()
        writing.join()
        database.close()
    for backup in backups:
        result = outspoken("restore", backup, "--identity", key[1], "--rehearse", "--data", tmp_path / "none")
        assert result.exit_code == 0, result.output


def test_only_the_newest_are_kept(folder, key, tmp_path):
    open_ferry_in(folder)
    output = tmp_path / "backups"
    output.mkdir()
    for day in (1, 2, 3):
        (output / f"outspoken-2026010{day}-030000.age").write_text("old")
    (output / "outspoken-notes.age").write_text("not ours")

    done = outspoken("backup", "--output", output, "--recipient", key[0], "--keep", "2", "--data", folder)

    assert done.exit_code == 0, done.output
    kept = sorted(path.name for path in output.iterdir())
    assert kept[0] == "outspoken-20260103-030000.age"
    assert kept[-1] == "outspoken-notes.age"
    assert len(kept) == 3
    assert done.stdout.count("Deleted") == 2


def open_ferry_in(folder: Path) -> None:
    database = open_database(folder)
    upgrade(database, MOMENT)
    open_ferry(database)
    database.close()


def test_what_can_not_be_done_is_said_in_one_line_and_leaves_nothing(folder, key, tmp_path):
    open_ferry_in(folder)
    backup = back_up(("--data", folder), tmp_path / "backups", key[0])
    outspoken("keys", "new", tmp_path / "other", "--for", "backups")
    there = ("--data", tmp_path / "there")

    assert "a recipient is a public key" in refused(
        outspoken("backup", "--output", tmp_path / "x", "--recipient", "age1nobody", "--data", folder)
    )
    assert "there is no outspoken.db" in refused(
        outspoken("backup", "--output", tmp_path / "x", "--recipient", key[0], "--data", tmp_path / "nothing")
    )
    assert "ever written over" in refused(outspoken("restore", backup, "--identity", key[1], "--data", folder))
    assert "can't be decrypted with this key" in refused(
        outspoken("restore", backup, "--identity", tmp_path / "other", *there)
    )
    key[1].chmod(0o644)
    assert "others may read" in refused(outspoken("restore", backup, "--identity", key[1], *there))
    key[1].chmod(0o600)
    (tmp_path / "empty").touch(0o600)
    assert "holds no secret key" in refused(outspoken("restore", backup, "--identity", tmp_path / "empty", *there))
    content = backup.read_bytes()
    for name, changed in (
        ("cut", content[: len(content) // 2]),
        ("flipped", content[:-400] + bytes([content[-400] ^ 1]) + content[-399:]),
        ("plain", b"SQLite format 3\0" + bytes(200)),
        ("empty", b""),
        ("diary", pyrage.encrypt(b"Dear diary", [pyrage.x25519.Recipient.from_str(key[0])])),
    ):
        (tmp_path / name).write_bytes(changed)
        refused(outspoken("restore", tmp_path / name, "--identity", key[1], *there))
        refused(outspoken("restore", tmp_path / name, "--identity", key[1], "--rehearse", *there))
    assert "there is no" in refused(outspoken("restore", tmp_path / "none", "--identity", key[1], *there))
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "x").exists() or list((tmp_path / "x").iterdir()) == []


def test_one_that_is_interrupted_leaves_nothing_behind(folder, key, tmp_path, monkeypatch):
    open_ferry_in(folder)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("outspoken.store.backups._encrypt", stop)
    outspoken("backup", "--output", tmp_path / "backups", "--recipient", key[0], "--data", folder)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.long
def test_a_backup_of_a_million_rows_stays_flat(folder, key, tmp_path):
    database = open_database(folder)
    upgrade(database, MOMENT)
    fill_rows(database, rows=1_000_000)
    database.close()
    words = ["backup", "--output", tmp_path / "b", "--recipient", key[0], "--data", folder]
    assert run_to_end(OUTSPOKEN, *words).peak_mb < 300
