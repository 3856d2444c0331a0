"""A run as Markdown tables, and its place in docs/performance.md."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.results import Row, Run, median

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
_QUIET = 0.3
"""Load average above which the machine was busy with something else."""
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"


def markdown(run: Run) -> str:
    """Return all tables of a run, each after a line on what it shows."""
    machine = run.machine
    parts = [
        f"Measured on {run.when[:10]} with version {run.version}: {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']}, "
        f"nginx {run.nginx or 'not there'}; reads by {run.tool}, posts by our own client. Writing 4 KiB through to the "
        f"disk took {machine['fsync_ms']} ms. Load average {run.load_before} before and {run.load_after} after; "
        f"{run.minutes:.0f} minutes in all.",
        _warning(run),
        *(_table(run, group) for group in ("reading", "posting", "importing", "starting")),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_into_document(run: Run) -> None:
    """Put a run's tables between the marks of the document.

    Raises:
        ValueError: if the marks aren't there.
    """
    text = DOCUMENT.read_text("utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{DOCUMENT} has lost its marks")
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{markdown(run)}{_END}{after}", "utf-8")


def _warning(run: Run) -> str:
    """Return what has to be said above numbers that were disturbed, nothing of those that weren't."""
    if run.load_before <= _QUIET:
        return ""
    return (
        f"**Not to be relied on.** The machine was busy with something else (load average {run.load_before} before the "
        "run): rates are too low, times too long, and a share of nginx can come out on either side of the truth."
    )


def _table(run: Run, group: str) -> str:
    rows = [row for row in run.rows if row.group == group]
    if not rows:
        return ""
    lines = {"reading": _reading, "posting": _posting}.get(group, _plain)(rows)
    return f"### {group.capitalize()}\n\n" + "\n".join(lines)


def _reading(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | bytes | answers/s | nginx | share | p99 ms | nginx p99 ms | errors |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in rows:
        share = median(row.ours) / median(row.nginx) if row.nginx else 0
        yield (
            f"| {row.name} | {row.bytes:,} | {_spread(row.ours)} | {_spread(row.nginx)} | {share:.2f} "
            f"| {median(row.p99):.1f} | {median(row.nginx_p99):.1f} | {row.errors} |"
        )


def _posting(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | comments/s | p50 ms | p99 ms | errors |"
    yield "|---|---:|---:|---:|---:|"
    for row in rows:
        yield f"| {row.name} | {_spread(row.ours)} | {_spread(row.p50)} | {_spread(row.p99)} | {row.errors} |"


def _plain(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | | unit |"
    yield "|---|---:|---|"
    for row in rows:
        yield f"| {row.name} | {_spread(row.ours)} | {row.unit} |"


def _spread(numbers: Sequence[float]) -> str:
    """Return the median and, in brackets, the least and the most."""
    if not numbers:
        return "–"
    if len(numbers) == 1:
        return _number(numbers[0])
    return f"{_number(median(numbers))} ({_number(min(numbers))}–{_number(max(numbers))})"


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
