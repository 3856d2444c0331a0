"""Load from the other core: wrk where it is installed, else our own client; posts are always sent by our own."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from bench.machine import CLIENT_CORE, on_core

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: the same request again and again, or comments of which no two are alike."""

    port: int
    path: str
    connections: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    posts_comments: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. Times are in milliseconds."""

    rate: float
    p50: float
    p99: float
    answers: int
    errors: int
    """Answers that were neither 2xx nor 3xx, and requests without an answer."""


def tool() -> str:
    """Return what sends the reads."""
    return "wrk" if shutil.which("wrk") else "our own client in Python"


def read(order: Order) -> Outcome:
    """Read as fast as one core can ask."""
    return _wrk(order) if shutil.which("wrk") else send(order)


def send(order: Order) -> Outcome:
    """Let our own client, in a process of its own, send as fast as it can."""
    said = _run([sys.executable, "-m", "bench.sender", json.dumps(asdict(order))])
    return Outcome(**json.loads(said))


def _wrk(order: Order) -> Outcome:
    headers = [word for name, value in order.headers.items() for word in ("-H", f"{name}: {value}")]
    said = _run(
        [
            *("wrk", "-t1", f"-c{order.connections}", f"-d{max(1, round(order.seconds))}s", "--latency"),
            *headers,
            f"http://127.0.0.1:{order.port}{order.path}",
        ]
    )
    errors = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", said))
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", said):
        errors += int(refused[1])
    return Outcome(
        rate=_number(r"Requests/sec:\s+([\d.]+)", said),
        p50=_time("50%", said),
        p99=_time("99%", said),
        answers=int(_number(r"(\d+) requests in", said)),
        errors=errors,
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


def _run(command: list[str]) -> str:
    with on_core(CLIENT_CORE):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return said
