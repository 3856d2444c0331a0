"""Fragments: a discussion as other pages show it, the same bytes for everybody, as fast and as true as our own page.

That they are compressed, known again and dropped like every kept page, `test_snapshots` shows.
"""

from urllib.parse import urlencode

import pytest
from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.store.threads import add_address, open_thread, set_opening
from tests.factories import a_story
from tests.web.talking import BASE, FERRY
from tests.web.test_snapshots import ask
from tests.web.test_wire import serve

GZIP = "Accept-Encoding: gzip\r\n"
BY_ID = f"/embed/t/{FERRY}"


def of_page(url=f"https://harbour.example/{FERRY}", site="harbour", **others):
    return "/embed/thread?" + urlencode({"site": site, "url": url, **others})


def root(answer):
    status, _, content = answer
    assert status == 200, content
    return LexborHTMLParser(content.decode()).css_first("section.outspoken")


def numbers(section):
    return [int(item.attributes["data-number"]) for item in section.css("li[data-number]")]


@pytest.mark.parametrize(
    "url",
    [f"https://harbour.example/{FERRY}", f"http://www.harbour.example/{FERRY}/?utm_source=x#top",
     f"https://harbour.example:443/{FERRY}/index.html"],
)  # fmt: skip
def test_a_page_is_given_its_discussion_however_its_address_is_spelled(local, url):
    local.browser().say("Here.")

    by_id = ask(local, BY_ID)
    status, headers, content = ask(local, of_page(url))

    assert (status, headers, content) == by_id
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert not {"set-cookie", "access-control-allow-credentials"} & set(headers)


def test_what_a_page_is_told_of_the_discussion_stands_on_the_root(local):
    local.browser().say("One.")
    local.browser().say("Two.", parent=1)

    section = root(ask(local, BY_ID))

    told = {name: value for name, value in section.attributes.items() if name.startswith("data-")}
    assert told["data-thread"] == FERRY
    assert (told["data-site"], told["data-count"], told["data-sort"]) == ("harbour", "2", "best")
    assert int(told["data-version"]) == local.browser().get(f"/api/v1/threads/{FERRY}").json()["version"]
    assert numbers(section) == [1, 2]


def test_everything_in_a_fragment_is_a_link_to_us_and_nothing_can_be_sent_from_it(local):
    local.browser().say("One.")
    local.browser().say("Two.", parent=1)

    section = root(ask(local, BY_ID))

    assert not section.css("form, button, input, script, style, [style], img, iframe")
    acts = {link.attributes["data-act"]: link.attributes["href"] for link in section.css("#outspoken-c2 [data-act]")}
    there = f"{BASE}/t/{FERRY}"
    assert acts == {
        "vote": f"{there}/2/vote?value=down",
        "reply": f"{there}/comments?parent=2",
        "edit": f"{there}/2/edit",
        "delete": f"{there}/2/delete",
        "report": f"{there}/2/report",
    }
    for link in section.css("a"):
        assert link.attributes["href"].startswith((f"{BASE}/", "#outspoken-c")), link.html
    assert all(node.attributes["id"].startswith("outspoken-") for node in section.css("[id]"))
    assert section.css_first("#outspoken-c2 .to a").attributes["href"] == "#outspoken-c1"


def test_all_that_one_person_wrote_is_marked_alike_and_in_another_discussion_otherwise(local):
    local.add_thread("light0000000")
    writer = local.browser()
    for number, thread in enumerate((FERRY, FERRY, "light0000000")):
        writer.say(f"Mine {number}.", thread=thread)
    local.browser().say("Not mine.")

    marks = {
        thread: [
            item.attributes["data-author"] for item in root(ask(local, f"/embed/t/{thread}?sort=oldest")).css("li")
        ]
        for thread in (FERRY, "light0000000")
    }

    assert marks[FERRY][0] == marks[FERRY][1] != marks[FERRY][2]
    assert marks["light0000000"][0] not in marks[FERRY]


def test_a_page_of_the_site_without_a_discussion_is_invited_to_begin_one_and_reading_opens_none(local):
    threads = local.rows("SELECT count(*) FROM threads")

    answer = ask(local, of_page("https://harbour.example/new?a=1&b=2", identifier="post 7"))

    section = root(answer)
    assert (section.attributes["data-thread"], section.attributes["data-count"]) == ("", "0")
    assert "Nobody has said anything yet" in section.text()
    link = section.css_first("[data-act=write]").attributes["href"]
    assert link == f"{BASE}/write?site=harbour&url=https%3A%2F%2Fharbour.example%2Fnew%3Fa%3D1%26b%3D2"
    assert local.rows("SELECT count(*) FROM threads") == threads


