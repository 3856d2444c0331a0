"""A discussion is read in somebody else's page: found, sorted, turned, followed, and nothing is told of who reads."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.embed.staging import IS_FOLDED, STORY
from tests.browser.embed.states import Visitor
from tests.browser.kinds import a_name
from tests.browser.serving import DEEP, LONG
from tests.browser.test_accessibility import TWO_PICTURES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-reading")]

WINDOW = 50
ITEM = "outspoken-thread li[data-number]"
EAGER = 'loading="eager"'
PASSED_OVER = """new MutationObserver(() => {
  self.passed = Math.max(self.passed ?? 0, document.querySelectorAll("li.past").length);
}).observe(document, { childList: true, subtree: true })"""


def numbers(page):
    return [int(number) for number in page.locator(ITEM).evaluate_all("all => all.map(li => li.dataset.number)")]


def shown(page):
    page.locator(ITEM).first.wait_for()
    return page


def followed(page, address):
    """Open a page, and wait until it follows its discussion: what comes from then on is news to it."""
    with page.expect_response(lambda answer: answer.url.endswith("/live")):
        page.goto(address)
    return shown(page)


def write(stage, visit, thread, text, *, parent=""):
    """Write a comment on our own page, as somebody else does meanwhile."""
    page = visit(
        f"https://{TALK}/t/{thread}/comments{f'?parent={parent}' if parent else ''}", java_script_enabled=False
    )
    page.locator("textarea").fill(text)
    page.get_by_label("Name").fill(a_name())
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("This is your comment").wait_for()
    number = int(page.url.rpartition("#c")[2])
    page.close()
    return number


def is_in_view(locator):
    return locator.evaluate(
        "it => { const b = it.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0 }"
    )


def test_reading_takes_one_script_one_fragment_and_a_stream_and_leaves_no_cookie(stage, visit, noticed):
    page = followed(visit(), stage.page(stage.filled.long))
    page.wait_for_timeout(300)
    kinds = [kind for kind, address in noticed.requests if address.startswith(f"https://{TALK}/")]

    assert sorted(kinds) == ["eventsource", "script", "xhr"]
    assert page.context.cookies() == []
    assert page.locator("iframe").count() == 0
    assert len(numbers(page)) == WINDOW


def test_another_order_is_shown_in_place_and_keeps_the_focus_and_the_history(stage, visit):
    page = shown(visit(stage.page(stage.filled.long)))
    steps = page.evaluate("history.length")
    page.get_by_role("link", name="Newest").click()
    page.locator(f"{ITEM} >> nth=0").filter(has_text=f"Root number {LONG}:").wait_for()

    assert numbers(page) == list(range(LONG, LONG - WINDOW, -1))
    assert page.evaluate("document.activeElement.textContent") == "Newest"
    assert page.evaluate("history.length") == steps
    assert page.url == f"https://{NEWS}/story"


def test_further_comments_come_below_those_that_are_read_until_all_are_there(stage, visit):
    page = shown(visit(stage.page(stage.filled.long, attributes='sort="oldest"')))
    while (further := page.get_by_role("link", name="Further comments")).count():
        before = len(numbers(page))
        further.click()
        page.wait_for_function(f"document.querySelectorAll('{ITEM}').length > {before}")

    assert numbers(page) == list(range(1, LONG + 1))
    assert page.evaluate("find(`Root number ${1}:`)"), "the browser's own search finds what was read first"


@pytest.mark.parametrize("is_pressed", [False, True], ids=["clicked", "pressed"])
def test_what_is_read_stays_where_it_is_when_further_comments_come(is_pressed, stage, visit):
    page = shown(visit(stage.page(stage.filled.long), viewport={"width": 800, "height": 700}))
    for _ in range(2):
        further = page.get_by_role("link", name="Further comments")
        further.scroll_into_view_if_needed()
        page.wait_for_function("!document.querySelector('li.past')")
        page.evaluate(TWO_PICTURES)
        before = numbers(page)
        last = page.locator(f"#outspoken-c{before[-1]} > article")
        place = last.bounding_box()["y"]
        if is_pressed:
            further.press("Enter")
        else:
            further.click()
        page.wait_for_function(f"document.querySelectorAll('{ITEM}').length > {len(before)}")
        page.wait_for_function("!document.querySelector('li.past')")
        page.evaluate(TWO_PICTURES)

        assert abs(last.bounding_box()["y"] - place) < 2
        below = page.evaluate("document.activeElement.getBoundingClientRect().top") - place
        assert 0 < below < 500, "the focus is on the first that came, right below"


def test_whoever_presses_twice_gets_further_comments_once(stage, visit):
    page = shown(visit(stage.page(stage.filled.long, attributes='sort="oldest"')))
    before = len(numbers(page))
    page.get_by_role("link", name="Further comments").evaluate("link => { link.click(); link.click(); }")
    page.wait_for_function(f"document.querySelectorAll('{ITEM}').length > {before}")

    page.wait_for_load_state("networkidle")

    assert numbers(page) == sorted(set(numbers(page)))
    assert not page.locator("outspoken-thread ol:not(:has(li))").count()


def test_what_was_passed_over_for_the_first_picture_is_laid_out_soon(stage, visit):
    page = visit()
    page.add_init_script(PASSED_OVER)
    page.goto(stage.page(stage.filled.long, attributes='sort="oldest"'))
    shown(page)
    page.wait_for_function("!document.querySelector('li.past')")
    before = len(numbers(page))
    page.get_by_role("link", name="Further comments").click()
    page.wait_for_function(f"document.querySelectorAll('{ITEM}').length > {before}")
    page.wait_for_function("!document.querySelector('li.past')")

    assert page.evaluate("self.passed") > before / 2, "most of it was passed over when it came"


def test_a_conversation_goes_on_in_place_however_deep_it_is(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep)))
    while (more := page.locator("outspoken-thread a.more")).count():
        before = len(numbers(page))
        more.first.click()
        page.wait_for_function(f"document.querySelectorAll('{ITEM}').length > {before}")

    assert numbers(page) == list(range(1, DEEP + 1))


def test_a_link_to_a_comment_leads_to_it_wherever_it_stands(stage, visit):
    page = visit(
        stage.page(stage.filled.long, attributes='sort="oldest"', before='<p style="height: 3000px">')
        + "#outspoken-c280"
    )
    chosen = page.locator("#outspoken-c280")
    chosen.wait_for()
    page.locator("#outspoken-c280.marked").wait_for()

    assert is_in_view(chosen)
    assert page.evaluate("document.activeElement.closest('li').id") == "outspoken-c280"


def test_what_led_to_replies_goes_when_a_link_has_brought_them(stage, visit):
    page = visit(stage.page(stage.filled.deep, attributes=EAGER) + "#outspoken-c12")
    page.locator("#outspoken-c12.marked").wait_for()

    assert page.locator("#outspoken-c11 > details #outspoken-c12").count()
    assert not page.locator("li:has(> details) > .more").count()


def test_in_reply_to_shows_what_is_answered_and_leads_there_without_a_step_in_the_history(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep), viewport={"width": 1000, "height": 500}))
    steps = page.evaluate("history.length")
    link = page.locator("#outspoken-c6 > article .to a")
    link.focus()

    assert "Level 4" in page.get_by_role("tooltip").inner_text()
    page.keyboard.press("Escape")
    assert page.get_by_role("tooltip").count() == 0
    link.click()
    page.locator("#outspoken-c5.marked").wait_for()
    assert page.evaluate("history.length") == steps


BOXES = "line => [line.querySelector('.peek'), line].map(it => it.getBoundingClientRect().toJSON())"
"""Where both are at one moment."""


@pytest.mark.parametrize("width", [320, 768])
def test_a_glance_stays_in_its_comment_below_the_line_that_is_looked_at(width, stage, visit):
    page = visit(viewport={"width": width, "height": 800})
    quoting = "> I have seen this pier in every weather, and it has seen me.\n\nSo have I."
    Visitor(stage, page, "en").posts(stage.filled.playground, quoting, parent=4)
    glances = 0
    for thread in (stage.filled.mixed, stage.filled.deep, stage.filled.playground):
        shown(page.goto(stage.page(thread, attributes=EAGER)) and page)
        for line in page.locator(".to, .quoting").filter(has=page.locator("a")).all():
            line.locator("a").focus()
            line.locator(".peek").wait_for()
            glance, around = line.evaluate(BOXES)
            assert 0 <= glance["x"] <= glance["x"] + glance["width"] <= width
            assert abs(glance["y"] - around["y"] - around["height"]) < 12
            glances += 1

    assert page.locator(".quoting").count()
    assert glances > 10


def test_what_was_folded_stays_folded_in_this_browser(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep)))
    page.locator("#outspoken-c2 > details > summary").click()
    page.locator("#outspoken-c3").wait_for(state="hidden")
    page.wait_for_function(IS_FOLDED)
    page.reload()
    page.locator("#outspoken-c2").wait_for()

    assert not page.locator("#outspoken-c3").is_visible()
    assert page.locator("#outspoken-c2").is_visible()


def test_the_keyboard_walks_through_a_discussion_and_leaves_the_page_around_it_alone(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep, before=f'{STORY}<input id="search">')))
    here = "document.activeElement.closest('li')?.dataset.number"
    page.keyboard.press("j")
    assert page.evaluate(here) is None
    page.locator("#search").press_sequentially("jk?")
    assert page.locator("#search").input_value() == "jk?"

    page.locator("#outspoken-c1 > article .body").click()
    walked = []
    for key in "jjpkx":
        page.keyboard.press(key)
        walked.append(page.evaluate(here))
    assert walked == ["2", "3", "2", "1", "1"]
    assert not page.locator("#outspoken-c2").is_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys and what this browser keeps")
    assert "What it answers" in dialog.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_what_comes_is_told_once_and_brought_in_when_it_is_wanted_without_moving_what_is_read(stage, visit):
    page = visit(viewport={"width": 800, "height": 500})
    followed(page, stage.page(stage.filled.playground, attributes='sort="newest"'))
    number = write(stage, visit, stage.filled.playground, "Has anybody sat on it?")
    told = page.get_by_role("status").get_by_role("button", name="1 new comment", exact=True)
    told.wait_for()
    assert number not in numbers(page)

    page.evaluate("scrollTo(0, document.querySelector('#outspoken-c2').getBoundingClientRect().top + scrollY - 100)")
    page.evaluate(TWO_PICTURES)
    place = page.locator("#outspoken-c2 > article").bounding_box()["y"]
    told.click()
    new = page.locator(f"#outspoken-c{number}.new")
    new.wait_for(state="attached")

    assert abs(page.locator("#outspoken-c2 > article").bounding_box()["y"] - place) < 2
    assert new.locator(".fresh").inner_text() == "new"
    page.get_by_role("button", name="Next new comment").last.click()
    assert is_in_view(page.locator(f"#outspoken-c{number}"))


def test_whoever_brings_in_what_came_keeps_the_focus_and_goes_on_with_the_keyboard(stage, visit):
    page = followed(visit(), stage.page(stage.filled.playground, attributes='sort="newest"'))
    number = write(stage, visit, stage.filled.playground, "And who will dust it?")
    page.get_by_role("button", name="1 new comment", exact=True).press("Enter")
    page.locator(f"#outspoken-c{number}.new").wait_for(state="attached")

    assert page.evaluate("document.activeElement.textContent") == "Next new comment"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('li').id") == f"outspoken-c{number}"


def test_what_came_further_down_than_the_page_goes_is_shown_newest_first(stage, visit):
    page = followed(visit(), stage.page(stage.filled.busy))
    number = write(stage, visit, stage.filled.busy, "I have come late.")
    page.get_by_role("button", name="1 new comment", exact=True).click()
    page.locator(f"#outspoken-c{number}.new").wait_for()

    assert page.locator("[aria-current]").inner_text() == "Newest"
    assert is_in_view(page.locator(f"#outspoken-c{number}"))


def test_whoever_presses_on_comes_to_everything_new_once_and_then_the_button_goes(stage, visit):
    page = followed(visit(has_touch=True), stage.page(stage.filled.playground, attributes='sort="newest"'))
    for text in ("One.", "Two.", "Three."):
        Visitor(stage, page, "en").posts(stage.filled.playground, text)
    page.get_by_role("button", name="3 new comments").tap()
    following = page.get_by_role("button", name="Next new comment")
    gone_to = []
    for left in (2, 1, 0):
        following.tap()
        expect(page.locator("li.new")).to_have_count(left)
        gone_to.append(page.evaluate("document.activeElement.closest('li').textContent.match(/One|Two|Three/)[0]"))
    following.tap()
    following.wait_for(state="detached")

    assert sorted(gone_to) == ["One", "Three", "Two"]
    assert page.locator(".fresh").count() == 3


def test_a_menu_that_is_open_stays_open_when_something_comes(stage, visit):
    page = shown(visit(stage.page(stage.filled.playground)))
    menu = page.locator("#outspoken-c2 > article .acts")
    menu.locator("> summary").click()
    number = write(stage, visit, stage.filled.playground, "While you look.", parent="2")
    page.get_by_role("button", name="1 new comment", exact=True).click()
    page.locator(f"#outspoken-c{number}").wait_for(state="attached")

    assert menu.evaluate("it => it.open")
    assert page.locator(".acts[open]").count() == 1


def come_back_later(page):
    """Come back an hour after the last visit."""
    page.evaluate(
        "const all = JSON.parse(localStorage.outspoken); for (const kept of Object.values(all)) kept.at -= 60;"
        "localStorage.outspoken = JSON.stringify(all)"
    )


def test_what_was_gone_to_does_not_become_new_by_what_comes_later_and_in_the_end_nothing_offers_to_go_on(stage, visit):
    page = shown(visit(stage.page(stage.filled.playground)))
    come_back_later(page)
    number = write(stage, visit, stage.filled.playground, "It came while you were away.")
    page.reload()
    seen = page.locator(f"#outspoken-c{number}")
    seen.locator(".fresh").wait_for(state="attached")
    following = page.locator(".bar").get_by_role("button", name="Next new comment")
    following.click()
    assert page.evaluate("document.activeElement.closest('li').id") == f"outspoken-c{number}"
    answer = write(stage, visit, stage.filled.playground, "And this while you read it.", parent=number)
    page.get_by_role("button", name="1 new comment", exact=True).click()
    page.locator(f"#outspoken-c{answer}.new").wait_for(state="attached")

    assert not seen.locator("> article .fresh").count()
    following.click()
    assert page.evaluate("document.activeElement.closest('li').id") == f"outspoken-c{answer}"
    following.click()
    assert not page.get_by_role("button", name="Next new comment").count()
    assert page.evaluate("!!document.activeElement.closest('li')"), "the keyboard stays in the discussion"


def test_what_is_new_since_the_last_visit_is_marked_until_the_browser_is_told_to_forget(stage, visit):
    page = shown(visit(stage.page(stage.filled.playground)))
    come_back_later(page)
    number = write(stage, visit, stage.filled.playground, "And again.")
    page.reload()
    shown(page)
    assert [item.get_attribute("id") for item in page.locator("li.new").all()] == [f"outspoken-c{number}"]

    page.get_by_role("button", name="Keys and what this browser keeps").click()
    page.get_by_role("button", name="Forget it").click()
    assert page.get_by_role("dialog").get_by_role("status").inner_text() == "This browser has forgotten it."
    page.get_by_role("button", name="Close").click()
    page.reload()
    shown(page)
    assert page.locator("li.new").count() == 0


def test_an_author_is_hidden_for_one_reader_and_shown_again(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep)))
    item = page.locator("#outspoken-c1")
    item.locator("> article .acts > summary").click()
    item.locator("> article").get_by_role("button", name="Hide this author").click()

    assert not item.locator("> article .body").is_visible()
    page.reload()
    page.locator("#outspoken-c1.muted").wait_for()
    page.locator("#outspoken-c1 > article").get_by_role("button", name="You hid this author").click()
    assert page.locator("#outspoken-c1 > article .body").is_visible()


def test_nothing_is_printed_that_can_only_be_pressed(stage, visit):
    page = shown(visit(stage.page(stage.filled.long)))
    pressed = page.locator("outspoken-thread :is(button, summary, .sorts, .pager a, [data-act])")
    assert pressed.filter(visible=True).count()
    page.emulate_media(media="print")

    assert pressed.filter(visible=True).all_inner_texts() == []
    assert page.locator("outspoken-thread .body").first.is_visible()


def test_times_are_the_readers_own(stage, visit):
    address = stage.page(stage.filled.long)
    texts = [
        shown(visit(address, timezone_id=zone)).locator(f"{ITEM} time").first.inner_text()
        for zone in ("UTC", "Asia/Tokyo")
    ]
    page = visit(address, timezone_id="Asia/Tokyo")

    assert texts[0] != texts[1]
    assert re.search(r"GMT\+9|Japan", shown(page).locator(f"{ITEM} time").first.get_attribute("title"))


def test_a_discussion_that_was_built_into_the_page_is_taken_over_without_being_drawn_anew(stage, visit):
    built = httpx.get(f"{stage.inner}/embed/t/{stage.filled.playground}").text
    remember = "<script>first = document.querySelector('outspoken-thread li')</script>"
    page = visit(stage.page(stage.filled.playground, inside=built, after=remember))
    page.locator("outspoken-thread .tools").wait_for()

    assert page.evaluate("first.isConnected && first.querySelector('article').tabIndex") == -1


def test_without_script_what_was_built_in_can_be_read_and_its_links_lead_to_our_pages(stage, visit):
    built = httpx.get(f"{stage.inner}/embed/t/{stage.filled.playground}").text
    page = visit(stage.page(stage.filled.playground, inside=built), java_script_enabled=False)

    assert "Root number 1" in page.locator("#outspoken-c1").inner_text()
    page.locator("#outspoken-c1 > article a[data-act=reply]").click()
    page.wait_for_url(f"https://{TALK}/t/{stage.filled.playground}/comments?parent=1")
    page.get_by_label("Your reply").wait_for()


@pytest.mark.parametrize("has_script", [False, True], ids=["without script", "with script"])
def test_what_was_built_in_looks_as_it_should_from_the_first_moment_where_the_page_has_our_style(
    has_script, stage, visit
):
    built = httpx.get(f"{stage.inner}/embed/t/{stage.filled.playground}").text
    style = f'<link rel="stylesheet" href="https://{TALK}/embed.css">'
    measure = "<script>first = getComputedStyle(document.querySelector('.mark')).width</script>"
    page = visit(java_script_enabled=has_script)
    page.goto(stage.page(stage.filled.playground, inside=built, head=style, after=measure))

    assert page.locator(".mark").first.evaluate("it => getComputedStyle(it).width") == "28px"
    assert page.locator(".mark").first.evaluate("it => [it.width.baseVal.value, it.height.baseVal.value]") == [24, 24]
    if has_script:
        assert page.evaluate("first") == "28px", "before our script is there"


def test_a_page_without_a_discussion_yet_says_so(stage, visit):
    tag = f'<outspoken-thread site="pier"></outspoken-thread><script src="https://{TALK}/embed.js" async></script>'
    page = visit(stage.host.put("/never-discussed", tag))

    page.get_by_text("Nobody has said anything yet.").wait_for()


def test_several_discussions_stand_in_one_page_and_the_host_hears_of_each(stage, visit):
    heard = (
        "<script>heard = []; for (const name of ['ready', 'count'])"
        " addEventListener(`outspoken:${name}`, event => heard.push([name, event.detail.thread, event.detail.count]))"
        "</script>"
    )
    second = f'<outspoken-thread site="pier" url="https://pier.example/{stage.filled.deep}" {EAGER}></outspoken-thread>'
    page = visit(stage.page(stage.filled.playground, attributes=EAGER, before=heard, after=second))
    page.wait_for_function("heard.filter(([name]) => name === 'ready').length === 2")

    assert {told[1] for told in page.evaluate("heard") if told[0] == "ready"} == {
        stage.filled.playground,
        stage.filled.deep,
    }
    assert [str(DEEP)] == [str(told[2]) for told in page.evaluate("heard") if told[1] == stage.filled.deep]


def test_attributes_may_change_while_it_is_shown(stage, visit):
    page = shown(visit(stage.page(stage.filled.long)))
    page.evaluate("document.querySelector('outspoken-thread').setAttribute('sort', 'newest')")
    page.locator(f"#outspoken-c{LONG}").wait_for()
    page.evaluate(
        f"document.querySelector('outspoken-thread').setAttribute('url', 'https://pier.example/{stage.filled.deep}')"
    )
    page.get_by_text("Level 1:").wait_for()
    page.evaluate("document.querySelector('outspoken-thread').setAttribute('theme', 'dark')")

    assert page.locator("outspoken-thread").evaluate("it => getComputedStyle(it).colorScheme") == "dark"


@pytest.mark.parametrize(
    ("style", "scheme"),
    [
        *(("", "light"), ("body { color: #eee }", "dark"), ("body { color: oklch(0.278 0.033 256.848) }", "light")),
        *(("body { color: lab(20 0 0) }", "light"), ("body { color: hsl(50 20% 90%) }", "dark")),
        *(("body { color: color(display-p3 0.9 0.9 0.9) }", "dark"), ("body { color: oklch(0.9 0.02 250) }", "dark")),
    ],
)
def test_it_is_dark_in_a_dark_page_and_light_in_a_light_one(style, scheme, stage, visit):
    page = shown(visit(stage.page(stage.filled.playground, head=f"<style>{style}</style>"), color_scheme="dark"))

    assert page.locator("outspoken-thread").evaluate("it => getComputedStyle(it).colorScheme") == scheme


def test_it_is_mirrored_in_a_page_that_is_read_from_the_right(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep, html='lang="en" dir="rtl"')))
    assert page.locator("section.outspoken").get_attribute("dir") == "ltr", "its own language is read from the left"


def test_elements_that_count_show_the_number_alone_and_share_one_question(stage, visit, noticed):
    pages = {stage.filled.deep: DEEP, stage.filled.long: LONG, "nothing-yet": 0}
    page = visit(
        stage.host.put(
            "/list",
            "".join(
                f'<p><a href="#">About <outspoken-thread site="pier" url="https://pier.example/{each}" count>some'
                "</outspoken-thread> comments</a></p>"
                for each in pages
            )
            + f'<script src="https://{TALK}/embed.js" async></script>',
        )
    )
    page.wait_for_function("![...document.querySelectorAll('outspoken-thread')].some(it => it.textContent === 'some')")

    assert page.locator("a").all_inner_texts() == [f"About {number} comments" for number in pages.values()]
    assert [kind for kind, address in noticed.requests if address.startswith(f"https://{TALK}/")] == ["script", "fetch"]
    page.evaluate(
        f"document.querySelector('outspoken-thread').setAttribute('url', 'https://pier.example/{stage.filled.long}')"
    )
    page.get_by_text(f"About {LONG} comments").nth(1).wait_for()
