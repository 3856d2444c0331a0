"""Writing with nothing but a browser: what is wrong comes back with the text, what is right is there once."""

import asyncio

import pytest

from outspoken.discussion.state import Event
from outspoken.discussion.thread import Opening
from outspoken.store.sites import add_site
from outspoken.store.threads import set_opening
from tests.factories import a_site
from tests.web.talking import FERRY, SAME_ORIGIN, fields_of, keys_given, problems, shown, tree

FORM = f"/t/{FERRY}/comments"
WORDS = "The ferry was late again, and nobody on the quay knew why or until when."


def test_a_comment_is_on_the_page_once_its_writer_is_answered(talk):
    answer = talk.browser().write(WORDS, name="Greta")

    assert answer.status_code == 303
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}


def test_a_reply_stands_below_what_it_answers(talk):
    talk.browser().say("A question.")

    talk.browser().say("An answer.", parent=1)

    page = tree(talk.browser().get(f"/t/{FERRY}"))
    assert page.css_first("#c1 #c2 .body").text().strip() == "An answer."


def test_a_browser_is_given_its_key_in_a_cookie_that_only_we_are_sent(talk):
    answer = talk.browser().write(WORDS)

    (cookie,) = keys_given(answer)
    name, _, rest = cookie.partition("=")
    settings = {part.strip().lower() for part in rest.split(";")[1:]}
    assert name == "__Host-outspoken"
    assert {"httponly", "secure", "path=/", "samesite=lax"} <= settings
    assert not any(part.startswith("domain") for part in settings)


def test_a_browser_that_has_a_key_is_given_no_other(talk):
    greta = talk.browser()
    greta.say(WORDS)

    assert not keys_given(greta.write("And another thing."))


def test_who_keeps_no_cookies_is_shown_a_code_once(talk):
    greta = talk.browser()
    greta.keeps_cookies = False
    answer = greta.write(WORDS)

    first, second = greta.follow(answer), greta.follow(answer)

    assert len(tree(first).css_first("code.code").text()) == 39
    assert second.status_code == 404
    assert "code.code" not in second.text


def test_who_keeps_cookies_is_led_to_the_comment_instead_of_the_code(talk):
    greta = talk.browser()

    page = greta.follow(greta.write(WORDS))

    assert page.status_code == 303
    assert page.headers["location"] == f"/t/{FERRY}/1#c1"


def test_a_preview_shows_the_text_as_it_would_look_and_publishes_nothing(talk):
    greta = talk.browser()

    page = greta.write("**Late** again.", name="Greta", action="preview")

    assert page.status_code == 200
    assert tree(page).css_first(".preview strong").text() == "Late"
    assert fields_of(page)["body"] == "**Late** again."
    assert fields_of(page)["name"] == "Greta"
    assert shown(greta.get(f"/t/{FERRY}")) == {}


def test_after_a_preview_it_can_be_published_at_once(talk):
    greta = talk.browser()
    fields = fields_of(greta.write(WORDS, action="preview"))

    assert greta.post(FORM, {**fields, "action": "post"}).status_code == 303
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}


@pytest.mark.parametrize(
    ("body", "name", "field", "status"),
    [
        ("  \n ", "", "body", 422),
        ("x" * 16_385, "", "body", 422),
        ("ж" * 16_000, "", "body", 422),
        ("\U0001f6a2" * 8_192, "", "body", 422),
        (">" * 9 + " deep", "", "body", 422),
        ("\n".join("  " * level + "- deep" for level in range(9)), "", "body", 422),
        (WORDS, "n" * 61, "name", 422),
        (WORDS, "\u2800\u3164", "name", 422),
        (WORDS, "M0derat0r", "name", 422),
    ],
    ids=["empty", "long", "long-cyrillic", "long-ships", "deep", "indented", "long-name", "blank-name", "staff-name"],
)
def test_what_is_wrong_comes_back_with_the_text_and_says_what_to_do(local, body, name, field, status):
    page = local.browser().write(body, name=name)

    assert page.status_code == status
    assert tree(page).css_first(f"#problem-{field}").text()
    assert fields_of(page)["body"].rstrip("\n") == body.rstrip("\n")
    assert fields_of(page)["name"] == name


