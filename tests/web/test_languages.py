"""A reader is spoken to in the language of the site, also where something is refused or goes wrong."""

import re

import pytest

from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.pages.tongues import MOST_THREADS, Tongues
from outspoken.settings import Limits, Settings
from outspoken.store.sites import add_site
from outspoken.store.threads import set_opening
from outspoken.store.writer import Unavailable
from tests.factories import a_site
from tests.web.talking import FERRY, Talk, tree

FERRY_PAGE = f"/t/{FERRY}"
FOREIGN_WORDS = {"up", "down", "none", "best", "newest", "oldest", "controversial", "UTC", "https"}
"""What is written in Latin letters in every language."""


@pytest.fixture
def chinese(sqlite):
    """A Chinese site, because in its texts every word of English is seen to be one."""
    talk = Talk(sqlite, settings=Settings(limits=Limits(votes_per_ten_minutes=4)))
    talk.add_thread(headline="渡轮秋季停航", url="")
    speak(talk, "zh-CN")
    yield talk
    talk.close()


def speak(talk, tag):
    with talk.database.writing() as connection:
        add_site(connection, a_site(title="港口邮报", language=tag))


def english_on(answer):
    page = tree(answer)
    page.strip_tags(["script", "style"])
    for code in page.css("code, .body, .name, textarea"):
        code.decompose()
    spoken = page.body.text(separator=" ") + " ".join(
        node.attributes.get(name) or "" for node in page.css("*") for name in ("aria-label", "title", "alt")
    )
    return set(re.findall("[A-Za-z]{2,}", f"{page.css_first('title').text()} {spoken}")) - FOREIGN_WORDS


def refused(talk):
    """Yield what a reader is answered, by what they did and its status."""
    reader, other = talk.browser(), talk.browser()
    own = f"{FERRY_PAGE}/{reader.say('渡轮又晚点了。', name='海鸥')}"
    removed = other.say("这条会被移除。")
    other.say("我来回复。", parent=removed)
    talk.moderate(removed, Event.REMOVE)
    yield "thread", 200, reader.get(FERRY_PAGE)
    yield "own comment", 200, reader.get(own)
    yield "no thread", 404, reader.get("/t/000000000000")
    yield "no page", 404, reader.get("/nothing/here")
    yield "no comment", 404, reader.get(f"{FERRY_PAGE}/99/edit")
    yield "wrong code", 404, reader.post(f"{FERRY_PAGE}/99/edit", {"code": "没有", "action": "show"})
    yield "others' key", 403, other.post(f"{own}/edit", {"body": "改了", "action": "post"})
    yield "others' key", 403, other.post(f"{own}/delete", {})
    yield "no sort", 422, reader.get(f"{FERRY_PAGE}?sort=loudest")
    yield "no place", 422, reader.get(f"{FERRY_PAGE}?after=x")
    yield "two places", 422, reader.get(f"{FERRY_PAGE}?after=1.1.1&before=1.1.1")
    yield "no number", 422, reader.get(f"{FERRY_PAGE}/comments?parent=x")
    yield "no parent", 404, reader.get(f"{FERRY_PAGE}/comments?parent=99")
    yield "parent removed", 409, reader.get(f"{FERRY_PAGE}/comments?parent={removed}")
    yield "no parent", 404, reader.post(f"{FERRY_PAGE}/comments", {"body": "回复。", "parent": "99"})
    for problem in (
        *({"body": ""}, {"body": "长" * 6_000}, {"body": ">" * 20 + "深"}),
        *({"name": "名" * 61}, {"name": "Moderator"}, {"name": "\u2800"}),
    ):
        yield str(problem)[:20], 422, reader.write(**{"body": "正文。", **problem})
    yield "name taken", 422, other.write("正文。", name="海鸥")
    yield "old form", 200, reader.write("正文。", token="old")
    yield "held", 200, other.follow(other.write("[一](https://a.example) [二](https://b.example)"))
    yield "other page", 403, reader.post(f"{own}/vote", {"value": "up"}, headers={"sec-fetch-site": "cross-site"})
    yield "no form", 422, reader.post(f"{own}/vote", headers={"content-type": "text/plain"})
    yield "odd vote", 422, other.post(f"{own}/vote", {"value": "sideways"})
    yield "own vote", 403, reader.post(f"{own}/vote", {"value": "up"})
    yield "no vote left", 409, other.post(f"{FERRY_PAGE}/{removed}/vote", {"value": "up"})
    yield "too many votes", 429, [other.post(f"{own}/vote", {"value": "up"}) for _ in range(6)][-1]
    yield "other method", 405, reader.request("PUT", own)
    yield "too large", 413, reader.post(f"{FERRY_PAGE}/comments", {"body": "长" * 200_000})
    yield "shown once", 404, reader.get(f"{own}/posted/nothing")
    talk.clock.pass_by(hours=1)
    yield "too late", 409, reader.get(f"{own}/edit")
    with talk.database.writing() as connection:
        set_opening(connection, FERRY, Opening.CLOSED)
    talk.clock.pass_by(seconds=2)
    yield "closed", 409, reader.get(f"{FERRY_PAGE}/comments")
    yield "closed thread", 200, reader.get(FERRY_PAGE)
    with talk.database.writing() as connection:
        set_opening(connection, FERRY, Opening.READ_ONLY)
    talk.clock.pass_by(seconds=2)
    yield "read-only", 409, other.post(f"{own}/vote", {"value": "up"})


