"""A run as Markdown tables and as a chart, and their places in docs/ and in README.md."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import isso, nginx
from bench.chart import Group, bars
from bench.results import US, Row, Run, encoded, median

_DOCS = Path(__file__).parents[1] / "docs"
DOCUMENT = _DOCS / "performance.md"
README = _DOCS.parent / "README.md"
NUMBERS = _DOCS / "performance.json"
CHART = _DOCS / "images" / "performance.svg"
_QUIET = 0.3
"""Load average above which the machine was busy with something else."""
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_PICTURE = """![Views and comments a second, side by side](images/performance.svg)

All numbers, each repetition by itself, are in [performance.json](performance.json).

"""
_HEADS = {
    "reading": "Reading",
    "posting": "Posting",
    "both": "Reading while others write",
    "live": "Pages that follow",
    "importing": "Importing",
    "starting": "Start and memory",
}


def markdown(run: Run) -> str:
    """Return all tables of a run, each after a line on what it shows."""
    machine, versions = run.machine, ", ".join(f"{name} {version}" for name, version in run.versions.items())
    parts = [
        f"Measured on {run.when[:10]} with version {run.version}: {machine['cores']} cores of {machine['processor']}, "
        f"{machine['memory_gb']} GB, {machine['system']}, Python {machine['python']}, SQLite {machine['sqlite']}, "
        f"{versions}. Writing 4 KiB through to the disk took {machine['fsync_ms']} ms. Load average {run.load_before} "
        f"before and {run.load_after} after; {run.minutes:.0f} minutes in all.",
        _warning(run),
        *(_table(run, group) for group in _HEADS),
        *(f"Not measured: {what}." for what in run.missing),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(run: Run) -> str:
    """Return one table of what matters most of a run: reading, posting, following, starting; medians only."""
    lines = [
        f"On {run.machine['cores']} cores of {run.machine['processor']}, the server on one of them ({run.when[:10]}):",
        "",
        "| | Outspoken | nginx, the same bytes | Isso |",
        "|---|---:|---:|---:|",
    ]
    for row in _chosen(run):
        others = (row.by.get(who) for who in (nginx.TUNED, isso.NAME))
        cells = (_number(median(each.numbers)) if each else "–" for each in (row.by[US], *others))
        lines.append(f"| {row.name} ({row.unit}) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def chart(run: Run) -> str:
    """Draw what matters most of a run: views of threads of all sizes, and comments taken in, beside the others."""
    chosen = [row for row in _chosen(run) if row.group in ("reading", "posting")]
    groups = [Group(f"{row.name}", {who: median(series.numbers) for who, series in row.by.items()}) for row in chosen]
    return bars("Answers a second, server on one core", "views/s, comments/s", groups)


def write_into_document(run: Run) -> None:
    """Put a run's tables between the marks of the documents, and its numbers and chart beside them.

    Raises:
        ValueError: if the marks aren't there.
    """
    _write_between_marks(DOCUMENT, _PICTURE + markdown(run))
    _write_between_marks(README, summary(run))
    NUMBERS.write_bytes(encoded(run) + b"\n")
    CHART.write_text(chart(run), "utf-8")


def _write_between_marks(file: Path, tables: str) -> None:
    before, begin, rest = file.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{file} has lost its marks")
    file.write_text(f"{before}{_BEGIN}\n{tables}{_END}{after}", "utf-8")


def _chosen(run: Run) -> list[Row]:
    """Return the rows that say most: views of threads of all sizes, comments taken in, pages that follow, the start."""
    return [
        row for row in run.rows if row.group in ("posting", "live", "starting") or row.name.startswith("first view")
    ]


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
    lines = {"reading": _reading, "posting": _posting, "both": _posting}.get(group, _plain)(rows)
    return f"### {_HEADS[group]}\n\n" + "\n".join(lines)


def _reading(rows: Sequence[Row]) -> Iterator[str]:
    others = _others(rows)
    yield "| | bytes | answers/s | p99 ms | errors |" + "".join(f" {who} | share |" for who in others)
    yield "|---|---:|---:|---:|---:|" + "---:|---:|" * len(others)
    for row in rows:
        ours = row.by[US]
        line = f"| {row.name} | {row.bytes:,} | {_spread(ours.numbers)} | {median(ours.p99):.1f} | {ours.errors} |"
        for who in others:
            theirs = row.by.get(who)
            if theirs is None:
                line += " – | – |"
                continue
            share = median(ours.numbers) / median(theirs.numbers) if median(theirs.numbers) else 0.0
            failed = f", {theirs.errors} errors" if theirs.errors else ""
            line += f" {_spread(theirs.numbers)}{failed} | {_number(share)} |"
        yield line


def _posting(rows: Sequence[Row]) -> Iterator[str]:
    others = _others(rows)
    yield "| | a second | p50 ms | p99 ms | errors |" + "".join(f" {who} | its p99 ms | its errors |" for who in others)
    yield "|---|---:|---:|---:|---:|" + "---:|---:|---:|" * len(others)
    for row in rows:
        ours = row.by[US]
        line = f"| {row.name} | {_spread(ours.numbers)} | {_spread(ours.p50)} | {_spread(ours.p99)} | {ours.errors} |"
        for who in others:
            theirs = row.by.get(who)
            if theirs is None:
                line += " – | – | – |"
            else:
                line += f" {_spread(theirs.numbers)} | {_spread(theirs.p99)} | {theirs.errors} |"
        yield line


def _plain(rows: Sequence[Row]) -> Iterator[str]:
    yield "| | | unit |"
    yield "|---|---:|---|"
    for row in rows:
        ours = row.by[US]
        failed = f", {ours.errors} lost" if ours.errors else ""
        yield f"| {row.name} | {_spread(ours.numbers)}{failed} | {row.unit} |"


def _others(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(who for row in rows for who in row.by if who != US))


def _spread(numbers: Sequence[float]) -> str:
    """Return the median and, in brackets, the least and the most."""
    if not numbers:
        return "–"
    if len(numbers) == 1:
        return _number(numbers[0])
    return f"{_number(median(numbers))} ({_number(min(numbers))}–{_number(max(numbers))})"


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"
