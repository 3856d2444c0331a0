"""An increment brings what an earlier archive restored to what the site is now, and touches nothing done here."""

import random
import zipfile

import pytest

from outspoken.discussion.state import Actor, Event
from outspoken.discussion.thread import Opening
from outspoken.store.changes import change_state, edit
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.joining import begin_merge, finish_all
from outspoken.store.redirects import Spot, spot_now
from outspoken.store.threads import set_opening
from outspoken.store.undoing import take_out
from outspoken.store.upgrading import upgrade
from outspoken.store.votes import take_votes
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.archive.restoring import DIFFERS, UNANSWERED
from outspoken.transfer.archive.verifying import verify
from outspoken.transfer.records import Unreadable
from tests.conftest import NOW
from tests.factories import MOMENT, a_body, a_submission, rows_of, say
from tests.transfer.archive.making import archive, fill, rearrange, restore
from tests.transfer.archive.reader import read


@pytest.fixture
def origin(tmp_path) -> Database:
    """The server whose site goes on."""
    database = open_database(tmp_path / "origin")
    upgrade(database, NOW)
    yield database
    database.close()


def go_on(database: Database, seed: int) -> None:
    """Let much happen: comments, edits, votes, removals, deletions, a closed thread and a new one."""
    chance = random.Random(seed)
    with database.reading() as connection:
        threads = [row.id for row in rows_of(connection, "SELECT id FROM threads ORDER BY id")]
    with database.writing() as connection:
        set_opening(connection, chance.choice(threads), Opening.CLOSED)
    for thread in threads[:2]:
        key = chance.randbytes(32)
        with database.reading() as connection:
            there = [
                row.number
                for row in rows_of(
                    connection, f"SELECT number FROM comments WHERE thread = '{thread}' AND state = 'published'"
                )
            ]
        with database.writing() as connection:
            set_opening(connection, thread, Opening.OPEN)
        (receipt,) = say(
            database,
            chance.randbytes,
            a_submission(thread, key_hash=key, parent=chance.choice(there), name=f"New {seed}"),
        )
        say(database, chance.randbytes, a_submission(thread, parent=receipt.number))
        gone = chance.sample(there, 4)
        with database.writing() as connection:
            edit(
                connection,
                thread,
                receipt.number,
                key_hash=key,
                body=a_body(f"Otherwise {chance.random()}"),
                quotes=(),
                hold=None,
                now=MOMENT,
                entropy=chance.randbytes,
            )
            take_votes(
                connection, thread, chance.choice([n for n in there if n not in gone]), {chance.randbytes(16): 1}
            )
            for number, event, actor in zip(
                gone,
                (Event.DELETE, Event.REMOVE, Event.HOLD, Event.MARK_SPAM),
                (Actor.AUTHOR, *[Actor.MODERATOR] * 3),
                strict=True,
            ):
                change_state(connection, thread, number, event, actor, rule="rule", reason="since", now=MOMENT)
            change_state(
                connection, thread, gone[1], Event.RESTORE, Actor.MODERATOR, rule="rule", reason="since", now=MOMENT
            )


@pytest.mark.parametrize("is_complete", [True, False], ids=["complete", "public"])
def test_the_first_archive_and_its_increments_give_the_site_as_it_is_now(origin, database, tmp_path, is_complete):
    fill(origin, 71, comments=90)
    names = ["full.zip", "one.zip", "two.zip"]
    since: list[Archive] = []
    for number, name in enumerate(names):
        archive(origin, tmp_path / name, is_complete=is_complete, since=since)
        since.append(Archive(tmp_path / name))
        assert verify(tmp_path / name).findings == ()
        if name != names[-1]:
            go_on(origin, number)
    for opened in since:
        opened.container.close()
    archive(origin, tmp_path / "now.zip", is_complete=is_complete)

    for name in names:
        restore(database, tmp_path / name)
        assert list(check(database)) == []
    archive(database, tmp_path / "there.zip", is_complete=is_complete)

    assert contents(tmp_path / "there.zip") == contents(tmp_path / "now.zip")
    assert len(read(tmp_path / "two.zip").comments) < 20


