"""How fast comments are taken in over HTTP, each answered only when it is on disk."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import product
from bench.load import Order, Outcome, send
from bench.machine import SERVER_CORE, on_core
from bench.plan import Plan
from bench.results import Row
from tests import postgres

_WARM_SECONDS = 1.0


def measure(folder: Path, plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    """Measure durable posts at several numbers of connections, on SQLite and, where there is one, on PostgreSQL."""
    rows = list(_measure(product.Place(folder / "posting"), "SQLite", plan, tell))
    if postgres.binaries() is None:
        tell("no PostgreSQL here")
        return rows
    with _postgres() as url:
        rows += _measure(product.Place(folder / "posting-postgres", url), "PostgreSQL", plan, tell)
    return rows


@contextmanager
def _postgres() -> Iterator[str]:
    """Run a PostgreSQL server on the servers' core, which it shares with ours."""
    with on_core(SERVER_CORE):
        context = postgres.running()
        cluster = context.__enter__()
    try:
        yield cluster.url(cluster.create())
    finally:
        context.__exit__(None, None, None)


def _measure(place: product.Place, kind: str, plan: Plan, tell: Callable[[str], None]) -> Iterator[Row]:
    place.folder.mkdir()
    found: dict[int, list[Outcome]] = {connections: [] for connections in plan.post_connections}
    product.run(place, "site", "add", product.SITE, "--title", "Bench")
    story = ("publish", "--headline", "What the harbour said", "--site", product.SITE)
    with product.served(place) as ours:
        warm = product.run(place, *story).output.strip()
        send(_order(ours.port, warm, 16, _WARM_SECONDS, 0))
        for repetition in range(1, plan.post_repetitions + 1):
            tell(f"posting on {kind}, {repetition} of {plan.post_repetitions}")
            for connections, outcomes in found.items():
                thread = product.run(place, *story).output.strip()
                outcomes.append(send(_order(ours.port, thread, connections, plan.post_seconds, repetition)))
    for connections, outcomes in found.items():
        yield Row(
            group="posting",
            name=f"{kind}, {connections} connection{'s' if connections > 1 else ''}",
            unit="comments/s",
            ours=[outcome.rate for outcome in outcomes],
            p50=[outcome.p50 for outcome in outcomes],
            p99=[outcome.p99 for outcome in outcomes],
            errors=sum(outcome.errors for outcome in outcomes),
        )


def _order(port: int, thread: str, connections: int, seconds: float, seed: int) -> Order:
    path = f"/api/v1/threads/{thread}/comments"
    return Order(port, path, connections, seconds, posts_comments=True, seed=seed)
