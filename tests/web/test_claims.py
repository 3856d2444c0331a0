"""Claiming with a browser: looking, taking over, having erased, and every way in which it is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest

from outspoken.discussion.state import State
from outspoken.discussion.thread import Opening
from outspoken.identity.claiming import ClaimCode, claim_code, new_claim_code
from outspoken.store import claims, offering
from outspoken.store.checking import check
from outspoken.store.erasures import Erasures
from outspoken.store.ledger import ensure_salt
from outspoken.store.loading import Load, NewThread
from outspoken.web import claims as claims_on_the_web
from tests.factories import a_site, a_story, an_arrival
from tests.web.talking import Browser, Talk, keys_given, problems, tree

PIER, LOCK = "pier00000000", "lock00000000"
PAGE = "/s/harbour/claim"
GRETA = "Greta <b>&"


@pytest.fixture(autouse=True)
def _brought(request):
    """Two threads that were imported, in each of which Greta wrote; one of hers is held."""
    name = next(name for name in ("talk", "local") if name in request.fixturenames)
    talk = request.getfixturevalue(name)
    with talk.database.writing() as connection:
        ensure_salt(connection, "harbour", talk.entropy)
        load = Load("harbour", "example", "job", talk.entropy)
        for id in (PIER, LOCK):
            root = an_arrival(1, author=1)
            arrivals = [root, an_arrival(2, root, author=2), an_arrival(3, author=1, state=State.PUBLISHED)]
            if id == LOCK:
                arrivals[2] = an_arrival(3, author=1, state=State.HELD, body=root.body)
            people = [(GRETA, "greta-1"), ("Gerda", None)]
            page = NewThread(id, a_story(f"<i>{id}"), Opening.OPEN, talk.clock.now(), None, (f"x/{id}",), people)
            load.open(page, [replace(arrival, source=f"{id}{arrival.number}") for arrival in arrivals])
        load.write(connection)


MINE = [(LOCK, 1), (LOCK, 3), (PIER, 1), (PIER, 3)]


def offer(talk: Talk, found=MINE, days: int = 14, site: str = "harbour") -> ClaimCode:
    code, now = new_claim_code(talk.entropy), talk.clock.now()
    with talk.database.writing() as connection:
        offering.offer(connection, site, code.digest, found, now + timedelta(days=days), now)
    return code


def enter(browser: Browser, code: str, action: str = "show", **more: str):
    return browser.post(PAGE, {"code": code, "action": action, **more})


def states(talk: Talk) -> dict[tuple[str, int], str]:
    rows = talk.rows(f"SELECT thread, number, state FROM comments WHERE thread IN ('{PIER}', '{LOCK}')")
    return {(thread, number): state for thread, number, state in rows}


def deletes(browser: Browser, thread: str, number: int, code: str = "") -> int:
    return browser.post(f"/t/{thread}/{number}/delete", {"code": code}).status_code


def test_looking_shows_what_a_code_leads_to_and_changes_nothing(talk):
    code, reader = offer(talk), talk.browser()
    assert "Your code" in reader.get(PAGE).text

    answer = enter(reader, code.text.lower().replace("-", " "))

    assert answer.status_code == 200
    assert not keys_given(answer)
    words = " ".join(tree(answer).css_first("main").text().split())
    assert f"4 comments · {GRETA}" in words
    assert [link.attributes["href"] for link in tree(answer).css(".claimed a")] == [
        f"/t/{LOCK}/1", f"/t/{PIER}/1", f"/t/{PIER}/3",
    ]  # fmt: skip
    assert words.count("not shown to readers") == 1
    assert set(states(talk).values()) == {"published", "held"}
    assert talk.rows("SELECT act, holder FROM claims") == [(None, None)]


def test_what_is_taken_over_is_its_authors_in_this_browser_and_nobody_elses(talk):
    code, reader = offer(talk), talk.browser()

    answer = enter(reader, code.text, "take")

    assert answer.status_code == 200
    assert "It is yours now" in answer.text
    assert len(keys_given(answer)) == 1
    assert deletes(talk.browser(), PIER, 1) == 403
    assert [deletes(reader, *at) for at in MINE] == [303] * 4
    assert deletes(reader, PIER, 2) == 403
    assert list(check(talk.database)) == []


def test_a_browser_that_holds_a_key_keeps_it_and_gets_no_codes(local):
    reader = local.browser()
    reader.say("I am here.")
    key = reader.key_cookie.value

    answer = enter(reader, offer(local).text, "take")

    assert not keys_given(answer)
    assert not tree(answer).css("code.code")
    assert reader.key_cookie.value == key
    assert deletes(reader, PIER, 1) == 303


def test_a_browser_that_refuses_cookies_is_shown_a_code_for_each_discussion(local):
    reader = local.browser()
    reader.keeps_cookies = False

    answer = enter(reader, offer(local).text, "take")
    codes = dict(zip((LOCK, PIER), [code.text() for code in tree(answer).css("code.code")], strict=True))

    assert deletes(reader, PIER, 1) == 403
    assert [deletes(reader, thread, number, codes[thread]) for thread, number in MINE] == [303] * 4


def test_what_is_erased_is_gone_for_good_and_noted_where_no_backup_brings_it_back(talk, tmp_path):
    talk.server.erasures = Erasures(tmp_path)
    code, reader = offer(talk), talk.browser()
    unsure = enter(reader, code.text, "erase")
    assert unsure.status_code == 422
    assert "no way back" in problems(unsure)[-1]
    assert set(states(talk).values()) == {"published", "held"}

    answer = enter(reader, code.text, "erase", sure="yes")

    assert "It is erased" in answer.text
    assert not keys_given(answer)
    assert {states(talk)[at] for at in MINE} == {"deleted"}
    assert states(talk)[PIER, 2] == "published"
    assert sorted(Erasures(tmp_path).read()) == MINE
    assert talk.server.must_erase
    assert talk.rows("SELECT count(*) FROM ledger") == [(4,)]
    assert GRETA.split(maxsplit=1)[0] not in reader.get(f"/t/{PIER}").text
    assert list(check(talk.database)) == []


def test_a_code_serves_once(local):
    code = offer(local)
    first, second = local.browser(), local.browser()
    enter(first, code.text, "take")

    again = enter(first, code.text, "take")
    looked = enter(first, code.text)
    stolen = enter(second, code.text, "take")
    peeked = enter(second, code.text)
    changed = enter(first, code.text, "erase", sure="yes")

    assert (again.status_code, looked.status_code) == (200, 200)
    assert "It is yours now" in again.text
    assert (stolen.status_code, peeked.status_code, changed.status_code) == (403, 403, 409)
    assert "used in another browser" in problems(stolen)[-1]
    assert GRETA.split(maxsplit=1)[0] not in stolen.text + peeked.text
    assert set(states(local).values()) == {"published", "held"}


def test_many_comments_are_done_in_several_goes(local, monkeypatch):
    monkeypatch.setattr(claims_on_the_web, "AT_ONCE", 3)
    code, reader = offer(local), local.browser()

    first = enter(reader, code.text, "take")
    fields = {node.attributes["name"]: node.attributes["value"] for node in tree(first).css("form input, form button")}
    second = reader.post(PAGE, fields)

    assert "Not all of it is done yet" in first.text
    assert fields["action"] == "take"
    assert "It is yours now" in second.text
    assert [deletes(reader, *at) for at in MINE] == [303] * 4


def test_a_browser_that_refuses_cookies_can_go_on_with_the_page_and_nobody_else_with_the_code(local, monkeypatch):
    monkeypatch.setattr(claims_on_the_web, "AT_ONCE", 3)
    code, reader, other = offer(local), local.browser(), local.browser()
    reader.keeps_cookies = other.keeps_cookies = False
    answer, codes = enter(reader, code.text), {}
    assert enter(other, code.text).status_code == 200

    for _ in range(2):
        fields = hidden_in(answer)
        answer = reader.post(PAGE, {**fields, "action": "take"})
        places = [link.attributes["href"] for link in tree(answer).css("section.notice a")]
        codes |= dict(zip(places, [shown.text() for shown in tree(answer).css("code.code")], strict=True))
        stolen = enter(other, code.text, "take")
        assert stolen.status_code == 403
        assert not keys_given(stolen)

    assert "It is yours now" in answer.text
    by_thread = {place.split("/")[2]: own for place, own in codes.items()}
    assert [deletes(reader, thread, number, by_thread[thread]) for thread, number in MINE] == [303] * 4


def hidden_in(answer) -> dict[str, str]:
    """Return the fields that a page's last form sends along."""
    form = tree(answer).css("form")[0]
    return {node.attributes["name"]: node.attributes["value"] for node in form.css("input[type=hidden]")}


