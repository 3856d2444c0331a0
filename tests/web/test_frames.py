"""What is done in a frame of another's page: the same acts by the same handlers, with headers and a cookie apart."""

import pytest

from outspoken.discussion.state import Event
from outspoken.identity.keys import key_from_text
from outspoken.pages.rendering import Pages
from outspoken.settings import Settings
from outspoken.store.sites import add_site
from outspoken.web.framing import framed_headers
from tests.factories import a_site
from tests.web.talking import BASE, FERRY, SAME_ORIGIN, Talk, fields_of, keys_given, shown, tree

HERE = f"/frame/t/{FERRY}"


def write(browser, body, *, parent=0, thread=FERRY, **changes):
    """Write a comment in a frame and return the answer."""
    fields = browser.form(f"/frame/t/{thread}/comments" + (f"?parent={parent}" if parent else ""))
    browser.talk.clock.pass_by(seconds=5)
    sent = {**fields, "body": body, "action": "post", **changes}
    return browser.post(f"/frame/t/{thread}/comments", sent)


def done(answer):
    """Return what the page of a finished act tells the page around it."""
    page = tree(answer).css_first("html").attributes
    return tuple(page.get(name) for name in ("data-done", "data-number", "data-state"))


def test_a_comment_is_written_in_a_frame_and_its_page_says_what_the_page_around_may_know(talk):
    browser = talk.browser()

    answer = browser.follow(write(browser, "From a frame."))
    landed = browser.follow(answer)

    assert done(landed) == ("write", "1", "published")
    page = tree(landed).css_first("html").attributes
    assert page["data-origins"] == f"https://harbour.example {BASE}"
    assert page["data-thread"] == FERRY
    ((version,),) = talk.rows("SELECT version FROM threads")
    assert page["data-version"] == str(version)
    assert "From a frame." not in str(page)
    second = browser.follow(write(browser, "Another.", parent=1))
    assert done(second) == ("reply", "2", "published")


def test_the_frames_cookie_is_a_partitioned_one_with_a_key_of_its_own(local):
    browser = local.browser()

    framed = keys_given(write(browser, "In a frame."))
    plain = keys_given(browser.write("On our own page."))

    assert len(framed) == len(plain) == 1
    name, _, rest = framed[0].partition("=")
    key, *attributes = rest.split("; ")
    assert name == "__Host-outspoken-frame"
    assert {attribute.lower() for attribute in attributes} == {
        "httponly", "max-age=31536000", "path=/", "samesite=none", "secure", "partitioned",
    }  # fmt: skip
    assert plain[0].startswith("__Host-outspoken=")
    assert "partitioned" not in plain[0].lower()
    assert key_from_text(key) != key_from_text(plain[0].partition("=")[2].partition(";")[0])


def test_neither_door_takes_the_others_key_for_its_own(local):
    browser = local.browser()
    browser.say("On our own page.")
    write(browser, "In a frame.")

    assert "code" in fields_of(browser.get(f"{HERE}/1/edit"))
    assert "code" not in fields_of(browser.get(f"{HERE}/2/edit"))
    assert "code" in fields_of(browser.get(f"/t/{FERRY}/2/edit"))
    assert "code" not in fields_of(browser.get(f"/t/{FERRY}/1/edit"))


def test_no_cookie_is_tried_where_browsers_would_refuse_it(sqlite):
    talk = Talk(sqlite, base="http://talk.example")
    talk.add_thread()
    browser = talk.browser()
    fields = browser.form(f"{HERE}/comments")
    talk.clock.pass_by(seconds=5)

    answer = browser.request(
        "POST",
        f"{HERE}/comments",
        data={**fields, "body": "Plain.", "action": "post"},
        headers={"origin": "http://talk.example"},
    )

    assert keys_given(answer) == []
    assert tree(browser.follow(answer)).css_first("code.code")
    talk.close()


def test_without_cookies_the_code_is_shown_once_and_opens_the_comment_later(local):
    browser = local.browser()
    browser.keeps_cookies = False

    answer = write(browser, "Nobody keeps me.")
    page = browser.follow(answer)
    code = tree(page).css_first("code.code").text()

    assert done(page) == ("write", "1", "published")
    assert browser.get(answer.headers["location"]).status_code == 404
    changed = browser.post(f"{HERE}/1/edit", {"body": "Changed.", "code": code, "action": "post"})
    assert done(browser.follow(changed)) == ("edit", "1", "published")
    gone = browser.post(f"{HERE}/1/delete", {"code": code})
    assert done(browser.follow(gone)) == ("delete", "1", "deleted")