@pytest.mark.parametrize(
    ("url", "site"),
    [
        *(("https://evil.example/new", "harbour"), ("https://harbour.example.evil.example/", "harbour")),
        *(("http://harbour.example/new", "harbour"), ("https://harbour.example:8443/new", "harbour")),
        *(("https://sub.harbour.example/", "harbour"), ("//harbour.example/new", "harbour")),
        ("https://harbour.example/new", "nowhere"),
    ],
)
def test_a_page_that_is_not_the_sites_has_no_discussion(local, url, site):
    status, headers, content = ask(local, of_page(url, site))

    assert status == 404
    assert headers["access-control-allow-origin"] == "*"
    section = LexborHTMLParser(content.decode()).css_first("section.outspoken")
    assert section.attributes["data-status"] == "404"
    assert "evil" not in section.html


@pytest.mark.parametrize(
    "query",
    [
        *("", "site=harbour", "site=../x&url=https://harbour.example/", "url=%FF&site=harbour"),
        *("&".join(f"x{n}=1" for n in range(30)), "site=harbour&identifier=" + "i" * 2_000),
        *("site=harbour&url=" + url for url in ("javascript:1", "https://[", "https://harbour.example/" + "a" * 8192)),
        *(f"site=harbour&url={url}" for url in ("https://harbour.example@evil.example/", "https://a@harbour.example/")),
        *(f"site=harbour&url=https://harbour.example/&{wrong}" for wrong in ("sort=worst", "after=x", "version=x")),
        "site=harbour&url=https://harbour.example/&after=1.1&before=1.1",
    ],
)
def test_a_question_that_makes_no_sense_is_answered_by_a_fragment_that_says_so(local, query):
    status, headers, content = ask(local, f"/embed/thread?{query}")

    assert status == 422
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert LexborHTMLParser(content.decode()).css_first("section.outspoken[data-status='422'] .notice")


def test_an_old_systems_identifier_leads_to_its_thread_before_the_address_does(local):
    with local.database.writing() as connection:
        open_thread(
            connection, id="moved0000000", site="harbour", story=a_story(), addresses_of_page=["id:post 7"],
            now=local.clock.now(),
        )  # fmt: skip

    assert root(ask(local, of_page(identifier="post 7"))).attributes["data-thread"] == "moved0000000"
    assert root(ask(local, of_page(identifier="post 8"))).attributes["data-thread"] == FERRY
    assert ask(local, "/embed/thread?site=harbour&identifier=post+8")[0] == 404


@pytest.mark.parametrize(
    ("asked", "tag", "word"),
    [
        ("de", "de", "Antworten"),
        ("de-CH", "de", "Antworten"),
        ("tlh", "en", "Reply"),
        ("", "en", "Reply"),
        ("x" * 99, "en", "Reply"),
    ],
)
def test_a_fragment_speaks_the_language_that_is_asked_for_or_else_the_sites(local, asked, tag, word):
    local.browser().say("Here.")

    section = root(ask(local, f"{BY_ID}?lang={asked}"))

    assert (section.attributes["lang"], section.attributes["dir"]) == (tag, "ltr")
    assert section.css_first("[data-act=reply]").text() == word


@pytest.mark.parametrize(("asked", "tag"), [("ar", "ar"), ("zh-CN", "zh-Hans"), ("tlh", "en"), ("x" * 99, "en")])
def test_why_there_is_nothing_is_told_in_the_language_that_is_asked_for(local, asked, tag):
    local.browser().get(f"/t/{FERRY}")
    for address in (f"{BY_ID}?sort=x&lang={asked}", f"/embed/thread?lang={asked}&site=nobody&url=https://x.example"):
        status, _, content = ask(local, address)

        assert status in (404, 422)
        told = LexborHTMLParser(content.decode()).css_first("section.outspoken")
        assert told.attributes["lang"] == tag
        # A Chinese or an Arabic sentence ends otherwise than an English one.
        assert not told.css_first("strong").text().endswith(".")


