"""`python -m bench profile`: where the time of a request goes, looked at from outside while a server is under load.

py-spy samples the stacks of all threads some hundred times a second. Time in C is counted to the function in Python
that called it. It needs the right to look at another process: be root, or allow it (kernel.yama.ptrace_scope).
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import loaded, product
from bench.acts import ACTS, Act
from bench.workplace import teller

_SAMPLER = Path(sys.executable).with_name("py-spy")
_THREADS = 600
_RATE = 250
_SHOWN = 12
_WAITING = ("store/writer.py Writer._take", "Python's futures _worker", "Python's threading.py Condition.wait")
"""What only waits: the sampler takes a thread for busy that waits for a queue in C."""
_FRAME = re.compile(r"(?P<function>\S+) \((?P<file>.+?)(?::\d+)?\)")
_PACKAGE = re.compile(r"(?:^|/)(?:site-packages|src)/(?P<package>[^/]+)(?:/(?P<room>[^/]+))?")


@dataclass(frozen=True, slots=True)
class Profile:
    """Where one kind of request spent its time."""

    act: Act
    microseconds: float
    """Of processor time for each request, all threads of the server."""
    by_place: Counter[str]
    """Samples by the place of the innermost function."""
    by_function: Counter[str]
    """Samples by function of ours, with all that it called."""
    samples: int


def main(words: list[str]) -> int:
    """Profile what the command line says; return the exit status."""
    asked = _arguments(words)
    tell = teller()
    for act in (act for act in ACTS if not asked.only or act.name in asked.only):
        tell(f"looking at {act.what}")
        with loaded.site(asked.database, _THREADS, lambda _: None) as site, product.served(site.place) as running:
            print(markdown(_look(running, site, act, asked.seconds)))
    return 0


def _look(running: product.Running, site: loaded.Site, act: Act, seconds: int) -> Profile:
    stacks = site.place.folder / "stacks"
    threads = list(site.threads)
    # What only the first request brings along is no part of what each takes.
    product.get(running.port, f"/t/{threads.pop()}")
    process = psutil.Process(running.pid)
    before = sum(process.cpu_times()[:2])
    options = ["--rate", str(_RATE), "--duration", str(seconds), "--format", "raw", "--full-filenames"]
    sampler = subprocess.Popen(
        [str(_SAMPLER), "record", "--pid", str(running.pid), *options, "--output", str(stacks)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    done = act.drive(running, threads, seconds)
    spent = sum(process.cpu_times()[:2]) - before
    said, _ = sampler.communicate()
    if sampler.returncode:
        raise RuntimeError(f"py-spy can't look: {said[-500:]}")
    return _read(act, spent / done * 1e6, stacks.read_text("utf-8"))


def _read(act: Act, microseconds: float, stacks: str) -> Profile:
    """Read stacks as py-spy writes them: frames from outside to inside, then how often they were seen."""
    by_place: Counter[str] = Counter()
    by_function: Counter[str] = Counter()
    samples = 0
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [found for frame in stack.split(";") if (found := _FRAME.fullmatch(frame.strip()))]
        if not frames or f"{_place(frames[-1]['file'])} {frames[-1]['function']}" in _WAITING:
            continue
        samples += int(count)
        by_place[_place(frames[-1]["file"])] += int(count)
        ours = {f"{_place(frame['file'])} {frame['function']}" for frame in frames if "/outspoken/" in frame["file"]}
        for function in ours:
            by_function[function] += int(count)
    return Profile(act, microseconds, by_place, by_function, samples)


def _place(file: str) -> str:
    """Return a short name of where a function stands: our room and file, a library, or Python's own."""
    found = _PACKAGE.search(file)
    if found is None:
        parts = Path(file).parts
        return f"Python's {parts[-2] if parts[-2:-1] and not parts[-2].startswith('python') else parts[-1]}"
    if found["package"] == "outspoken":
        return f"{found['room']}/{Path(file).name}"
    return found["package"].removesuffix(".py")


def markdown(profile: Profile) -> str:
    """Return two small tables: where the time was spent, and below which of our functions."""
    lines = [
        f"### {profile.act.what}: {profile.microseconds:,.0f} µs of processor time",
        "",
        "| where | share | µs | | below | share |",
        "|---|---:|---:|---|---|---:|",
    ]
    places = profile.by_place.most_common(_SHOWN)
    functions = profile.by_function.most_common(_SHOWN)
    for number in range(max(len(places), len(functions))):
        where, count = places[number] if number < len(places) else ("", 0)
        below, called = functions[number] if number < len(functions) else ("", 0)
        share, inclusive = count / max(profile.samples, 1), called / max(profile.samples, 1)
        left = f"{where} | {share:.0%} | {share * profile.microseconds:,.0f}" if where else " | | "
        right = f"{below} | {inclusive:.0%}" if below else " | "
        lines.append(f"| {left} | | {right} |")
    return "\n".join([*lines, ""])


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench profile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=[act.name for act in ACTS], help="may be given twice")
    parser.add_argument("--seconds", type=int, default=5, help="of each")
    loaded.add_arguments(parser)
    return parser.parse_args(words)
