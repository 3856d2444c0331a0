"""A page of a site gets its discussion with its first comment, from the page's own frame and from nowhere else."""

import asyncio

import pytest

from outspoken.store.beginning import Begun
from outspoken.store.threads import open_thread, thread_at
from outspoken.web.beginning import MOST_BEGUN
from tests.factories import a_story
from tests.web.talking import FERRY, SAME_ORIGIN, fields_of, problems, tree

NEW = "https://harbour.example/new?page=2&utm_source=mail#comments"
FOLDED = "harbour.example/new?page=2"


def form(browser, url=NEW, door="/frame", **more):
    return fields_of(browser.get(f"{door}/write", params={"site": "harbour", "url": url, **more}))


def begin(browser, body="The first word.", door="/frame", url=NEW, title="  A new\nferry \u202e", **changes):
    fields = form(browser, url, door, title=title)
    browser.talk.clock.pass_by(seconds=5)
    return browser.post(f"{door}/write", {**fields, "body": body, "action": "post", **changes})


def thread_of(talk, address=FOLDED):
    with talk.database.reading() as connection:
        return thread_at(connection, "harbour", [address])


@pytest.mark.parametrize("door", ["/frame", ""])
def test_the_first_comment_opens_the_discussion_under_the_pages_address_and_headline(talk, door):
    browser = talk.browser()
    assert thread_of(talk) is None

    answer = begin(browser, door=door)

    thread = thread_of(talk)
    assert answer.status_code == 303, problems(answer)
    assert answer.headers["location"].startswith(f"{door}/t/{thread}/1/posted/")
    about = talk.browser().get(f"/api/v1/threads/{thread}").json()
    assert about["story"]["headline"] == "A new ferry"
    assert about["story"]["url"] == "https://harbour.example/new?page=2&utm_source=mail"
    assert about["comments"] == 1
    assert "The first word." in talk.browser().get("/embed/thread", params={"site": "harbour", "url": NEW}).text
    page = browser.follow(answer)
    assert (page if door == "" else browser.follow(page)).status_code in (200, 303)


def test_a_page_that_has_a_discussion_leads_to_its_form_and_reading_opens_none(local):
    threads = local.rows("SELECT count(*) FROM threads")
    page = {"site": "harbour", "url": f"https://harbour.example/{FERRY}"}

    for door in ("", "/frame"):
        assert local.browser().get(f"{door}/write", params=page).headers["location"] == f"{door}/t/{FERRY}/comments"
        assert local.browser().get(f"{door}/page", params=page).headers["location"] == f"{door}/t/{FERRY}"
        leads = local.browser().get(f"{door}/page", params={"site": "harbour", "url": NEW}).headers["location"]
        assert leads.startswith(f"{door}/write?site=harbour&url=https%3A%2F%2Fharbour.example%2Fnew")
    assert local.rows("SELECT count(*) FROM threads") == threads


@pytest.mark.parametrize(
    ("url", "status"),
    [
        *(("https://evil.example/new", 404), ("https://harbour.example.evil.example/", 404)),
        *(("http://harbour.example/new", 404), ("https://lantern.example/new", 404)),
        *(("https://evil.example\\@harbour.example/new", 422), ("https://reader@harbour.example/new", 422)),
        *(("https:\\\\evil.example/new", 422), ("https://harbour.example/a\nb", 422)),
        *(("javascript:alert(1)", 422), ("", 422), ("https://[", 422), ("https://harbour.example/" + "a" * 9000, 422)),
    ],
)
def test_no_discussion_is_opened_for_a_page_that_is_not_the_sites(local, url, status):
    threads = local.rows("SELECT count(*) FROM threads")
    for door in ("", "/frame"):
        assert local.browser().get(f"{door}/write", params={"site": "harbour", "url": url}).status_code == status
        sent = {"site": "harbour", "url": url, "body": "First.", "action": "post"}
        assert local.browser().post(f"{door}/write", sent).status_code == status
    assert local.rows("SELECT count(*) FROM threads") == threads


def test_an_identifier_that_somebody_sends_is_not_taken_down(local):
    begin(local.browser(), identifier="another page's")

    assert thread_of(local, "id:another page's") is None


