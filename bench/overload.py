"""`python -m bench overload`: four times as many comments as the server can take in, and what becomes of it.

They come at a set rate, whether the earlier ones are answered or not, as they would from a crowd. What is acknowledged
has to be there, what is too much has to be refused in time, and afterwards all has to be as it was.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench import loaded, product, results
from bench.chart import Panel, lines
from bench.machine import CLIENT_CORE, on_core
from bench.storm import Second, Storm
from bench.verdict import conclude
from bench.verifying import differences
from bench.watching import Sample, look, percentile
from bench.workplace import teller
from outspoken import __version__

_THREADS = 50
_PATIENCE = 60.0
_PROBES = 5
"""How many tries in a row have to be as fast as before the storm."""
_NORMAL = 3.0
"""How many times the calm answer's time still counts as normal."""
_LONGEST = 5_000.0
"""Milliseconds within which 99 % of the accepted have to be answered."""
_GROWTH = 1.25


@dataclass(slots=True)
class Overloaded:
    """One storm. Times are in milliseconds, but for the seconds it took to be normal again."""

    when: str
    version: str
    database: str
    capacity: float
    """Comments a second over 64 connections, each sent when the one before it was answered."""
    offered: float
    """Comments a second that were sent or would have been, had a connection been free."""
    seconds: float
    before: Sample
    by: list[Second] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    not_sent: int = 0
    accepted: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Half, 99 % and all of the accepted were answered within."""
    refused: tuple[float, float, float] = (0.0, 0.0, 0.0)
    views: tuple[float, float, float] = (0.0, 0.0, 0.0)
    normal_again: float = 0.0
    acknowledged: int = 0
    differences: list[str] = field(default_factory=list)
    check: str = ""


def main(words: list[str]) -> int:
    """Overload a server as the command line says; return the exit status."""
    asked = _arguments(words)
    tell = teller()
    with loaded.site(asked.database, _THREADS, tell) as site:
        options = ["--workers", str(asked.workers)] if asked.workers > 1 else []
        with product.served(site.place, *options) as running, on_core(CLIENT_CORE):
            overloaded = uvloop.run(_overload(running, site, asked, tell))
        overloaded.check = site.check()
    stem = asked.output / f"overload-{overloaded.database}"
    return conclude(judged(overloaded), stem, asdict(overloaded), chart(overloaded))


async def _overload(
    running: product.Running, site: loaded.Site, asked: argparse.Namespace, tell: Callable[[str], None]
) -> Overloaded:
    storm = Storm(running, site.place, list(site.threads))
    tell("measuring what it can take in")
    capacity = await storm.capacity()
    calm = percentile([await storm.probe() for _ in range(50)], 0.9)
    before = look(running, site.place, 0.0)
    offered = capacity * asked.times
    tell(f"{capacity:.0f} comments a second; now {offered:.0f} for {asked.seconds:g} seconds")
    by = await storm.rage(offered, asked.seconds)
    tell("waiting until it is as before")
    normal_again = await _normal_again(storm, calm)
    await storm.calm()
    tell("reading everything back")
    return Overloaded(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        database=site.kind,
        capacity=capacity,
        offered=(sum(storm.statuses.values()) + storm.not_sent) / asked.seconds,
        seconds=asked.seconds,
        before=before,
        by=by,
        statuses=dict(sorted(storm.statuses.items())),
        not_sent=storm.not_sent,
        accepted=storm.times("accepted"),
        refused=storm.times("refused"),
        views=storm.times("view"),
        normal_again=normal_again,
        acknowledged=len(storm.entries),
        differences=await differences(running.port, site.threads, storm.entries),
    )


async def _normal_again(storm: Storm, calm: float) -> float:
    """Return the seconds until the first of several tries in a row that are about as fast as before the storm."""
    began = time.perf_counter()
    good_since, good = 0.0, 0
    while good < _PROBES and (elapsed := time.perf_counter() - began) < _PATIENCE:
        taken = await storm.probe()
        if taken > calm * _NORMAL:
            good = 0
        else:
            good_since = good_since if good else elapsed
            good += 1
        await asyncio.sleep(0.1)
    return good_since if good == _PROBES else _PATIENCE


def judged(overloaded: Overloaded) -> list[tuple[bool, str]]:
    """Return what was asked of a storm: whether it came true, and the figures."""
    memory = [second.sample.memory_mb for second in overloaded.by]
    third = max(1, len(memory) // 3)
    early, late = max(memory[:third]), max(memory[-third:])
    strange = {
        status: count for status, count in overloaded.statuses.items() if status not in ("201", "503", "view 200")
    }
    half, most, longest = overloaded.accepted
    return [
        (
            late <= early * _GROWTH,
            f"memory {overloaded.before.memory_mb:.0f} MB before, {early:.0f} MB in the first third, "
            f"{late:.0f} MB in the last",
        ),
        (
            most <= _LONGEST,
            f"the accepted were answered within {half:.0f} ms (half), {most:.0f} ms (99 %), {longest:.0f} ms (all); "
            f"the refused within {overloaded.refused[1]:.0f} ms and views within {overloaded.views[1]:.0f} ms (99 %)",
        ),
        (
            not strange,
            f"of {overloaded.offered:.0f} a second offered to {overloaded.capacity:.0f} a second of capacity, "
            f"{overloaded.statuses} were answered so and {overloaded.not_sent} found no free connection",
        ),
        (
            bool(overloaded.acknowledged) and not overloaded.differences,
            f"{overloaded.acknowledged} acknowledged comments are there once: "
            f"{'; '.join(overloaded.differences[:5]) or 'no difference'}",
        ),
        (overloaded.normal_again <= 5.0, f"normal again after {overloaded.normal_again:.1f} s"),
        (overloaded.check == "", f"outspoken check finds nothing: {overloaded.check or 'nothing'}"),
    ]


def chart(overloaded: Overloaded) -> str:
    """Draw a storm over time."""

    def panel(label: str, unit: str, value: Callable[[Second], float]) -> Panel:
        return Panel(label, unit, [(second.sample.second / 60, value(second)) for second in overloaded.by])

    return lines(
        f"{overloaded.offered:,.0f} comments a second where {overloaded.capacity:,.0f} can be taken in, "
        f"{overloaded.database}",
        [
            panel("Accepted", "comments/s", lambda second: second.accepted),
            panel("Refused", "comments/s", lambda second: second.refused),
            panel("99 % of the accepted within", "ms", lambda second: second.accepted_p99),
            panel("99 % of views within", "ms", lambda second: second.view_p99),
            panel("Memory", "MB", lambda second: second.sample.memory_mb),
        ],
    )


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench overload", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=4.0, help="the capacity")
    loaded.add_arguments(parser)
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--output", type=Path, default=results.FOLDER, metavar="DIR")
    return parser.parse_args(words)
