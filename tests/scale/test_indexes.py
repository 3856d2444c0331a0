"""Every index is there for a question: without it that question grows with the thread, and the count of it says so."""

from collections.abc import Callable

import pytest

from outspoken.discussion.order import Sort
from outspoken.store import ledger, publishing, reports, threads, windows
from outspoken.store.tables import addresses, metadata
from tests.factories import MOMENT, a_body, a_submission
from tests.scale.conftest import Town
from tests.scale.costs import Ask, cost_of
from tests.scale.crowds import SITE, author_of, is_imported, key_of
from tests.scale.questions import IMPORTING, READING, WRITING
from tests.scale.test_flat_cost import grows

QUESTIONS = {question.name: question.ask for question in (*READING, *WRITING, *IMPORTING)}


def _of_the_largest(name: str) -> Callable[[Town], Ask]:
    return lambda town: lambda connection: QUESTIONS[name](connection, town.largest())


def _by_somebody_long_silent(town: Town) -> Ask:
    crowd = town.largest()
    author = author_of(crowd, 3)
    return lambda connection: publishing.publish(
        connection,
        a_submission(crowd.thread, key_hash=key_of(crowd.thread, author), name=f"Reader {author}", body=a_body()),
        MOMENT,
        lambda length: b"e" * length,
    )


def _forget_a_page(town: Town) -> Ask:
    site = town.sites[max(town.sites)]
    return lambda c: c.execute(
        addresses.delete().where(addresses.c.site == site, addresses.c.thread == f"{site}-0000001")
    )


NEEDED_FOR: dict[str, Callable[[Town], Ask]] = {
    "addresses_of_thread": _forget_a_page,
    "authors_by_key": _of_the_largest("publish a reply as somebody known"),
    "authors_by_look": _of_the_largest("publish a root"),
    "authors_by_source": _of_the_largest("100 authors"),
    "comments_by_best": lambda town: lambda c: windows.window_of(c, town.largest("wide").thread, Sort.BEST, parent=1),
    "comments_by_controversy": lambda town: (
        lambda c: windows.window_of(c, town.largest("wide").thread, Sort.CONTROVERSIAL, parent=1)
    ),
    "comments_by_number": _of_the_largest("first view, newest"),
    "comments_by_submission": _of_the_largest("publish a root"),
    "comments_held": lambda town: lambda c: windows.held_comments(c, town.calm.thread, 15),
    "comments_in_place": _of_the_largest("first part of all in reading order"),
    "comments_of_author": _by_somebody_long_silent,
    "comments_published": lambda town: lambda c: windows.latest_comments(c, town.flooded.thread, 30),
    "provenance_of_comment": lambda town: (
        lambda c: ledger.enter(c, SITE, town.largest().thread, next(n for n in range(1, 100) if is_imported(n)))
    ),
    "redirects_to": _of_the_largest("old addresses of one"),
    "reports_of_site": lambda town: lambda c: reports.latest_reports(c, SITE, 50),
    "threads_by_activity": lambda town: lambda c: threads.liveliest_threads(c, town.sites[max(town.sites)], 20),
    "threads_by_date": lambda town: lambda c: threads.newest_threads(c, town.sites[max(town.sites)], 20),
}


FOR_FEW_ROWS = {"jobs_of_site"}
"""Indexes of tables that stay too small for a question to grow: a site sees a handful of imports."""


@pytest.mark.parametrize("index", sorted(NEEDED_FOR))
def test_without_an_index_a_question_grows_with_the_thread(town: Town, index: str) -> None:
    ask = NEEDED_FOR[index](town)

    with_it = cost_of(town.database, ask)
    without = cost_of(town.database, ask, after=f"DROP INDEX {index}")

    assert with_it.faults == ()
    assert grows(with_it, without), (with_it, without)


def test_no_index_is_without_a_question() -> None:
    there = {str(index.name) for table in metadata.sorted_tables for index in table.indexes}
    assert there - FOR_FEW_ROWS == set(NEEDED_FOR)
