"""Where the embedded discussion is tried: our server and somebody else's site under names of their own, over TLS, and
a browser that finds both."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.embed.hosts import TALK, Host, neighbours
from tests.browser.serving import Filled, serving

IS_FOLDED = "Object.values(JSON.parse(localStorage.outspoken)).some(({ folded }) => folded.length)"
"""Whether the browser keeps what is folded, as it does a moment after it is."""
STORY = "<article><h1>The bench on the quay</h1><p>It will stand where the old crane stood.</p></article>"


@dataclass(frozen=True, slots=True)
class Stage:
    """Our server, somebody else's site, and a browser that finds both."""

    host: Host
    filled: Filled
    browser: Browser
    inner: str
    """Where our server can be asked without TLS."""
    rules: tuple[str, ...]
    """What another browser has to be started with."""
    port: int
    """Where both sites are to be found, over TLS."""
    folder: Path
    """Where our server keeps its data."""

    def page(self, thread: str, path: str = "/story", *, attributes: str = "", inside: str = "", **page: str) -> str:
        """Publish a page that shows a thread, and return its address."""
        before, after = page.pop("before", STORY), page.pop("after", "<footer>The end</footer>")
        address = f"https://pier.example/{thread}"
        element = f'<outspoken-thread site="pier" url="{address}" {attributes}>{inside}</outspoken-thread>'
        script = f'<script src="https://{TALK}/embed.js" async></script>'
        return self.host.put(path, f"{before}{element}{after}{script}", **page)


@contextlib.contextmanager
def staged(folder: Path, filled: Filled) -> Iterator[Stage]:
    """Set everything up on a filled data folder until the block ends."""
    settings = folder / "outspoken.toml"
    settings.write_text(f'[server]\nbase = "https://{TALK}"\n{settings.read_text()}')
    with (
        serving(folder, filled) as server,
        neighbours(folder, int(server.base.rpartition(":")[2])) as around,
        chromium.running(*around.rules) as browser,
    ):
        yield Stage(around.host, filled, browser, server.base, around.rules, around.port, folder)
