"""What browser tests stand on: one server and one Chromium a file, and a reader who notices what goes wrong.

A server and a browser live as long as a file of tests, because the browser's event loop occupies its thread, in which
other rooms' tests want to run loops of their own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium
from tests.browser.serving import Running, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if chromium.binary() is None:
        pytest.skip(chromium.MISSING)
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of this file's own, with the example site."""
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@dataclass
class Noticed:
    """What no visit may lead to."""

    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Write down every request, and every word on the console."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda message: self.complaints.append(message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    @property
    def elsewhere(self) -> list[str]:
        """Requests that went to anybody but our server."""
        return [url for url in self.requests if not url.startswith(f"{self.base}/")]


# Chromium says on the console what it thinks of a header's words, and that an answer was an error: neither is the page's.
_NOT_OURS = ("Error with Permissions-Policy header", "Failed to load resource: the server responded with a status of 4")

Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visit]:
    """Open a page in a fresh context; in the end nothing was asked of other hosts, nothing complained on the console."""
    noticed, contexts = Noticed(server.base), list[BrowserContext]()

    def open_page(**settings: Any) -> Page:
        context = browser.new_context(**settings)
        context.set_default_timeout(15_000)
        noticed.watch(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert noticed.elsewhere == []
    assert [words for words in noticed.complaints if not words.startswith(_NOT_OURS)] == []


@pytest.fixture(params=[False, True], ids=["without script", "with script"])
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """A reader's page, once with JavaScript switched off and once with it on."""
    return visit(java_script_enabled=request.param)


@pytest.fixture
def no_cookies(browser: Browser, server: Running, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser whose owner blocks all cookies."""
    with chromium.blocking_cookies(browser, tmp_path / "profile") as context:
        yield context.new_page()
