import random
from itertools import pairwise

import msgspec
import pytest

from outspoken.discussion.comment import Origin, Quotation
from outspoken.discussion.state import State
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.imports import Known, author_numbers, known_records
from outspoken.store.jobs import begin_job, finish_job, job_named, unfinished_job
from outspoken.store.loading import Arrival, take_in
from outspoken.store.sealing import Entropy
from outspoken.store.threads import lock_thread, thread_by_id
from outspoken.store.windows import comment_at, in_reading_order
from tests.factories import MOMENT, a_submission, an_arrival, open_ferry, rows_of, say

STATES = [State.PUBLISHED, State.PUBLISHED, State.PUBLISHED, State.DELETED, State.SPAM, State.REMOVED]


def take(database: Database, entropy: Entropy, arrivals: list[Arrival], thread: str = "ferry") -> None:
    with database.writing() as connection:
        lock_thread(connection, thread)
        take_in(connection, thread, arrivals, site="harbour", format=thread, job="job", entropy=entropy)


def a_tree(size: int, seed: int) -> list[Arrival]:
    chance = random.Random(seed)
    tree: list[Arrival] = []
    for number in range(1, size + 1):
        parent = chance.choice([None, *tree[-6:]]) if tree else None
        tree.append(an_arrival(number, parent, state=chance.choice(STATES)))
    return tree


def kept(database: Database, thread: str) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        rows = rows_of(
            connection,
            "SELECT number, parent, depth, trunk, path, state, created, replies, shown, origin"
            f" FROM comments WHERE thread = '{thread}' ORDER BY number",
        )
        counted = thread_by_id(connection, thread)
    return [*(tuple(map(str, row)) for row in rows), (counted.comments, counted.active)]


@pytest.mark.parametrize("seed", range(6))
def test_chunks_of_any_size_give_the_same_as_all_at_once(database: Database, entropy: Entropy, seed: int) -> None:
    open_ferry(database, "whole")
    open_ferry(database, "parts")
    tree = a_tree(120, seed)
    cuts = sorted(random.Random(seed).sample(range(1, 120), 9 * seed))

    take(database, entropy, tree, "whole")
    for start, end in pairwise([0, *cuts, 120]):
        take(database, entropy, tree[start:end], "parts")

    assert kept(database, "parts") == kept(database, "whole")
    assert list(check(database)) == []


def test_comments_arrive_with_all_that_was_known_of_them(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    first = an_arrival(1, quotes=(Quotation(0, 1, 50),), origin=Origin("example", ("image",), ("parent",)))
    with database.writing() as connection:
        people = author_numbers(connection, "ferry", [("Greta", "g1"), ("", None), ("Greta", "g1")], entropy)
    take(
        database,
        entropy,
        [msgspec.structs.replace(first, author=people["Greta", "g1"]), an_arrival(2, first, author=2, created=None)],
    )

    assert people == {("Greta", "g1"): 1, ("", None): 2}
    with database.reading() as connection:
        comment, reply = comment_at(connection, "ferry", 1), comment_at(connection, "ferry", 2)
    assert (comment.body, comment.quotes, comment.origin) == (first.body, first.quotes, first.origin)
    assert comment.author is not None
    assert (comment.author.name, comment.replies, comment.created) == ("Greta", 1, MOMENT)
    assert (reply.parent, reply.depth, reply.created) == (1, 1, None)
    assert list(check(database)) == []


def test_authors_that_are_known_are_not_added_again(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    say(database, entropy, a_submission(name="Greta"))
    with database.writing() as connection:
        first = author_numbers(connection, "ferry", [("Greta", "g1"), ("Jo", None)], entropy)
        again = author_numbers(connection, "ferry", [("Jo", None), ("Greta", "g1"), ("Greta", "g2")], entropy)
        none = author_numbers(connection, "ferry", [], entropy)

    assert first == {("Greta", "g1"): 2, ("Jo", None): 3}
    assert again == {**first, ("Greta", "g2"): 4}
    assert none == {}


def test_nothing_can_be_taken_in(database: Database, entropy: Entropy) -> None:
    open_ferry(database)

    take(database, entropy, [])

    assert kept(database, "ferry") == [(0, None)]


def test_replies_that_come_later_bring_back_the_tombstones_above_them(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    top = an_arrival(1, state=State.DELETED)
    middle = an_arrival(2, top, state=State.SPAM)
    take(database, entropy, [top, middle])
    with database.reading() as connection:
        assert list(in_reading_order(connection, "ferry")) == []

    take(database, entropy, [an_arrival(3, middle), an_arrival(4, top), an_arrival(5, middle, state=State.REMOVED)])

    with database.reading() as connection:
        found = [(comment.number, comment.replies) for comment in in_reading_order(connection, "ferry")]
    assert found == [(1, 2), (2, 1), (3, 0), (4, 0)]
    assert list(check(database)) == []


def test_a_chain_deeper_than_a_stretch_is_taken_in(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    chain = [an_arrival(1, state=State.DELETED)]
    for number in range(2, 251):
        chain.append(an_arrival(number, chain[-1], state=State.PUBLISHED if number == 250 else State.SPAM))

    for start in range(0, 250, 60):
        take(database, entropy, chain[start : start + 60])

    with database.reading() as connection:
        assert [comment.number for comment in in_reading_order(connection, "ferry")] == list(range(1, 251))
    assert list(check(database)) == []


def test_what_was_imported_before_is_known_with_its_place(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    tree = a_tree(60, 1)
    take(database, entropy, tree)
    sources = [f"s{number}" for number in range(1, 1_200)]

    with database.reading() as connection:
        found = known_records(connection, "harbour", [("ferry", source) for source in sources])
        assert known_records(connection, "harbour", [("another", source) for source in sources]) == {}
        assert known_records(connection, "elsewhere", [("ferry", source) for source in sources]) == {}

    assert found == {
        ("ferry", arrival.source): Known(
            *("ferry", arrival.number, arrival.place, arrival.depth, "job", arrival.state, arrival.created),
            arrival.origin if arrival.state is not State.DELETED else None,
        )
        for arrival in tree
    }


def test_people_go_on_writing_below_what_was_imported(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    take(database, entropy, a_tree(10, 3))
    with database.reading() as connection:
        parent = next(comment for comment in in_reading_order(connection, "ferry") if not comment.is_tombstone).number

    (receipt,) = say(database, entropy, a_submission(parent=parent))

    assert receipt.number == 11
    assert list(check(database)) == []


def test_an_import_is_noted_with_its_report(database: Database) -> None:
    with database.writing() as connection:
        begin_job(connection, id="j1", site="harbour", format="example", fingerprint="f", now=MOMENT)
        assert unfinished_job(connection, "harbour", "f") == "j1"
        finish_job(connection, "j1", {"comments": 7, "where": "“ü”"}, MOMENT)

    with database.reading() as connection:
        job = job_named(connection, "j1")
        assert unfinished_job(connection, "harbour", "f") is None
    assert (job.id, job.finished, job.report) == ("j1", MOMENT, {"comments": 7, "where": "“ü”"})
