"""`outspoken moderate`: what waits is shown, and decided on."""

import os
from datetime import timedelta

import pytest

from outspoken.cli import moderating
from outspoken.discussion.report import Reason
from outspoken.discussion.state import State
from outspoken.pages.snapshots import LEASE
from outspoken.store.database import open_database
from outspoken.store.decisions import decisions_on
from outspoken.store.publishing import publish
from outspoken.store.reports import Report, report
from outspoken.store.windows import comment_at
from tests.cli.conftest import refused
from tests.factories import MOMENT, a_body, a_submission


@pytest.fixture
def thread(site, folder):
    """A discussion in which comment 1 is published and comment 2 is held."""
    thread = site("publish", "--site", "harbour", "--headline", "Ferry").stdout.strip()
    database = open_database(folder)
    with database.writing() as connection:
        for submission in (
            a_submission(thread, name="Greta"),
            a_submission(
                thread, name="Pills", state=State.HELD, rule="links", reason="It has many links.",
                body=a_body("Buy\n\n\x1b]0;owned\x07 \u202epills"),
            ),
        ):  # fmt: skip
            publish(connection, submission, MOMENT, os.urandom)
    database.close()
    return thread


def state(folder, thread, number):
    database = open_database(folder)
    with database.reading() as connection:
        found = comment_at(connection, thread, number).state, decisions_on(connection, thread, number)
    database.close()
    return found


def test_what_is_held_is_shown_with_its_reason(site, thread):
    result = site("moderate", "held", thread)

    assert result.stdout.startswith("2\tPills\tIt has many links.\n    Buy\n")
    assert "Greta" not in result.stdout


def test_nothing_that_is_shown_can_command_the_terminal(site, thread):
    shown = site("moderate", "held", thread).stdout

    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


@pytest.mark.parametrize(
    ("event", "number", "after"),
    [("approve", 2, State.PUBLISHED), ("reject", 2, State.REJECTED), ("mark-spam", 2, State.SPAM),
     ("remove", 1, State.REMOVED), ("hold", 1, State.HELD)],
)  # fmt: skip
def test_a_decision_is_carried_out_and_recorded_with_its_reason(site, folder, thread, event, number, after):
    result = site("moderate", event, thread, number, "--reason", "As agreed.")

    assert result.stdout == f"Comment {number} is {after} now.\n"
    now, made = state(folder, thread, number)
    assert now is after
    assert (made[-1].after, made[-1].reason, made[-1].rule) == (after, "As agreed.", "moderator")


def test_what_was_removed_can_be_restored(site, folder, thread):
    site("moderate", "remove", thread, 1)
    site("moderate", "restore", thread, 1)

    assert state(folder, thread, 1)[0] is State.PUBLISHED
    assert site("check").exit_code == 0


def test_a_comment_is_removed_with_all_its_replies_and_doing_so_twice_does_no_harm(site, folder, thread):
    database = open_database(folder)
    with database.writing() as connection:
        for parent in (1, 3, 0):
            publish(connection, a_submission(thread, parent=parent), MOMENT, os.urandom)
    database.close()

    first = site("moderate", "remove", thread, 1, "--with-replies", "--reason", "As agreed.")
    again = site("moderate", "remove", thread, 1, "--with-replies")

    assert first.stdout == "3 comments were removed. Nothing published is left in the branch of comment 1.\n"
    assert again.stdout == "0 comments were removed. Nothing published is left in the branch of comment 1.\n"
    assert [state(folder, thread, number)[0] for number in (1, 3, 4, 5)] == [State.REMOVED] * 3 + [State.PUBLISHED]
    assert [made.reason for made in state(folder, thread, 4)[1]] == ["As agreed."]
    assert site("check").exit_code == 0


def test_a_branch_that_is_not_there_is_refused_in_one_line(site, thread):
    assert "no such comment" in refused(site("moderate", "remove", thread, 99, "--with-replies"))


@pytest.mark.parametrize(
    "words",
    [("approve", 1), ("restore", 1), ("remove", 2), ("approve", 99)],
    ids=lambda words: " ".join(map(str, words)),
)
def test_a_decision_that_cannot_be_is_refused_in_one_line_and_changes_nothing(site, folder, thread, words):
    event, number = words

    refused(site("moderate", event, thread, number))

    assert [state(folder, thread, n)[0] for n in (1, 2)] == [State.PUBLISHED, State.HELD]


def test_a_discussion_that_is_not_there_is_not_shown_as_empty(site, thread):
    assert "no such discussion" in refused(site("moderate", "held", "nothing00000"))


@pytest.mark.parametrize(("event", "waits"), [("remove", True), ("hold", True), ("approve", False)])
def test_what_hides_is_said_to_be_done_when_no_server_shows_it_any_longer(run, thread, monkeypatch, event, waits):
    slept = []
    monkeypatch.setattr(moderating.time, "sleep", slept.append)

    assert run("moderate", event, thread, 2 if event == "approve" else 1).exit_code == 0

    assert slept == ([LEASE] if waits else [])


def test_reports_are_shown_with_the_worst_first_and_put_away(thread, site, folder):
    database = open_database(folder)
    with database.writing() as connection:
        report(connection, Report(thread, 1, Reason.ENDANGERS, "My street.\n\x1b]0;owned\x07", MOMENT))
        report(connection, Report(thread, 1, Reason.SPAM, "", MOMENT + timedelta(minutes=1)))
    database.close()

    lines = site("moderate", "reports", "--site", "harbour").stdout.splitlines()

    assert lines[0].split("\t") == [thread, "1", "published", "endangers", f"{MOMENT:%Y-%m-%d %H:%M}"]
    assert lines[1] == "    My street."
    assert "\x1b" not in "".join(lines)
    assert lines[3].split("\t")[3] == "spam"
    assert "2 reports" in site("moderate", "dismiss", thread, 1).stdout
    assert site("moderate", "reports", "--site", "harbour").stdout == ""
    assert "no such site" in refused(site("moderate", "reports", "--site", "nowhere"))
    assert "no such comment" in refused(site("moderate", "dismiss", thread, 900))
