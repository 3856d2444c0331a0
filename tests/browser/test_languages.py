"""Pages in every language: whole on small screens, mirrored where that is how it is read, clean for axe."""

from itertools import cycle, product

import pytest

from outspoken.pages import binding
from outspoken.pages.articles import Articles
from outspoken.pages.fragments import Fragments
from outspoken.pages.kept import KeptPages
from outspoken.pages.translations import SOURCE, catalogues
from tests.browser.kinds import KINDS
from tests.browser.serving import MIXED, fill, serving
from tests.browser.test_accessibility import SCHEMES, WIDTHS, looked_at
from tests.pages.making import BASE, a_branch, a_comment, a_site, a_story, a_thread, a_window, every_page

pytestmark = [pytest.mark.browser]

TAGS = [SOURCE, *(name.replace("_", "-") for name in catalogues())]
STYLE = f"<style>{binding.sheet('outspoken.css')}</style>"

SHEET = binding.sheet("embed.css").replace("{", "{{").replace("}", "}}")
HOST = f"""<!doctype html><html lang="en"><head><title>Somebody's page</title>
<meta name="color-scheme" content="light dark"><style>body {{{{ background: Canvas }}}}
{SHEET}</style></head>
<body><main><h1>Somebody's page</h1><outspoken-thread>{{fragment}}</outspoken-thread></main></body></html>"""
"""An English page with a discussion in it, as its script leaves it there."""


def pages_in(tag):
    """Return a page of each kind as a site in that language has it, with what people wrote in other scripts."""
    site = a_site(language=tag, title="صحيفة الميناء – The Harbour Post")
    thread = a_thread(story=a_story(headline="المقعد على الرصيف – The bench on the quay", attribution="وكالة الميناء"))
    (_, first, text), (_, second, reply) = MIXED[0], MIXED[1]
    comments = (
        a_comment(1, name=first, html=f"<p>{text}</p>"),
        a_comment(2, name=second, parent=1, depth=1, html=f"<p>{reply}</p>"),
    )
    window = a_window(a_branch(comments[0], a_branch(comments[1])))
    fragment = Fragments(BASE, Articles()).of_thread(a_site(), thread, window, tag=tag)
    kept = [*KeptPages().thread(site, thread, comments), *KeptPages().index(site, [thread])]
    return {
        **every_page(site=site, thread=thread, comments=comments),
        **{name: page.decode() for name, page in kept},
        "host": HOST.format(fragment=fragment),
    }


@pytest.mark.xdist_group("browser-languages")
@pytest.mark.parametrize(("tag", "busy"), list(zip(TAGS, cycle(("thread", "form", "host")))))
def test_in_every_language_every_page_is_whole_on_a_small_screen_and_a_busy_one_is_clean_for_axe(tag, busy, browser):
    page = browser.new_page(viewport={"width": 320, "height": 900})
    found = {}
    for kind, html in pages_in(tag).items():
        page.set_content(html if kind == "host" else html.replace("<head>", f"<head>{STYLE}", 1))
        if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > 320:
            found[kind] = wide
        if kind == busy:
            findings, _ = looked_at(page, [(SCHEMES[0], WIDTHS[0])])
            if findings:
                found[kind] = findings
    page.close()

    assert found == {}


@pytest.fixture(scope="module")
def speaking(request, tmp_path_factory):
    """A server whose sites all speak one language."""
    folder = tmp_path_factory.mktemp("speaking")
    with serving(folder, fill(folder, spoken=request.param)) as server:
        yield server


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("speaking", TAGS, indirect=True)
def test_in_every_language_axe_finds_nothing_on_any_page_by_day_and_night(speaking, kind, browser, record_property):
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(60_000)
    page = context.new_page()
    KINDS[kind](page, speaking)
    found, looks = looked_at(page, product(SCHEMES, WIDTHS))
    context.close()
    record_property("counted", {"axe runs": looks, "findings": len(found)})

    assert found == []


@pytest.mark.long
@pytest.mark.parametrize("tag", TAGS)
def test_in_every_language_axe_finds_nothing_on_pages_that_few_come_to_nor_on_those_of_an_archive(
    tag, browser, record_property
):
    page = browser.new_page()
    found, runs = {}, 0
    for kind, html in pages_in(tag).items():
        page.set_content(html if kind == "host" else html.replace("<head>", f"<head>{STYLE}", 1))
        findings, looks = looked_at(page, product(SCHEMES, WIDTHS))
        runs += looks
        if findings:
            found[kind] = findings
    page.close()
    record_property("counted", {"axe runs": runs, "findings": len(found)})

    assert found == {}


