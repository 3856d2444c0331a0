"""A reader speaks: without an account, with script or without; what is said is there, and stays the speaker's own."""

import re
import time

import httpx
import pytest

from tests.browser.kinds import a_name

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-writing")]


def write(page, text, *, label="Your comment", name="", button="Publish"):
    """Fill in the form of a page and send it."""
    page.get_by_label(label).fill(text)
    if name:
        page.get_by_label("Name").fill(name)
    page.get_by_role("button", name=button).click()


def publish(page, server, text, *, name="", thread=""):
    """Write a comment and return its number once its writer stands before it."""
    page.goto(server.thread(thread or server.filled.playground))
    write(page, text, name=name)
    return arrive(page)


def arrive(page):
    page.wait_for_url(re.compile(r"/t/\w+/\d+#c\d+$"))
    page.get_by_text("This is your comment").wait_for()
    return int(page.url.rpartition("#c")[2])


def is_in_view(locator):
    return locator.evaluate(
        "it => { const box = it.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight }"
    )


def test_a_comment_is_published_and_its_writer_lands_at_it(page, server):
    name = a_name()
    number = publish(page, server, "I sat there *first*.", name=name)

    chosen = page.locator(f"#c{number}")
    assert is_in_view(chosen)
    assert chosen.locator(".name").inner_text() == name
    assert chosen.locator(".body em").inner_text() == "first"


def test_the_first_comment_of_a_discussion_is_there_for_everybody_else_at_once(page, visit, server):
    publish(page, server, "Nobody asked me either.", thread=server.filled.empty)
    other = visit()
    other.goto(server.thread(server.filled.empty))

    assert other.get_by_text("Nobody asked me either.").first.is_visible()
    assert other.get_by_text("This is your comment").count() == 0


def test_a_preview_shows_what_it_will_look_like_and_publishes_nothing(page, server):
    page.goto(server.thread(server.filled.playground))
    name, text = a_name(), "Before **after**\n\n> not yet"
    write(page, text, name=name, button="Preview")

    preview = page.locator("section.preview")
    assert preview.locator("strong").inner_text() == "after"
    assert preview.locator("blockquote").inner_text().strip() == "not yet"
    assert page.get_by_label("Your comment").input_value() == text
    assert page.get_by_label("Name").input_value() == name
    assert page.context.cookies() == []
    page.get_by_role("button", name="Publish").click()
    number = arrive(page)
    assert page.locator(f"#c{number} .body strong").inner_text() == "after"


def test_a_reply_stands_below_what_it_answers(page, server):
    page.goto(server.thread(server.filled.playground))
    page.locator("#c2").get_by_role("link", name=re.compile("Reply to")).first.click()
    page.locator(".answered").wait_for()
    assert "Root number 2" in page.locator(".answered").inner_text()
    write(page, f"To that I say: no. {a_name()}", label="Your reply")
    number = arrive(page)

    assert page.locator(".ancestors #c2").count() == 1
    page.get_by_role("link", name="The whole discussion").click()
    page.locator(f"#c2 #c{number}").wait_for()


def test_a_vote_counts_and_its_giver_is_back_at_the_comment(page, server):
    page.goto(server.thread() + "?sort=oldest")
    comment = page.locator(".discussion li").nth(12)
    anchor = "#" + comment.get_attribute("id")
    up = page.locator(f"{anchor} > article button.vote.up")
    before = int(up.text_content() or 0)
    up.click()
    page.wait_for_url(f"**?sort=oldest{anchor}")

    assert int(up.text_content()) == before + 1
    assert is_in_view(up)


def test_a_second_vote_changes_the_first_and_a_vote_is_taken_back(page, server):
    page.goto(server.thread(server.filled.closed) + "/1")
    votes = [page.locator(f".chosen button.vote.{way}") for way in ("up", "down")]
    votes[0].click()
    page.locator(".chosen button.vote.up:text-is('1')").wait_for()
    votes[1].click()
    page.locator(".chosen button.vote.down:text-is('1')").wait_for()
    assert votes[0].inner_text() == ""
    page.get_by_role("button", name="Take back my vote").click()
    page.locator(".chosen button.vote.down:text-is('')").wait_for()

    assert [vote.inner_text() for vote in votes] == ["", ""]
    assert page.url.endswith("/1#c1")


def test_a_comment_is_edited_by_its_writer_and_readers_see_that_it_was(page, visit, server):
    number = publish(page, server, f"Teh bench. {a_name()}")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Your comment").fill("The bench.")
    page.get_by_role("button", name="Preview").click()
    assert page.locator("section.preview").get_by_text("The bench.").is_visible()
    page.get_by_role("button", name="Save").click()
    arrive(page)
    other = visit()
    other.goto(f"{server.thread(server.filled.playground)}/{number}")

    assert other.locator(f"#c{number} .body").inner_text() == "The bench."
    assert "edited" in other.locator(f"#c{number} header").inner_text()


def delete(page):
    """Press the button, and let the time to regret go by where there is one: without script it is deleted at once."""
    page.clock.install()
    page.get_by_role("button", name="Delete it").click()
    page.clock.fast_forward(10_000)


def test_a_comment_nobody_answered_is_gone_when_its_writer_deletes_it(page, server):
    number = publish(page, server, f"I take this back. {a_name()}")
    page.get_by_role("link", name="Delete").click()
    delete(page)
    page.get_by_role("heading", name="A bench on the quay").wait_for()

    assert page.locator(f"#c{number}").count() == 0
    assert page.goto(f"{server.thread(server.filled.playground)}/{number}").status == 404


