"""What was measured: plain rows, kept as one JSON file a run."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One case: a number for each repetition, ours and, where there is something to compare with, nginx's."""

    group: str
    name: str
    unit: str
    ours: list[float]
    nginx: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    """Milliseconds, ours."""
    p99: list[float] = field(default_factory=list)
    nginx_p99: list[float] = field(default_factory=list)
    errors: int = 0
    bytes: int = 0
    """Of the answer's body as it is sent."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the benchmark."""

    when: str
    version: str
    is_quick: bool
    machine: dict[str, object]
    tool: str
    nginx: str | None
    load_before: float
    load_after: float
    minutes: float
    rows: list[Row]


def median(numbers: Sequence[float]) -> float:
    """Return the middle one; 0 of none."""
    return statistics.median(numbers) if numbers else 0.0


def keep(run: Run) -> Path:
    """Write a run to its file."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{datetime.fromisoformat(run.when):%Y-%m-%d-%H%M}{'-quick' if run.is_quick else ''}.json"
    path.write_text(json.dumps(asdict(run), indent=1), "utf-8")
    return path


def newest() -> Run | None:
    """Return the newest whole run, None if there is none."""
    files = sorted(path for path in FOLDER.glob("*.json") if not path.stem.endswith("-quick"))
    if not files:
        return None
    kept = json.loads(files[-1].read_text("utf-8"))
    return Run(**{**kept, "rows": [Row(**row) for row in kept["rows"]]})
