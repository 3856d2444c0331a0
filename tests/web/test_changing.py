"""Changing and taking back one's own: by the key of the browser, by the code, by nobody else."""

import pytest

from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.store.erasure import finish_erasing
from outspoken.store.erasures import Erasures
from outspoken.store.threads import set_opening
from tests.web.talking import FERRY, fields_of, shown, tree

AT = f"/t/{FERRY}/1"
SECRET = "Captain Undine told me so herself."


@pytest.fixture(params=["cookie", "code"])
def author(request, talk):
    """Somebody who wrote comment 1, and what they send along to prove it."""
    greta = talk.browser()
    greta.keeps_cookies = request.param == "cookie"
    answer = greta.write(SECRET, name="Greta")
    return greta, {} if greta.keeps_cookies else {"code": greta.code_of(answer)}


def test_an_author_changes_a_text_within_half_an_hour(talk, author):
    greta, proof = author
    talk.clock.pass_by(minutes=29)

    answer = greta.post(f"{AT}/edit", {**proof, "body": "Somebody told me.", "action": "post"})

    assert answer.status_code == 303
    page = talk.browser().get(f"/t/{FERRY}")
    assert shown(page) == {1: "Somebody told me."}
    assert tree(page).css_first("#c1 .edited")


def test_after_half_an_hour_the_text_stays_and_what_was_written_comes_back(talk, author):
    greta, proof = author
    talk.clock.pass_by(minutes=32)

    answer = greta.post(f"{AT}/edit", {**proof, "body": "Somebody told me.", "action": "post"})

    assert answer.status_code == 409
    assert fields_of(answer)["body"] == "Somebody told me."
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: SECRET}


def test_an_author_deletes_at_any_time_and_nothing_is_left(talk, author):
    greta, proof = author
    talk.clock.pass_by(days=400)

    assert greta.post(f"{AT}/delete", {**proof, "token": ""}).status_code == 303

    assert shown(talk.browser().get(f"/t/{FERRY}")) == {}
    assert greta.get(AT).status_code == 404
    for table in ("bodies", "keys", "authors", "votes"):
        assert talk.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_what_is_deleted_is_noted_for_older_copies_before_its_author_is_told(talk, author, tmp_path):
    greta, proof = author
    talk.server.erasures = Erasures(tmp_path)

    assert greta.post(f"{AT}/delete", {**proof, "token": ""}).status_code == 303

    assert list(Erasures(tmp_path).read()) == [(FERRY, 1)]


def test_a_deletion_that_can_not_be_noted_is_done_all_the_same(talk, author, tmp_path, caplog):
    greta, proof = author
    (tmp_path / "a file").touch()
    talk.server.erasures = Erasures(tmp_path / "a file")

    assert greta.post(f"{AT}/delete", {**proof, "token": ""}).status_code == 303

    assert shown(talk.browser().get(f"/t/{FERRY}")) == {}
    assert "an erasure couldn't be noted" in caplog.text


def test_a_deleted_comment_with_replies_leaves_its_place(talk, author):
    greta, proof = author
    talk.browser().say("Did she?", parent=1)

    greta.post(f"{AT}/delete", {**proof, "token": ""})

    page = talk.browser().get(f"/t/{FERRY}")
    assert shown(page) == {1: "", 2: "Did she?"}
    assert "Undine" not in page.text
    assert "Greta" not in page.text


def test_a_preview_of_a_change_keeps_everything_as_it_was(talk, author):
    greta, proof = author

    page = greta.post(f"{AT}/edit", {**proof, "body": "*Somebody* told me.", "action": "preview"})

    assert tree(page).css_first(".preview em").text() == "Somebody"
    assert fields_of(page)["body"] == "*Somebody* told me."
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: SECRET}


def test_a_change_that_is_wrong_comes_back_with_the_text(talk, author):
    greta, proof = author

    page = greta.post(f"{AT}/edit", {**proof, "body": ">" * 9 + " deep", "action": "post"})

    assert page.status_code == 422
    assert fields_of(page)["body"] == ">" * 9 + " deep"
    assert fields_of(page).get("code", "") == proof.get("code", "")


def test_a_change_with_many_links_is_held_and_its_author_is_told(talk, author):
    greta, proof = author

    answer = greta.post(f"{AT}/edit", {**proof, "body": "https://a.example https://b.example", "action": "post"})

    page = greta.follow(answer)
    assert page.status_code == 200
    assert "held" in tree(page).css_first("h1").text()
    assert "many links" in page.text
    assert talk.browser().get(AT).status_code == 404


def test_a_held_text_can_still_be_changed_by_its_author(talk, author):
    greta, proof = author
    talk.moderate(1, Event.HOLD)

    page = greta.post(f"{AT}/edit", {**proof, "action": "show"})
    answer = greta.post(f"{AT}/edit", {**proof, "body": "Better words.", "action": "post"})

    assert fields_of(page)["body"] == SECRET
    assert "Better words." in greta.follow(answer).text
    assert "Undine" not in str(talk.rows("SELECT * FROM comments"))


def test_a_removed_comment_can_be_seen_and_deleted_by_its_author_but_not_changed(talk, author):
    greta, proof = author
    talk.moderate(1, Event.REMOVE, reason="It names a person.")

    change = greta.post(f"{AT}/edit", {**proof, "body": "Better words.", "action": "post"})
    deletion = greta.post(f"{AT}/delete", {**proof, "token": ""})

    assert change.status_code == 409
    assert fields_of(change)["body"] == "Better words."
    assert deletion.status_code == 303
    assert talk.rows("SELECT count(*) FROM bodies") == [(0,)]