def test_in_a_frame_two_acts_delete_ones_comment_because_a_page_around_could_lead_one_click_there(talk):
    browser = talk.browser()
    write(browser, "I may regret this.")
    fields = browser.form(f"{HERE}/1/delete")
    assert fields.pop("sure")

    unsure = browser.post(f"{HERE}/1/delete", fields)
    assert (unsure.status_code, talk.rows("SELECT state FROM comments")) == (422, [("published",)])
    assert "no way back" in tree(unsure).css_first("#problem-sure").text()
    gone = browser.post(f"{HERE}/1/delete", {**fields, "sure": "yes"})
    assert done(browser.follow(gone)) == ("delete", "1", "deleted")


def test_a_held_comment_is_explained_in_the_frame_to_its_author_alone(talk):
    browser = talk.browser()
    landed = browser.follow(browser.follow(write(browser, "Held.", website="x")))

    assert done(landed) == ("write", "1", "held")
    assert "Held." in landed.text
    stranger = talk.browser().get(f"{HERE}/1/done/write")
    never = talk.browser().get(f"{HERE}/900/done/write")
    assert (stranger.status_code, never.status_code) == (404, 404)


def test_a_vote_ends_where_it_was_given_or_on_a_page_that_says_so(local):
    local.browser().say("Vote on me.")
    voter = local.browser()

    page = tree(voter.get(f"{HERE}/1/vote?value=down"))
    alone = voter.post(f"{HERE}/1/vote", {"value": "down", "token": ""})
    within = voter.post(f"{HERE}/1/vote", {"value": "up", "page": f"{HERE}?sort=newest"})
    astray = voter.post(f"{HERE}/1/vote", {"value": "up", "page": f"/t/{FERRY}"})

    assert page.css_first("button.main").attributes["value"] == "down"
    assert done(voter.follow(alone)) == ("vote", "1", "published")
    assert within.headers["location"] == f"{HERE}?sort=newest#c1"
    assert astray.headers["location"] == f"{HERE}/1/done/vote"
    assert local.browser().get(f"/api/v1/threads/{FERRY}/comments").json()["comments"][0]["up"] == 1


def test_the_whole_discussion_in_a_frame_leads_on_within_the_frame_only(local):
    for number in range(60):
        local.browser().say(f"Comment {number}.", parent=number % 3 and 1)

    page = tree(local.browser().get(HERE))

    assert not page.css("#story, header.top, [type='application/ld+json'], [rel=canonical], [rel=alternate]")
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex"
    for node in page.css("a, form, button[formaction]"):
        if "open" in (node.attributes.get("class") or ""):
            continue
        address = (
            next(node.attributes[name] for name in ("href", "action", "formaction") if name in node.attributes)
            if node.attributes.keys() & {"href", "action", "formaction"}
            else HERE
        )
        assert address.startswith(("/frame/", "#")), node.html
    way_out = page.css_first("a.open").attributes
    assert (way_out["href"], way_out["target"], way_out["rel"]) == (f"{BASE}/t/{FERRY}", "_blank", "noopener")


@pytest.mark.parametrize("body", ["Here.", "https://one.example https://two.example"], ids=["published", "held"])
@pytest.mark.parametrize("leader", ["cross-site", "same-site"])
def test_whom_a_page_around_leads_into_a_frame_is_shown_what_everybody_is(body, leader, talk):
    browser = talk.browser()
    browser.follow(write(browser, body))
    led = {"sec-fetch-site": leader}

    for path in (f"{HERE}/1/done/write", f"{HERE}/1/done/edit", f"{HERE}/1"):
        mine, anybodys = (one.get(path, headers=led, follow_redirects=False) for one in (browser, talk.browser()))
        assert mine.status_code == anybodys.status_code
        assert mine.headers.get("location") == anybodys.headers.get("location")
        assert mine.text == anybodys.text


@pytest.mark.parametrize(
    ("path", "is_told"),
    [
        *((f"/t/{FERRY}", True), (f"/t/{FERRY}/1", True), (HERE, True), (f"{HERE}/1", True)),
        *((f"{HERE}/comments", False), ("/embed?site=harbour", False)),
    ],
)
def test_whose_clock_it_is_stands_below_what_has_the_servers_times(local, path, is_told):
    local.browser().say("Here.")

    below = tree(local.browser().get(path)).css_first("footer.bottom").text()

    assert ("All times are UTC." in below) == is_told


