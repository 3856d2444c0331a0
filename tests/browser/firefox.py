"""Debian's Firefox, driven over Marionette, the protocol it speaks itself: a command and an answer at a time, each a
list in JSON after its length. Nothing else has to be installed."""

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MISSING = "Firefox isn't installed (Debian: apt install firefox-esr)"
_PATIENCE = 60.0
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""What an element is called in an answer. Source: WebDriver, section 12.1."""
_QUIET = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "captivedetect.canonicalURL": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disableIPv6": True,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
    "marionette.port": 0,
}


def binary() -> str | None:
    """Return where Firefox is, None if there is none."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Refused(Exception):
    """Firefox couldn't do what it was told. The message says why."""


class Firefox:
    """One window."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self._file = self._socket.makefile("rb")
        self._sent = 0
        self._receive()
        asked = {"acceptInsecureCerts": True, "timeouts": {"implicit": 20_000, "pageLoad": 30_000, "script": 20_000}}
        self._do("WebDriver:NewSession", **asked)

    def open(self, address: str) -> None:
        """Open an address, in the whole window."""
        self._do("WebDriver:SwitchToFrame", id=None)
        self._do("WebDriver:Navigate", url=address)

    def find(self, selector: str) -> str:
        """Return the first element, as soon as there is one."""
        found: str = self._do("WebDriver:FindElement", using="css selector", value=selector)["value"][_ELEMENT]
        return found

    def click(self, selector: str) -> None:
        """Click an element, wherever it has moved to by then: a frame that grows takes along what a pointer aims at."""
        self.find(selector)
        self.says(f"document.querySelector({json.dumps(selector)}).click()")

    def type(self, selector: str, text: str) -> None:
        """Type into an element."""
        self._do("WebDriver:ElementSendKeys", id=self.find(selector), text=text)

    def enter(self, selector: str) -> None:
        """Look into a frame of the window."""
        self._do("WebDriver:SwitchToFrame", id=None)
        self._do("WebDriver:SwitchToFrame", element=self.find(selector), id=self.find(selector))

    def leave(self) -> None:
        """Look at the whole window again."""
        self._do("WebDriver:SwitchToFrame", id=None)

    def says(self, script: str) -> Any:
        """Return what a script returns where one looks."""
        return self._do("WebDriver:ExecuteScript", script=f"return {script}", args=[])["value"]

    def wait(self, script: str) -> None:
        """Wait until a script returns something true; one page may follow another meanwhile."""
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE:
            with contextlib.suppress(Refused):
                if self.says(script):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"it never came to be: {script}")

    def quit(self) -> None:
        """End the browser."""
        self._do("Marionette:Quit", flags=["eForceQuit"])
        self._socket.close()

    def _do(self, command: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        text = json.dumps([0, self._sent, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(text), text))
        _, _, trouble, answer = self._receive()
        if trouble:
            raise Refused(f"{command}: {trouble['error']}: {trouble['message']}")
        return answer or {}

    def _receive(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) != b":":
            if not digit:
                raise RuntimeError("Firefox has ended")
            length += digit
        return json.loads(self._file.read(int(length)))


@contextlib.contextmanager
def running(profile: Path, names: tuple[str, ...], port: int) -> Iterator[Firefox]:
    """Run one browser until the block ends, for which names are on this machine and TLS is at a port."""
    profile.mkdir()
    preferences = {
        **_QUIET,
        "network.dns.localDomains": ",".join(names),
        "network.socket.forcePort": f"443={port}",
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    profile.joinpath("user.js").write_text("\n".join(lines))
    command = [binary() or "", "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        firefox = Firefox(_port(profile, process))
        yield firefox
        firefox.quit()
    finally:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _port(profile: Path, process: "subprocess.Popen[bytes]") -> int:
    began, told = time.monotonic(), profile / "MarionetteActivePort"
    while time.monotonic() - began < _PATIENCE:
        if process.poll() is not None:
            break
        if told.exists() and (text := told.read_text().strip()):
            return int(text)
        time.sleep(0.1)
    raise RuntimeError("Firefox doesn't start")
