"""Debian's Chromium, told to talk to nobody but the pages it is given."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

MISSING = "Chromium isn't installed (Debian: apt install chromium)"
_QUIET = (
    *("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-gpu", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)

PATIENCE_MS = 60_000
"""How long what has to come may take on a busy machine."""
expect.set_options(timeout=PATIENCE_MS)
TELLS_OF_AN_ERROR = "Failed to load resource: the server responded with a status of 4"
"""How it begins what it says on the console of an answer that was refused."""


def binary() -> str | None:
    """Return where Chromium is, None if there is none."""
    return shutil.which("chromium")


@contextlib.contextmanager
def running(*more: str, program: str | None = None) -> Iterator[Browser]:
    """Run one browser until the block ends, started with some more words."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program or binary(), args=[*_QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()


def windowless() -> AbstractContextManager[Browser]:
    """Run a Chromium that has no window to draw around a page, and takes less than half of the time.

    It is the same engine; where it isn't installed, Chromium itself takes its place. Now and then it loses the first
    click into a frame of another site, so it isn't for pages that have one.
    """
    return running(program=shutil.which("chromium-headless-shell"))


def blocking_cookies(browser: Browser, profile: Path, *more: str) -> AbstractContextManager[BrowserContext]:
    """Run another browser beside `browser`, set not to keep any cookie, until the block ends."""
    return _with(browser, profile, {"default_content_setting_values": {"cookies": 2}}, *more)


def allowing_cookies(browser: Browser, profile: Path, *more: str) -> AbstractContextManager[BrowserContext]:
    """Run another browser beside `browser`, set to let third parties keep what they like, until the block ends.

    A context made for one test lets frames of other sites keep nothing but partitioned cookies.
    """
    return _with(browser, profile, {"cookie_controls_mode": 0, "block_third_party_cookies": False}, *more)


@contextlib.contextmanager
def remembering_pages(browser: Browser, *more: str) -> Iterator[Browser]:
    """Run another browser beside `browser` until the block ends, that keeps pages which are left for coming back.

    Readers' browsers do (the back/forward cache); those that are driven are told not to.
    """
    another = browser.browser_type.launch(
        executable_path=binary(), args=[*_QUIET, *more], ignore_default_args=["--disable-back-forward-cache"]
    )
    try:
        yield another
    finally:
        another.close()


@contextlib.contextmanager
def undriven(address: str, profile: Path, log: Path, *more: str) -> Iterator[None]:
    """Open an address in a browser that nobody drives, until the block ends; what its console hears goes into a log.

    A browser that is driven makes no page ready before it is opened: that is "disabled by DevTools".
    """
    command = [binary() or "", *_QUIET, "--headless=new", "--enable-logging=stderr", f"--user-data-dir={profile}"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *more, address], stdout=subprocess.DEVNULL, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def _with(browser: Browser, profile: Path, preferences: dict[str, object], *more: str) -> Iterator[BrowserContext]:
    profile.joinpath("Default").mkdir(parents=True)
    profile.joinpath("Default", "Preferences").write_text(json.dumps({"profile": preferences}))
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=binary(), args=[*_QUIET, *more], timeout=30_000
    )
    try:
        yield context
    finally:
        context.close()
