"""How fast a community moves in, and how much memory that takes at most."""

from collections.abc import Callable
from pathlib import Path

from bench import cluster, product
from bench.generate import write_disqus
from bench.plan import Plan
from bench.results import Row, plain

_COMMENTS_A_THREAD = 100


def measure(folder: Path, _cache: Path, plan: Plan, tell: Callable[[str], None], missing: list[str]) -> list[Row]:
    """Measure imports of exports of the Disqus kind into an empty site, from the start of the command to its end."""
    rows = []
    for size in plan.imported:
        export = folder / f"import-{size}.xml"
        write_disqus(export, [_COMMENTS_A_THREAD] * (size // _COMMENTS_A_THREAD), seed=size)
        done = []
        for repetition in range(1, plan.import_repetitions + 1):
            tell(f"importing {size:,} comments, {repetition} of {plan.import_repetitions}")
            done.append(_import(product.Place(folder / f"importing-{size}-{repetition}"), export))
        rows += _rows(f"{size:,} comments into SQLite", size, done)
        if not cluster.is_installed():
            missing.append(cluster.MISSING)
            continue
        with cluster.database() as database:
            tell(f"importing {size:,} comments into PostgreSQL")
            done = [_import(product.Place(folder / f"importing-{size}-postgres", database.url), export)]
        rows += _rows(f"{size:,} comments into PostgreSQL", size, done)
    return rows


def _import(place: product.Place, export: Path) -> product.Done:
    return product.run(place, "import", str(export), "--site", product.SITE)


def _rows(name: str, size: int, done: list[product.Done]) -> list[Row]:
    return [
        plain("importing", name, "comments/s", [size / each.seconds for each in done]),
        plain("importing", f"{name}, memory at most", "MB", [each.peak_mb for each in done]),
    ]