def test_whatever_is_wrong_with_a_code_the_answer_is_the_same(local):
    over, other = offer(local, [(PIER, 1)], days=1), offer(local, [(LOCK, 1)])
    local.clock.pass_by(days=2)
    with local.database.writing() as connection:
        claims.withdraw(connection, "harbour", other.digest)
    reader = local.browser()

    answers = [
        enter(reader, text, action)
        for text in (over.text, other.text, "A" * 32, "A" * 31, "", "x", "\x00", "é" * 32)
        for action in ("show", "take", "erase")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {problems(answer)[-1] for answer in answers} == {
        "This code isn't valid here: it may be mistyped, used up or too old. Ask for a new one."
    }


def test_a_code_of_one_site_is_worth_nothing_on_another(local):
    local.add_thread("light0000000", "lantern")
    code = offer(local)

    answer = local.browser().post("/s/lantern/claim", {"code": code.text, "action": "take"})

    assert answer.status_code == 404
    assert local.browser().get("/s/nowhere/claim").status_code == 404
    assert set(states(local).values()) == {"published", "held"}


def test_codes_cannot_be_tried_at_will(local):
    code, guesser = offer(local), local.browser()
    tried = [enter(guesser, "B" * 32).status_code for _ in range(claims_on_the_web.MOST_TRIES + 1)]

    assert tried == [404] * claims_on_the_web.MOST_TRIES + [429]
    assert enter(guesser, code.text, "take").status_code == 429
    assert enter(local.browser(), code.text).status_code == 200


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_another_page_cannot_send_a_code(local, headers):
    code, reader = offer(local), local.browser()
    sent = {"content-type": "application/x-www-form-urlencoded", **headers}

    answer = reader.request("POST", PAGE, data={"code": code.text, "action": "erase", "sure": "yes"}, headers=sent)

    assert answer.status_code == 403
    assert set(states(local).values()) == {"published", "held"}


def test_of_a_code_and_its_holder_the_database_keeps_only_digests(local):
    code, reader = offer(local), local.browser()
    enter(reader, code.text, "take")
    key = reader.key_cookie.value

    everything = b"".join(path.read_bytes() for path in local.database.file.parent.iterdir() if path.is_file())

    assert code.secret not in everything
    assert code.text.encode() not in everything
    assert key.encode() not in everything
    assert claim_code(code.text) == code


def test_taking_over_leaves_pages_as_they_were(local):
    reader = local.browser()
    before = reader.get(f"/t/{PIER}").text

    enter(reader, offer(local).text, "take")

    names = [node.text() for node in tree(local.browser().get(f"/t/{PIER}")).css("article .name")]
    assert names.count(GRETA) == 2
    assert local.browser().get(f"/t/{PIER}").text.count("<article") == before.count("<article")


def test_sites_of_both_kinds_ask_in_their_language(local):
    from outspoken.store.sites import add_site

    with local.database.writing() as connection:
        add_site(connection, a_site(language="de"))
    assert "Ihr Code" in local.browser().get(PAGE).text
