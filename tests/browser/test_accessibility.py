"""Every kind of page can be used by everybody: axe finds nothing, the keyboard reaches all, small screens hold it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.kinds import KINDS, held

pytestmark = [pytest.mark.browser]

SCHEMES = ("light", "dark")
WIDTHS = (320, 1280)
"""320 is a small phone, and also what is left of 1,280 at 400 % zoom."""
AXE = Axe()
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Of all these it is the one that axe doesn't look at unless it is told to.
    "rules": {"target-size": {"enabled": True}},
}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.xdist_group(f"browser-axe-{place % 2}"))
        for place, kind in enumerate(sorted(KINDS))
    ],
)
def test_axe_finds_nothing_by_day_on_a_small_screen_and_by_night_on_a_wide_one_and_nothing_sticks_out(
    kind, visit, server, record_property
):
    page = visit(bypass_csp=True)
    KINDS[kind](page, server)
    # A frame is as narrow as the column it stands in.
    found, runs = looked_at(page, zip(SCHEMES, WIDTHS[:1] * 2 if kind.startswith("frame-") else WIDTHS, strict=True))
    record_property("counted", {"axe runs": runs, "findings": len(found)})

    assert found == []


def looked_at(page, looks):
    """Return what axe finds on a page, and what is wider than the screen; and how often axe has looked.

    A look has a scheme and a width.
    """
    # What isn't laid out yet has no place that could be measured.
    page.add_style_tag(content=".discussion > ol > li { content-visibility: visible !important }")
    found, runs = [], 0
    for scheme, width in looks:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        # Scripts hear of another scheme with the next picture.
        page.evaluate("new Promise(requestAnimationFrame)")
        if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > width:
            found.append((scheme, width, "wider than the screen", [wide]))
        found += [(scheme, width, *violation) for violation in violations(page)]
        runs += 1
    return found, runs


def violations(document):
    """Return what axe finds in a page or a frame: the rule, and where it is broken."""
    # Half a megabyte of script, which the library would send and read before every look.
    if not document.evaluate("'axe' in window"):
        document.evaluate(AXE.axe_script)
    results = document.evaluate("options => axe.run(options)", OPTIONS)
    return [
        (violation["id"], [node["html"][:120] for node in violation["nodes"][:3]])
        for violation in results["violations"]
    ]


@pytest.mark.xdist_group("browser-keys")
def test_nothing_is_wider_than_a_small_screen_when_text_is_twice_as_large(visit, server):
    page = visit(viewport={"width": 360, "height": 640}, bypass_csp=True)
    page.goto(server.thread())
    page.add_style_tag(content="html { font-size: 200% }")

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
CUT_OFF = """() => [...document.querySelectorAll('main *')].filter(it => {
  const style = getComputedStyle(it);
  if (it.closest('.unseen, svg, textarea, .website') || style.opacity === '0') return false;
  return (style.overflowX !== 'visible' && it.scrollWidth > it.clientWidth + 1)
    || (style.overflowY !== 'visible' && it.scrollHeight > it.clientHeight + 1);
}).map(it => it.outerHTML.slice(0, 120))"""
MOVING = """() => [...document.querySelectorAll('*')].filter(it => {
  const style = getComputedStyle(it);
  return style.transitionDuration !== '0s' || style.animationName !== 'none' || style.scrollBehavior !== 'auto';
}).map(it => it.outerHTML.slice(0, 120))"""


@pytest.mark.xdist_group("browser-keys")
@pytest.mark.parametrize("kind", ["thread", "comment", "form-with-problems", "error"])
def test_text_can_be_set_wider_and_nothing_is_cut_off_and_nothing_moves(kind, visit, server):
    page = visit(viewport={"width": 320, "height": 640}, bypass_csp=True)
    KINDS[kind](page, server)
    page.add_style_tag(content=SPACED)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(MOVING) == []


@pytest.mark.xdist_group("browser-keys")
def test_with_the_readers_own_colours_everything_that_was_told_by_colour_is_told_by_a_line(visit, server):
    page = visit(forced_colors="active")
    page.goto(server.thread() + "/5")
    line = "it => { const style = getComputedStyle(it); return [style.outlineStyle, style.borderBlockEndStyle] }"

    assert "solid" in page.locator(".chosen > article").evaluate(line)
    page.goto(server.thread())
    assert "solid" in page.locator(".sorts [aria-current]").evaluate(line)
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
  return {
    words: it.getAttribute('aria-label') || it.innerText || it.id,
    tag: it.localName, id: it.id,
    seen: box.width > 0 && box.top >= -1 && box.left >= -1
      && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1,
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    place: [...document.querySelectorAll('*')].indexOf(it),
  };
}"""