@pytest.mark.parametrize(
    ("path", "same"),
    [
        *(("?sort=newest", f"/t/{FERRY}?sort=newest"), ("/1", f"/t/{FERRY}/1")),
        *(("/comments", f"/t/{FERRY}/comments"), ("/comments?parent=1", f"/t/{FERRY}/comments?parent=1")),
        *((f"/1/{act}", f"/t/{FERRY}/1/{act}") for act in ("vote", "edit", "delete", "report")),
        ("/1/done/vote", f"/t/{FERRY}/1"),
    ],
)
def test_every_page_in_a_frame_leads_to_the_same_on_a_page_of_its_own(local, path, same):
    local.browser().say("Here.")

    way_out = tree(local.browser().get(HERE + path)).css_first("a.open").attributes["href"]

    assert way_out == BASE + same
    page = local.browser().get(same)
    assert page.status_code == 200
    assert not tree(page).css("a.open, html.framed")


def test_whoever_left_for_our_own_page_is_led_back(local):
    browser = local.browser()
    browser.keeps_cookies = False
    story = "https://harbour.example/ferry"

    posted = tree(browser.follow(browser.write("Here.")))

    assert posted.css_first(f".back a[href='{story}']").text() == "Back to harbour.example"
    local.browser().post(f"/t/{FERRY}/1/report", {"reason": "spam"})
    assert tree(local.browser().get(f"/t/{FERRY}/1/done/report")).css(f".back a[href='{story}']")


def test_what_is_answered_stands_in_the_form_as_a_quotation_and_nothing_more(local):
    quote = "First line\n# second <b>line</b>\u202e" + "x" * 600

    body = fields_of(local.browser().get("/frame/t/" + FERRY + "/comments", params={"quote": quote}))["body"]

    assert body.startswith("> First line\n> # second <b>line</b>x")
    assert body.endswith("x\n\n")
    assert len(body) <= 500 + 2 * 2 + 2
    assert "\u202e" not in body
    assert fields_of(local.browser().get(f"/frame/t/{FERRY}/comments"))["body"] == ""


SHAPES = [
    *({"sec-fetch-site": site} for site in ("cross-site", "same-site", "none", "x")),
    *({"origin": origin} for origin in ("https://harbour.example", "null", "https://talk.example.evil.example")),
    {"sec-fetch-site": "cross-site", "origin": BASE},
    {"cookie": "__Host-outspoken-frame=x"},
]


@pytest.mark.parametrize("headers", SHAPES)
def test_nothing_that_a_page_around_a_frame_could_send_changes_anything(local, headers):
    local.browser().say("Here.")
    before = [local.rows(f"SELECT * FROM {table}") for table in ("comments", "votes", "reports", "threads")]
    browser = local.browser()

    for path, fields in (
        ("comments", {"body": "Forged.", "action": "post"}),
        ("1/vote", {"value": "up"}),
        ("1/edit", {"body": "Forged.", "action": "post"}),
        ("1/delete", {}),
        ("1/report", {"reason": "spam"}),
    ):
        answer = browser.request("POST", f"{HERE}/{path}", data=fields, headers=headers)
        assert answer.status_code == 403, path
    page = {"site": "harbour", "url": "https://harbour.example/new", "body": "Forged.", "action": "post"}
    assert browser.request("POST", "/frame/write", data=page, headers=headers).status_code == 403
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        browser.request(method, f"{HERE}/1/vote?value=up&_method=POST", headers=SAME_ORIGIN)

    after = [local.rows(f"SELECT * FROM {table}") for table in ("comments", "votes", "reports", "threads")]
    assert after == before


def test_only_the_pages_of_the_site_may_be_around_a_frame_even_around_a_refusal(local):
    local.add_thread("light0000000", "lantern")
    with local.database.writing() as connection:
        add_site(connection, a_site("lantern", origins=("https://lantern.example",)))
    paths = [
        *(HERE, f"{HERE}/900", f"{HERE}/1/nothing", "/frame/t/light0000000", "/frame/t/nowhere00000", "/frame/nothing"),
        "/frame/write?site=lantern&url=https://lantern.example/new",
        "/frame/page?site=lantern&url=https://elsewhere.example",
        *("/frame/write?site=nowhere", "/frame/write", f"/t/{FERRY}"),
        *(f"/frame//t/{FERRY}?site=lantern", f"/frame/t//{FERRY}?site=lantern", f"{HERE}/1%0a/vote?site=lantern"),
    ]

    said = [local.browser().get(path).headers["content-security-policy"] for path in paths]
    allowed = [policy.partition("frame-ancestors ")[2].partition(";")[0] for policy in said]

    harbour, lantern = "'self' https://harbour.example", "'self' https://lantern.example"
    assert allowed == [
        *(harbour, harbour, harbour, lantern, "'none'", "'none'"),
        *(lantern, lantern, "'none'", "'none'", "'none'"),
        *("'none'", "'none'", "'none'"),
    ]
    assert local.browser().get(f"{HERE}/900").status_code == 404


