"""Voting: once a reader, changed and taken back at will, never on one's own."""

import pytest

from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.settings import Limits, Settings
from outspoken.store.threads import set_opening
from tests.web.talking import FERRY, keys_given, problems

VOTE = f"/t/{FERRY}/1/vote"


@pytest.fixture
def voted(talk):
    talk.browser().say("The ferry was late again.")
    return talk


def counts(talk):
    comment = talk.browser().get(f"/api/v1/threads/{FERRY}/comments/1").json()
    return comment["up"], comment["down"]


def test_a_vote_is_counted_once_however_often_it_is_sent(voted):
    reader = voted.browser()

    for _ in range(3):
        assert reader.post(VOTE, {"value": "up"}).status_code == 303

    assert counts(voted) == (1, 0)


def test_a_vote_can_be_changed_and_taken_back(voted):
    reader = voted.browser()

    reader.post(VOTE, {"value": "up"})
    reader.post(VOTE, {"value": "down"})
    changed = counts(voted)
    reader.post(VOTE, {"value": "none"})

    assert changed == (0, 1)
    assert counts(voted) == (0, 0)


def test_two_readers_have_two_votes(voted):
    for value in ("up", "down"):
        voted.browser().post(VOTE, {"value": value})

    assert counts(voted) == (1, 1)


def test_nobody_votes_on_their_own_comment(talk):
    greta = talk.browser()
    greta.say("I am right.")

    answer = greta.post(VOTE, {"value": "up"})

    assert answer.status_code == 403
    assert "your own comment" in answer.text
    assert counts(talk) == (0, 0)


def test_a_read_only_discussion_takes_no_votes_and_a_closed_one_does(voted):
    for opening, status in ((Opening.READ_ONLY, 409), (Opening.CLOSED, 303)):
        with voted.database.writing() as connection:
            set_opening(connection, FERRY, opening)
        assert voted.browser().post(VOTE, {"value": "up"}).status_code == status


def test_what_is_hidden_takes_no_votes_and_is_answered_like_what_never_was(voted):
    voted.moderate(1, Event.REMOVE)

    hidden, never = (voted.browser().post(f"/t/{FERRY}/{n}/vote", {"value": "up"}) for n in (1, 2))

    assert hidden.status_code == 404
    assert hidden.text == never.text


def test_a_tombstone_takes_no_votes(voted):
    voted.browser().say("Yes.", parent=1)
    voted.moderate(1, Event.REMOVE)

    assert voted.browser().post(VOTE, {"value": "up"}).status_code == 409


def test_many_votes_from_one_place_have_to_wait(local):
    local.settings = Settings(limits=Limits(votes_per_ten_minutes=3))
    local.restart()
    local.browser().say("The ferry was late again.")
    statuses = []
    for _ in range(5):
        answer = local.browser("203.0.113.7").post(VOTE, {"value": "up"})
        statuses.append(answer.status_code)

    assert statuses == [303, 303, 303, 429, 429]
    assert answer.headers["retry-after"] == "600"
    local.clock.pass_by(minutes=10)
    assert local.browser("203.0.113.7").post(VOTE, {"value": "up"}).status_code == 303


def test_readers_whose_address_is_not_known_are_not_kept_from_voting(local):
    local.settings = Settings(limits=Limits(votes_per_ten_minutes=1))
    local.restart()
    local.browser().say("The ferry was late again.")

    assert {local.browser("127.0.0.1").post(VOTE, {"value": "up"}).status_code for _ in range(3)} == {303}


def test_a_vote_leads_back_to_where_it_was_given(voted):
    page = f"/t/{FERRY}?sort=newest&after=-7.7"

    answer = voted.browser().post(VOTE, {"value": "up", "page": page})

    assert answer.headers["location"] == f"{page}#c1"


@pytest.mark.parametrize(
    "page",
    ["https://evil.example/", "//evil.example", "/t/../../evil", "javascript:alert(1)", f"/t/{FERRY}\r\nx: y",
     f"/t/{FERRY}?sort=newest#x", "/\\evil.example", f"/t/{FERRY}/1/delete", ""],
)  # fmt: skip
def test_a_vote_leads_nowhere_else(local, page):
    local.browser().say("The ferry was late again.")

    answer = local.browser().post(VOTE, {"value": "up", "page": page})

    assert answer.headers["location"] == f"/t/{FERRY}#c1"
    assert "x" not in answer.headers


def test_a_vote_that_is_none_is_refused(local):
    local.browser().say("The ferry was late again.")
    for fields in ({}, {"value": ""}, {"value": "2"}, {"value": "UP"}):
        answer = local.browser().post(VOTE, fields)
        assert answer.status_code == 422
        assert problems(answer) == []
    assert counts(local) == (0, 0)


def test_voting_gives_a_key_that_a_later_comment_is_written_with(voted):
    reader = voted.browser()
    assert keys_given(reader.post(VOTE, {"value": "up"}))

    assert not keys_given(reader.write("I agree."))


def test_voters_of_two_discussions_cannot_be_linked(talk):
    talk.add_thread("light0000000")
    author, reader = talk.browser(), talk.browser()
    for thread in (FERRY, "light0000000"):
        author.say("The ferry was late again.", thread=thread)
        reader.post(f"/t/{thread}/1/vote", {"value": "up"})

    voters = talk.rows("SELECT voter FROM votes")
    keys = talk.rows("SELECT key_hash FROM authors") + talk.rows("SELECT mark FROM authors")

    assert len(set(voters)) == 2
    assert len(set(keys)) == 4