TWO_PICTURES = "new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"


def focused(document):
    """Return what has the focus. What is laid out only when it is scrolled to is in sight with the next pictures."""
    stop = document.evaluate(FOCUSED)
    if not stop["seen"]:
        document.evaluate(TWO_PICTURES)
        stop = document.evaluate(FOCUSED)
    return stop


def walk(page, keys=400):
    """Press Tab until the focus leaves the page, and return what it stood on."""
    stops = []
    for _ in range(keys):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop["tag"] == "body" or (stops and stop["place"] == stops[0]["place"]):
            break
        stops.append(stop)
    return stops


@pytest.mark.xdist_group("browser-keys")
@pytest.mark.parametrize("kind", ["thread-closed", "form-with-problems", "comment", "edit-without-key", "front"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_walks_a_page_in_reading_order_and_shows_where_it_is(kind, width, visit, server):
    page = visit(viewport={"width": width, "height": 740})
    KINDS[kind](page, server)
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    page.goto(page.url.split("#")[0]) if kind in ("comment", "front", "thread-closed") else None
    stops = walk(page)

    assert stops[0]["words"] == "Skip to the content"
    assert [stop["words"] for stop in stops if not (stop["seen"] and stop["marked"])] == []
    assert [stop["place"] for stop in stops] == sorted(stop["place"] for stop in stops)
    assert len(stops) >= 5


@pytest.mark.xdist_group("browser-keys")
def test_the_skip_link_leads_past_the_head_of_the_page(visit, server):
    page = visit()
    page.goto(server.thread())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")

    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.xdist_group("browser-keys")
def test_a_comment_is_written_with_the_keyboard_alone(visit, server):
    page = visit()
    page.goto(server.thread(server.filled.playground) + "/comments")
    stops = walk(page)
    fields = [stop["id"] or stop["words"] for stop in stops if stop["tag"] in ("input", "textarea", "button")]
    assert fields[-4:] == ["body", "name", "Publish", "Preview"]

    page.get_by_label("Your comment").focus()
    page.keyboard.type("Typed, not clicked.")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/t/\w+/\d+#c\d+$"))
    page.locator(".chosen .body", has_text="Typed, not clicked.").wait_for()


@pytest.mark.xdist_group("browser-keys")
def test_a_branch_is_folded_with_the_keyboard(visit, server):
    page = visit()
    page.goto(server.thread())
    branch = page.locator(".discussion details").first
    branch.locator("summary").first.focus()
    page.keyboard.press("Enter")

    branch.locator("article").first.wait_for(state="hidden")


@pytest.mark.xdist_group("browser-keys")
def test_a_screen_reader_finds_every_comment_by_its_writer_and_its_place(visit, server):
    page = visit()
    page.goto(server.thread())
    tree = page.locator("main").aria_snapshot()

    assert tree.count("- article ") + tree.count("- article:") == 51
    assert re.search(r'article "Comment \d+ by salt_and_rope"', tree)
    assert re.search(r'button "Vote up \(\d+ votes up\)"', tree)
    assert 'navigation "Order of the comments"' in tree


@pytest.mark.xdist_group("browser-keys")
@pytest.mark.parametrize("kind", ["form-with-problems", "frame-with-problems"])
def test_a_field_that_has_to_be_corrected_is_told_by_a_thicker_line_of_another_colour(kind, visit, server):
    page = visit()
    KINDS[kind](page, server)
    line = "it => { const style = getComputedStyle(it); return [style.borderTopWidth, style.borderTopColor] }"
    right, wrong = (page.locator(f"[name={name}]").evaluate(line) for name in ("body", "name"))

    assert (right[0], wrong[0]) == ("1px", "2px")
    assert right[1] != wrong[1]


@pytest.mark.xdist_group("browser-keys")
@pytest.mark.parametrize("width", WIDTHS)
def test_two_ways_back_are_told_from_each_other(width, visit, server):
    page = visit(viewport={"width": width, "height": 740})
    held(page, server)
    first, second = (link.bounding_box() for link in page.locator(".back a").all())

    assert second["x"] - (first["x"] + first["width"]) >= 16 or second["y"] >= first["y"] + first["height"]
