"""A server of the product as its own process, to be killed and started again on the same data."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from outspoken.discussion.thread import Site, Story
from outspoken.store.database import open_database
from outspoken.store.sites import add_site
from outspoken.store.threads import new_thread_id, open_thread
from outspoken.store.upgrading import upgrade
from tests.conftest import NOW

OUTSPOKEN = Path(sys.executable).with_name("outspoken")
_PATIENCE = 60.0


class Served:
    """Data in a folder, or a database elsewhere; between `start` and `kill` or `stop` also a process that serves it."""

    def __init__(self, folder: Path, database: str | None = None, workers: int = 1) -> None:
        self.folder = folder
        self.database = database
        self._workers = ["--workers", str(workers)] if workers > 1 else []
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Number of the running process."""
        assert self._process is not None
        return self._process.pid

    def open_threads(self, count: int) -> list[str]:
        """Open the discussions of that many stories; returns their ids."""
        database = open_database(self.folder, self.database)
        upgrade(database, NOW)
        ids = [new_thread_id(os.urandom) for _ in range(count)]
        with database.writing() as connection:
            add_site(connection, Site("harbour", "The Harbour", (), "en", (), True))
            for number, id in enumerate(ids):
                story = Story(f"The ferry stays in port, day {number}", None, "", None, "", NOW)
                open_thread(connection, id=id, site="harbour", story=story, addresses_of_page=[], now=NOW)
        database.close()
        return ids

    def start(self) -> None:
        """Start the process and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("serve", "--port", str(self.port), *self._workers),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        began = time.monotonic()
        while not self.is_ready():
            assert self._process.poll() is None, f"it ended: {self.log()}"
            assert time.monotonic() - began < _PATIENCE, f"it doesn't answer: {self.log()}"
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Tell whether the process and its database answer."""
        try:
            with urllib.request.urlopen(f"{self.origin}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended by itself: {self.log()}"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask the process to end, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(_PATIENCE)

    def check(self) -> str:
        """Verify the stored data; return what `outspoken check` says, which fails the test if it finds anything."""
        done = subprocess.run(self._command("check"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def log(self) -> str:
        """Return what the process said."""
        return (self.folder / "serve.log").read_text("utf-8", "replace")

    def _command(self, *words: str) -> list[str]:
        elsewhere = ["--database", self.database] if self.database else []
        return [str(OUTSPOKEN), *words, "--data", str(self.folder), *elsewhere]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
