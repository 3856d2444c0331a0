"""How fast a community moves in, and how much memory that takes at most."""

from collections.abc import Callable
from pathlib import Path

from bench import product
from bench.generate import write_disqus
from bench.plan import Plan
from bench.results import Row

_COMMENTS_A_THREAD = 100


def measure(folder: Path, plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    """Measure imports of exports of the Disqus kind into an empty site, from the start of the command to its end."""
    rows = []
    for size in plan.imported:
        export = folder / f"import-{size}.xml"
        write_disqus(export, [_COMMENTS_A_THREAD] * (size // _COMMENTS_A_THREAD), seed=size)
        rates, peaks = [], []
        for repetition in range(1, plan.import_repetitions + 1):
            tell(f"importing {size:,} comments, {repetition} of {plan.import_repetitions}")
            place = product.Place(folder / f"importing-{size}-{repetition}")
            done = product.run(place, "import", str(export), "--site", product.SITE)
            rates.append(size / done.seconds)
            peaks.append(done.peak_mb)
        rows.append(Row("importing", f"{size:,} comments", "comments/s", rates, bytes=export.stat().st_size))
        rows.append(Row("importing", f"{size:,} comments, memory at most", "MB", peaks))
    return rows