@pytest.mark.parametrize(
    ("changes", "status"), [({"body": ""}, 422), ({"name": "Moderator"}, 422), ({"name": "x" * 99}, 422)]
)
def test_what_is_wrong_comes_back_with_the_text_and_opens_nothing(local, changes, status):
    browser = local.browser()

    answer = begin(browser, **{"body": "Kept.", **changes})

    assert answer.status_code == status
    again = fields_of(answer)
    assert again["body"] == {"body": "Kept.", **changes}["body"]
    assert (again["url"], again["title"]) == ("https://harbour.example/new?page=2&utm_source=mail", "A new ferry")
    assert thread_of(local) is None
    local.clock.pass_by(seconds=5)
    assert browser.post("/frame/write", {**again, "body": "Now.", "name": "", "action": "post"}).status_code == 303


def test_a_preview_and_a_form_that_was_open_for_long_open_nothing(local):
    browser = local.browser()

    preview = begin(browser, action="preview")
    local.clock.pass_by(hours=30)
    late = browser.post("/frame/write", {**fields_of(preview), "body": "Late.", "action": "post"})

    assert tree(preview).css_first(".preview .body").text().strip() == "The first word."
    assert "open for long" in problems(late)[0]
    assert thread_of(local) is None
    assert browser.post("/frame/write", {**fields_of(late), "action": "post"}).status_code == 303


def test_pressed_twice_or_by_two_at_once_there_is_one_discussion_with_every_comment_once(talk):
    browser, other = talk.browser(), talk.browser()
    forms = [form(browser), form(other)]
    talk.clock.pass_by(seconds=5)

    async def press():
        return await asyncio.gather(
            *(
                who.send("POST", "/frame/write", data={**fields, "body": body, "action": "post"}, headers=SAME_ORIGIN)
                for who, fields, body in (
                    (browser, forms[0], "Mine."), (browser, forms[0], "Mine."), (other, forms[1], "Other."),
                )
            )
        )  # fmt: skip

    answers = talk.run(press())

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    thread = thread_of(talk)
    comments = talk.browser().get(f"/api/v1/threads/{thread}/comments?sort=oldest").json()["comments"]
    assert sorted(comment["source"] for comment in comments) == ["Mine.", "Other."]
    assert len(talk.rows("SELECT id FROM threads")) == 2


def test_another_process_that_is_faster_begins_the_discussion_and_the_comment_goes_there(talk, monkeypatch):
    browser = talk.browser()
    fields = form(browser)
    talk.clock.pass_by(seconds=5)
    real = talk.server.begin

    async def late(beginning, submission):
        with talk.database.writing() as connection:
            open_thread(
                connection, id="first0000000", site="harbour", story=a_story(), addresses_of_page=[FOLDED],
                now=talk.clock.now(),
            )  # fmt: skip
        try:
            return await real(beginning, submission)
        except Begun:
            raise

    monkeypatch.setattr(type(talk.server), "begin", lambda _, beginning, submission: late(beginning, submission))
    answer = browser.post("/frame/write", {**fields, "body": "Second.", "action": "post"})

    assert answer.headers["location"].startswith("/frame/t/first0000000/1/")
    assert len(talk.rows("SELECT id FROM threads")) == 2


def test_a_held_first_comment_is_held_in_its_new_discussion(local):
    browser = local.browser()
    answer = browser.follow(begin(browser, website="x"))

    assert "held" in browser.follow(answer).text
    assert local.browser().get(f"/api/v1/threads/{thread_of(local)}").json()["comments"] == 0


def test_nobody_begins_more_than_a_few_discussions_in_a_day(local):
    browser = local.browser("198.51.100.7")
    statuses = [
        begin(browser, url=f"https://harbour.example/page-{number}").status_code for number in range(MOST_BEGUN + 2)
    ]

    assert statuses == [303] * MOST_BEGUN + [429, 429]
    assert len(local.rows("SELECT id FROM threads")) == 1 + MOST_BEGUN
    assert begin(local.browser("198.51.100.8"), url="https://harbour.example/page-9").status_code == 303
