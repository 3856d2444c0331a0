import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.report import Reason
from outspoken.discussion.state import Actor, Event, State
from outspoken.store import carrying, joining
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.imports import author_numbers, known_records
from outspoken.store.jobs import begin_job, job_named
from outspoken.store.joining import Joining, begin_merge, begin_split, go_on, unfinished
from outspoken.store.ledger import ensure_salt
from outspoken.store.loading import take_in
from outspoken.store.redirects import former_spots, spot_now
from outspoken.store.reports import Report, report
from outspoken.store.sealing import Entropy
from outspoken.store.tables import metadata
from outspoken.store.threads import lock_thread, open_thread, thread_at, thread_by_id
from outspoken.store.undoing import undo
from outspoken.store.votes import Ballot, vote
from outspoken.store.windows import comment_at
from tests.factories import MOMENT, a_body, a_story, a_submission, an_arrival, open_ferry, say

STATES = [State.PUBLISHED] * 5 + [State.DELETED, State.SPAM, State.REMOVED]
JOB = "job"


def open_lantern(database: Database, id: str = "lantern") -> None:
    with database.writing() as connection:
        open_thread(
            connection,
            id=id,
            site="harbour",
            story=a_story("Lanterns", url=f"https://harbour.example/{id}"),
            addresses_of_page=[f"harbour.example/{id}"],
            now=MOMENT,
        )


def fill(database: Database, entropy: Entropy, thread: str, shape: list[int], chance: random.Random) -> None:
    """Import comments, of which each answers one of those before it (or, with 0, none), into a thread."""
    tree = []
    for number, above in enumerate(shape, start=1):
        parent = tree[-above] if 0 < above <= len(tree) else None
        state = chance.choice(STATES)
        body = a_body(f"{thread} {number}") if state is not State.DELETED else None
        tree.append(
            replace(an_arrival(number, parent, state=state), source=f"{thread}{number}", body=body, created=MOMENT)
            if body
            else replace(an_arrival(number, parent, state=state), source=f"{thread}{number}")
        )
    with database.writing() as connection:
        locked = lock_thread(connection, thread)
        assert not locked.last_number
        people = author_numbers(connection, thread, [("Ada", None), ("Bo", "b1")], entropy)
        tree = [replace(it, author=chance.choice(list(people.values())) if it.body else None) for it in tree]
        written = {it.author for it in tree}
        take_in(connection, thread, tree, site="harbour", format="example", job=JOB, entropy=entropy)
        for number in set(people.values()) - written:
            connection.execute(
                metadata.tables["authors"].delete().where(sa.column("thread") == thread, sa.column("number") == number)
            )


def all_of(database: Database, thread: str) -> dict[str, tuple[Any, ...]]:
    """Return of every comment of a thread, by where it came from, what has to stay."""
    table = metadata.tables["comments"]
    with database.reading() as connection:
        numbers = connection.execute(sa.select(table.c.number).where(table.c.thread == thread)).scalars().all()
        found = [comment_at(connection, thread, number) for number in numbers]
        came = {
            row.number: row.source
            for row in connection.execute(metadata.tables["provenance"].select().where(sa.column("thread") == thread))
        }
    return {
        came[it.number]: (
            came.get(it.parent, ""),
            it.state,
            it.author.name if it.author else None,
            it.author.mark if it.author and it.author.name == "Bo" else None,
            it.body and it.body.source,
            it.created,
            it.origin,
        )
        for it in found
    }


def do(database: Database, todo: Joining, entropy: Entropy) -> None:
    for _ in go_on(database, todo, MOMENT, entropy):
        pass


def merge(database: Database, origin: str, target: str, entropy: Entropy) -> None:
    with database.writing() as connection:
        todo = begin_merge(connection, "harbour", origin, target, MOMENT)
    do(database, todo, entropy)


def split(database: Database, origin: str, numbers: list[int], entropy: Entropy, id: str = "part") -> Joining:
    with database.writing() as connection:
        return begin_split(
            connection,
            "harbour",
            origin,
            numbers,
            id=id,
            story=a_story("Part", url=f"https://harbour.example/{id}"),
            address=f"harbour.example/{id}",
            now=MOMENT,
        )


SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=30)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Steps so small that trees of this size need several."""
    for module in (carrying, joining):
        monkeypatch.setattr(module, "STEP", 7)
    return


def wipe(database: Database) -> None:
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())


def text_at(database: Database, thread: str, number: int) -> str | None:
    with database.reading() as connection:
        try:
            comment = comment_at(connection, thread, number)
        except NotFound:
            spot = spot_now(connection, thread, number)
            if spot is None:
                return None
            comment = comment_at(connection, spot.thread, spot.number)
    return comment.body.source if comment.body else ""


@settings(max_examples=8)
@given(ours=SHAPES, theirs=SHAPES, seed=st.integers(0, 99), broken_at=st.integers(0, 20))
def test_joined_trees_hold_every_comment_once_below_its_parent(
    sqlite: Database, entropy: Entropy, small_steps: None, ours: list[int], theirs: list[int], seed: int, broken_at: int
) -> None:
    wipe(sqlite)
    open_ferry(sqlite)
    open_lantern(sqlite)
    chance = random.Random(seed)
    fill(sqlite, entropy, "ferry", ours, chance)
    fill(sqlite, entropy, "lantern", theirs, chance)
    before = all_of(sqlite, "ferry"), all_of(sqlite, "lantern")
    said = {number: text_at(sqlite, "lantern", number) for number in range(1, len(theirs) + 1)}

    with sqlite.writing() as connection:
        todo = begin_merge(connection, "harbour", "lantern", "ferry", MOMENT)
    for at, _ in enumerate(go_on(sqlite, todo, MOMENT, entropy)):
        if at == broken_at:
            break
    do(sqlite, todo, entropy)

    after = all_of(sqlite, "ferry")
    assert {k: v[:3] + v[4:] for k, v in after.items()} == {
        k: v[:3] + v[4:] for k, v in (before[0] | before[1]).items()
    }
    assert len(after) == len(ours) + len(theirs)
    assert list(check(sqlite)) == []
    for number, text in said.items():
        found = text_at(sqlite, "lantern", number)
        assert found in (text, None)
        assert found is not None or not text or "lantern" in text
    with sqlite.reading() as connection:
        assert thread_at(connection, "harbour", ["harbour.example/lantern"]) == "ferry"
        assert unfinished(connection, "harbour") == []


@settings(max_examples=8)
@given(shape=SHAPES, seed=st.integers(0, 99), top=st.integers(1, 30), broken_at=st.integers(0, 20))
def test_a_split_takes_a_comment_with_all_below_it_and_a_merge_brings_it_back(
    sqlite: Database, entropy: Entropy, small_steps: None, shape: list[int], seed: int, top: int, broken_at: int
) -> None:
    wipe(sqlite)
    open_ferry(sqlite)
    fill(sqlite, entropy, "ferry", shape, random.Random(seed))
    before = all_of(sqlite, "ferry")
    top = min(top, len(shape))
    said = {number: text_at(sqlite, "ferry", number) for number in range(1, len(shape) + 1)}

    todo = split(sqlite, "ferry", [top], entropy)
    for at, _ in enumerate(go_on(sqlite, todo, MOMENT, entropy)):
        if at == broken_at:
            break
    do(sqlite, todo, entropy)

    stayed, went = all_of(sqlite, "ferry"), all_of(sqlite, "part")
    assert list(check(sqlite)) == []
    assert stayed.keys() | went.keys() == before.keys()
    assert not stayed.keys() & went.keys()
    root = f"ferry{top}"
    assert went[root] == ("", *before[root][1:])
    assert {k: v for k, v in (stayed | went).items() if k != root} == {k: v for k, v in before.items() if k != root}
    for number, text in said.items():
        assert text_at(sqlite, "ferry", number) in (text, None)
    merge(sqlite, "part", "ferry", entropy)
    assert list(check(sqlite)) == []
    assert all_of(sqlite, "ferry").keys() == before.keys()


def test_all_that_belongs_to_comments_comes_along_and_nothing_is_left(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    open_lantern(database)
    with database.writing() as connection:
        ensure_salt(connection, "harbour", entropy)
        begin_job(connection, id=JOB, site="harbour", format="example", fingerprint="f", now=MOMENT)
    fill(database, entropy, "lantern", [0, 1, 1, 0], random.Random(3))
    mine = a_submission("lantern", name="Cleo")
    (receipt,) = say(database, entropy, mine)
    number = receipt.number
    with database.writing() as connection:
        vote(connection, Ballot("lantern", number, b"v" * 16, None, 1))
        report(connection, Report("lantern", number, Reason("spam"), "look", MOMENT))
        moderated = {"rule": "moderator", "reason": "", "now": MOMENT}
        change_state(connection, "lantern", number, Event.HOLD, Actor.MODERATOR, **moderated)
        change_state(connection, "lantern", number, Event.APPROVE, Actor.MODERATOR, **moderated)
        erased = next(n for n in (1, 2, 3, 4) if comment_at(connection, "lantern", n).state is State.PUBLISHED)
        change_state(connection, "lantern", erased, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=MOMENT)
    full = rows_by_table(database, "lantern")
    assert min(full.values()) > 0, full

    merge(database, "lantern", "ferry", entropy)

    assert set(rows_by_table(database, "lantern").values()) == {0}
    kept = rows_by_table(database, "ferry")
    assert {name: kept[name] for name in full if name not in ("addresses", "threads")} == {
        name: count for name, count in full.items() if name not in ("addresses", "threads")
    }
    assert list(check(database)) == []
    with database.reading() as connection:
        spot = spot_now(connection, "lantern", number)
        assert spot is not None
        comment = comment_at(connection, spot.thread, spot.number)
        assert (comment.up, comment.author and comment.author.name) == (1, "Cleo")
        assert [(it.thread, it.number) for it in former_spots(connection, "ferry", spot.number)] == [
            ("lantern", number)
        ]
    (again,) = say(database, entropy, replace(mine, thread="ferry"))
    assert again == replace(receipt, number=spot.number, is_duplicate=True, version=again.version)


def rows_by_table(database: Database, thread: str) -> dict[str, int]:
    """Count the rows of a thread in every table that names threads, but for where old addresses lead."""
    counts = {}
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            if "thread" in table.columns and table.name != "redirects":
                query = sa.select(sa.func.count()).select_from(table).where(table.c.thread == thread)
                counts[table.name] = connection.execute(query).scalar_one()
    return counts


def test_an_import_is_found_again_and_undone_where_its_comments_went(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    open_lantern(database)
    with database.writing() as connection:
        begin_job(connection, id=JOB, site="harbour", format="example", fingerprint="f", now=MOMENT)
    fill(database, entropy, "lantern", [0, 1, 0], random.Random(1))
    say(database, entropy, a_submission("ferry"))
    merge(database, "lantern", "ferry", entropy)

    with database.reading() as connection:
        names = [("example", f"lantern{number}") for number in (1, 2, 3)]
        known = known_records(connection, "harbour", names)
        assert [known[name].number for name in names] == [2, 3, 4]
        job = job_named(connection, JOB)
    for _ in undo(database, job, MOMENT):
        pass

    assert list(check(database)) == []
    with database.reading() as connection:
        assert thread_by_id(connection, "ferry").comments == 1
        assert spot_now(connection, "lantern", 1) is None
        assert spot_now(connection, "lantern") is not None


def test_a_thread_on_its_way_takes_nothing_in_but_what_is_taken_back(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    open_lantern(database)
    mine, other = a_submission("lantern"), a_submission("lantern")
    say(database, entropy, mine, other, a_submission("lantern"))
    with database.writing() as connection:
        todo = begin_merge(connection, "harbour", "lantern", "ferry", MOMENT)
    next(go_on(database, todo, MOMENT, entropy))

    with pytest.raises(NotPossible, match="try again"):
        say(database, entropy, a_submission("lantern"))
    with pytest.raises(NotPossible), database.writing() as connection:
        begin_merge(connection, "harbour", "ferry", "lantern", MOMENT)
    say(database, entropy, a_submission("ferry"))
    with database.writing() as connection:
        change_state(connection, "lantern", 2, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=MOMENT)
    assert [line for line in check(database) if "on its way" not in line] == []
    with database.reading() as connection:
        assert unfinished(connection, "harbour") == [todo]

    joining.finish_all(database, MOMENT, entropy)

    assert list(check(database)) == []
    with database.reading() as connection:
        assert comment_at(connection, "ferry", 2).state is State.DELETED
        assert comment_at(connection, "ferry", 2).body is None
        assert thread_by_id(connection, "ferry").comments == 3
        with pytest.raises(NotFound):
            thread_by_id(connection, "lantern")


def test_what_was_joined_twice_leads_to_the_last_place(database: Database, entropy: Entropy) -> None:
    open_ferry(database)
    for id in ("lantern", "harbours"):
        open_lantern(database, id)
        say(database, entropy, a_submission(id), a_submission(id))
    merge(database, "lantern", "harbours", entropy)
    merge(database, "harbours", "ferry", entropy)

    with database.reading() as connection:
        found = [spot_now(connection, "lantern", number) for number in (0, 1, 2, 3, 2**40)]
    assert [spot and (spot.thread, spot.number) for spot in found] == [
        ("ferry", 0),
        ("ferry", 3),
        ("ferry", 4),
        None,
        None,
    ]
    assert list(check(database)) == []


def test_a_hidden_comments_old_address_tells_no_more_than_one_that_never_was(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    open_lantern(database)
    say(database, entropy, a_submission("lantern", state=State.HELD, rule="links", reason="many"))
    merge(database, "lantern", "ferry", entropy)

    with database.reading() as connection:
        assert spot_now(connection, "lantern", 1) is None
        assert spot_now(connection, "lantern", 2) is None


def test_a_split_takes_an_address_that_led_to_the_thread_but_none_of_anothers(
    database: Database, entropy: Entropy
) -> None:
    open_ferry(database)
    open_lantern(database)
    say(database, entropy, a_submission("ferry"), a_submission("ferry", parent=1), a_submission("ferry"))
    with pytest.raises(NotPossible, match="already"):
        split(database, "ferry", [1], entropy, id="lantern")
    with pytest.raises(NotFound):
        split(database, "ferry", [1, 9], entropy)

    do(database, split(database, "ferry", [1, 3], entropy), entropy)

    with database.reading() as connection:
        assert thread_at(connection, "harbour", ["harbour.example/part"]) == "part"
        assert thread_by_id(connection, "part").comments == 3
        assert thread_by_id(connection, "ferry").comments == 0
        assert spot_now(connection, "ferry", 3) == joining.redirects.Spot("part", 3)
        assert spot_now(connection, "ferry") is None
    assert list(check(database)) == []
    (receipt,) = say(database, entropy, a_submission("ferry"))
    assert receipt.number == 4
