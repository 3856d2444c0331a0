"""An archive that comes back and is written again is the same to the byte, on both databases and between them."""

import pytest

from outspoken.discussion.state import Actor, Event, State
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.sites import site_named
from outspoken.store.tables import metadata
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive.restoring import DIFFERS
from outspoken.transfer.archive.signing import new_key, read_key
from outspoken.transfer.records import Unreadable
from tests.conftest import NOW
from tests.factories import MOMENT, a_submission, rows_of, say
from tests.transfer.archive.making import archive, fill, rearrange, restore
from tests.transfer.killing import dying


@pytest.fixture
def origin(tmp_path) -> Database:
    """Another server's database."""
    database = open_database(tmp_path / "origin")
    upgrade(database, NOW)
    yield database
    database.close()


@pytest.mark.parametrize("is_complete", [True, False], ids=["complete", "public"])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_archive_comes_back_bit_for_bit(origin, database, tmp_path, is_complete, seed):
    threads = fill(origin, seed, comments=120)
    rearrange(origin, threads[0], seed)
    archive(origin, tmp_path / "a.zip", is_complete=is_complete)

    report = restore(database, tmp_path / "a.zip")
    written = archive(database, tmp_path / "b.zip", is_complete=is_complete)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert report.problems == []
    assert report.threads == 4
    assert report.comments + report.tombstones == written.comments + written.tombstones
    assert list(check(database)) == []
    if is_complete:
        assert state_of(database) == state_of(origin)


def state_of(database: Database) -> dict[str, set[str]]:
    """Return what both databases must agree on, leaving out what is drawn anew or told to nobody."""
    left_out = {"jobs", "job_threads", "votes", "bodies", "keys"}
    with database.reading() as connection:
        return {
            table.name: {
                repr([value for name, value in row._mapping.items() if name not in ("version", "submission")])
                for row in connection.execute(table.select())
            }
            for table in metadata.sorted_tables
            if table.name not in left_out
        }


@pytest.mark.postgres
def test_both_databases_write_the_same_archive(sqlite, postgres, tmp_path):
    fill(sqlite, 3)
    archive(sqlite, tmp_path / "a.zip", is_complete=True)
    restore(postgres, tmp_path / "a.zip")
    archive(postgres, tmp_path / "b.zip", is_complete=True)
    archive(postgres, tmp_path / "public.zip")
    archive(sqlite, tmp_path / "public-too.zip")

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "public.zip").read_bytes() == (tmp_path / "public-too.zip").read_bytes()


