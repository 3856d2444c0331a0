"""What tests of the embedded discussion stand on: our server and somebody else's site under names of their own, over
TLS, and readers who notice what goes wrong."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from outspoken.pages import static
from tests.browser import chromium
from tests.browser.embed.hosts import NEWS, TALK
from tests.browser.embed.staging import Stage, staged
from tests.browser.serving import Filled


@pytest.fixture(scope="module")
def stage(filled: tuple[Path, Filled], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything that stands as long as a file of tests."""
    if chromium.binary() is None:
        pytest.skip(chromium.MISSING)
    folder = tmp_path_factory.mktemp("talk")
    shutil.copytree(filled[0], folder, dirs_exist_ok=True)
    with staged(folder, filled[1]) as stage:
        yield stage


@dataclass
class Noticed:
    """What readers asked for, and what their console complained of."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    """Kind and address."""
    complaints: list[str] = field(default_factory=list)
    is_quiet: bool = True
    """Whether nothing may be complained of."""

    def watch(self, context: BrowserContext) -> None:
        """Write down every request and every word on the console."""
        context.on("request", lambda request: self.requests.append((request.resource_type, request.url)))
        context.on("console", lambda message: self.complaints.append(message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    @property
    def elsewhere(self) -> list[str]:
        """Requests to anybody but the two."""
        known = (f"https://{TALK}/", f"https://{NEWS}/", "data:")
        return [address for _, address in self.requests if not address.startswith(known)]


Visit = Callable[..., Page]


@pytest.fixture
def noticed() -> Noticed:
    """What is noticed in this test."""
    return Noticed()


@pytest.fixture
def visit(stage: Stage, noticed: Noticed) -> Iterator[Visit]:
    """Open addresses, each in a fresh context; in the end nobody else was asked and the console heard no complaint."""
    contexts: list[BrowserContext] = []

    def open_page(address: str = "", **settings: Any) -> Page:
        context = stage.browser.new_context(**settings)
        context.set_default_timeout(chromium.PATIENCE_MS)
        if httpx.get(f"{stage.inner}/embed.js").status_code == 404:
            asset = static.named("embed.js")
            context.route(
                f"https://{TALK}/embed.js", lambda r: r.fulfill(body=asset.content, content_type=asset.content_type)
            )
        noticed.watch(context)
        contexts.append(context)
        page = context.new_page()
        if address:
            page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noticed.elsewhere == []
    if noticed.is_quiet:
        assert [words for words in noticed.complaints if not words.startswith(chromium.TELLS_OF_AN_ERROR)] == []
