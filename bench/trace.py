"""`python -m bench trace`: how long a browser is kept busy by a discussion in somebody else's page.

Chromium opens a page with a thread of ten thousand comments in it, reads on to the end, scrolls, folds and searches,
and tells by its own trace how much of the processor's time each task of the page's main thread took: a task above 50 ms
is one in which the page doesn't answer its reader. Beside it Isso does the same with a thread of a thousand, and nginx
gives the comments that are seen first as a page without script: what a browser needs for them, whoever brings them.
"""

import argparse
import gzip
import json
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from bench import isso, nginx, prepared, product, results
from bench.workplace import teller, working_folder
from outspoken.pages.binding import sheet

_MISSING = "Chromium isn't installed (Debian: apt-get install chromium)"
_OURS, _THEIRS = 10_000, 1_000
_STORY = "https://news.example/1"
"""The page that our thread belongs to."""
_LONG = 50.0
_PATIENCE = 60_000
_CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]
_SEEN = """selector => new PerformanceObserver(list => {
  const first = list.getEntries().find(({ element }) => element?.closest(selector));
  if (!first || self.seen) return;
  self.seen = first.startTime;
  console.log("seen");
}).observe({ type: "largest-contentful-paint", buffered: true })"""
"""Notes when the first comments were on the screen, by the browser's own word: they are their page's largest text."""
_AFTER_SCRIPT = "performance.getEntriesByType('resource').find(it => it.initiatorType === 'script').responseEnd"
_AFTER_PAGE = "performance.getEntriesByType('navigation')[0].responseStart"


@dataclass(frozen=True, slots=True)
class Discussion:
    """A page with a discussion in it, and what its comments are called there."""

    name: str
    address: str
    item: str
    further: str = ""
    """What brings further comments, if they don't come all at once."""
    fold: str = ""
    began: str = _AFTER_SCRIPT
    """When what brings them had arrived, in the page's own words."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What a reader did, and the tasks it gave the page's main thread. Times are in milliseconds."""

    name: str
    comments: int
    tasks: Sequence[float]

    @property
    def longest(self) -> float:
        """The longest task."""
        return max(self.tasks, default=0.0)

    @property
    def long(self) -> int:
        """How many tasks were above 50 ms."""
        return sum(task > _LONG for task in self.tasks)


def main(words: list[str]) -> int:
    """Trace what the command line says; return the exit status."""
    asked = _arguments(words)
    chromium = shutil.which("chromium")
    if chromium is None:
        print(_MISSING, file=sys.stderr)
        return 1
    if nginx.version() is None:
        print(nginx.MISSING, file=sys.stderr)
        return 1
    tell = teller()
    with (
        working_folder() as folder,
        nginx.served(folder / "host", is_tuned=True) as site,
        _browser(chromium) as browser,
    ):
        _page(site, "others", "<p>Other stories.</p>")
        place = prepared.sqlite_with(asked.cache, folder / "ours", [asked.comments], tell)
        with product.served(place) as running:
            ours = _of_ours(site, running.port, asked.comments)
            _first_views(browser, [ours, _of_nobody(site, running.port)], asked.repetitions, tell)
            _look(browser, ours, tell)
        try:
            programs = isso.installed(asked.cache)
        except isso.Missing as reason:
            print(f"Isso isn't measured: {reason}", file=sys.stderr)
            return 0
        with isso.served(programs, folder / "isso", [_THEIRS], f"http://127.0.0.1:{site.port}") as port:
            theirs = _of_isso(site, port)
            _first_views(browser, [theirs], asked.repetitions, tell)
            _look(browser, theirs, tell)
    return 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench trace", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--comments", type=int, default=_OURS, help="of our thread")
    parser.add_argument("--repetitions", type=int, default=20, help="of the first view")
    parser.add_argument("--cache", type=Path, default=results.FOLDER / "cache", metavar="DIR")
    return parser.parse_args(words)


