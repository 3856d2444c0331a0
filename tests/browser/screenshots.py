"""Pictures of every kind of page, on a phone and on a desk, by day and by night: `make screenshots`.

They land in ./screenshots/, to be looked at by people; the two that the README shows, in docs/images/.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.kinds import KINDS
from tests.browser.serving import fill, serving

FOLDER = Path("screenshots")
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


def _shoot(page: Page, file: Path, across: int) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    if height > TALLEST:
        page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": across, "height": TALLEST})
    else:
        page.screenshot(path=file, full_page=True)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    main()