def test_a_name_that_looks_like_anothers_in_the_discussion_is_refused_with_the_text(talk):
    talk.browser().say("I am Greta.", name="Greta")

    page = talk.browser().write(WORDS, name="Gretа")  # with a Cyrillic a

    assert page.status_code == 422
    assert "looks like" in tree(page).css_first("#problem-name").text()
    assert fields_of(page)["body"] == WORDS


def test_somebody_who_corrects_a_name_three_times_is_not_held_for_writing_much(talk):
    talk.browser().say("I am Greta.", name="Greta")
    other = talk.browser()
    for _ in range(4):
        other.write(WORDS, name="Greta")

    number = other.say(WORDS, name="Gerda")

    assert shown(talk.browser().get(f"/t/{FERRY}"))[number] == WORDS


@pytest.mark.parametrize("opening", [Opening.CLOSED, Opening.READ_ONLY])
def test_a_text_for_a_discussion_that_was_closed_meanwhile_comes_back(talk, opening):
    greta = talk.browser()
    fields = greta.form(FORM)
    with talk.database.writing() as connection:
        set_opening(connection, FERRY, opening)
    talk.clock.pass_by(seconds=9)

    page = greta.post(FORM, {**fields, "body": WORDS, "action": "post"})

    assert page.status_code == 409
    assert str(opening) in " ".join(problems(page))
    assert fields_of(page)["body"] == WORDS


def test_a_text_from_a_form_of_yesterday_comes_back_and_is_taken_at_the_next_press(talk):
    greta = talk.browser()
    fields = greta.form(FORM)
    talk.clock.pass_by(hours=25)

    page = greta.post(FORM, {**fields, "body": WORDS, "name": "Greta", "action": "post"})
    again = greta.post(FORM, {**fields_of(page), "action": "post"})

    assert page.status_code == 200
    assert "once more" in " ".join(problems(page))
    assert fields_of(page)["body"] == WORDS
    assert again.status_code == 303
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}


def test_a_text_from_a_form_of_before_a_restart_comes_back_and_is_taken_at_the_next_press(talk):
    greta = talk.browser()
    fields = greta.form(FORM)
    talk.restart()

    page = greta.post(FORM, {**fields, "body": WORDS, "action": "post"})
    again = greta.post(FORM, {**fields_of(page), "action": "post"})

    assert fields_of(page)["body"] == WORDS
    assert again.status_code == 303
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}


@pytest.mark.parametrize("parent", ["77", "2", "999999999999", "-1", "one", "\x00"])
def test_a_reply_to_what_is_not_there_comes_back_as_a_comment_of_its_own(talk, parent):
    talk.browser().say("Something.")
    talk.browser().say("Something that will be hidden.")
    talk.moderate(2, Event.REMOVE)

    page = talk.browser().post(FORM, {"body": WORDS, "name": "Gerda", "parent": parent, "action": "post"})

    assert page.status_code == 404
    assert fields_of(page)["body"] == WORDS
    assert fields_of(page)["parent"] == "0"
    assert "isn't there" in " ".join(problems(page))


def test_while_the_database_is_locked_away_the_text_comes_back(sqlite, local):
    greta = local.browser()
    fields = greta.form(FORM)
    local.clock.pass_by(seconds=9)
    local.server.writer.close()

    page = greta.post(FORM, {**fields, "body": WORDS, "action": "post"})

    assert page.status_code == 503
    assert page.headers["retry-after"] == "30"
    assert fields_of(page)["body"] == WORDS