def test_nobody_who_is_refused_on_a_chinese_site_meets_a_word_of_english(chinese):
    met = {}
    for what, status, answer in refused(chinese):
        assert answer.status_code == status, (what, tree(answer).body.text(separator=" ", strip=True)[:300])
        assert tree(answer).css_first("html").attributes["lang"].startswith("zh"), what
        if words := english_on(answer):
            met[what] = words

    assert met == {}


def test_an_error_is_told_in_the_language_of_the_discussion_it_is_about(sqlite):
    talk = Talk(sqlite)
    for tag, site in (("ru", "pristan"), ("fr", "quai")):
        talk.add_thread(f"{site:0<12}", site)
        with talk.database.writing() as connection:
            add_site(connection, a_site(site, language=tag))
        talk.browser().get(f"/t/{site:0<12}")

    told = [talk.browser().get(path).text for path in ("/t/pristan00000?sort=x", "/t/quai00000000?sort=x", "/nowhere")]

    assert [re.search('lang="(.*?)"', page)[1] for page in told] == ["ru", "fr", "fr"]
    talk.close()


def test_when_the_database_is_gone_what_was_written_comes_back_in_the_language_of_the_site(chinese, monkeypatch):
    def unavailable(*_):
        raise Unavailable("It can't be read at the moment. Please try again in a minute.")

    reader = chinese.browser()
    reader.get(FERRY_PAGE)
    fields = reader.form(f"{FERRY_PAGE}/comments")
    chinese.clock.pass_by(seconds=60)
    monkeypatch.setattr(type(chinese.server), "_read", unavailable)
    for path in (f"{FERRY_PAGE}/comments", f"{FERRY_PAGE}/1/edit", f"{FERRY_PAGE}/1/delete"):
        answer = reader.post(path, {**fields, "body": "正文。"})
        assert (answer.status_code, english_on(answer)) == (503, set())
    assert english_on(reader.get(f"{FERRY_PAGE}/1")) == set()


def test_languages_are_remembered_of_the_threads_that_were_shown_lately_and_no_more():
    tongues = Tongues()
    for number in range(MOST_THREADS + 10):
        tongues.note("de" if number < 20 else "fr", str(number))
    tongues.note("ru")

    assert [tongues.of(thread).tag for thread in ("5", "15", "25", "never seen", "")] == ["ru", "de", "fr", "ru", "ru"]