@contextmanager
def _browser(program: str) -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=quiet)
        try:
            yield browser
        finally:
            browser.close()


def _of_ours(site: nginx.Nginx, port: int, comments: int) -> Discussion:
    server = f"http://localhost:{port}"
    element = f'<outspoken-thread site="{product.SITE}" url="{_STORY}" sort="oldest"></outspoken-thread>'
    page = f'<script src="{server}/embed.js" async></script><h1>A story</h1>{element}'
    return Discussion(
        f"ours, {comments:,} comments",
        _page(site, "ours", page),
        item="outspoken-thread li[data-number]",
        further="outspoken-thread .pager [rel=next]",
        fold="outspoken-thread section > ol > li > details > summary",
    )


def _of_nobody(site: nginx.Nginx, port: int) -> Discussion:
    """Return a page that has what is seen first of ours in itself."""
    words = urlencode({"site": product.SITE, "url": _STORY, "sort": "oldest", "lang": "en"})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/embed/thread?{words}") as answer:
        discussion = answer.read().decode()
    page = f"<style>{sheet('embed.css')}</style><h1>A story</h1><outspoken-thread>{discussion}</outspoken-thread>"
    return Discussion(
        "the same as a page of nginx, without script",
        _page(site, "nobody", page),
        item="outspoken-thread li[data-number]",
        began=_AFTER_PAGE,
    )


def _of_isso(site: nginx.Nginx, port: int) -> Discussion:
    server = f"http://127.0.0.1:{port}"
    page = (
        f'<script data-isso="{server}/" src="{server}/js/embed.min.js" async></script><h1>A story</h1>'
        '<section id="isso-thread" data-isso-id="/1"></section>'
    )
    return Discussion(f"Isso, {_THEIRS:,} comments", _page(site, "isso", page), item=".isso-comment[id]")


def _page(site: nginx.Nginx, name: str, body: str) -> str:
    """Have a site that isn't ours give a page under a new name, and return its address."""
    head = '<!doctype html><meta charset="utf-8"><title>A story</title><link rel="icon" href="data:,">'
    path = site.give(name, gzip.compress(f"{head}<body>{body}</body>".encode()))
    return f"http://127.0.0.1:{site.port}{path}"


def _first_views(
    browser: Browser, discussions: Sequence[Discussion], repetitions: int, tell: Callable[[str], None]
) -> None:
    """Print how long first comments take to be on the screen: discussions in turns, nothing kept from earlier views."""
    waited: dict[str, list[float]] = {discussion.name: [] for discussion in discussions}
    for number in range(repetitions):
        for discussion in discussions:
            tell(f"{discussion.name}: first view, {number + 1} of {repetitions}")
            page = _opened(browser, discussion)
            waited[discussion.name].append(page.evaluate(f"self.seen - {discussion.began}"))
            page.close()
    print()
    for name, times in waited.items():
        print(
            f"First comments on the screen, {name}: {median(times):.0f} ms"
            f" ({min(times):.0f} to {max(times):.0f}, {repetitions} first views)"
        )


def _look(browser: Browser, discussion: Discussion, tell: Callable[[str], None]) -> None:
    """Go through a discussion as a reader does and print what it took."""
    print(f"\n### {discussion.name}\n")
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    print(
        "| | comments on the page | tasks above 50 ms | the longest, ms | all of them, ms |\n|---|---:|---:|---:|---:|"
    )
    deeds: dict[str, Callable[[], object]] = {
        "opened": lambda: _open_whole(page, discussion),
        "scrolled": lambda: _scroll(page),
        "folded and unfolded": lambda: _fold(page, discussion),
        "searched": lambda: _search(page, discussion),
        "read on to the end": lambda: _read_on(page, discussion),
        "scrolled with all of them": lambda: _scroll(page),
        "folded and unfolded with all of them": lambda: _fold(page, discussion),
        "searched with all of them": lambda: _search(page, discussion),
    }
    for name, deed in deeds.items():
        if (name.startswith("folded") and not discussion.fold) or (
            ("the end" in name or "all of them" in name) and not discussion.further
        ):
            continue
        tell(f"{discussion.name}: {name}")
        phase = _traced(browser, page, name, deed, discussion)
        print(f"| {name} | {phase.comments:,} | {phase.long} | {phase.longest:.0f} | {sum(phase.tasks):,.0f} |")
    page.close()