@pytest.mark.parametrize("action", ["post", "preview"])
def test_while_the_database_cannot_even_be_read_the_text_comes_back(local, action):
    greta = local.browser()
    fields = greta.form(FORM)
    local.clock.pass_by(seconds=9)

    with local.database_away():
        page = greta.post(FORM, {**fields, "body": WORDS, "name": "Greta", "action": action})

    assert page.status_code == 503
    assert page.headers["retry-after"] == "30"
    assert {"body": WORDS, "name": "Greta", "token": fields["token"], "submission": fields["submission"]}.items() <= (
        fields_of(page).items()
    )
    assert greta.post(FORM, {**fields_of(page), "action": "post"}).status_code == 303


def test_the_same_form_sent_twice_is_kept_once(talk):
    greta = talk.browser()
    fields = {**greta.form(FORM), "body": WORDS, "name": "Greta", "action": "post"}
    talk.clock.pass_by(seconds=9)

    first, second = greta.post(FORM, fields), greta.post(FORM, fields)

    assert first.status_code == second.status_code == 303
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}


def test_the_same_words_sent_twice_by_the_same_reader_are_kept_once(talk):
    greta = talk.browser()

    assert greta.say("Yes.") == greta.say("Yes.") == 1


def test_two_presses_of_a_form_of_its_own_leave_the_first_visitor_with_the_one_key(talk):
    greta = talk.browser()
    fields = {**greta.form(FORM), "body": WORDS, "name": "Greta", "action": "post"}
    talk.clock.pass_by(seconds=9)

    async def press_twice():
        return await asyncio.gather(
            *(greta.send("POST", FORM, data=fields, headers=SAME_ORIGIN) for _ in range(2)),
        )

    answers = talk.run(press_twice())
    keys = {keys_given(answer)[0].partition(";")[0] for answer in answers}

    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS}
    assert len(keys) == 1
    assert greta.post(f"/t/{FERRY}/1/delete").status_code == 303


def pressed_on_the_shared_page(talk, body, name=""):
    """Send the form that stands below the discussion, the same for everybody, from a browser that has no key."""
    newcomer = talk.browser()
    fields = newcomer.form(f"/t/{FERRY}")
    assert fields["submission"] == ""
    talk.clock.pass_by(seconds=5)
    return newcomer.post(FORM, {**fields, "body": body, "name": name, "action": "post"})


@pytest.mark.parametrize(("body", "name"), [(WORDS, ""), ("Me too.", "Greta")])
def test_two_presses_on_the_page_everybody_shares_make_one_comment_and_give_one_key(talk, body, name):
    first = pressed_on_the_shared_page(talk, body, name)

    second = pressed_on_the_shared_page(talk, body, name)

    assert keys_given(first)
    assert not keys_given(second), "a key was given to somebody who may be another"
    assert second.headers["location"] == f"/t/{FERRY}/1#c1"
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: body}


def test_two_strangers_may_both_say_thank_you(talk):
    pressed_on_the_shared_page(talk, "Thank you!")
    pressed_on_the_shared_page(talk, "Thank you!")

    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: "Thank you!", 2: "Thank you!"}


def test_the_same_words_may_be_said_again_later(talk):
    pressed_on_the_shared_page(talk, WORDS)
    talk.clock.pass_by(minutes=3)
    pressed_on_the_shared_page(talk, WORDS)

    assert shown(talk.browser().get(f"/t/{FERRY}")) == {1: WORDS, 2: WORDS}


def test_words_that_are_held_cannot_be_asked_for_by_saying_them(talk):
    words = "https://a.example https://b.example are where I read it, in all its details."
    pressed_on_the_shared_page(talk, words)

    second = pressed_on_the_shared_page(talk, words)

    assert keys_given(second)
    assert "/2/posted/" in second.headers["location"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"website": "https://pills.example"}, "should stay empty"),
        ({"token": ""}, "didn't come from our form"),
        ({"body": "https://a.example and https://b.example"}, "many links"),
    ],
    ids=["honeypot", "no-form", "links"],
)
def test_what_a_rule_stops_is_held_and_its_author_alone_is_told_why(talk, changes, reason):
    greta = talk.browser()
    answer = greta.write(**{"body": WORDS, "name": "Greta", **changes})

    page = greta.follow(greta.follow(answer))

    assert "held" in tree(page).css_first("h1").text()
    assert reason in tree(page).css_first("main").text()
    assert shown(talk.browser().get(f"/t/{FERRY}")) == {}


