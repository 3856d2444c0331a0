"""Pictures of every kind of page, on a phone and on a desk, by day and by night: `make screenshots`.

They land in ./screenshots/, to be looked at by people. `python -m tests.browser.screenshots readme` takes the two
that the papers show, in docs/images/; the names of kinds of pages take those alone.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import chromium
from tests.browser.kinds import KINDS
from tests.browser.serving import Running, fill, serving

FOLDER = Path("screenshots")
PAPERS = Path("docs/images")
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
TALLEST = 4000
"""Pixels of a page in its picture; what is below looks like what is above."""


def main() -> None:
    """Take all pictures."""
    if chromium.binary() is None:
        sys.exit(chromium.MISSING)
    only = set(sys.argv[1:])
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), fill(Path(folder))) as server,
        chromium.running() as browser,
    ):
        if only == {"readme"}:
            _for_papers(browser, server)
            return
        for scheme in ("light", "dark"):
            for width, (across, down) in WIDTHS.items():
                for kind, reach in KINDS.items():
                    if not only or kind in only:
                        context = browser.new_context(
                            viewport={"width": across, "height": down}, color_scheme=scheme, reduced_motion="reduce"
                        )
                        page = context.new_page()
                        reach(page, server)
                        _shoot(page, FOLDER / f"{kind}-{width}-{scheme}.png", across)
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
    height = page.evaluate("document.documentElement.scrollHeight")
    if height > TALLEST:
        page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": across, "height": TALLEST})
    else:
        page.screenshot(path=file, full_page=True)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
