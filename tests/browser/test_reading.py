"""A reader reads: with nothing but a browser, with script or without, asked of nobody else, known to nobody."""

import re
from itertools import chain

import pytest

from tests.browser.serving import DEEP, LONG

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]

WINDOW = 50
SORTS = ("Best", "Newest", "Oldest", "Controversial")


def numbers(page):
    """Return the numbers of the comments on a page, in reading order."""
    return [int(id[1:]) for id in page.locator(".discussion li[id^=c]").evaluate_all("all => all.map(li => li.id)")]


def is_in_view(locator):
    return locator.evaluate(
        "it => { const box = it.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0 }"
    )


def test_a_story_is_read_with_its_discussion(page, server):
    page.goto(server.thread())

    headline = page.get_by_role("heading", level=1).inner_text()
    assert headline == "Harbour council knows of no list of lodgers who complain"
    assert page.get_by_text("Reported by Estuary Wire").is_visible()
    assert len(numbers(page)) == WINDOW
    assert page.locator("#discussion > ol > li > article .body").first.is_visible()


def test_each_order_shows_the_same_discussion_differently(page, server):
    page.goto(server.thread(server.filled.long))
    seen = {}
    for name in SORTS:
        page.get_by_role("navigation", name="Order of the comments").get_by_role("link", name=name, exact=True).click()
        page.locator(f".sorts a[aria-current=page]:text-is('{name}')").wait_for()
        seen[name] = numbers(page)

    assert seen["Oldest"] == list(range(1, WINDOW + 1))
    assert seen["Newest"] == list(range(LONG, LONG - WINDOW, -1))
    assert all(len(shown) == WINDOW for shown in seen.values())


def test_turning_pages_forward_shows_every_comment_once_and_backward_the_same_pages(page, server):
    page.goto(server.thread(server.filled.long) + "?sort=oldest")
    forward = [numbers(page)]
    while (further := page.get_by_role("link", name="Further comments")).count():
        # By keyboard: what is laid out only when it is scrolled to moves under a mouse.
        further.press("Enter")
        page.wait_for_url("**after=*")
        page.locator(f".discussion li#c{len(forward) * WINDOW + 1}").wait_for()
        forward.append(numbers(page))
    backward = [forward[-1]]
    while (earlier := page.get_by_role("link", name="Earlier comments")).count():
        earlier.press("Enter")
        page.locator(f".discussion li#c{backward[0][0] - 1}").wait_for()
        backward.insert(0, numbers(page))

    assert list(chain.from_iterable(forward)) == list(range(1, LONG + 1))
    assert backward == forward


def test_a_branch_is_folded_away_and_back(page, server):
    page.goto(server.thread())
    branch = page.locator(".discussion details").first
    reply = branch.locator("article").first

    assert reply.is_visible()
    branch.locator("summary").first.click()
    reply.wait_for(state="hidden")
    assert re.fullmatch(r"\d+ repl(y|ies)", branch.locator("summary").first.inner_text())
    branch.locator("summary").first.click()
    reply.wait_for()


def test_a_permalink_shows_what_a_comment_answers_and_what_answers_it(page, server):
    page.goto(server.thread())
    deep = page.locator(".discussion li li li:has(details)").first
    number = int(deep.get_attribute("id")[1:])
    deep.locator("a.when").first.click()
    page.wait_for_url(f"**/{number}")

    assert page.locator(".ancestors > li").count() >= 2
    assert page.locator(".chosen").get_attribute("id") == f"c{number}"
    assert page.locator(".discussion > ol > li").count() >= 1
    page.get_by_role("link", name="The whole discussion").click()
    page.get_by_role("heading", name="87 comments").wait_for()


def test_in_reply_to_leads_to_the_comment_that_is_answered(page, server):
    page.goto(server.thread())
    link = page.locator(".discussion li li .to a").first
    target = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{target}")

    assert is_in_view(page.locator(target))


def test_a_long_conversation_continues_on_its_own_pages_until_its_end(page, server):
    page.goto(server.thread(server.filled.deep))
    seen = set(numbers(page))
    while (on := page.get_by_role("link", name=re.compile("Continue this conversation"))).count():
        reached = max(seen)
        on.first.click()
        page.wait_for_url(f"**/{reached}")
        seen |= set(numbers(page))

    assert seen == set(range(1, DEEP + 1))
    while (earlier := page.get_by_role("link", name="Earlier in this conversation")).count():
        above = earlier.get_attribute("href")
        earlier.click()
        page.wait_for_url(f"**{above}")
    assert page.locator(".ancestors > li, .chosen").first.get_attribute("id") == "c1"


def test_a_quote_leads_to_the_words_in_the_story(page, server):
    page.goto(server.thread() + "/print")
    link = page.locator(".quoting a", has_text="Quoting the story").first
    comment = link.locator("xpath=ancestor::li[1]").get_attribute("id")
    page.goto(f"{server.thread()}/{comment[1:]}")
    quoted = page.locator(".chosen .body blockquote").first.inner_text().strip().rstrip(".")
    page.locator(".chosen .quoting a").first.click()
    page.wait_for_url(re.compile(r"/t/[^/]+$|#story"))
    page.locator("#story").wait_for()

    assert is_in_view(page.locator("#story blockquote p", has_text=quoted.splitlines()[0][:40]))


