"""Pictures of every kind of page, on screens small and wide, by day and by night: `make screenshots`.

They land in ./screenshots/, to be looked at by people. `python -m tests.browser.screenshots readme` takes the two
that the papers show, in docs/images/. Words that are kinds of pages, widths, colour schemes or languages (`ar`,
`zh-Hans`) take those alone; without a language the pages are in English. `embed` takes the states of a discussion in
somebody else's page instead.
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page

from outspoken.pages.translations import spoken_tag
from tests.browser import chromium
from tests.browser.embed.staging import staged
from tests.browser.embed.states import STATES, STORIES, Visitor
from tests.browser.kinds import KINDS
from tests.browser.serving import Running, fill, serving

FOLDER = Path("screenshots")
PAPERS = Path("docs/images")
WIDTHS = {"small": (320, 640), "phone": (390, 844), "tablet": (768, 1024), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
TALLEST = 4000
"""Pixels of a page in its picture; what is below looks like what is above."""


def main() -> None:
    """Take all pictures."""
    if chromium.binary() is None:
        sys.exit(chromium.MISSING)
    asked = set(sys.argv[1:])
    if "embed" in asked:
        _take_embedded(asked - {"embed"})
        return
    for spoken in [tag for tag in asked if spoken_tag(tag)] or ["en"]:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder), fill(Path(folder), spoken=spoken)) as server,
            chromium.running() as browser,
        ):
            if asked == {"readme"}:
                _for_papers(browser, server)
            else:
                _take(browser, server, asked)


def _take(browser: Browser, server: Running, asked: set[str]) -> None:
    """Take the pictures of one language; of kinds, widths and schemes those that are asked for, or all."""
    FOLDER.mkdir(exist_ok=True)
    kinds, widths, schemes = ([*asked.intersection(there)] or [*there] for there in (KINDS, WIDTHS, SCHEMES))
    for scheme, width, kind in product(schemes, widths, kinds):
        across, down = WIDTHS[width]
        context = browser.new_context(
            viewport={"width": across, "height": down},
            color_scheme=scheme,
            reduced_motion="reduce",
            bypass_csp=True,
        )
        page = context.new_page()
        KINDS[kind](page, server)
        _shoot(page, FOLDER / f"{kind}-{width}-{scheme}-{server.filled.language}.png", across)
        context.close()


def _take_embedded(asked: set[str]) -> None:
    """Take the pictures of an embedded discussion: of states, widths, schemes and languages those asked for."""
    FOLDER.mkdir(exist_ok=True)
    languages = [tag for tag in asked if spoken_tag(tag)] or [*STORIES]
    states, widths, schemes = ([*asked.intersection(there)] or [*there] for there in (STATES, WIDTHS, SCHEMES))
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder), fill(Path(folder))) as stage:
        for tag, scheme, width, state in product(languages, schemes, widths, states):
            across, down = WIDTHS[width]
            context = stage.browser.new_context(
                viewport={"width": across, "height": down}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
            STATES[state](Visitor(stage, page, tag))
            # A frame of another site paints what is on the screen, and no more.
            page.set_viewport_size({"width": across, "height": page.evaluate("document.body.offsetHeight")})
            page.wait_for_timeout(300)
            _shoot(page, FOLDER / f"embed-{state}-{width}-{scheme}-{tag}.png", across)
            context.close()


def _for_papers(browser: Browser, server: Running) -> None:
    for name, across, down, top in (("thread", 1200, 1320, "#story"), ("thread-phone", 390, 844, "#discussion")):
        context = browser.new_context(viewport={"width": across, "height": down})
        page = context.new_page()
        page.goto(server.thread())
        page.evaluate(f"scrollTo(0, document.querySelector('{top}').offsetTop - 120)")
        page.screenshot(path=PAPERS / f"{name}.png")
        context.close()


def _shoot(page: Page, file: Path, across: int) -> None:
    # A picture of the whole page reaches further than the screen, up to which alone things are drawn.
    page.add_style_tag(content=".discussion > ol > li { content-visibility: visible !important }")
    height = page.evaluate("document.documentElement.scrollHeight")
    if height > TALLEST:
        page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": across, "height": TALLEST})
    else:
        page.screenshot(path=file, full_page=True)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
