"""What browser tests stand on: one server and one Chromium a file, and a reader who notices what goes wrong.

A server and a browser live as long as a file of tests, because the browser's event loop occupies its thread, in which
other rooms' tests want to run loops of their own.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium
from tests.browser.serving import Filled, Running, fill, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if chromium.binary() is None:
        pytest.skip(chromium.MISSING)
    with chromium.windowless() as running:
        yield running


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Filled]:
    """A data folder with the example site, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    return folder, fill(folder)


@pytest.fixture(scope="module")
def server(
    browser: Browser, filled: tuple[Path, Filled], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A server of this file's own, with the example site."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(filled[0], folder, dirs_exist_ok=True)
    with serving(folder, filled[1]) as running:
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


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visit]:
    """Open pages, each in a fresh context; in the end no other host was asked and the console heard no complaint."""
    noticed, contexts = Noticed(server.base), list[BrowserContext]()

    def open_page(**settings: Any) -> Page:
        context = browser.new_context(**settings)
        context.set_default_timeout(chromium.PATIENCE_MS)
        noticed.watch(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert noticed.elsewhere == []
    assert [words for words in noticed.complaints if not words.startswith(chromium.TELLS_OF_AN_ERROR)] == []


@pytest.fixture(params=[False, True], ids=["without script", "with script"])
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """A reader's page, once with JavaScript switched off and once with it on."""
    return visit(java_script_enabled=request.param)


@pytest.fixture
def no_cookies(browser: Browser, server: Running, tmp_path: Path) -> Iterator[Page]:
    """A page of a browser whose owner blocks all cookies."""
    with chromium.blocking_cookies(browser, tmp_path / "profile") as context:
        yield context.new_page()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what was counted: pages looked at by axe, payloads shown."""
    counted = Counter[str]()
    for kind in ("passed", "failed"):
        for report in terminalreporter.stats.get(kind, []):
            for name, figures in getattr(report, "user_properties", []):
                if name == "counted":
                    counted.update(figures)
    if counted:
        terminalreporter.section("counted in the browser")
        for name, figure in counted.items():
            terminalreporter.write_line(f"{figure:>9,} {name}")
