from datetime import timedelta

import pytest

from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Opening
from outspoken.store.database import Database
from outspoken.store.sealing import Entropy
from outspoken.store.threads import (
    add_address,
    liveliest_threads,
    lock_thread,
    new_thread_id,
    newest_threads,
    open_thread,
    set_opening,
    thread_at,
    thread_by_id,
    version_of,
)
from tests.factories import MOMENT, a_story, a_submission, open_ferry, say

UNKEEPABLE = ["nowhere", "ferry\x00", "\ud800"]


def open_one(database: Database, id: str, **changes: object) -> None:
    with database.writing() as connection:
        open_thread(
            connection,
            **{
                **{"id": id, "site": "harbour", "story": a_story(published=None), "addresses_of_page": [f"a/{id}"]},
                **{"now": MOMENT, **changes},
            },  # type: ignore[arg-type]
        )


def test_ids_are_twelve_letters_that_can_not_be_mistaken(entropy: Entropy) -> None:
    ids = {new_thread_id(entropy) for _ in range(200)}

    assert len(ids) == 200
    assert all(len(id) == 12 and not set(id) & set("ilouILOU-_") and id.isalnum() for id in ids)


def test_a_thread_comes_back_as_it_was_opened(database: Database) -> None:
    story = a_story(attribution="Coast Radio", attribution_url="https://coast.example", excerpt="One.\n\nTwo.")
    open_one(database, "ferry", story=story, opening=Opening.CLOSED)

    with database.reading() as connection:
        thread = thread_by_id(connection, "ferry")
        version = version_of(connection, "ferry")

    assert thread.story == story
    assert (thread.opening, thread.comments, thread.opened, thread.active) == (Opening.CLOSED, 0, MOMENT, None)
    assert version == thread.version == 1


@pytest.mark.parametrize("id", UNKEEPABLE)
def test_a_thread_that_can_not_be_is_not_found(database: Database, id: str) -> None:
    with database.writing() as connection:
        for ask in (thread_by_id, lock_thread):
            with pytest.raises(NotFound):
                ask(connection, id)
        assert version_of(connection, id) is None
        assert thread_at(connection, "harbour", [id]) is None


def test_the_first_known_address_leads_to_its_thread(database: Database) -> None:
    open_one(database, "one", addresses_of_page=["a/one", "id:1", "a/one"])
    open_one(database, "two", addresses_of_page=["a/two", "a/one"])

    with database.reading() as connection:
        assert thread_at(connection, "harbour", ["a/none", "a/two", "a/one"]) == "two"
        assert thread_at(connection, "harbour", ["a/one"]) == "one"
        assert thread_at(connection, "harbour", ["id:1"]) == "one"
        assert thread_at(connection, "elsewhere", ["a/one"]) is None
        assert thread_at(connection, "harbour", []) is None


def test_an_address_that_leads_somewhere_stays_there(database: Database) -> None:
    open_one(database, "one")
    open_one(database, "two")
    with database.writing() as connection:
        add_address(connection, "harbour", "a/one", "two")
        add_address(connection, "harbour", "a/more", "two")

    with database.reading() as connection:
        assert thread_at(connection, "harbour", ["a/one"]) == "one"
        assert thread_at(connection, "harbour", ["a/more"]) == "two"


def test_the_newest_stories_come_first_and_undated_ones_stand_where_they_were_listed(database: Database) -> None:
    for id, days in [("old", 9), ("new", 1), ("older", 30)]:
        open_one(database, id, story=a_story(published=MOMENT - timedelta(days=days)))
    open_one(database, "undated", listed=MOMENT - timedelta(days=5))
    open_one(database, "unknown")
    open_one(database, "elsewhere", site="other")

    with database.reading() as connection:
        assert [thread.id for thread in newest_threads(connection, "harbour", 4)] == [
            "unknown",
            "new",
            "undated",
            "old",
        ]


def test_the_threads_somebody_wrote_in_last_come_first(database: Database, entropy: Entropy) -> None:
    for id in ("one", "two", "quiet"):
        open_one(database, id)
    say(database, entropy, a_submission("two"), now=MOMENT)
    say(database, entropy, a_submission("one"), now=MOMENT + timedelta(minutes=5))

    with database.reading() as connection:
        assert [thread.id for thread in liveliest_threads(connection, "harbour", 9)] == ["one", "two"]


def test_closing_a_thread_is_a_change_that_readers_see(database: Database) -> None:
    open_ferry(database)
    with database.writing() as connection:
        set_opening(connection, "ferry", Opening.READ_ONLY)
        with pytest.raises(NotFound):
            set_opening(connection, "nowhere", Opening.OPEN)

    with database.reading() as connection:
        thread = thread_by_id(connection, "ferry")
    assert (thread.opening, thread.version) == (Opening.READ_ONLY, 2)


def test_times_are_kept_to_the_minute(database: Database) -> None:
    open_one(database, "ferry", now=MOMENT + timedelta(seconds=59, microseconds=7))

    with database.reading() as connection:
        assert thread_by_id(connection, "ferry").opened == MOMENT
