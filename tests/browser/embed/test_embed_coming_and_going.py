"""A discussion comes when its reader comes near, in the room that was kept for it, and goes with its page: one that is
made ready before it is opened, that is kept when it is left, or whose views change."""

import json
import re
import time
from urllib.parse import unquote

import httpx
import pytest

from tests.browser import chromium
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.embed.staging import IS_FOLDED, STORY
from tests.browser.embed.states import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-coming")]

PATIENCE = 60.0
EAGER = 'loading="eager"'
SHIFT = """self.shift = 0; new PerformanceObserver(all => all.getEntries().forEach(({ value }) => self.shift += value))
.observe({ type: "layout-shift", buffered: true })"""
READY = """<script type="speculationrules">{"prerender": [{"urls": ["/story"], "eagerness": "immediate"}]}</script>
<a href="/story">The story</a><script>
setInterval(async () => (await (await fetch("/word")).text()).includes("open it") && document.links[0].click(), 200)
</script>"""
"""A page that has another made ready, and opens it when it is given the word."""
TELLING = """<script>
function tell(what) {
  const now = {
    what, isReadied: document.prerendering, since: performance.getEntriesByType("navigation")[0].activationStart,
    kept: localStorage.outspoken ?? null, frames: frames.length, shown: document.querySelectorAll("li[id]").length,
    asked: performance.getEntriesByType("resource").map(({ name }) => new URL(name))
      .filter(({ host }) => host.startsWith("talk")).map(({ pathname }) => pathname),
  };
  fetch(`/told?${encodeURIComponent(JSON.stringify(now))}`);
}
addEventListener("outspoken:ready", () => tell("ready"));
addEventListener("outspoken:count", () => tell("count"));
document.addEventListener("prerenderingchange", () => setTimeout(tell, 0, "opened"));
console.log("listened to");
</script>"""


def shown(page):
    page.locator("outspoken-thread li[data-number]").first.wait_for()
    return page


def test_what_stands_around_a_discussion_does_not_move_when_it_comes(stage, visit):
    page = visit()
    page.add_init_script(SHIFT)
    for thread in (stage.filled.long, stage.filled.empty):
        page.goto(stage.page(thread))
        page.locator("outspoken-thread h2").wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate("self.shift") <= 0.02


def test_a_short_discussion_further_down_leaves_no_empty_room_and_nothing_is_seen_to_move(stage, visit):
    page = visit()
    page.add_init_script(SHIFT)
    page.goto(stage.page(stage.filled.empty, before='<div style="height: 3000px">A long story</div>'))
    page.evaluate("scrollTo(0, 1800)")
    page.locator("outspoken-thread h2").wait_for()
    page.wait_for_function("document.querySelector('outspoken-thread').offsetHeight < 300")

    assert page.evaluate("self.shift") == 0


@pytest.mark.parametrize(
    ("before", "come_near"),
    [
        ('<div style="height: 6000px">A long story</div>', "scrollTo(0, 5000)"),
        ("<div hidden>", "document.querySelector('div').hidden = false"),
    ],
    ids=["far down the page", "in a part that isn't displayed"],
)
def test_a_discussion_is_loaded_when_the_reader_comes_near_and_not_before(stage, visit, noticed, before, come_near):
    page = visit(stage.page(stage.filled.long, before=before))
    page.wait_for_timeout(300)
    assert not [address for _, address in noticed.requests if "/embed/" in address]

    page.evaluate(come_near)
    shown(page)


def test_one_can_ask_to_have_it_at_once(stage, visit):
    shown(visit(stage.page(stage.filled.long, before='<div style="height: 6000px"></div>', attributes=EAGER)))