def test_a_form_sent_faster_than_anybody_writes_is_held(talk):
    greta = talk.browser()
    fields = greta.form(FORM)
    talk.clock.pass_by(seconds=2)

    answer = greta.post(FORM, {**fields, "body": WORDS, "action": "post"})

    assert "very fast" in greta.follow(greta.follow(answer)).text


def test_the_fourth_comment_from_one_place_within_ten_minutes_is_held_and_later_ones_are_not(talk):
    greta = talk.browser()
    numbers = [greta.say(f"Comment {number}.") for number in range(4)]
    talk.clock.pass_by(minutes=11)
    numbers.append(greta.say("Comment 4."))

    assert sorted(shown(talk.browser().get(f"/t/{FERRY}"))) == [1, 2, 3, 5]
    assert "Many comments came from the same place" in greta.get(f"/t/{FERRY}/{numbers[3]}").text


def test_the_author_of_a_held_comment_sees_it_by_cookie_and_others_see_what_never_was(talk):
    greta = talk.browser()
    number = greta.say(WORDS, website="x")

    own = greta.get(f"/t/{FERRY}/{number}")

    assert own.status_code == 200
    assert WORDS in own.text
    assert own.headers["cache-control"] == "no-store"
    hidden, never = (talk.browser().get(f"/t/{FERRY}/{n}") for n in (number, 999))
    for answer in (hidden, never):
        del answer.headers["x-request-id"]
    assert (hidden.status_code, hidden.text, hidden.headers) == (never.status_code, never.text, never.headers)
    assert hidden.status_code == 404


def test_the_author_of_a_held_comment_sees_it_by_code(talk):
    greta = talk.browser()
    greta.keeps_cookies = False
    code = greta.code_of(greta.write(WORDS, website="x"))

    hidden, never = (greta.get(f"/t/{FERRY}/{number}/edit") for number in (1, 2))
    own = greta.post(f"/t/{FERRY}/1/edit", {"code": code, "action": "show"})

    assert hidden.status_code == never.status_code == 404
    assert hidden.text.replace("/1/", "/2/") == never.text
    assert own.status_code == 200
    assert fields_of(own)["body"] == WORDS
    assert fields_of(own)["code"] == code


def test_no_cookie_is_set_by_reading(talk):
    talk.browser().say("One.")
    reader = talk.browser()
    for path in ("/", f"/t/{FERRY}", f"/t/{FERRY}/1", FORM, f"/t/{FERRY}/1/edit", f"/t/{FERRY}/print", "/feed.atom"):
        assert "set-cookie" not in reader.get(path).headers, path
    assert "set-cookie" not in reader.write(WORDS, action="preview").headers


def test_staff_can_be_named_later_and_is_protected_from_then_on(talk):
    talk.browser().say("I was here before.", name="Nora")
    with talk.database.writing() as connection:
        add_site(connection, a_site(staff_names=("Nora",)))

    assert talk.browser().write(WORDS, name="N0ra").status_code == 422


def test_a_form_that_is_no_form_is_refused(local):
    for body, kind in [
        (b"body=%FF%FE", "application/x-www-form-urlencoded"),
        (b"body=\xff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(99)), "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b'{"body": "x"}', "application/json"),
        (b"body=x", "text/plain"),
        (b"body=x", ""),
    ]:
        answer = local.browser().request("POST", FORM, content=body, headers={**SAME_ORIGIN, "content-type": kind})
        assert answer.status_code == 422, (body, kind)
    assert local.rows("SELECT count(*) FROM comments") == [(0,)]