def test_a_signed_archive_is_the_same_with_the_same_key(origin, sqlite, tmp_path):
    new_key(tmp_path / "key")
    key = read_key(tmp_path / "key", tmp_path / "data")
    fill(origin, 4, comments=9)
    archive(origin, tmp_path / "a.zip", key=key)
    restore(sqlite, tmp_path / "a.zip")
    archive(sqlite, tmp_path / "b.zip", key=key)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_same_archive_twice_adds_nothing(origin, database, tmp_path):
    fill(origin, 5)
    archive(origin, tmp_path / "a.zip", is_complete=True)
    first = restore(database, tmp_path / "a.zip")
    again = restore(database, tmp_path / "a.zip")

    assert (again.threads, again.comments, again.tombstones) == (0, 0, 0)
    assert again.duplicates == first.comments + first.tombstones
    archive(database, tmp_path / "b.zip", is_complete=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_rehearsal_tells_the_same_and_writes_nothing(origin, sqlite, tmp_path):
    fill(origin, 6)
    archive(origin, tmp_path / "a.zip", is_complete=True)
    rehearsed = restore(sqlite, tmp_path / "a.zip", is_rehearsal=True)

    with sqlite.reading() as connection:
        assert rows_of(connection, "SELECT * FROM threads") == []
        assert rows_of(connection, "SELECT * FROM sites") == []
    assert restore(sqlite, tmp_path / "a.zip").as_json() == rehearsed.as_json()


def test_one_that_was_cut_off_goes_on_when_it_is_told_again(origin, database, tmp_path, monkeypatch):
    for room in ("restoring", "parting"):
        monkeypatch.setattr(f"outspoken.transfer.archive.{room}.CHUNK", 10)
    fill(origin, 7, comments=90)
    archive(origin, tmp_path / "a.zip", is_complete=True)

    def stop_at(limit):
        def told(done, _of):
            if done > limit:
                raise KeyboardInterrupt

        return told

    for limit in (8, 25, 60):
        with pytest.raises(KeyboardInterrupt):
            restore(database, tmp_path / "a.zip", writing=stop_at(limit))
        assert list(check(database)) == []
    restore(database, tmp_path / "a.zip")

    assert list(check(database)) == []
    archive(database, tmp_path / "b.zip", is_complete=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_that_was_killed_at_any_commit_goes_on(origin, database, tmp_path, monkeypatch, when):
    for room in ("restoring", "parting"):
        monkeypatch.setattr(f"outspoken.transfer.archive.{room}.CHUNK", 10)
    threads = fill(origin, 17, comments=60)
    rearrange(origin, threads[0], 17)
    archive(origin, tmp_path / "a.zip", is_complete=True)

    for commit in (1, 2, 3, 4, 6, 9, 13):
        with dying(when, commit):
            restore(database, tmp_path / "a.zip")
        assert list(check(database)) == []
    restore(database, tmp_path / "a.zip")

    archive(database, tmp_path / "b.zip", is_complete=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("order", [1, -1])
def test_threads_that_came_one_by_one_in_either_order_are_the_whole(origin, database, tmp_path, order):
    threads = fill(origin, 18, comments=30)
    archive(origin, tmp_path / "a.zip", is_complete=True)

    for id in threads[::order]:
        archive(origin, tmp_path / f"{id}.zip", thread=id, is_complete=True)
        restore(database, tmp_path / f"{id}.zip")
    again = restore(database, tmp_path / "a.zip")

    assert (again.threads, again.comments, again.tombstones) == (0, 0, 0)
    archive(database, tmp_path / "b.zip", is_complete=True)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_readers_could_see_comes_first_and_the_rest_later(origin, database, tmp_path):
    fill(origin, 8)
    archive(origin, tmp_path / "public.zip")
    archive(origin, tmp_path / "complete.zip", is_complete=True)
    restore(database, tmp_path / "public.zip")
    before = restore(database, tmp_path / "public.zip").duplicates

    report = restore(database, tmp_path / "complete.zip")

    assert report.duplicates == before
    assert report.comments + report.tombstones > 0
    assert DIFFERS not in report.skipped
    assert list(check(database)) == []


def test_nothing_that_is_here_is_changed(origin, database, entropy, tmp_path):
    (thread, *_) = fill(origin, 9, comments=30, threads=1)
    archive(origin, tmp_path / "a.zip", is_complete=True)
    restore(database, tmp_path / "a.zip")
    with database.writing() as connection:
        published = rows_of(connection, "SELECT number FROM comments WHERE state = 'published' ORDER BY number")
        number = published[0].number
        change_state(connection, thread, number, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=MOMENT)

    report = restore(database, tmp_path / "a.zip")

    assert (report.comments, report.tombstones) == (0, 0)
    with database.reading() as connection:
        row = rows_of(connection, f"SELECT state, author FROM comments WHERE number = {number}")
        assert [tuple(line) for line in row] == [(State.DELETED.value, None)]


def test_a_discussion_that_went_on_in_two_places_keeps_ours_and_tells(origin, database, entropy, tmp_path):
    (thread, *_) = fill(origin, 10, comments=20, threads=1)
    archive(origin, tmp_path / "before.zip", is_complete=True)
    restore(database, tmp_path / "before.zip")
    (there,) = say(origin, entropy, a_submission(thread, name="There"))
    say(origin, entropy, a_submission(thread, name="There again", parent=there.number))
    (here,) = say(database, entropy, a_submission(thread, name="Here"), now=MOMENT.replace(hour=15))
    assert there.number == here.number
    archive(origin, tmp_path / "after.zip", is_complete=True)

    report = restore(database, tmp_path / "after.zip")

    assert report.skipped[DIFFERS] == 2
    assert [problem.where for problem in report.problems] == [
        f"thread {thread}, comment {there.number}",
        f"thread {thread}, comment {there.number + 1}",
    ]
    assert list(check(database)) == []


def test_an_author_whose_number_somebody_else_has_here_gets_another(origin, database, entropy, tmp_path):
    (thread, *_) = fill(origin, 11, comments=20, threads=1)
    archive(origin, tmp_path / "before.zip", is_complete=True)
    restore(database, tmp_path / "before.zip")
    say(database, entropy, a_submission(thread, name="Somebody here"))
    number = say(origin, entropy, a_submission(thread, name="First there"))[0].number
    with origin.writing() as connection:
        change_state(connection, thread, number, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=MOMENT)
    say(origin, entropy, a_submission(thread, name="Somebody there"))
    archive(origin, tmp_path / "after.zip", is_complete=True)

    for _ in range(2):
        restore(database, tmp_path / "after.zip")

    assert list(check(database)) == []
    with database.reading() as connection:
        names = [row.name for row in rows_of(connection, "SELECT name FROM authors")]
    assert {name for name in names if name.startswith("Some")} == {"Somebody here", "Somebody there"}
    assert len([name for name in names if name.startswith("Some")]) == 2


def test_a_site_that_is_here_keeps_its_settings(origin, database, tmp_path):
    fill(origin, 12, comments=6)
    archive(origin, tmp_path / "a.zip", is_complete=True)
    restore(database, tmp_path / "a.zip", site="elsewhere")

    with database.reading() as connection:
        site = site_named(connection, "elsewhere")
    assert (site.title, site.staff_names, site.live_tick) == ("The Harbour Post", ("Moderator",), 30)
    with pytest.raises(Unreadable, match="belongs to the site elsewhere"):
        restore(database, tmp_path / "a.zip")


def test_one_thread_can_leave_alone(origin, sqlite, tmp_path):
    ids = fill(origin, 13)
    archive(origin, tmp_path / "a.zip", thread=ids[1], is_complete=True)
    restore(sqlite, tmp_path / "a.zip")
    archive(sqlite, tmp_path / "b.zip", thread=ids[1], is_complete=True)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with sqlite.reading() as connection:
        assert [row.id for row in rows_of(connection, "SELECT id FROM threads")] == [ids[1]]


def test_random_communities_are_written_the_same_in_any_order_of_arrival(sqlite, origin, tmp_path):
    fill(origin, 14, site="harbour")
    fill(origin, 15, site="island")
    for site in ("island", "harbour"):
        archive(origin, tmp_path / f"{site}.zip", site, is_complete=True)
        restore(sqlite, tmp_path / f"{site}.zip", site)
    for site in ("harbour", "island"):
        archive(sqlite, tmp_path / "again.zip", site, is_complete=True)
        assert (tmp_path / "again.zip").read_bytes() == (tmp_path / f"{site}.zip").read_bytes()
