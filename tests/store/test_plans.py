"""How the databases go about the questions that readers ask: through an index, in its order, touching little else."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.state import State
from outspoken.store.database import Database
from outspoken.store.exports import addresses_of
from outspoken.store.imports import author_numbers, known_records
from outspoken.store.loading import Arrival, take_in
from outspoken.store.publishing import publish
from outspoken.store.sealing import Entropy
from outspoken.store.tables import metadata
from outspoken.store.threads import lock_thread, newest_threads
from outspoken.store.windows import (
    ancestors_of,
    comment_at,
    held_comments,
    in_reading_order,
    latest_comments,
    latest_on_site,
    window_of,
)
from tests.factories import MOMENT, a_submission, an_arrival, open_ferry

Question = Callable[[sa.Connection], object]
ROWS = 5_000


@pytest.fixture
def postgres(own_postgres: Database) -> Database:
    """A database of a test's own: what PostgreSQL knows of its tables is as a test made it."""
    return own_postgres


@pytest.fixture
def crowded(database: Database, entropy: Entropy) -> Database:
    """A thread of 5,000 comments (every twentieth a root, some held) beside a smaller one, measured by the database."""
    for thread, size in (("ferry", ROWS), ("bridge", ROWS // 10)):
        open_ferry(database, thread)
        arrivals: list[Arrival] = []
        with database.writing() as connection:
            lock_thread(connection, thread)
            people = author_numbers(connection, thread, [(f"Reader {n}", None) for n in range(50)], entropy)
            for number in range(1, size + 1):
                parent = None if number % 20 == 1 else arrivals[-1 - number % 7] if number > 9 else arrivals[-1]
                state = State.HELD if number % 50 == 0 else State.PUBLISHED
                author = people[f"Reader {number % 50}", None]
                body = arrivals[0].body if arrivals and state is State.PUBLISHED else None
                changes: dict[str, Any] = {"body": body} if body else {}
                arrivals.append(an_arrival(number, parent, state=state, author=author, **changes))
            take_in(connection, thread, arrivals, site="harbour", format=thread, job="j", entropy=entropy)
    if not database.is_sqlite:
        # What PostgreSQL does by itself after a while; SQLite never does.
        with database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
    return database


@contextmanager
def statements(connection: sa.Connection) -> Iterator[list[tuple[str, Any]]]:
    """Gather what is asked of the database, as the driver is given it."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    sa.event.listen(connection, "before_cursor_execute", note)
    yield asked
    sa.event.remove(connection, "before_cursor_execute", note)


def plans_of(database: Database, question: Question) -> list[str]:
    with database.writing() as connection:
        with statements(connection) as asked:
            question(connection)
        assert asked
        if database.is_sqlite:
            return [
                "\n".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values))
                for text, values in asked
            ]
        # Five thousand rows lie so close together that gathering and sorting a few of them would cost less.
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        return [
            json.dumps(connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one())
            for text, values in asked
        ]


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    for node in plan:
        yield node
        yield from nodes(node.get("Plans", []))


def assert_through_an_index(database: Database, plans: list[str], *, may_sort: bool = False) -> None:
    for plan in plans:
        if database.is_sqlite:
            # A list of numbers or a joined select of limited lists is small and may be walked; a table may not.
            scanned = set(re.findall(r"SCAN (\w+)", plan)) & set(metadata.tables)
            assert not scanned, plan
            assert may_sort or "TEMP B-TREE FOR" not in plan, plan
        else:
            found = list(nodes([json.loads(plan)[0]["Plan"]]))
            kinds = [node["Node Type"] for node in found]
            assert "Seq Scan" not in kinds, plan
            assert may_sort or not {"Sort", "Incremental Sort"} & set(kinds), plan


def index_names(plans: list[str]) -> set[str]:
    return set(re.findall(r"(?:comments|authors|threads|addresses)_\w+", " ".join(plans)))


INDEX_OF = {
    Sort.OLDEST: "comments_by_number",
    Sort.NEWEST: "comments_by_number",
    Sort.BEST: "comments_by_best",
    Sort.CONTROVERSIAL: "comments_by_controversy",
}
CURSORS = [{}, {"after": Cursor(10**9, 2_001)}, {"before": Cursor(10**9, 2_001)}]


def test_questions_are_answered_through_an_index_in_its_order(crowded: Database, entropy: Entropy) -> None:
    for sort in Sort:
        for cursor in CURSORS:
            plans = plans_of(crowded, lambda c, s=sort, at=cursor: window_of(c, "ferry", s, size=0, **at))  # type: ignore[misc]
            assert_through_an_index(crowded, plans)
            assert INDEX_OF[sort] in index_names(plans), (sort, cursor, plans)

    questions: dict[str, tuple[Question, str]] = {
        "latest": (lambda c: latest_comments(c, "ferry", 20), ""),
        "held": (lambda c: held_comments(c, "ferry", 20), "comments_held"),
        "reading order": (lambda c: next(iter(in_reading_order(c, "ferry"))), "comments_in_place"),
        "newest": (lambda c: newest_threads(c, "harbour", 20), "threads_by_date"),
        "liveliest": (lambda c: latest_on_site(c, "harbour", 20), "threads_by_activity"),
        "comment": (lambda c: comment_at(c, "ferry", 4_000), ""),
        # PostgreSQL goes by the site where it has two addresses; by then it has measured how many there are.
        "addresses": (
            lambda c: addresses_of(c, "harbour", "ferry"),
            "addresses_of_thread" if crowded.is_sqlite else "",
        ),
    }
    for name, (question, index) in questions.items():
        plans = plans_of(crowded, question)
        assert_through_an_index(crowded, plans)
        assert not index or index in index_names(plans), (name, plans)

    # The few that are found by number are put in order by depth afterwards: twenty rows.
    assert_through_an_index(crowded, plans_of(crowded, lambda c: ancestors_of(c, "ferry", 4_000)), may_sort=True)


def test_first_replies_of_many_comments_are_read_through_an_index_in_its_order(crowded: Database) -> None:
    for sort in Sort:
        plans = plans_of(crowded, lambda c, s=sort: window_of(c, "ferry", s))  # type: ignore[misc]
        assert len(plans) >= 3
        assert_through_an_index(crowded, plans)
        assert INDEX_OF[sort] in index_names(plans[1:]), (sort, plans)


def test_writing_looks_up_authors_and_attempts_through_an_index(crowded: Database, entropy: Entropy) -> None:
    first = a_submission()
    with crowded.writing() as connection:
        publish(connection, first, MOMENT, entropy)
    again = a_submission(name=first.name, key_hash=first.key_hash)

    plans = plans_of(crowded, lambda c: publish(c, again, MOMENT, entropy))
    plans += plans_of(crowded, lambda c: publish(c, a_submission(), MOMENT, entropy))

    assert_through_an_index(crowded, plans)
    assert {"comments_by_submission", "authors_by_key", "authors_by_look", "comments_of_author"} <= index_names(plans)


def test_a_page_of_a_large_thread_reads_no_more_rows_than_it_shows(sqlite: Database, entropy: Entropy) -> None:
    open_ferry(sqlite)
    with sqlite.writing() as connection:
        lock_thread(connection, "ferry")
        root = an_arrival(1)
        arrivals = [root, *(an_arrival(number, root, body=root.body) for number in range(2, 3_000))]
        take_in(connection, "ferry", arrivals, site="harbour", format="x", job="j", entropy=entropy)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with sqlite.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(count, 100)
        for sort in Sort:
            window_of(connection, "ferry", sort)
        raw.set_progress_handler(None, 0)

    # About 50 rows with their joins for each of four sorts; 3,000 rows would take ten times as many.
    assert steps * 100 < 60_000


@pytest.mark.postgres
def test_a_comment_with_thousands_of_replies_is_not_sorted_by_postgresql(postgres: Database, entropy: Entropy) -> None:
    open_ferry(postgres)
    with postgres.writing() as connection:
        root = an_arrival(1)
        arrivals = [root, *(an_arrival(number, root, body=root.body) for number in range(2, 6_000))]
        take_in(connection, "ferry", arrivals, site="harbour", format="x", job="j", entropy=entropy)
    with postgres.writing() as connection:
        connection.exec_driver_sql("ANALYZE")

    for sort in Sort:
        with postgres.writing() as connection, statements(connection) as asked:
            window_of(connection, "ferry", sort, parent=1)
        (text, values) = asked[0]
        with postgres.reading() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
        kinds = {node["Node Type"] for node in nodes([plan[0]["Plan"]])}
        assert not kinds & {"Sort", "Incremental Sort"}, plan


@pytest.mark.postgres
def test_what_an_import_asks_is_looked_up_one_by_one_in_tables_that_nobody_has_measured(
    postgres: Database, entropy: Entropy
) -> None:
    open_ferry(postgres)
    with postgres.writing() as connection:
        connection.exec_driver_sql("ANALYZE")
    with postgres.writing() as connection:
        people = [(f"Reader {number}", f"r{number}" if number % 2 else None) for number in range(1_000)]
        author_numbers(connection, "ferry", people, entropy)
        arrivals = [an_arrival(number) for number in range(1, 1_001)]
        take_in(connection, "ferry", arrivals, site="harbour", format="x", job="j", entropy=entropy)

    questions: dict[str, Question] = {
        "source": lambda c: known_records(c, "harbour", [("x", f"s{number}") for number in range(500)]),
        "name": lambda c: author_numbers(c, "ferry", people[:500], entropy),
    }
    for key, question in questions.items():
        with postgres.writing() as connection, statements(connection) as asked:
            question(connection)
        with postgres.reading() as connection:
            plans = [
                connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
                for text, values in asked
            ]
        through = [node for plan in plans for node in nodes([plan[0]["Plan"]]) if "Index Name" in node]
        assert any(re.search(rf"\b({key}|source) = ", node["Index Cond"]) for node in through), plans
        assert not any("Filter" in node for node in through), plans