def test_whoever_names_a_version_is_shown_no_older_one_and_a_version_to_come_costs_nothing(talk):
    talk.server.snapshots.settle = 60.0
    talk.browser().say("One.")
    ask(talk, BY_ID)
    token = talk.server.tokens.issue(FERRY, talk.server.already_open(talk.clock.now()))
    assert talk.browser().post(f"/t/{FERRY}/comments", {"body": "Two.", "token": token}).status_code == 303
    assert numbers(root(ask(talk, BY_ID))) == [1], "kept for strangers, for a while"
    ((version,),) = talk.rows("SELECT version FROM threads")

    assert sorted(numbers(root(ask(talk, f"{BY_ID}?version={version}")))) == [1, 2]
    before = sum(talk.server.figures.renderings.counts)
    for _ in range(5):
        assert root(ask(talk, f"{BY_ID}?version=999999999"))
    assert sum(talk.server.figures.renderings.counts) == before


def test_the_replies_to_one_comment_can_be_had_alone(local):
    local.browser().say("Root.")
    for number in range(3):
        local.browser().say(f"Reply {number}.", parent=1)

    section = root(ask(local, f"{BY_ID}?parent=1&sort=oldest"))

    assert numbers(section) == [2, 3, 4]
    assert section.attributes["data-parent"] == "1"
    assert not section.css(".bar, h2, [data-act=write]")


def test_the_way_down_to_a_comment_holds_what_it_answers_and_its_replies(local):
    local.browser().say("Root.")
    local.browser().say("Elsewhere.")
    local.browser().say("Reply.", parent=1)
    local.browser().say("Aside.", parent=1)
    local.browser().say("Below.", parent=3)

    section = root(ask(local, f"{BY_ID}?comment=3"))

    assert numbers(section) == [1, 3, 5]
    more = section.css_first("#outspoken-c1 > details > a.more")
    assert more.text() == "1 more reply"


@pytest.mark.parametrize("event", [Event.HOLD, Event.REMOVE, Event.MARK_SPAM])
def test_what_is_hidden_is_in_no_fragment_and_looks_like_what_never_was(talk, event):
    talk.browser().say("Secret.")
    talk.browser().say("Open.")
    for address in (BY_ID, of_page(), f"{BY_ID}?comment=1"):
        assert b"Secret." in ask(talk, address)[2]

    talk.moderate(1, event)

    for address in (BY_ID, of_page(), f"{BY_ID}?lang=de", f"{BY_ID}?parent=1"):
        assert b"Secret." not in ask(talk, address)[2]
    hidden, never = (ask(talk, f"{BY_ID}?comment={number}") for number in (1, 900))
    assert (hidden[0], hidden[2]) == (never[0], never[2])
    assert hidden[0] == 404


def test_a_closed_discussion_says_so_and_offers_nothing_to_write(local):
    local.browser().say("Here.")
    with local.database.writing() as connection:
        set_opening(connection, FERRY, Opening.CLOSED)
    local.clock.pass_by(seconds=2)

    section = root(ask(local, BY_ID))

    assert "closed" in section.css_first(".notice").text()
    assert {link.attributes["data-act"] for link in section.css("[data-act]")} == {"vote", "edit", "delete", "report"}


def test_the_first_comment_ends_the_page_that_said_there_is_none(local):
    page = of_page("https://harbour.example/new")
    assert root(ask(local, page)).attributes["data-thread"] == ""
    with local.database.writing() as connection:
        open_thread(
            connection, id="fresh0000000", site="harbour", story=a_story(), addresses_of_page=["harbour.example/new"],
            now=local.clock.now(),
        )  # fmt: skip

    assert root(ask(local, page)).attributes["data-thread"] == "fresh0000000"
    with local.database.writing() as connection:
        add_address(connection, "harbour", "harbour.example/new", FERRY)
    assert root(ask(local, page)).attributes["data-thread"] == "fresh0000000"


def test_a_page_that_was_found_once_is_answered_at_the_wire_under_its_own_address(local):
    local.browser().say("Here.")

    async def scene(_, connect):
        reader = await connect()
        first = await reader.ask(of_page(), headers=GZIP)
        before = local.server.figures.hit_bytes
        again = await reader.ask(of_page(), headers=GZIP)
        unchanged = await reader.ask(of_page(), headers=f"{GZIP}If-None-Match: {first[1]['etag']}\r\n")
        head = await reader.ask(of_page(), method="HEAD", headers=GZIP)
        await reader.ask(of_page(), headers=GZIP)
        assert first[2] == again[2]
        assert unchanged[0] == 304
        assert head[1]["etag"] == first[1]["etag"]
        assert local.server.figures.hit_bytes > before + 2 * len(first[2]), "counted where it is answered at the wire"

    serve(local, scene)
