"""Reports: kept with their reason, found by site, gone with the comment they are about."""

from datetime import timedelta

import pytest

from outspoken.discussion.errors import NotFound, NotPossible
from outspoken.discussion.report import Reason
from outspoken.discussion.state import Actor, Event
from outspoken.store.changes import change_state, delete
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.reports import MOST_ON_COMMENT, Report, forget_reports, latest_reports, report
from outspoken.store.sealing import Entropy
from tests.factories import MOMENT, a_submission, open_ferry, say

KEY = b"k" * 32


@pytest.fixture
def ferry(database: Database, entropy: Entropy) -> Database:
    """Two comments, the second a reply."""
    open_ferry(database)
    say(database, entropy, a_submission(key_hash=KEY), a_submission(parent=1))
    return database


def a_report(number: int = 1, reason: Reason = Reason.SPAM, note: str = "", minutes: int = 0) -> Report:
    return Report("ferry", number, reason, note, MOMENT + timedelta(minutes=minutes))


def latest(database: Database, site: str = "harbour") -> list[Report]:
    with database.reading() as connection:
        return list(latest_reports(connection, site, 10))


def test_reports_are_found_by_site_the_newest_first(ferry: Database) -> None:
    made = [a_report(2, Reason.INSULTS, "Look."), a_report(minutes=1), a_report(2, Reason.OTHER, minutes=2)]
    with ferry.writing() as connection:
        for one in made:
            report(connection, one)

    assert latest(ferry) == made[::-1]
    assert latest(ferry, "elsewhere") == []
    assert list(check(ferry)) == []


def test_what_cannot_be_seen_cannot_be_reported(ferry: Database) -> None:
    with ferry.writing() as connection:
        change_state(connection, "ferry", 2, Event.HOLD, Actor.MODERATOR, rule="m", reason="", now=MOMENT)

    with ferry.writing() as connection:
        for number in (2, 900):
            with pytest.raises(NotFound, match="no such comment"):
                report(connection, a_report(number))
        with pytest.raises(NotFound):
            report(connection, Report("nowhere", 1, Reason.SPAM, "", MOMENT))


def test_nothing_is_reported_of_a_tombstone(ferry: Database) -> None:
    with ferry.writing() as connection:
        change_state(connection, "ferry", 1, Event.REMOVE, Actor.MODERATOR, rule="m", reason="", now=MOMENT)
        with pytest.raises(NotPossible):
            report(connection, a_report())


def test_a_comment_fills_no_table_with_reports(ferry: Database) -> None:
    with ferry.writing() as connection:
        for minute in range(MOST_ON_COMMENT + 3):
            report(connection, a_report(minutes=minute))
        assert forget_reports(connection, "ferry", 1) == MOST_ON_COMMENT
        assert forget_reports(connection, "ferry", 1) == 0


def test_reports_are_erased_with_the_comment_and_check_finds_one_that_was_not(ferry: Database) -> None:
    with ferry.writing() as connection:
        report(connection, a_report(note="It says that …"))
        delete(connection, "ferry", 1, key_hash=KEY, now=MOMENT)
    assert latest(ferry) == []

    with ferry.writing() as connection:
        connection.exec_driver_sql("INSERT INTO reports VALUES ('ferry', 1, 1, 'harbour', 'spam', '', 1)")
        connection.exec_driver_sql("INSERT INTO reports VALUES ('ferry', 9, 1, 'harbour', 'spam', '', 1)")

    assert sorted(check(ferry)) == [
        "reports: a row of thread ferry, comment 9, which isn't there",
        "thread ferry, comment 1: is deleted, but reports of it were kept",
    ]