def contents(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def test_an_increment_twice_is_as_good_as_once(origin, database, tmp_path):
    fill(origin, 72, comments=60)
    archive(origin, tmp_path / "full.zip", is_complete=True)
    go_on(origin, 1)
    with Archive(tmp_path / "full.zip") as full:
        archive(origin, tmp_path / "one.zip", is_complete=True, since=[full])
    archive(origin, tmp_path / "now.zip", is_complete=True)
    restore(database, tmp_path / "full.zip")

    first = restore(database, tmp_path / "one.zip")
    again = restore(database, tmp_path / "one.zip")

    assert (again.comments, again.tombstones, again.skipped[DIFFERS]) == (0, 0, 0)
    assert again.duplicates == first.comments + first.tombstones
    archive(database, tmp_path / "there.zip", is_complete=True)
    assert contents(tmp_path / "there.zip") == contents(tmp_path / "now.zip")


def test_nothing_differs_where_nothing_happened(origin, tmp_path):
    fill(origin, 73, comments=30)
    archive(origin, tmp_path / "full.zip", is_complete=True)
    with Archive(tmp_path / "full.zip") as full:
        written = archive(origin, tmp_path / "one.zip", is_complete=True, since=[full])
    found = read(tmp_path / "one.zip")
    assert (written.threads, written.comments, written.tombstones) == (0, 0, 0)
    assert not any(found.lines[kind] for kind in ("addresses", "authors", "comments", "decisions", "provenance"))


def test_what_was_changed_here_meanwhile_stays_and_is_told(origin, database, entropy, tmp_path):
    (thread,) = fill(origin, 74, comments=30, threads=1)
    archive(origin, tmp_path / "full.zip", is_complete=True)
    restore(database, tmp_path / "full.zip")
    with origin.reading() as connection:
        number = rows_of(connection, "SELECT min(number) AS n FROM comments WHERE state = 'published'")[0].n
    for server, reason in ((origin, "there"), (database, "here")):
        with server.writing() as connection:
            change_state(
                connection, thread, number, Event.REMOVE, Actor.MODERATOR, rule="rule", reason=reason, now=MOMENT
            )
    with Archive(tmp_path / "full.zip") as full:
        archive(origin, tmp_path / "one.zip", is_complete=True, since=[full])

    report = restore(database, tmp_path / "one.zip")

    assert report.duplicates == 1
    with database.reading() as connection:
        reasons = [row.reason for row in rows_of(connection, f"SELECT reason FROM decisions WHERE number = {number}")]
    assert reasons == ["here"]
    assert list(check(database)) == []


def test_an_increment_is_of_one_archive_and_in_order(origin, tmp_path):
    fill(origin, 75, comments=12)
    archive(origin, tmp_path / "full.zip", is_complete=True)
    with Archive(tmp_path / "full.zip") as full:
        archive(origin, tmp_path / "one.zip", is_complete=True, since=[full])
        with Archive(tmp_path / "one.zip") as one:
            with pytest.raises(Unreadable, match="everything first"):
                archive(origin, tmp_path / "x.zip", is_complete=True, since=[one, full])
            archive(origin, tmp_path / "two.zip", is_complete=True, since=[full, one])
        with pytest.raises(Unreadable, match="not as complete"):
            archive(origin, tmp_path / "x.zip", since=[full])
    assert not (tmp_path / "x.zip").exists()


def test_an_increment_brings_what_was_joined_and_split_and_the_older_archive_nothing_back(origin, database, tmp_path):
    threads = fill(origin, 31, comments=40)
    archive(origin, tmp_path / "a.zip", is_complete=True)
    restore(database, tmp_path / "a.zip")
    rearrange(origin, threads[0], 31)
    with origin.writing() as connection:
        begin_merge(connection, "harbour", threads[1], threads[2], MOMENT)
    finish_all(origin, MOMENT, random.Random(1).randbytes)
    with Archive(tmp_path / "a.zip") as before:
        archive(origin, tmp_path / "b.zip", is_complete=True, since=[before])
    assert verify(tmp_path / "b.zip").findings == ()

    restore(database, tmp_path / "b.zip")

    assert list(check(database)) == []
    archive(origin, tmp_path / "whole.zip", is_complete=True)
    archive(database, tmp_path / "came.zip", is_complete=True)
    theirs, ours = read(tmp_path / "whole.zip"), read(tmp_path / "came.zip")
    for kind in ("comments", "addresses", "provenance", "redirects", "erased"):
        assert ours.lines[kind] == theirs.lines[kind], kind
    with database.reading() as connection:
        assert spot_now(connection, threads[1]) == Spot(threads[2])
    again = restore(database, tmp_path / "a.zip")
    assert (again.comments, again.tombstones, again.problems) == (0, 0, [])
    assert list(check(database)) == []


def test_a_reply_to_what_was_taken_out_here_meanwhile_is_left_out_and_told(origin, database, tmp_path):
    (thread,) = fill(origin, 76, comments=30, threads=1)
    archive(origin, tmp_path / "full.zip", is_complete=True)
    restore(database, tmp_path / "full.zip")
    chance = random.Random(76)
    with origin.reading() as connection:
        rows = rows_of(
            connection, "SELECT number FROM comments WHERE state = 'published' AND replies = 0 ORDER BY number"
        )
    answered = rows[-1].number
    (reply,) = say(origin, chance.randbytes, a_submission(thread, parent=answered))
    (second,) = say(origin, chance.randbytes, a_submission(thread, parent=reply.number))
    (root,) = say(origin, chance.randbytes, a_submission(thread))
    with Archive(tmp_path / "full.zip") as full:
        archive(origin, tmp_path / "one.zip", is_complete=True, since=[full])
    with database.writing() as connection:
        take_out(connection, "harbour", thread, [answered], NOW)

    report = restore(database, tmp_path / "one.zip")

    assert (report.comments, report.skipped[UNANSWERED]) == (1, 1)
    assert f"comment {reply.number}" in report.problems[0].where
    with database.reading() as connection:
        (here,) = rows_of(connection, f"SELECT number FROM comments WHERE number >= {reply.number}")
    assert (here.number, second.number) == (root.number, reply.number + 1)
    assert list(check(database)) == []