def test_the_author_of_a_removed_comment_reads_why(talk):
    greta = talk.browser()
    greta.say(SECRET)
    talk.moderate(1, Event.REMOVE, reason="It names a person.")

    page = greta.get(AT)

    assert page.status_code == 200
    assert "isn't shown" in tree(page).css_first("h1").text()
    assert "It names a person." in page.text
    assert SECRET in page.text
    assert "Edit" not in [link.text() for link in tree(page).css("a")]


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_strangers_change_nothing(talk, action):
    talk.browser().say(SECRET)
    for fields in ({}, {"code": "ABCD-" * 8}, {"code": "x"}, {"code": "\x00"}):
        stranger = talk.browser()
        stranger.say("Something of my own.")

        answer = stranger.post(f"{AT}/{action}", {"body": "Nonsense.", "action": "post", **fields})

        assert answer.status_code == 403
        assert tree(answer).css_first("#problem-code").text()
    assert shown(talk.browser().get(f"/t/{FERRY}"))[1] == SECRET


def test_a_code_opens_its_own_comment_alone(talk):
    greta, gerda = talk.browser(), talk.browser()
    greta.keeps_cookies = gerda.keeps_cookies = False
    talk.add_thread("light0000000", "lantern")
    greta.say(SECRET)
    gerda.say(SECRET, thread="light0000000")
    code = gerda.code_of(gerda.write("Another.", thread="light0000000", name="Gerda"))

    for path in (f"{AT}/delete", "/t/light0000000/1/delete"):
        assert talk.browser().post(path, {"code": code}).status_code == 403
    assert talk.browser().post("/t/light0000000/2/delete", {"code": code}).status_code == 303


def test_a_code_is_read_however_it_was_noted_down(talk):
    greta = talk.browser()
    greta.keeps_cookies = False
    code = greta.code_of(greta.write(SECRET))

    untidy = "  " + code.lower().replace("-", " ").replace("o", "0") + "\n"

    assert talk.browser().post(f"{AT}/delete", {"code": untidy}).status_code == 303


def test_a_wrong_code_at_a_hidden_comment_says_no_more_than_at_none(talk):
    talk.browser().say(SECRET, website="x")
    for action in ("edit", "delete"):
        answers = [
            talk.browser().post(f"/t/{FERRY}/{number}/{action}", {"code": "ABCD-" * 8, "body": "My text."})
            for number in (1, 2)
        ]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].text.replace("/1/", "/2/") == answers[1].text
    assert tree(answers[0]).css_first("#problem-code").text()


def test_a_text_sent_with_a_wrong_code_comes_back(talk):
    talk.browser().say(SECRET, website="x")

    page = talk.browser().post(f"{AT}/edit", {"code": "ABCD", "body": "My text.", "action": "post"})

    assert fields_of(page)["body"] == "My text."


def test_in_a_read_only_discussion_texts_stay_but_can_be_deleted(talk, author):
    greta, proof = author
    with talk.database.writing() as connection:
        set_opening(connection, FERRY, Opening.READ_ONLY)

    assert greta.post(f"{AT}/edit", {**proof, "body": "x", "action": "post"}).status_code == 409
    assert greta.post(f"{AT}/delete", {**proof, "token": ""}).status_code == 303


def test_in_a_closed_discussion_texts_can_still_be_changed(talk, author):
    greta, proof = author
    with talk.database.writing() as connection:
        set_opening(connection, FERRY, Opening.CLOSED)

    assert greta.post(f"{AT}/edit", {**proof, "body": "Better.", "action": "post"}).status_code == 303


def test_while_nothing_can_be_written_a_changed_text_comes_back(local):
    greta = local.browser()
    greta.say(SECRET)
    local.server.writer.close()

    page = greta.post(f"{AT}/edit", {"body": "Better words.", "action": "post"})
    deletion = greta.post(f"{AT}/delete", {"token": ""})

    assert page.status_code == deletion.status_code == 503
    assert page.headers["retry-after"] == deletion.headers["retry-after"] == "30"
    assert fields_of(page)["body"] == "Better words."
    assert "code" not in fields_of(deletion), "the author is asked for a code that was never shown"


def test_nothing_of_a_deleted_text_is_left_in_the_file_once_the_server_has_cleared_up(sqlite, local):
    greta = local.browser()
    greta.say(SECRET, name="Undine")
    greta.post(f"{AT}/delete", {"token": ""})

    assert local.server.must_erase
    assert finish_erasing(local.database)
    assert b"Undine" not in local.database.file.read_bytes()
    assert local.database.file.with_name("outspoken.db-wal").stat().st_size == 0


def test_who_wrote_sees_at_their_comment_that_it_is_theirs(talk):
    greta = talk.browser()
    greta.say(SECRET)

    first = greta.get(AT)
    talk.clock.pass_by(minutes=40)
    later = greta.get(AT)

    assert "edit it for half an hour" in first.text
    assert "You can delete it any time" in later.text
    assert first.headers["cache-control"] == "private, no-store"
    assert "This is your comment" not in talk.browser().get(AT).text