def until(look):
    """Return what comes to be true."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to be")


def told(stage, what):
    """Return what the page told of itself when something happened."""
    tellings = (json.loads(unquote(asked[6:])) for asked in stage.host.asked if asked.startswith("/told?"))
    return next((telling for telling in tellings if telling["what"] == what), None)


def following(stage):
    """Return how many pages follow a thread."""
    return int(re.search(r"live_pages (\d+)", httpx.get(f"{stage.inner}/metrics").text)[1])


def somebody_writes(stage, text):
    Visitor(stage, page=None, tag="en").posts(stage.filled.playground, text)


def test_a_page_that_is_made_ready_has_its_discussion_and_counts_as_no_visit_until_it_is_opened(stage, tmp_path):
    stage.host.put("/told", "")
    stage.host.put("/word", "wait")
    stage.page(stage.filled.playground, before=f"{TELLING}{STORY}", attributes=EAGER)
    first = stage.host.put("/first", READY)
    log = tmp_path / "console.log"
    until(lambda: following(stage) == 0)
    with chromium.undriven(first, tmp_path / "profile", log, *stage.rules):
        ready = until(lambda: told(stage, "ready"))
        assert (ready["isReadied"], ready["shown"], ready["frames"], ready["kept"]) == (True, 4, 0, None)
        assert following(stage) == 0

        stage.host.put("/word", "open it")
        opened = until(lambda: told(stage, "opened"))
        assert opened["since"] > 0, "it was made ready before it was opened"
        assert stage.filled.playground in opened["kept"]
        until(lambda: following(stage) == 1)
        somebody_writes(stage, "Has anybody sat on it?")
        counted = until(lambda: told(stage, "count"))
        assert counted["asked"] == ["/embed.js", "/embed/thread"], "nothing was asked for twice"

    heard = [line for line in log.read_text(errors="replace").splitlines() if "CONSOLE" in line]
    assert [line for line in heard if "listened to" not in line] == []
    assert heard, "the console was listened to"


def test_a_page_that_was_kept_while_its_reader_was_elsewhere_goes_on_where_it_was(stage):
    address = stage.page(stage.filled.playground, attributes=f'sort="newest" {EAGER}')
    elsewhere = stage.host.put("/elsewhere", "<p>Elsewhere</p>")
    with chromium.remembering_pages(stage.browser, *stage.rules) as browser:
        page = browser.new_page()
        asked, heard = [], []
        page.on("request", lambda request: asked.append((request.resource_type, request.url)))
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(address)
        page.locator("#outspoken-c4").wait_for()
        page.evaluate("addEventListener('pageshow', ({ persisted }) => self.isSameAsEver = persisted)")
        until(lambda: following(stage) == 1)

        page.goto(elsewhere)
        until(lambda: following(stage) == 0)
        somebody_writes(stage, "While you were away.")
        asked.clear()
        page.evaluate("history.back()")
        page.wait_for_function("self.isSameAsEver")
        page.get_by_role("button", name="1 new comment", exact=True).wait_for()
        somebody_writes(stage, "And since you are back.")
        page.get_by_role("button", name="2 new comments").click()
        page.locator("li.new", has_text="And since you are back.").wait_for()

    ours = [(kind, url.partition("?")[0]) for kind, url in asked if url.startswith(f"https://{TALK}/")]
    assert ours == [
        ("eventsource", f"https://{TALK}/api/v1/threads/{stage.filled.playground}/live"),
        ("xhr", f"https://{TALK}/embed/t/{stage.filled.playground}"),
    ]
    assert not [url for _, url in asked if not url.startswith((f"https://{TALK}/", f"https://{NEWS}/"))]
    assert heard == []


def test_coming_back_to_a_page_finds_it_as_it_was(stage, visit):
    page = shown(visit(stage.page(stage.filled.deep)))
    page.locator("#outspoken-c2 > details > summary").click()
    page.wait_for_function(IS_FOLDED)
    page.goto(stage.host.put("/other", "<p>Elsewhere</p>"))
    page.go_back()
    page.locator("#outspoken-c2").wait_for()

    assert not page.locator("#outspoken-c3").is_visible()


def test_an_application_that_changes_its_views_leaves_nothing_behind(stage, visit):
    page = shown(visit(stage.page(stage.filled.playground, attributes=EAGER)))
    view = (
        "(async () => { const old = document.querySelector('outspoken-thread'), made = old.cloneNode(); old.remove();"
        " document.querySelector('article').after(made);"
        " await new Promise(go => made.addEventListener('outspoken:ready', go, {once: true}));"
        " await new Promise(requestAnimationFrame) })()"
    )
    session = page.context.new_cdp_session(page)

    def heap():
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"], session.send("Memory.getDOMCounters")

    for _ in range(5):
        page.evaluate(view)
    before, nodes_before = heap()
    for _ in range(20):
        page.evaluate(view)
    after, nodes_after = heap()

    assert nodes_after["nodes"] - nodes_before["nodes"] < 20
    assert nodes_after["jsEventListeners"] - nodes_before["jsEventListeners"] < 20
    assert after - before < 300_000
