"""Load from the other core, by wrk: the same address again and again, many addresses in turn, or comments."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import CLIENT_CORE, on_core

MISSING = "wrk isn't installed: apt-get install wrk"
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_TIMEOUT = 30
"""Seconds after which an answer counts as missing."""

# A request is made before it is needed wherever it can be: the client's core shall not be what is measured.
_READ_MANY = """
local requests, at = {}, 0
function init()
  for path in io.lines("PATHS") do requests[#requests + 1] = wrk.format("GET", path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
"""
_POST = """
local bodies, at = {}, 0
for body in io.lines("BODIES") do bodies[#bodies + 1] = body end
wrk.headers["Content-Type"] = "application/json"
function request()
  at = at + 1
  local id = string.format("PREFIX%016x", at)
  wrk.headers["Idempotency-Key"] = id
  return wrk.format("POST", nil, nil, bodies[at % #bodies + 1] .. id .. ')"}')
end
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What to send over how many connections for how many seconds."""

    port: int
    path: str
    connections: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    """Addresses to be read in turn instead of `path`."""
    bodies: tuple[str, ...] = ()
    """JSON objects to be posted, without their last three characters `)"}`: a text of its own is made of each."""
    prefix: str = "0" * 16
    """Sixteen hexadecimal digits that no other order of posts has."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. Times are in milliseconds."""

    rate: float
    """Answers a second, good ones alone."""
    p50: float
    p99: float
    answers: int
    errors: int
    """Answers that were neither 2xx nor 3xx, and requests without an answer."""


def tool() -> str | None:
    """Return which wrk is installed, None if there is none."""
    if shutil.which("wrk") is None:
        return None
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return said.split()[1].removeprefix("debian/") if said else "?"


class Sending:
    """A load that is being sent."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def outcome(self) -> Outcome:
        """Wait for its end and return what came of it."""
        said, _ = self._process.communicate()
        if self._process.returncode:
            raise RuntimeError(f"wrk ended with {self._process.returncode}: {said}")
        return _read(said)


def send(order: Order) -> Outcome:
    """Send as fast as one core can ask, and return what came of it."""
    with sending(order) as load:
        return load.outcome()


@contextmanager
def sending(order: Order) -> Iterator[Sending]:
    """Send while the block does something else; ask for the outcome in it."""
    with tempfile.TemporaryDirectory(prefix="bench-wrk-") as folder:
        script = _script(order, Path(folder))
        seconds = max(1, round(order.seconds))
        command = ["wrk", "-t1", f"-c{order.connections}", f"-d{seconds}s", "--latency", "--timeout", f"{_TIMEOUT}s"]
        command += [word for name, value in order.headers.items() for word in ("-H", f"{name}: {value}")]
        command += ["-s", str(script)] if script else []
        command.append(f"http://127.0.0.1:{order.port}{order.path}")
        with on_core(CLIENT_CORE):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            yield Sending(process)
        finally:
            process.kill()
            process.wait()


def _script(order: Order, folder: Path) -> Path | None:
    if order.bodies:
        (folder / "bodies").write_text("\n".join(order.bodies) + "\n", "utf-8")
        text = _POST.replace("BODIES", str(folder / "bodies")).replace("PREFIX", order.prefix)
    elif order.paths:
        (folder / "paths").write_text("\n".join(order.paths) + "\n", "utf-8")
        text = _READ_MANY.replace("PATHS", str(folder / "paths"))
    else:
        return None
    script = folder / "load.lua"
    script.write_text(text, "utf-8")
    return script


def _read(said: str) -> Outcome:
    broken = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", said))
    found = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    refused = int(found[1]) if found else 0
    answers = int(_number(r"(\d+) requests in", said))
    rate = _number(r"Requests/sec:\s+([\d.]+)", said)
    return Outcome(
        rate=rate * (answers - refused) / answers if answers else 0.0,
        p50=_time("50%", said),
        p99=_time("99%", said),
        answers=answers,
        errors=broken + refused,
    )


def _number(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"wrk said something new: {said}")
    return float(found[1])


def _time(share: str, said: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)\b", said)
    if found is None:
        raise RuntimeError(f"wrk said something new: {said}")
    return float(found[1]) * _UNITS[found[2]]