AT_THE_BEGINNING = (
    *("#c1 > article > header > .mark", "#c1 > article .name", "#c1 > article .vote.up", "#c1 > details > summary"),
    *("#c2 > article > header > .mark", "#c2 > article .name", "h2#comments", "#write textarea", "#write .main"),
)
AT_THE_END = (".write", ".pager [rel=next]")
PLACE = """([selector, isFromRight]) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return Math.round(isFromRight ? document.documentElement.clientWidth - box.right : box.left);
}"""
INK = """selector => {
  const words = document.createRange();
  words.selectNodeContents(document.querySelector(selector));
  const box = words.getBoundingClientRect();
  return [Math.round(box.left), Math.round(box.right)];
}"""


@pytest.fixture
def shown(browser):
    """Show a page of ours as it is made, without a server."""
    page = browser.new_page()

    def show(html, width=1280, style=STYLE):
        page.set_viewport_size({"width": width, "height": 900})
        page.set_content(html.replace("<head>", f"<head>{style}", 1))
        return page

    yield show
    page.close()


@pytest.mark.xdist_group("browser-languages")
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_that_is_read_from_right_to_left_is_the_mirror_of_one_that_is_not(width, shown):
    places = {}
    for tag in ("en", "ar"):
        page = shown(pages_in(tag)["thread"], width)
        is_arabic = tag == "ar"
        assert page.evaluate("getComputedStyle(document.body).direction") == ("rtl" if is_arabic else "ltr")
        places[tag] = {
            **{what: page.evaluate(PLACE, [what, is_arabic]) for what in AT_THE_BEGINNING},
            **{what: page.evaluate(PLACE, [what, not is_arabic]) for what in AT_THE_END},
        }

    assert {what: place for what, place in places["ar"].items() if abs(place - places["en"][what]) > 1} == {}


@pytest.mark.xdist_group("browser-languages")
@pytest.mark.parametrize("width", WIDTHS)
def test_a_discussion_in_anothers_page_is_mirrored_by_its_own_language_not_by_the_pages(width, shown):
    beginning = ("li > article > header > .mark", "li > article .name", "li > article .vote.up", "#outspoken-comments")
    places = {}
    for tag in ("en", "ar"):
        page = shown(pages_in(tag)["host"], width, style="")
        assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"
        places[tag] = {what: page.evaluate(PLACE, [f".outspoken {what}", tag == "ar"]) for what in beginning}

    assert {what: place for what, place in places["ar"].items() if abs(place - places["en"][what]) > 1} == {}


@pytest.mark.xdist_group("browser-languages")
@pytest.mark.parametrize("name", ["نورس البحر", "Gannet (12)", "\u202egnp.exe", "\u2067شحف", "!؟..."])
@pytest.mark.parametrize("tag", ["en", "ar"])
def test_a_name_in_any_direction_leaves_everything_around_it_in_its_place(name, tag, shown):
    pages = every_page(
        site=a_site(language=tag), comments=(a_comment(1, name=name), a_comment(2, name=name, parent=1, depth=1))
    )
    page = shown(pages["thread"])
    header = page.locator("#c2 > article > header")
    order = [header.locator(part).bounding_box()["x"] for part in (".mark", ".name", ".when", ".to")]

    assert order == sorted(order, reverse=tag == "ar")
    said, who = page.evaluate(INK, "#c2 .to"), page.evaluate(INK, "#c2 .to a")
    last = 0 if tag == "ar" else 1
    assert abs(said[last] - who[last]) <= 3


@pytest.mark.xdist_group("browser-languages")
@pytest.mark.parametrize("tag", ["en", "ar"])
def test_each_paragraph_runs_in_its_own_direction_and_each_item_stands_beside_its_number(tag, shown):
    html = "<p>جلستُ هناك أمس.</p><p>The paint was wet.</p><ol><li>واحد</li><li>second.</li></ol>"
    comments = (a_comment(1, html=html), a_comment(2, parent=1, depth=1))
    page = shown(every_page(site=a_site(language=tag), comments=comments)["thread"])
    body = page.locator("#c1 > article .body").bounding_box()
    left, right = round(body["x"]), round(body["x"] + body["width"])

    assert page.evaluate(INK, "#c1 > article .body > p:nth-child(1)")[1] == right
    assert page.evaluate(INK, "#c1 > article .body > p:nth-child(2)")[0] == left
    arabic, english = (page.evaluate(INK, f"#c1 > article .body li:nth-child({place})") for place in (1, 2))
    assert arabic[1] == english[1] < right
