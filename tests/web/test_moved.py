"""Old addresses of discussions that were joined or split lead on, whatever door they go through, and tell nothing."""

import pytest
import sqlalchemy as sa

from outspoken.discussion.state import Event
from outspoken.store.joining import begin_merge, begin_split, finish_all
from tests.factories import a_story
from tests.web.talking import FERRY, Talk, problems, shown

LAMP = "lamp00000000"
PART = "part00000000"


def join(talk: Talk) -> None:
    with talk.database.writing() as connection:
        begin_merge(connection, "harbour", LAMP, FERRY, talk.clock.now())
    finish_all(talk.database, talk.clock.now(), talk.entropy)
    talk.clock.pass_by(seconds=2)


@pytest.fixture
def lamp(talk: Talk) -> Talk:
    """A server with two discussions: one comment in the first, three in the other."""
    talk.add_thread(LAMP)
    writer = talk.browser()
    writer.say("Ours.")
    first = writer.say("First lamp.", thread=LAMP)
    writer.say("Second lamp.", thread=LAMP, parent=first)
    talk.browser().say("Third lamp.", thread=LAMP)
    return talk


def test_every_old_address_leads_to_the_same_text_in_its_new_place(lamp: Talk) -> None:
    reader = lamp.browser()
    assert shown(reader.get(f"/t/{LAMP}/2"))[2] == "Second lamp."
    reader.get(f"/embed/thread?site=harbour&url=https://harbour.example/{LAMP}")
    join(lamp)

    expected = {
        f"/t/{LAMP}": f"/t/{FERRY}#discussion",
        f"/t/{LAMP}?sort=newest&after=3.3": f"/t/{FERRY}?sort=newest#discussion",
        f"/t/{LAMP}/2": f"/t/{FERRY}/3#c3",
        f"/t/{LAMP}/2/report": f"/t/{FERRY}/3/report#c3",
        f"/t/{LAMP}/feed.atom": f"/t/{FERRY}/feed.atom#discussion",
        f"/t/{LAMP}/print": f"/t/{FERRY}/print#discussion",
        f"/t/{LAMP}/comments?parent=2": f"/t/{FERRY}/comments?parent=3#c3",
        f"/frame/t/{LAMP}/1": f"/frame/t/{FERRY}/2#c2",
        f"/embed/t/{LAMP}?comment=2&lang=de": f"/embed/t/{FERRY}?comment=3&lang=de",
        f"/api/v1/threads/{LAMP}": f"/api/v1/threads/{FERRY}",
        f"/api/v1/threads/{LAMP}/comments?parent=1": f"/api/v1/threads/{FERRY}/comments?parent=2",
        f"/api/v1/threads/{LAMP}/comments/3": f"/api/v1/threads/{FERRY}/comments/4",
        f"/api/v1/threads/{LAMP}/live": f"/api/v1/threads/{FERRY}/live",
    }
    for old, new in expected.items():
        answer = reader.get(old)
        assert (answer.status_code, answer.headers.get("location")) == (301, new), old
        assert ("access-control-allow-origin" in answer.headers) == old.startswith(("/api", "/embed"))
        if not new.endswith("/live"):
            assert reader.get(new.partition("#")[0]).status_code == 200, new
    assert shown(reader.get(f"/t/{FERRY}/3"))[3] == "Second lamp."
    embedded = reader.get(f"/embed/thread?site=harbour&url=https://harbour.example/{LAMP}")
    assert "Ours." in embedded.text
    assert "Third lamp." in embedded.text
    found = reader.get(f"/api/v1/threads?site=harbour&url=https://harbour.example/{LAMP}")
    assert found.json()["id"] == FERRY


def test_what_nobody_may_see_has_no_old_address_either(lamp: Talk) -> None:
    lamp.moderate(3, Event.REMOVE, thread=LAMP)
    join(lamp)
    reader = lamp.browser()

    for path in (
        "/t/{}/{}",
        "/frame/t/{}/{}",
        "/t/{}/{}/report",
        "/embed/t/{}?comment={}",
        "/api/v1/threads/{}/comments/{}",
    ):
        hidden, none = (reader.get(path.format(LAMP, number)) for number in (3, 99))
        assert (hidden.status_code, none.status_code) == (404, 404), path
        assert hidden.text.replace("/3", "/99") == none.text.replace("/3", "/99"), path


def test_what_is_sent_to_the_old_place_is_refused_and_not_put_elsewhere(lamp: Talk) -> None:
    writer = lamp.browser()
    fields = writer.form(f"/t/{LAMP}/comments?parent=2")
    join(lamp)

    answer = writer.post(f"/t/{LAMP}/comments", {**fields, "body": "Late.", "action": "post"})
    assert answer.status_code == 409
    assert writer.post_json(f"/api/v1/threads/{LAMP}/comments", {"body": "Late.", "parent": 2}).status_code == 409
    assert lamp.rows("SELECT count(*) FROM comments") == [(4,)]


def test_authors_keep_what_they_wrote_by_the_key_of_the_thread_it_was_in(talk: Talk) -> None:
    talk.add_thread(LAMP)
    author, stranger = talk.browser(), talk.browser()
    author.say("Mine.", thread=LAMP)
    stranger.say("Another's.")
    join(talk)

    fields = {"body": "Mine, better.", "action": "post"}
    assert "code" in stranger.get(f"/t/{FERRY}/2/edit").text
    assert stranger.post(f"/t/{FERRY}/2/edit", fields).status_code != 303
    answer = author.post(f"/t/{FERRY}/2/edit", fields)
    assert answer.status_code == 303, problems(answer)
    assert shown(talk.browser().get(f"/t/{FERRY}/2"))[2] == "Mine, better."
    assert author.post(f"/t/{FERRY}/2/delete").status_code == 303
    assert talk.browser().get(f"/t/{FERRY}/2").status_code == 404


def test_comments_that_were_split_off_are_found_at_their_new_page(local: Talk) -> None:
    writer = local.browser()
    top = writer.say("Top.")
    writer.say("Below.", parent=top)
    writer.say("Stays.")
    with local.database.writing() as connection:
        begin_split(
            connection,
            "harbour",
            FERRY,
            [top],
            id=PART,
            story=a_story("Part"),
            address="harbour.example/part",
            now=local.clock.now(),
        )
    finish_all(local.database, local.clock.now(), local.entropy)
    local.clock.pass_by(seconds=2)

    assert writer.get(f"/t/{FERRY}/2").headers["location"] == f"/t/{PART}/2#c2"
    assert shown(writer.get(f"/t/{PART}")) == {1: "Top.", 2: "Below."}
    assert shown(writer.get(f"/t/{FERRY}")) == {3: "Stays."}
    assert writer.get(f"/embed/t/{FERRY}?comment=2").headers["location"] == f"/embed/t/{PART}?comment=2"


def test_an_old_address_is_asked_for_only_where_nothing_is_found(lamp: Talk) -> None:
    join(lamp)
    reader = lamp.browser()
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "redirects" in statement:
            asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for path in (f"/t/{FERRY}", f"/t/{FERRY}/3", f"/embed/t/{FERRY}", f"/api/v1/threads/{FERRY}/comments"):
            assert reader.get(path).status_code == 200
        assert asked == []
        reader.get(f"/t/{LAMP}/2")
        assert len(asked) == 1
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