def test_an_origin_that_would_break_out_of_the_policy_is_left_out():
    site = a_site(
        origins=("https://a.example; script-src *", "https://b.example", "https://c.example\r\nx: y", "*", "null")
    )

    ((_, policy), *_) = framed_headers(site)

    assert b"frame-ancestors 'self' https://b.example;" in policy
    assert b"frame-ancestors 'none';" in framed_headers(a_site(origins=("*",)))[0][1]


def test_a_limit_is_told_in_the_frame_like_everywhere(sqlite):
    talk = Talk(sqlite, settings=Settings(limits=Settings().limits.__class__(votes_per_ten_minutes=1)))
    talk.add_thread()
    talk.browser().say("Here.")
    browser = talk.browser()
    browser.post(f"{HERE}/1/vote", {"value": "up"})

    answer = browser.post(f"{HERE}/1/vote", {"value": "down"})

    assert answer.status_code == 429
    assert "harbour.example" in answer.headers["content-security-policy"]
    assert tree(answer).css("html.framed")
    talk.close()


def test_an_error_in_a_frame_says_to_whom_the_frame_may_speak_and_leads_back(sqlite, monkeypatch):
    talk = Talk(sqlite)
    talk.add_thread()
    browser = talk.browser()
    answers = [
        browser.get(f"{HERE}/900"),
        browser.request("POST", f"{HERE}/1/vote", data={"value": "up"}, headers={"sec-fetch-site": "cross-site"}),
        browser.get("/frame/page?site=harbour&url=https://elsewhere.example"),
    ]
    monkeypatch.setattr(Pages, "form_page", lambda *_: 1 / 0)
    answers.append(browser.get(f"{HERE}/comments?lang=de"))
    assert [answer.status_code for answer in answers] == [404, 403, 404, 500]

    for answer in answers:
        page = tree(answer)
        assert page.css_first("html").attributes["data-origins"] == f"https://harbour.example {BASE}"
        assert page.css("[data-close]")
    ways_back = [tree(answer).css_first(".buttons a").attributes["href"] for answer in answers]
    assert ways_back == [HERE, HERE, "/", f"{HERE}?lang=de"]
    assert [tree(answer).css_first("html").attributes["lang"] for answer in answers] == ["en", "en", "en", "de"]
    talk.close()


def test_in_a_frame_too_what_is_hidden_is_gone_at_once(talk):
    talk.browser().say("Secret.")
    assert shown(talk.browser().get(HERE)) == {1: "Secret."}

    talk.moderate(1, Event.REMOVE)

    assert shown(talk.browser().get(HERE)) == {}
    for act in ("vote", "report"):
        assert talk.browser().get(f"{HERE}/1/{act}").status_code == 404


def test_a_frame_speaks_the_language_of_the_page_around_it_to_the_end_of_the_act(local):
    local.browser().say("Here.")
    browser = local.browser()

    form = browser.get(f"{HERE}/comments?parent=1&lang=de")
    local.clock.pass_by(seconds=5)
    action = tree(form).css_first("form.composer").attributes["action"]
    answer = browser.post(action, {**fields_of(form), "body": "Antwort.", "action": "post"})
    landed = browser.follow(browser.follow(answer))

    assert tree(form).css_first("html").attributes["lang"] == "de"
    assert tree(form).css_first("a.open").attributes["href"] == f"{BASE}/t/{FERRY}/comments?parent=1"
    assert done(landed) == ("reply", "2", "published")
    assert tree(landed).css_first("html").attributes["lang"] == "de"
    assert tree(browser.get(f"{HERE}?lang=tlh")).css_first("html").attributes["lang"] == "en"
    assert tree(browser.get(f"{HERE}/99?lang=de")).css_first("html").attributes["lang"] == "de"
    assert "lang=" not in tree(browser.get(HERE)).css_first("form.composer").attributes["action"]
    voted = browser.post(f"{HERE}/1/vote?lang=de", {"value": "up", "page": f"{HERE}?sort=newest&lang=de"})
    assert voted.headers["location"] == f"{HERE}?sort=newest&lang=de#c1"