def test_whoever_regrets_in_time_keeps_the_comment_and_whoever_leaves_has_decided(visit, server):
    page = visit()
    number = publish(page, server, f"Shall I? {a_name()}")
    comment = f"{server.thread(server.filled.playground)}/{number}"
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("status").get_by_text("It is deleted in 10 seconds").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Leave it as it is"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.goto(comment).status == 200

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("status").get_by_text("It is deleted in 10 seconds").wait_for()
    page.goto(server.thread(server.filled.deep))
    # What is sent on leaving arrives a little later, and long before the ten seconds are over.
    for _ in range(40):
        if page.goto(comment).status == 404:
            break
        page.wait_for_timeout(100)
    assert page.goto(comment).status == 404


def test_a_deleted_comment_that_was_answered_leaves_a_tombstone_above_its_replies(page, visit, server):
    name, words = a_name(), f"Words {a_name()}"
    number = publish(page, server, words, name=name)
    other = visit()
    other.goto(f"{server.thread(server.filled.playground)}/comments?parent={number}")
    write(other, f"An answer {a_name()}", label="Your reply")
    answer = arrive(other)
    page.get_by_role("link", name="Delete").click()
    delete(page)
    page.wait_for_url("**#discussion")
    page.goto(server.thread(server.filled.playground) + "/print")

    stone = page.locator(f"#c{number} > article")
    assert (stone.text_content() or "").strip().startswith("Deleted by its author")
    assert page.locator(f"#c{number} #c{answer}").count() == 1
    assert words not in page.content()
    assert name not in page.content()


def test_a_comment_that_waits_for_a_moderator_says_so_and_why(page, visit, server):
    page.goto(server.thread(server.filled.playground))
    secret = a_name()
    write(page, f"https://one.example https://two.example https://three.example {secret}")
    page.get_by_role("heading", name="Your comment is held").wait_for()

    assert page.get_by_text("will be shown once a moderator has read it").is_visible()
    assert page.get_by_text("It has many links").is_visible()
    other = visit()
    other.goto(server.thread(server.filled.playground) + "/print")
    assert secret not in other.content()


def test_what_is_wrong_is_said_in_plain_words_and_nothing_written_is_lost(page, server):
    page.goto(server.thread() + "/comments")
    text = "Line one\n\n> quoted\n\n<b>not</b> “lost” 🏳️‍🌈 \\ & &amp;"
    write(page, text, name="Moderator")
    page.get_by_role("alert").wait_for()

    assert page.get_by_text("This name looks like that of somebody on the staff").is_visible()
    assert page.get_by_label("Name").get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Your comment").input_value() == text
    assert page.context.cookies() == []
    page.get_by_label("Name").fill(a_name())
    page.get_by_role("button", name="Publish").click()
    arrive(page)


def test_a_text_that_is_too_deep_comes_back_with_what_to_change(page, server):
    page.goto(server.thread(server.filled.playground))
    write(page, "> " * 12 + "deep")
    page.locator("#problem-body").wait_for()

    assert "8 levels" in page.locator("#problem-body").inner_text()
    assert page.get_by_label("Your comment").input_value() == "> " * 12 + "deep"


def test_the_same_form_sent_twice_is_one_comment(page, server):
    text = f"Only once. {a_name()}"
    number = publish(page, server, text)
    page.go_back()
    page.get_by_label("Your comment").fill(text)
    page.get_by_role("button", name="Publish").click()

    assert arrive(page) == number


def test_whoever_writes_is_given_cookies_that_scripts_cannot_read(page, server):
    publish(page, server, f"My key. {a_name()}")
    given = {cookie["name"]: cookie for cookie in page.context.cookies()}

    assert {name: (cookie["httpOnly"], cookie["sameSite"]) for name, cookie in given.items()} == {
        "outspoken": (True, "Lax"),
        "outspoken-seen": (True, "Lax"),
    }
    assert given["outspoken-seen"]["expires"] - time.time() <= 60
    kept = [kept for origin in page.context.storage_state()["origins"] for kept in origin["localStorage"]]
    assert not any(given["outspoken"]["value"] in kept["value"] for kept in kept)


def test_a_stranger_who_wants_to_edit_is_asked_for_the_code(page, server):
    page.goto(f"{server.thread(server.filled.playground)}/1/edit")

    page.get_by_label("The code of this comment").fill("not the code")
    page.get_by_role("button", name="Save").click()
    page.locator("#problem-code").wait_for()
    assert page.get_by_label("The code of this comment").input_value() == "not the code"
    answer = httpx.get(f"{server.thread(server.filled.playground)}/1")
    assert "Root number 1" in answer.text
    assert ">edited <" not in answer.text


def test_where_cookies_are_blocked_a_code_is_shown_once_and_edits_and_deletes(no_cookies, server):
    page, text = no_cookies, f"No cookie holds me. {a_name()}"
    page.goto(server.thread(server.filled.playground))
    write(page, text)
    page.get_by_role("heading", name="The code of your comment").wait_for()
    code = page.locator("code.code").inner_text()
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4})+", code)
    assert page.context.cookies() == []

    once = page.url
    page.get_by_role("link", name="Read your comment").click()
    page.locator(".chosen", has_text=text).wait_for()
    comment = page.url
    assert page.goto(once).status == 404
    assert code not in page.content()

    page.goto(f"{comment}/edit")
    page.get_by_label("Your comment").fill("Now I say this.")
    page.get_by_label("The code of this comment").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Save").click()
    page.locator(".chosen .body", has_text="Now I say this.").wait_for()

    page.goto(f"{comment}/delete")
    page.get_by_label("The code of this comment").fill(code)
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url("**#discussion")
    assert page.goto(comment).status == 404
