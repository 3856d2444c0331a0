"""Reporting a comment: the moderators get the reason, nobody gets the reporter."""

import pytest

from outspoken.discussion.report import Reason
from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.store.threads import set_opening
from outspoken.web.reporting import MOST_REPORTS
from tests.web.talking import FERRY, problems, tree

HERE = f"/t/{FERRY}/1/report"


def reports(talk):
    return talk.rows("SELECT thread, number, sequence, site, reason, note FROM reports ORDER BY sequence")


def test_a_report_reaches_the_moderators_with_its_reason_and_note_and_nothing_else(talk):
    talk.browser().say("Report me.")
    reader = talk.browser()

    answer = reader.post(HERE, {"reason": "endangers", "note": "  It names\r\nmy street.\u202e "})

    assert answer.headers["location"] == f"/t/{FERRY}/1/done/report"
    assert "with the moderators" in reader.follow(answer).text
    assert reports(talk) == [(FERRY, 1, 1, "harbour", "endangers", "It names\nmy street.")]
    assert "set-cookie" not in answer.headers


def test_what_names_or_endangers_a_person_is_asked_first(local):
    local.browser().say("Report me.")

    page = tree(local.browser().get(HERE))

    assert [field.attributes["value"] for field in page.css("input[name=reason]")] == [
        reason.value for reason in Reason
    ]
    assert "names or endangers" in page.css_first("fieldset label").text()
    assert tree(local.browser().get(f"/t/{FERRY}/1")).css(f"a[href='{HERE}']")


@pytest.mark.parametrize(
    ("fields", "field"),
    [({}, "reason"), ({"reason": "dislike"}, "reason"), ({"reason": "spam", "note": "x" * 1001}, "note")],
)
def test_what_is_wrong_with_a_report_is_said_and_its_note_comes_back(local, fields, field):
    local.browser().say("Report me.")

    answer = local.browser().post(HERE, fields)

    assert answer.status_code == 422
    assert tree(answer).css(f"#problem-{field}")
    assert tree(answer).css_first("#note").text().strip() == fields.get("note", "")
    assert reports(local) == []


def test_the_same_reader_counts_once_for_each_comment(local):
    for number in range(2):
        local.browser().say(f"Report me {number}.")
    with_key, without = local.browser(), local.browser()
    with_key.say("I have a key.")

    for reader in (with_key, with_key, without, without):
        assert reader.post(HERE, {"reason": "spam"}).status_code == 303
    with_key.post(f"/t/{FERRY}/2/report", {"reason": "spam"})

    assert [(row[1], row[2]) for row in sorted(reports(local))] == [(1, 1), (1, 2), (2, 1)]


def test_many_reports_in_a_short_time_are_refused(local):
    for number in range(3):
        local.browser().say(f"Comment {number}.")
    reader = local.browser("198.51.100.7")

    statuses = [
        reader.post(f"/t/{FERRY}/{1 + number % 3}/report", {"reason": "spam"}).status_code
        for number in range(MOST_REPORTS + 1)
    ]

    assert statuses == [303] * MOST_REPORTS + [429]


@pytest.mark.parametrize("event", [Event.HOLD, Event.REMOVE])
def test_what_is_hidden_can_be_reported_as_little_as_what_never_was(talk, event):
    talk.browser().say("Gone.")
    talk.moderate(1, event)

    answers = [talk.browser().post(f"/t/{FERRY}/{number}/report", {"reason": "spam"}) for number in (1, 900)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert problems(answers[0]) == problems(answers[1])
    assert reports(talk) == []


def test_a_comment_can_be_reported_when_nothing_more_can_be_written(local):
    local.browser().say("Here.")
    with local.database.writing() as connection:
        set_opening(connection, FERRY, Opening.READ_ONLY)

    assert local.browser().post(HERE, {"reason": "other"}).status_code == 303


def test_when_its_author_takes_a_comment_back_its_reports_go_too(talk):
    author = talk.browser()
    author.say("Mine.")
    talk.browser().post(HERE, {"reason": "spam", "note": "It says: Mine."})

    assert author.post(f"/t/{FERRY}/1/delete", {}).status_code == 303

    assert reports(talk) == []