def _traced(browser: Browser, page: Page, name: str, deed: Callable[[], object], discussion: Discussion) -> Phase:
    browser.start_tracing(page=page, categories=_CATEGORIES)
    try:
        deed()
        page.wait_for_timeout(300)
    finally:
        events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {(it["pid"], it["tid"]) for it in events if it.get("args", {}).get("name") == "CrRendererMain"}
    tasks = [
        it["dur"] / 1_000
        for it in events
        if it["name"] == "RunTask" and "dur" in it and (it["pid"], it["tid"]) in mains
    ]
    return Phase(name, page.locator(discussion.item).count(), tasks)


def _opened(browser: Browser, discussion: Discussion) -> Page:
    """Come from another page of the site, in a tab that has been open for a while; nothing is kept from earlier."""
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.goto(urljoin(discussion.address, "others"))
    page.wait_for_timeout(500)
    _open(page, discussion)
    return page


def _open(page: Page, discussion: Discussion) -> None:
    page.set_default_timeout(_PATIENCE)
    page.add_init_script(f"({_SEEN})({json.dumps(discussion.item)})")
    # Not by asking the page again and again: what is asked with takes its part of the time that is measured.
    with page.expect_console_message(lambda message: message.text == "seen"):
        page.goto(discussion.address)


def _open_whole(page: Page, discussion: Discussion) -> None:
    """Open a page and wait until no more comments come; some scripts put them in one by one."""
    _open(page, discussion)
    page.evaluate(
        """async item => { let before = -1; for (let second = 0; second < 60; second += 1) {
          const now = document.querySelectorAll(item).length;
          if (now === before) return;
          before = now; await new Promise(go => setTimeout(go, 1_000));
        } }""",
        discussion.item,
    )


def _scroll(page: Page) -> None:
    """Scroll from the beginning to the end, a screen a picture, in at most sixty steps."""
    page.evaluate(
        """async () => { for (let screen = 0; screen < 60; screen += 1) {
          const step = Math.max(innerHeight, document.documentElement.scrollHeight / 60);
          scrollTo(0, screen * step); await new Promise(requestAnimationFrame);
        } }"""
    )


def _read_on(page: Page, discussion: Discussion) -> None:
    """Ask for further comments until all are there, a quarter of a second after the last have come."""
    page.evaluate(
        """async further => { const link = document.querySelector(further); while (link?.isConnected) {
          const { href } = link;
          link.click();
          const end = performance.now() + 10_000;
          while (link.isConnected && link.href === href && performance.now() < end)
            await new Promise(go => setTimeout(go, 10));
          await new Promise(go => setTimeout(go, 250));
        } }""",
        discussion.further,
    )


def _fold(page: Page, discussion: Discussion) -> None:
    """Fold and unfold branches, one after the other: fifty of them."""
    page.evaluate(
        """async fold => { for (const deed of [0, 1])
          for (const switched of [...document.querySelectorAll(fold)].slice(0, 50)) {
            switched.click(); await new Promise(requestAnimationFrame);
          } }""",
        discussion.fold,
    )


def _search(page: Page, discussion: Discussion) -> None:
    """Let the browser find the words of the last comment, from the beginning."""
    found = page.evaluate(
        """item => { const last = [...document.querySelectorAll(item)].at(-1);
          const text = (last.querySelector('.body, .isso-text') ?? last).textContent.trim().slice(0, 40);
          getSelection().removeAllRanges(); scrollTo(0, 0);
          return find(text); }""",
        discussion.item,
    )
    if not found:
        print("(the browser's own search didn't find the last comment)", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
