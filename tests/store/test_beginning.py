"""A discussion and its first comment come in together or not at all."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from outspoken.discussion.errors import NotFound
from outspoken.store.beginning import Beginning, Begun, begin
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.sealing import Entropy
from outspoken.store.sites import add_site
from outspoken.store.threads import counts_at, thread_at, thread_by_id
from tests.factories import MOMENT, a_site, a_story, a_submission

PAGE = Beginning(a_site(), a_story("A new ferry"), ("harbour.example/new",))


@pytest.fixture
def harbour(database: Database) -> Database:
    """A site without discussions."""
    with database.writing() as connection:
        add_site(connection, a_site())
    return database


def test_both_are_there_afterwards(harbour: Database, entropy: Entropy) -> None:
    with harbour.writing() as connection:
        receipt = begin(connection, PAGE, a_submission("fresh"), MOMENT, entropy)

    assert receipt.number == 1
    with harbour.reading() as connection:
        assert thread_at(connection, "harbour", PAGE.addresses) == "fresh"
        assert thread_by_id(connection, "fresh").story.headline == "A new ferry"
        assert counts_at(connection, "harbour", ["harbour.example/new", "harbour.example/other", "\x00"]) == {
            "harbour.example/new": 1
        }
        assert counts_at(connection, "elsewhere", PAGE.addresses) == {}
    assert list(check(harbour)) == []


def test_a_page_that_has_a_discussion_keeps_it(harbour: Database, entropy: Entropy) -> None:
    with harbour.writing() as connection:
        begin(connection, PAGE, a_submission("fresh"), MOMENT, entropy)
    with pytest.raises(Begun), harbour.writing() as connection:
        begin(connection, PAGE, a_submission("second"), MOMENT, entropy)

    with harbour.reading() as connection:
        assert thread_at(connection, "harbour", PAGE.addresses) == "fresh"


def test_a_comment_that_is_refused_leaves_no_discussion_behind(harbour: Database, entropy: Entropy) -> None:
    twice = replace(PAGE, addresses=("harbour.example/a", "harbour.example/b"))
    submission = a_submission("fresh", parent=7)

    with pytest.raises(NotFound), harbour.writing() as connection:
        begin(connection, twice, submission, MOMENT, entropy)

    with harbour.reading() as connection:
        assert thread_at(connection, "harbour", twice.addresses) is None
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 0


@pytest.mark.postgres
def test_two_processes_that_begin_at_once_begin_one(postgres: Database, entropy: Entropy) -> None:
    with postgres.writing() as connection:
        add_site(connection, a_site())
    outcomes: list[object] = []
    ready = threading.Barrier(2)
    databases = {"one": postgres, "two": open_database(Path("/nowhere"), postgres.url.render_as_string(False))}

    def run(id: str) -> None:
        ready.wait()
        try:
            with databases[id].writing() as connection:
                outcomes.append(begin(connection, PAGE, a_submission(id), MOMENT, entropy).number)
        except Begun:
            outcomes.append("begun")

    threads = [threading.Thread(target=run, args=(id,)) for id in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    databases["two"].close()
    assert sorted(map(str, outcomes)) == ["1", "begun"]
    with postgres.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM threads").scalar() == 1