def test_an_address_on_the_page_to_print_stays_in_it_however_long_it_is(page, server):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(server.thread() + "/print")
    page.locator(".bar bdi").evaluate("it => it.textContent = `https://${'harbour'.repeat(8)}.example/t/1`")

    assert page.evaluate("document.scrollingElement.scrollWidth") == 320


def test_all_of_a_discussion_stands_on_one_page_to_print(page, server):
    page.goto(server.thread())
    page.get_by_role("link", name="All on one page").click()
    page.wait_for_url("**/print")

    shown = numbers(page)
    assert page.locator("article .body").count() == 87
    assert len(shown) == len(set(shown))
    assert page.locator(".gone").count() >= 2
    assert page.locator("form, button, textarea").count() == 0


def test_a_tombstone_keeps_its_place_and_says_why(page, server):
    page.goto(server.thread() + "/print")

    assert set(page.locator(".gone").all_text_contents()) == {"Removed by the moderators", "Deleted by its author"}
    assert page.locator("li:has(> article .gone) li").count() >= 2
    assert page.locator("article:has(.gone) :is(.body, .name, time)").count() == 0


def test_a_closed_discussion_says_so_and_takes_votes_only(page, server):
    page.goto(server.thread(server.filled.closed))

    assert page.get_by_text("This discussion is closed").is_visible()
    assert page.locator("textarea, a[href*=parent]").count() == 0
    assert page.get_by_role("button", name="Vote up").count() == 3


def test_a_read_only_discussion_is_only_read(page, server):
    page.goto(server.thread(server.filled.read_only))

    assert page.get_by_text("This discussion is read-only").is_visible()
    # What else is a button, keeps something in this browser only: whom to hide, what the keys do.
    assert page.locator("textarea, form, button[form]").locator("visible=true").count() == 0


def test_the_front_page_leads_to_stories_comments_and_other_sites(page, server):
    page.goto(server.base)

    assert page.get_by_role("heading", level=1).inner_text() == "The Lamplight Ledger"
    assert page.locator(".stories li").count() == 3
    page.locator(".latest p:not(.source) a").first.click()
    page.locator(".chosen").wait_for()
    page.go_back()
    page.get_by_role("link", name="The Pier Gazette").click()
    page.get_by_role("heading", level=1, name="The Pier Gazette").wait_for()


def test_pages_name_their_feeds_and_the_feeds_answer(page, server):
    page.goto(server.thread())
    feeds = page.locator("link[type='application/atom+xml']").evaluate_all("all => all.map(link => link.href)")

    assert len(feeds) == 2
    for feed in feeds:
        answer = page.context.request.get(feed)
        assert answer.headers["content-type"].startswith("application/atom+xml")
        assert "<entry>" in answer.text()


def test_an_address_that_leads_nowhere_says_so_and_offers_a_way_out(page, server):
    answer = page.goto(server.thread() + "/99999")

    assert answer.status == 404
    page.get_by_role("main").get_by_role("link", name="Go to the front page").click()
    page.locator(".stories").wait_for()


def kept_in(page):
    """Return the names under which anything lies in the browser's storage."""
    return {kept["name"] for origin in page.context.storage_state()["origins"] for kept in origin["localStorage"]}


def test_whoever_only_reads_is_given_no_cookie_and_keeps_only_how_far_they_read(page, server):
    for path in ("", f"/t/{server.filled.lively}", f"/t/{server.filled.lively}?sort=newest"):
        page.goto(server.base + path)
    page.goto(server.thread() + "/1")
    page.goto(server.thread() + "/print")
    page.goto(server.thread() + "/comments?parent=1")

    assert page.context.cookies() == []
    assert kept_in(page) <= {"outspoken"}


def test_reading_takes_one_page_one_style_sheet_one_icon_one_script_and_the_news(visit, server):
    page = visit()
    asked = []
    page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    page.goto(server.thread())
    page.locator(".bar .tools").wait_for()

    kinds = [kind for kind, _ in asked]
    assert kinds.count("document") == 1
    assert kinds.count("stylesheet") == 1
    assert kinds.count("script") == 1
    assert len(asked) <= 5
    assert not any(kind in ("font", "xhr", "image", "websocket") for kind, _ in asked)
    assert all(url.startswith(server.base) for _, url in asked)


def test_the_help_of_the_example_for_owners_has_no_line_to_itself_on_a_phone(visit, server):
    page = visit(viewport={"width": 390, "height": 800})
    page.goto(f"{server.base}/embed")
    sorts, tools = (page.locator(f"outspoken-thread .bar > {part}") for part in (".sorts", ".tools"))

    assert abs(tools.bounding_box()["y"] - sorts.bounding_box()["y"]) < 8
