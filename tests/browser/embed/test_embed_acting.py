"""Readers act in a frame of ours in somebody else's page, whatever their browser keeps, with script or without."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.kinds import a_name

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-acting")]

ITEM = "outspoken-thread li[data-number]"
SURE = "I know that there is no way back."


def open_frame(page, act, number=None):
    """Do what a link in the discussion offers; return the frame that opens, and wait until it stands."""
    place = page.locator(f"#outspoken-c{number} > article") if number else page.locator("outspoken-thread .bar")
    link = place.locator(f"[data-act={act}]").first
    if not link.is_visible():
        place.locator(".acts > summary").click()
    link.click()
    frame = page.frame_locator("outspoken-thread iframe")
    frame.locator("main").wait_for()
    return frame


def write(page, text, *, number=None, name=""):
    frame = open_frame(page, "reply" if number else "write", number)
    frame.locator("textarea").fill(text)
    if name:
        frame.get_by_label("Name").fill(name)
    frame.get_by_role("button", name="Publish").click()
    return frame


def own(page, text):
    """Wait until one's own comment stands in the page, and return its number."""
    mine = page.locator("outspoken-thread li.marked", has_text=text)
    mine.wait_for()
    return int(mine.get_attribute("data-number"))


def test_a_reader_writes_edits_votes_reports_and_deletes_without_leaving_the_page(stage, visit):
    page = visit()
    page.clock.install()
    page.goto(stage.page(stage.filled.playground))
    write(page, "I *sat* there.", number=1, name=a_name())
    number = own(page, "I sat there.")
    mine = page.locator(f"#outspoken-c{number}")
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement.closest('li').id") == f"outspoken-c{number}"
    assert mine.locator(".body em").inner_text() == "sat"
    assert mine.locator("xpath=ancestor::li[1]").get_attribute("id") == "outspoken-c1"

    frame = open_frame(page, "edit", number)
    frame.locator("textarea").fill("I stood there.")
    frame.get_by_role("button", name="Save").click()
    mine.get_by_text("I stood there.").wait_for()

    frame = open_frame(page, "vote", 2)
    frame.get_by_role("button", name=re.compile("^Vote up")).click()
    page.locator("#outspoken-c2 > article .vote.up", has_text="1").wait_for()

    frame = open_frame(page, "report", 2)
    assert frame.get_by_role("button").all_inner_texts() == ["Send the report"], "a note isn't Markdown"
    frame.get_by_role("radio").first.check()
    frame.get_by_role("button").last.click()
    frame.get_by_role("status").wait_for()
    frame.locator("[data-close]").click()

    frame = open_frame(page, "delete", number)
    frame.get_by_label(SURE).check()
    frame.get_by_role("button", name="Delete it").click()
    frame.get_by_role("link", name="Leave it as it is").click()
    page.locator("iframe").wait_for(state="detached")
    page.clock.fast_forward(10_000)
    frame = open_frame(page, "delete", number)
    frame.get_by_label(SURE).check()
    frame.get_by_role("button", name="Delete it").click()
    frame.get_by_role("status").get_by_text("It is deleted in 10 seconds").wait_for()
    page.clock.fast_forward(10_000)
    mine.wait_for(state="detached")
    page.reload()
    page.locator(ITEM).first.wait_for()
    assert "I stood there" not in page.locator("outspoken-thread").inner_text()
    cookies = page.context.cookies()
    assert {(cookie["name"], cookie["sameSite"], cookie["secure"]) for cookie in cookies} == {
        ("__Host-outspoken-frame", "None", True)
    }


def test_a_reader_who_closes_the_frame_while_there_is_time_to_regret_has_decided(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    write(page, "I may regret this.", number=2)
    number = own(page, "I may regret this.")
    frame = open_frame(page, "delete", number)
    frame.get_by_label(SURE).check()
    frame.get_by_role("button", name="Delete it").click()
    page.frame_locator("iframe").get_by_text("It is deleted in 10 seconds").wait_for()
    open_frame(page, "reply", 1)
    # What is sent on closing arrives a little later, and long before the ten seconds are over.
    for _ in range(20):
        page.wait_for_timeout(200)
        page.reload()
        page.locator(ITEM).first.wait_for()
        if page.locator(f"#outspoken-c{number}").count() == 0:
            break

    assert page.locator(f"#outspoken-c{number}").count() == 0


def test_the_first_comment_of_a_page_opens_its_discussion(stage, visit):
    tag = f'<outspoken-thread site="pier"></outspoken-thread><script src="https://{TALK}/embed.js" async></script>'
    page = visit(stage.host.put("/first", f"<h1>Nobody spoke</h1>{tag}"))
    page.get_by_text("Nobody has said anything yet.").wait_for()
    write(page, "Somebody has to begin.")
    page.locator(ITEM, has_text="Somebody has to begin.").wait_for()
    expect(page.locator("li.marked")).to_contain_text("Somebody has to begin.")
    assert page.evaluate("document.activeElement.closest('li').textContent.includes('Somebody has to begin')")
    page.reload()
    page.locator(ITEM, has_text="Somebody has to begin.").wait_for()


def test_the_frame_has_the_colours_of_the_page_around_it_before_anything_is_painted(stage, visit):
    page = visit(color_scheme="light")
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => self.first = getComputedStyle(document.body).backgroundColor)"
    )
    page.goto(stage.page(stage.filled.playground, head="<style>body { background: #111; color: #eee }</style>"))
    frame = open_frame(page, "reply", 1)
    page.frames[1].wait_for_load_state("domcontentloaded")
    assert page.frames[1].evaluate("first") == "rgb(21, 23, 26)"

    frame.locator("textarea").fill("Dark?")
    frame.get_by_role("button", name="Preview").click()
    frame.locator("section.preview").wait_for()
    assert page.frames[1].evaluate("first") == "rgb(21, 23, 26)", "what follows in the frame too"


