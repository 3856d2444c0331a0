"""The end of a long trial: what is said of it, and what is kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec


def conclude(verdicts: Sequence[tuple[bool, str]], stem: Path, outcome: dict[str, Any], chart: str) -> int:
    """Say whether each thing came true, keep the outcome and its chart as `stem`.json and .svg, return the status."""
    for good, said in verdicts:
        print(f"{'yes' if good else 'NO '}  {said}")
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1))
    stem.with_suffix(".svg").write_text(chart, "utf-8")
    print(f"Kept in {stem}.json and .svg")
    return 0 if all(good for good, _ in verdicts) else 1
