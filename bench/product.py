"""The product as its own processes: commands that end, and a server on one core."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from bench.machine import SERVER_CORE, on_core
from bench.peaks import run_to_end
from bench.ports import free_port

_OUTSPOKEN = Path(sys.executable).with_name("outspoken")
_PATIENCE = 120.0
SITE = "bench"


@dataclass(frozen=True, slots=True)
class Place:
    """Where data is: a folder, and a PostgreSQL database instead of the file in it."""

    folder: Path
    database: str | None = None

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "serve.log"

    def command(self, *words: str) -> list[str]:
        """Return a command line for this data."""
        elsewhere = ["--database", self.database] if self.database else []
        return [str(_OUTSPOKEN), *words, "--data", str(self.folder), *elsewhere]


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    output: str
    seconds: float
    peak_mb: float


def run(place: Place, *words: str) -> Done:
    """Run a command to its end, on the servers' core."""
    began = time.perf_counter()
    with on_core(SERVER_CORE):
        ended = run_to_end(*place.command(*words))
    return Done(ended.output, time.perf_counter() - began, ended.peak_mb)


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[bytes, dict[str, str]]:
    """Return what a server gives at a path, and the headers, named in small letters."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


class Running:
    """A server that answers."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, seconds: float) -> None:
        self._process = process
        self.port = port
        self.seconds = seconds
        """From the start of the process to its first answer."""

    @property
    def memory_mb(self) -> float:
        """Resident memory now."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    @property
    def peak_mb(self) -> float:
        """Most resident memory it ever had."""
        for line in Path(f"/proc/{self.pid}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("the system doesn't tell how much memory it had")

    def thread_at(self, url: str) -> str:
        """Return the id of a page's thread."""
        body, _ = get(self.port, f"/api/v1/threads?site={SITE}&url={quote(url, safe='')}")
        answer: dict[str, Any] = json.loads(body)
        return str(answer["id"])


@contextmanager
def served(place: Place, *options: str, before: Sequence[str] = ()) -> Iterator[Running]:
    """Serve the data on the servers' core until the block ends; `before` is put in front of the command."""
    port = free_port()
    began = time.perf_counter()
    with on_core(SERVER_CORE), place.log.open("wb") as log:
        process = subprocess.Popen(
            [*before, *place.command("serve", "--port", str(port), *options)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(process, port, began, place)
        yield Running(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(process: "subprocess.Popen[bytes]", port: int, began: float, place: Place) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError as failure:
            if process.poll() is not None or time.perf_counter() - began > _PATIENCE:
                said = place.log.read_text("utf-8", "replace")[-2_000:]
                raise RuntimeError(f"the server doesn't start: {said}") from failure
            time.sleep(0.005)