def test_an_error_in_the_frame_has_its_height_and_is_closed(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    link = page.locator("#outspoken-c1 > article [data-act=reply]")
    link.evaluate("it => it.href = it.href.replace('parent=1', 'parent=900')")
    frame = open_frame(page, "reply", 1)
    frame.get_by_role("heading", name="There is nothing here").wait_for()
    page.wait_for_function("document.querySelector('iframe').style.blockSize")
    frame.get_by_role("link", name="Back to the discussion").click()

    page.locator("iframe").wait_for(state="detached")


def test_whoever_selected_words_quotes_them(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    page.locator("#outspoken-c1 > article .body").evaluate("it => getSelection().selectAllChildren(it)")
    frame = open_frame(page, "reply", 1)

    assert frame.locator("textarea").input_value().startswith("> Root number 1: I have seen this pier")


def test_the_focus_goes_into_the_frame_and_comes_back(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    link = page.locator("#outspoken-c1 > article [data-act=reply]")
    link.focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("iframe")
    frame.locator("textarea").wait_for()
    page.wait_for_function("document.activeElement.localName === 'iframe'")
    page.keyboard.type("Typed at once")
    assert frame.locator("textarea").input_value() == "Typed at once"

    frame.locator("[data-close]").first.click()
    page.locator("iframe").wait_for(state="detached")
    assert page.evaluate("document.activeElement.dataset.act") == "reply"


def test_a_draft_survives_a_reload_and_a_closed_frame_and_goes_when_it_is_sent(stage, tmp_path):
    with chromium.allowing_cookies(stage.browser, tmp_path / "profile", *stage.rules) as context:
        page = context.new_page()
        page.goto(stage.page(stage.filled.playground))
        open_frame(page, "reply", 3).locator("textarea").press_sequentially("Half a thought")
        # Or the page would jump while it is clicked.
        page.evaluate("history.scrollRestoration = 'manual'")
        page.reload()
        page.locator(ITEM).first.wait_for()
        expect(open_frame(page, "reply", 3).locator("textarea")).to_have_value("Half a thought")
        assert open_frame(page, "reply", 4).locator("textarea").input_value() == ""

        frame = open_frame(page, "reply", 3)
        expect(frame.locator("textarea")).to_have_value("Half a thought")
        frame.get_by_role("button", name="Publish").click()
        own(page, "Half a thought")
        assert open_frame(page, "reply", 3).locator("textarea").input_value() == ""


def test_what_was_written_is_there_again_whatever_was_selected_since(stage, tmp_path):
    with chromium.allowing_cookies(stage.browser, tmp_path / "profile", *stage.rules) as context:
        page = context.new_page()
        page.goto(stage.page(stage.filled.playground))
        page.locator("#outspoken-c1 > article .body").evaluate("it => getSelection().selectAllChildren(it)")
        text = open_frame(page, "reply", 1).locator("textarea")
        expect(text).to_have_value(re.compile("^> Root number 1"))
        text.press_sequentially("An answer at length.")
        written = text.input_value()
        page.locator("#outspoken-c1 > article .body").evaluate("it => getSelection().selectAllChildren(it)")
        expect(open_frame(page, "reply", 1).locator("textarea")).to_have_value(written)

        write(page, "I sat on it.", number=2)
        number = own(page, "I sat on it.")
        text = open_frame(page, "edit", number).locator("textarea")
        text.press("End")
        text.press_sequentially(" Twice.")
        expect(open_frame(page, "edit", number).locator("textarea")).to_have_value("I sat on it. Twice.")


def test_a_page_cannot_measure_whose_comment_it_is(stage, visit):
    writer, stranger = visit(stage.page(stage.filled.playground)), visit(stage.page(stage.filled.playground))
    write(writer, "Nobody needs to know that this is mine.", number=2)
    number = own(writer, "Nobody needs to know that this is mine.")
    heights = []
    for page in (writer, stranger):
        page.reload()
        for act in ("edit", "delete"):
            open_frame(page, act, number).locator(".buttons").wait_for()
            page.wait_for_function("document.querySelector('iframe').style.blockSize")
            heights.append(page.locator("iframe").evaluate("it => it.style.blockSize"))

    assert len(set(heights)) == 1, heights
    probe = """path => new Promise(resolve => {
      const [heard, frame] = [[], document.createElement("iframe")];
      addEventListener("message", ({ data }) => heard.push(data.type));
      frame.src = path;
      frame.onload = () => setTimeout(() => resolve(heard), 500);
      document.body.append(frame);
    })"""
    for page in (writer, stranger):
        thread = f"https://{TALK}/frame/t/{stage.filled.playground}"
        assert "done" not in page.evaluate(probe, f"{thread}/{number}/done/write")


def test_what_is_wrong_is_told_in_the_frame_and_the_text_is_kept(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    frame = write(page, "One https://one.example two https://two.example", number=1)
    frame.get_by_text("will be shown once a moderator has read it").wait_for()
    assert page.locator("iframe").count() == 1, "what isn't shown is explained"


def test_marks_are_put_around_words_by_button_and_by_key(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    text = open_frame(page, "reply", 1).locator("textarea")
    text.fill("so wet")
    text.press("Control+a")
    text.press("Control+b")
    assert text.input_value() == "**so wet**"
    text.press("Control+z")
    assert text.input_value() == "so wet"
    text.press("Control+a")
    page.frame_locator("iframe").get_by_role("button", name=re.compile("^Emphasis")).click()
    assert text.input_value() == "*so wet*"


def test_a_preview_shows_what_it_will_look_like(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    frame = open_frame(page, "reply", 1)
    frame.locator("textarea").fill("**Wet**\n\n    one\n    two")
    frame.get_by_role("button", name="Preview").click()

    assert frame.locator("section.preview pre").inner_text().splitlines() == ["one", "two"]
    assert frame.locator("section.preview strong").inner_text() == "Wet"
    assert frame.locator("textarea").input_value().startswith("**Wet**")


def test_whoever_lost_the_cookie_is_asked_for_the_code(stage, visit):
    page = visit(stage.page(stage.filled.playground))
    write(page, "Nothing holds me.", number=1)
    number = own(page, "Nothing holds me.")
    page.context.clear_cookies()

    open_frame(page, "delete", number).get_by_label("The code of this comment").wait_for()


def test_a_browser_that_keeps_nothing_gets_a_code_and_uses_it(stage, tmp_path):
    with chromium.blocking_cookies(stage.browser, tmp_path / "profile", *stage.rules) as context:
        page = context.new_page()
        page.goto(stage.page(stage.filled.playground))
        frame = write(page, "Not even the second time.", number=2)
        code = frame.locator("code.code").inner_text()
        frame.locator("[data-close]").first.click()
        number = own(page, "Not even the second time.")
        frame = open_frame(page, "delete", number)
        frame.get_by_label("The code of this comment").fill(code)
        frame.get_by_role("button", name="Delete it").click()
        page.locator(f"#outspoken-c{number}").wait_for(state="detached")


@pytest.mark.parametrize("has_script", [False, True], ids=["without script", "with script"])
def test_the_whole_discussion_in_a_plain_frame_is_read_and_written_in(has_script, stage, visit):
    tag = f'<iframe src="https://{TALK}/frame/t/{stage.filled.playground}" width="700" height="900"></iframe>'
    page = visit(stage.host.put("/framed", tag), java_script_enabled=has_script)
    frame = page.frame_locator("iframe")
    frame.locator("#c1").wait_for()
    expect(frame.locator(".zone")).to_have_count(0 if has_script else 1)
    expect(frame.locator("form:has(textarea) .tools")).to_have_count(1 if has_script else 0)
    text = f"From a plain frame, {has_script}."
    frame.locator("#c1 > article").get_by_role("link", name="Reply").click()
    frame.locator("textarea").fill(text)
    frame.get_by_role("button", name="Publish").click()
    frame.get_by_role("heading", name="Your comment is published").wait_for()
    frame.get_by_role("link", name="Back to the discussion").click()
    frame.get_by_text(text).first.wait_for()

    frame.locator("#c1 > article").get_by_role("link", name="Reply").click()
    frame.locator("textarea").wait_for()
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open in its own page").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"https://{TALK}/t/{stage.filled.playground}")
    assert opened.value.locator("textarea").is_visible()


def test_other_sites_pages_cannot_put_a_frame_of_ours_around(stage, visit, noticed):
    noticed.is_quiet = False
    page = visit(
        stage.host.put("/thief", f'<iframe src="https://{TALK}/t/{stage.filled.playground}/1/delete"></iframe>')
    )
    page.wait_for_timeout(500)

    assert page.frames[1].url.startswith("chrome-error:")
    assert page.url == f"https://{NEWS}/thief"
