"""`python -m bench simulate`: what breaks first when a site grows tenfold, a hundredfold, a thousandfold.

A model of readers (bench/readers.py, assumed) is multiplied by what one of each costs (docs/costs.json, measured by
`--measure`). Where it may be wrong stands in docs/scaling.md, beside what comes out.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench import costs
from bench.costs import Costs
from bench.needs import BUSY, ONE, Machine, breaking, chosen, need
from bench.readers import Moment, Site, day
from bench.workplace import teller

DOCUMENT = Path(__file__).parents[1] / "docs" / "scaling.md"
_BEGIN, _END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
_TIMES = (1, 10, 100, 1_000)


Days = dict[int, tuple[Site, list[Moment]]]
"""The site, and its day, by how many times it has grown."""


def markdown(costs: Costs, machine: Machine, seed: int) -> str:
    """Return the tables of docs/scaling.md."""
    days = {times: (site := Site().grown(times), list(day(site, seed))) for times in _TIMES}
    tables = (_unit_costs(costs), _first_to_break(days, costs, machine), _settings(days, costs, machine))
    return "\n\n".join("\n".join(table) for table in tables)


def _unit_costs(costs: Costs) -> Iterator[str]:
    described = costs.machine
    yield (
        f"Measured on {described['cores']} cores of {described['processor']}, Python {described['python']}, SQLite "
        f"{described['sqlite']}; microseconds of processor time for one, and in brackets what PostgreSQL's own "
        "processes add."
    )
    yield ""
    yield "| | SQLite | PostgreSQL |"
    yield "|---|---:|---:|"
    names = {"read": "view that is kept", "unchanged": "unchanged (304)", "miss": "rendering of a first view"}
    for act, spent in costs.sqlite.items():
        other = costs.postgresql[act]
        yield f"| {names.get(act, act)} | {spent.server:,.0f} | {other.server:,.0f} (+ {other.database:,.0f}) |"
    yield f"| telling one open page of a change | {costs.told:,.0f} | {costs.told:,.0f} |"
    for act in ("comment", "vote"):
        few, others = costs.sqlite[act].commits, costs.postgresql[act].commits
        yield f"| transactions for a {act}, 64 at once | {few:.2f} | {others:.2f} |"
    sizes = costs.comment_bytes
    yield f"| disk for a comment, bytes | {sizes['sqlite']:,.0f} | {sizes['postgresql']:,.0f} |"
    yield ""
    yield (
        f"A first view is {costs.page_bytes:,} bytes as it is sent, and takes {costs.kept_page_kb:.0f} kB of memory "
        f"while it is kept; a page that follows takes {costs.follower_kb:.0f} kB; a process at rest "
        f"{costs.at_rest_mb:.0f} MB. "
        f"Writing 4 KiB through to the disk took {described['fsync_ms']} ms."
    )


def _first_to_break(days: Days, costs: Costs, machine: Machine) -> Iterator[str]:
    yield "| | views/s | comments/s | renderings/s | open pages | told/s | one process with SQLite: how busy | |"
    yield "|---|---:|---:|---:|---:|---:|---|---|"
    for times in _TIMES:
        needed = need(*days[times], ONE, costs, machine)
        busy = breaking(needed, ONE, machine)
        first = ", ".join(f"{name} {share:.0%}" for name, share in busy[:3])
        part, cores = max(needed.by_part.items(), key=lambda item: item[1])
        yield (
            f"| {times:,}× | {needed.views:,.0f} | {needed.comments:,.1f} | {needed.renders:,.0f} "
            f"| {needed.followers:,.0f} | {needed.told:,.0f} | {first} | most of it {part} ({cores:.2f} cores) |"
        )


def _settings(days: Days, costs: Costs, machine: Machine) -> Iterator[str]:
    yield (
        f"A machine is {machine.cores} cores, {machine.memory_gb:g} GB, {machine.disk_gb:g} GB of disk and a line of "
        f"{machine.line_mb * 8 / 1000:g} Gbit/s; nothing is planned busier than {BUSY:.0%} in the worst second. "
        "A machine-month is one of them for a month; a CDN isn't counted."
    )
    yield ""
    yield "| | runs as | cores web | cores database | line MB/s | disk GB | machines web + database | a month |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for times in _TIMES:
        setting, needed, (web, database) = chosen(*days[times], costs, machine)
        yield (
            f"| {times:,}× | {setting.name} | {needed.web_cores:.1f} | {needed.database_cores:.1f} "
            f"| {needed.line_mb:,.0f} | {needed.disk_gb:,.0f} | {web} + {database} | {_months(web + database)} |"
        )


def _months(count: int) -> str:
    return f"{count} machine-month{'s' if count > 1 else ''}"


def main(words: Sequence[str]) -> int:
    """Simulate what the command line says; return the exit status."""
    asked = _arguments(words)
    if asked.measure:
        costs.FILE.write_bytes(msgspec.json.format(msgspec.json.encode(costs.measure(teller())), indent=1) + b"\n")
    if not costs.FILE.exists():
        print("Nothing is measured yet: python -m bench simulate --measure", file=sys.stderr)
        return 1
    told = markdown(msgspec.json.decode(costs.FILE.read_bytes(), type=Costs), Machine(), asked.seed)
    print(told)
    if asked.write_docs:
        text = DOCUMENT.read_text("utf-8")
        before, _, rest = text.partition(_BEGIN)
        _, _, after = rest.partition(_END)
        DOCUMENT.write_text(f"{before}{_BEGIN}\n{told}\n{_END}{after}", "utf-8")
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench simulate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measure", action="store_true", help="measure the costs first; a few minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/scaling.md")
    return parser.parse_args(words)
