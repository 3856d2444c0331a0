"""How soon a server answers after its start, and what memory it takes when nobody asks anything."""

from collections.abc import Callable
from pathlib import Path

from bench import product
from bench.generate import write_disqus
from bench.plan import Plan
from bench.results import Row

_COMMENTS_A_THREAD = 2


def measure(folder: Path, plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    """Measure start and rest of a server with many threads."""
    place = product.Place(folder / "starting")
    place.folder.mkdir()
    export = folder / "starting.xml"
    tell(f"preparing {plan.stories:,} threads")
    write_disqus(export, [_COMMENTS_A_THREAD] * plan.stories)
    product.run(place, "import", str(export), "--site", product.SITE)
    seconds, memory = [], []
    for number in range(1, plan.starts + 1):
        tell(f"starting, {number} of {plan.starts}")
        with product.served(place) as running:
            seconds.append(running.seconds)
            product.get(running.port, "/")
            memory.append(running.memory_mb)
    threads = f"{plan.stories:,} threads"
    return [
        Row("starting", f"from the command to the first answer, {threads}", "s", seconds),
        Row("starting", f"memory at rest, {threads}", "MB", memory),
    ]
