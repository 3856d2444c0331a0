"""`python -m bench soak`: a site as busy as a good day for as long as is asked, and whether it stays as it was.

At the end everything that was acknowledged has to be there once.
"""

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench import loaded, product, results
from bench.chart import Panel, lines
from bench.machine import CLIENT_CORE, on_core
from bench.mixture import Mixture, Step
from bench.verdict import conclude
from bench.verifying import differences
from bench.watching import percentile
from bench.workplace import teller
from outspoken import __version__

_THREADS = 300
_RATE = 400
"""Requests a second: a million and a half comments a day."""
_GROWTH = 1.05
_FLAT = 1.5


@dataclass(slots=True)
class Soaked:
    """One soak."""

    when: str
    version: str
    database: str
    minutes: float
    rate: int
    steps: list[Step] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    doubtful: int = 0
    """Edits and removals whose answer never came."""
    differences: list[str] = field(default_factory=list)
    check: str = ""


def main(words: list[str]) -> int:
    """Soak a server as the command line says; return the exit status."""
    asked = _arguments(words)
    tell = teller()
    with loaded.site(asked.database, asked.threads, tell) as site:
        options = ["--workers", str(asked.workers)] if asked.workers > 1 else []
        with product.served(site.place, *options) as running, on_core(CLIENT_CORE):
            soaked = uvloop.run(_soak(running, site, asked, tell))
        soaked.check = site.check()
    stem = asked.output / f"soak-{soaked.database}"
    return conclude(judged(soaked), stem, asdict(soaked), chart(soaked))


async def _soak(
    running: product.Running, site: loaded.Site, asked: argparse.Namespace, tell: Callable[[str], None]
) -> Soaked:
    mixture = Mixture(running, site.place, list(site.threads), asked.seed)
    tell("warming")
    await mixture.warm()
    soaked = Soaked(datetime.now(UTC).isoformat(timespec="seconds"), __version__, site.kind, asked.minutes, asked.rate)
    tell(f"{asked.rate} requests a second for {asked.minutes:g} minutes")
    soaked.steps = await mixture.run(asked.minutes, asked.rate, tell)
    await mixture.resolve()
    tell("reading everything back")
    soaked.statuses = dict(sorted(mixture.statuses.items()))
    soaked.acknowledged, soaked.doubtful = len(mixture.entries), mixture.doubtful
    soaked.differences = await differences(running.port, site.threads, mixture.entries)
    return soaked


def judged(soaked: Soaked) -> list[tuple[bool, str]]:
    """Return what was asked of a soak: whether it came true, and the figures."""
    steps = soaked.steps[1:]
    early = min(steps, key=lambda step: abs(step.minute - min(2.0, soaked.minutes / 3)))
    last = steps[-1]
    third = max(1, len(steps) // 3)
    first_log, last_log = (max(step.sample.log_mb for step in some) for some in (steps[:third], steps[-third:]))
    first_p99, last_p99 = (
        percentile([step.view_p99 for step in some], 0.5) for some in (steps[:third], steps[-third:])
    )
    failed = sum(count for status, count in soaked.statuses.items() if not status.isdigit() or status >= "5")
    memory, before = last.sample.memory_mb, early.sample.memory_mb
    return [
        (
            memory <= before * _GROWTH,
            f"memory {before:.0f} MB in minute {early.minute:.1f}, {memory:.0f} MB at the end",
        ),
        (failed == 0, f"no answer missing and none of 5xx: {failed} of {sum(soaked.statuses.values())}"),
        (last_log <= first_log * _FLAT + 1, f"write-ahead log {first_log:.1f} MB at first, {last_log:.1f} MB at last"),
        (
            last_p99 <= first_p99 * _FLAT + 1,
            f"99 % of views within {first_p99:.1f} ms at first, {last_p99:.1f} at last",
        ),
        (
            bool(soaked.acknowledged) and not soaked.differences,
            f"{soaked.acknowledged} acknowledged comments are there once: {_some(soaked)}",
        ),
        (soaked.check == "", f"outspoken check finds nothing: {soaked.check or 'nothing'}"),
    ]


def chart(soaked: Soaked) -> str:
    """Draw a soak over time."""
    steps = soaked.steps[1:]

    def panel(label: str, unit: str, value: Callable[[Step], float]) -> Panel:
        return Panel(label, unit, [(step.minute, value(step)) for step in steps])

    return lines(
        f"{soaked.minutes:g} minutes of {soaked.rate:,} requests a second, {soaked.database}",
        [
            panel("Memory", "MB", lambda step: step.sample.memory_mb),
            panel("Write-ahead log", "MB", lambda step: step.sample.log_mb),
            panel("Open files", "", lambda step: step.sample.files),
            panel("99 % of views within", "ms", lambda step: step.view_p99),
            panel("99 % of writes within", "ms", lambda step: step.write_p99),
        ],
    )


def _some(soaked: Soaked) -> str:
    return "; ".join(soaked.differences[:5]) or "no difference"


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    loaded.add_arguments(parser)
    parser.add_argument("--rate", type=int, default=_RATE, help="requests a second")
    parser.add_argument("--threads", type=int, default=_THREADS)
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=results.FOLDER, metavar="DIR")
    return parser.parse_args(words)
