"""What was measured: plain rows, kept as one JSON file a run."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from bench.load import Outcome

FOLDER = Path(__file__).parent / "results"
US = "Outspoken"


@dataclass(frozen=True, slots=True)
class Series:
    """What one server did in one case: a number for each repetition, milliseconds for the times."""

    numbers: list[float]
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One case, and what each server did in it, by the server's name."""

    group: str
    name: str
    unit: str
    by: dict[str, Series]
    bytes: int = 0
    """Of our answer's body as it is sent."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark."""

    when: str
    version: str
    is_quick: bool
    machine: dict[str, str | int | float]
    versions: dict[str, str]
    """Of the programs beside ours."""
    load_before: float
    load_after: float
    minutes: float
    rows: list[Row]
    missing: list[str]
    """What couldn't be measured here, and why."""


def series(outcomes: Sequence[Outcome]) -> Series:
    """Return what the repetitions of one case came to."""
    return Series(
        numbers=[outcome.rate for outcome in outcomes],
        p50=[outcome.p50 for outcome in outcomes],
        p99=[outcome.p99 for outcome in outcomes],
        errors=sum(outcome.errors for outcome in outcomes),
    )


def plain(group: str, name: str, unit: str, numbers: Sequence[float]) -> Row:
    """Return a row about us alone."""
    return Row(group, name, unit, {US: Series(list(numbers))})


def median(numbers: Sequence[float]) -> float:
    """Return the middle one; 0 of none."""
    return statistics.median(numbers) if numbers else 0.0


def keep(run: Run) -> Path:
    """Write a run to its file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{datetime.fromisoformat(run.when):%Y-%m-%d-%H%M}{'-quick' if run.is_quick else ''}.json"
    path.write_bytes(encoded(run))
    return path


def encoded(run: Run) -> bytes:
    """Return a run as JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(run), indent=1)


def newest() -> Run | None:
    """Return the newest whole run, None if there is none."""
    for path in sorted(FOLDER.glob("*.json"), reverse=True):
        if path.stem.endswith("-quick"):
            continue
        try:
            return msgspec.json.decode(path.read_bytes(), type=Run)
        except msgspec.ValidationError:
            # Of an earlier kind: what it measured can't be compared any more.
            continue
    return None
