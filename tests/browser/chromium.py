"""Debian's Chromium, told to talk to nobody but the pages it is given."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

MISSING = "Chromium isn't installed (Debian: apt install chromium)"
_QUIET = (
    *("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)


def binary() -> str | None:
    """Return where Chromium is, None if there is none."""
    return shutil.which("chromium")


@contextlib.contextmanager
def running(*more: str) -> Iterator[Browser]:
    """Run one browser until the block ends, started with some more words."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary(), args=[*_QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def blocking_cookies(browser: Browser, profile: Path, *more: str) -> Iterator[BrowserContext]:
    """Run another browser beside `browser`, set not to keep any cookie, until the block ends."""
    preferences = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    profile.joinpath("Default").mkdir(parents=True)
    profile.joinpath("Default", "Preferences").write_text(json.dumps(preferences))
    with keeping_all(browser, profile, *more) as context:
        yield context


@contextlib.contextmanager
def keeping_all(browser: Browser, profile: Path, *more: str) -> Iterator[BrowserContext]:
    """Run another browser beside `browser`, as people have it; a context for one test lets frames store nothing."""
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=binary(), args=[*_QUIET, *more], timeout=30_000
    )
    try:
        yield context
    finally:
        context.close()
