"""Pages that a browser makes ready before they are opened, and pages that it keeps when they are left."""

import json
import re
import time
from urllib.parse import unquote

import httpx
import pytest

from tests.browser import chromium
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.embed.staging import STORY
from tests.browser.embed.states import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-embed-ready")]

PATIENCE = 60.0
EAGER = 'loading="eager"'
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
