"""How fast comments are taken in over HTTP, each answered only when it is on disk; and reading meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bench import cluster, isso, prepared, product, texts
from bench.load import Order, Outcome, send, sending
from bench.plan import Plan
from bench.results import US, Row, Series, series

_GZIP = {"Accept-Encoding": "gzip"}
_WARM_SECONDS = 1.0
_WRITERS = 64
"""Connections that write while others read."""
_QUIET_COMMENTS = 1_000
"""Comments of the thread that is read while another is written in."""


def measure(folder: Path, cache: Path, plan: Plan, tell: Callable[[str], None], missing: list[str]) -> list[Row]:
    """Measure durable posts at several numbers of connections, on SQLite, on PostgreSQL and beside Isso."""
    rows = list(_measure(product.Place(folder / "posting"), "SQLite", plan, tell))
    try:
        programs = isso.installed(cache)
    except isso.Missing as why:
        missing.append(str(why))
    else:
        rows = list(_beside(rows, _measure_isso(programs, folder / "posting-isso", plan, tell)))
    rows += _while_reading(prepared.sqlite_with(cache, folder / "both", [_QUIET_COMMENTS], tell), plan, tell)
    if not cluster.is_installed():
        missing.append(cluster.MISSING)
        return rows
    with cluster.database() as database:
        rows += _measure(product.Place(folder / "posting-postgres", database.url), "PostgreSQL", plan, tell)
    return rows


def new_thread(place: product.Place) -> str:
    """Publish a story and return the id of its thread."""
    done = product.run(place, "publish", "--headline", "What the harbour said", "--site", product.SITE)
    return done.output.strip()


def _measure(place: product.Place, kind: str, plan: Plan, tell: Callable[[str], None]) -> Iterator[Row]:
    place.folder.mkdir()
    found: dict[int, list[Outcome]] = {connections: [] for connections in plan.post_connections}
    product.run(place, "site", "add", product.SITE, "--title", "Bench")
    with product.served(place) as ours:
        send(_order(ours.port, new_thread(place), 16, _WARM_SECONDS, 0))
        for repetition in range(1, plan.post_repetitions + 1):
            tell(f"posting on {kind}, {repetition} of {plan.post_repetitions}")
            for connections, outcomes in found.items():
                seed = 1_000 * repetition + connections
                outcomes.append(send(_order(ours.port, new_thread(place), connections, plan.post_seconds, seed)))
    for connections, outcomes in found.items():
        name = f"{kind}, {connections} connection{'s' if connections > 1 else ''}"
        yield Row("posting", name, "comments/s", {US: series(outcomes)})


def _measure_isso(programs: Path, folder: Path, plan: Plan, tell: Callable[[str], None]) -> dict[str, Series]:
    """Return what Isso did, by the name of our case on SQLite."""
    found: dict[str, Series] = {}
    with isso.served(programs, folder, ()) as port:
        for connections in plan.peer_post_connections:
            tell(f"posting to Isso, {connections} connections")
            path = isso.door(f"{connections}")
            order = Order(port, path, connections, plan.post_seconds, bodies=texts.for_isso(connections))
            name = f"SQLite, {connections} connection{'s' if connections > 1 else ''}"
            found[name] = series([send(order)])
    return found


def _beside(rows: list[Row], theirs: dict[str, Series]) -> Iterator[Row]:
    for row in rows:
        by = {**row.by, isso.NAME: theirs[row.name]} if row.name in theirs else row.by
        yield Row(row.group, row.name, row.unit, by, row.bytes)


def _while_reading(place: product.Place, plan: Plan, tell: Callable[[str], None]) -> Iterator[Row]:
    """Measure reading alone, and while as much is written as can be: in another thread, and in the same."""
    with product.served(place) as ours:
        quiet, busy = ours.thread_at("https://news.example/1"), new_thread(place)
        send(_order(ours.port, busy, 16, _WARM_SECONDS, 0))
        cases = {
            "reading alone": (quiet, ""),
            "reading while another thread is written in": (quiet, busy),
            "reading the thread that is written in": (busy, busy),
        }
        found: dict[str, list[tuple[Outcome, Outcome | None]]] = {name: [] for name in cases}
        for repetition in range(1, plan.post_repetitions + 1):
            tell(f"reading while others write, {repetition} of {plan.post_repetitions}")
            for name, (read, written) in cases.items():
                asked = Order(ours.port, f"/t/{read}", plan.read_connections, plan.post_seconds, _GZIP)
                if not written:
                    found[name].append((send(asked), None))
                    continue
                seed = 9_000 + 10 * repetition + (read == written)
                with (
                    sending(asked) as reading,
                    sending(_order(ours.port, written, _WRITERS, plan.post_seconds, seed)) as writing,
                ):
                    found[name].append((reading.outcome(), writing.outcome()))
    for name, outcomes in found.items():
        yield Row("both", name, "answers/s", {US: series([read for read, _ in outcomes])})
        posted = [outcome for _, outcome in outcomes if outcome]
        if posted:
            yield Row("both", f"{name}: what is written", "comments/s", {US: series(posted)})


def _order(port: int, thread: str, connections: int, seconds: float, seed: int) -> Order:
    path = f"/api/v1/threads/{thread}/comments"
    return Order(port, path, connections, seconds, bodies=texts.for_us(seed), prefix=f"{seed:016x}")
