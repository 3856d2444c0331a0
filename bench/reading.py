"""How fast readers are answered, beside nginx that serves the very same compressed bytes from files, and Isso."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import isso, nginx, prepared, product
from bench.load import Order, Outcome, send
from bench.plan import Plan
from bench.popularity import Popularity
from bench.results import US, Row, series

_GZIP = {"Accept-Encoding": "gzip"}
_WARM_SECONDS = 1
_MIXED_COMMENTS = 60
"""Comments of each thread of the mix: more than a first view holds."""
_MIXED_REQUESTS = 20_000
_SORTS = ("newest", "oldest", "controversial")


@dataclass(frozen=True, slots=True)
class _Case:
    """One case: what each server is asked for."""

    name: str
    bytes: int
    orders: dict[str, Order]


def measure(folder: Path, cache: Path, plan: Plan, tell: Callable[[str], None], missing: list[str]) -> list[Row]:
    """Measure first views of threads of all sizes, in all sorts, unchanged, as JSON, and of many threads by turns."""
    sizes = (*plan.threads, *[_MIXED_COMMENTS] * plan.mixed_threads)
    place = prepared.sqlite_with(cache, folder / "reading", sizes, tell)
    with ExitStack() as running:
        ours = running.enter_context(product.served(place))
        files = {
            nginx.TUNED: running.enter_context(nginx.served(folder / "nginx", is_tuned=True)),
            nginx.DEBIAN: running.enter_context(nginx.served(folder / "nginx-debian", is_tuned=False)),
        }
        cases = list(_cases(ours, files, plan))
        try:
            programs = isso.installed(cache)
        except isso.Missing as why:
            missing.append(str(why))
        else:
            port = running.enter_context(isso.served(programs, folder / "isso", plan.peer_threads))
            for number, size in enumerate(plan.peer_threads, 1):
                cases[plan.threads.index(size)].orders[isso.NAME] = _order(port, isso.view(number), plan)
        return _in_turns(cases, plan, tell)


def _in_turns(cases: list[_Case], plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    found: list[dict[str, list[Outcome]]] = [{who: [] for who in case.orders} for case in cases]
    for case in cases:
        send(_shorter(case.orders[US]))
    for repetition in range(1, plan.read_repetitions + 1):
        tell(f"reading, {repetition} of {plan.read_repetitions}")
        for case, outcomes in zip(cases, found, strict=True):
            for who, order in case.orders.items():
                if who != isso.NAME:
                    outcomes[who].append(send(order))
    # Isso goes on with what it was asked when its turn is over, on the core of the others: so it comes last.
    for _ in range(plan.read_repetitions):
        for case, outcomes in zip(cases, found, strict=True):
            if isso.NAME in case.orders:
                outcomes[isso.NAME].append(send(case.orders[isso.NAME]))
    return [
        Row("reading", case.name, "answers/s", {who: series(each) for who, each in outcomes.items()}, case.bytes)
        for case, outcomes in zip(cases, found, strict=True)
    ]


def _cases(ours: product.Running, files: dict[str, nginx.Nginx], plan: Plan) -> Iterator[_Case]:
    looked_at = ""
    for number, size in enumerate(plan.threads, 1):
        thread = ours.thread_at(f"https://news.example/{number}")
        yield _same_bytes(f"first view of {size:,} comments", f"/t/{thread}", ours, files, plan)
        if size == plan.looked_at:
            looked_at = thread
    name = f"{plan.looked_at:,} comments"
    for sort in _SORTS:
        yield _same_bytes(f"{name}, {sort} first", f"/t/{looked_at}?sort={sort}", ours, files, plan)
    yield _same_bytes(f"{name}, as JSON", f"/api/v1/threads/{looked_at}/comments", ours, files, plan)
    yield _unchanged(f"{name}, unchanged (304)", f"/t/{looked_at}", ours, files, plan)
    yield _mixed(ours, files, plan)


def _same_bytes(name: str, path: str, ours: product.Running, files: dict[str, nginx.Nginx], plan: Plan) -> _Case:
    page, _ = product.get(ours.port, path, _GZIP)
    orders = {US: _order(ours.port, path, plan)}
    for who, server in files.items():
        orders[who] = _order(server.port, server.give(path.strip("/").replace("?", "-"), page), plan)
    return _Case(name, len(page), orders)


def _unchanged(name: str, path: str, ours: product.Running, files: dict[str, nginx.Nginx], plan: Plan) -> _Case:
    page, headers = product.get(ours.port, path, _GZIP)
    orders = {US: _order(ours.port, path, plan, headers["etag"])}
    for who, server in files.items():
        given = server.give(path.strip("/"), page)
        orders[who] = _order(server.port, given, plan, product.get(server.port, given)[1]["etag"])
    return _Case(name, 0, orders)


def _mixed(ours: product.Running, files: dict[str, nginx.Nginx], plan: Plan) -> _Case:
    first = len(plan.threads) + 1
    paths = []
    size = 0
    for number in range(first, first + plan.mixed_threads):
        paths.append(f"/t/{ours.thread_at(f'https://news.example/{number}')}")
        page, _ = product.get(ours.port, paths[-1], _GZIP)
        size += len(page)
        for server in files.values():
            server.give(paths[-1].strip("/"), page)
    asked = tuple(Popularity(len(paths)).choose(random.Random(1), paths, _MIXED_REQUESTS))
    servers = {US: ours.port, **{who: server.port for who, server in files.items()}}
    orders = {
        who: Order(port, "/", plan.read_connections, plan.read_seconds, _GZIP, paths=asked)
        for who, port in servers.items()
    }
    return _Case(f"{plan.mixed_threads:,} threads by Zipf's law", size // len(paths), orders)


def _order(port: int, path: str, plan: Plan, etag: str = "") -> Order:
    headers = {**_GZIP, "If-None-Match": etag} if etag else _GZIP
    return Order(port, path, plan.read_connections, plan.read_seconds, headers)


def _shorter(order: Order) -> Order:
    return Order(order.port, order.path, order.connections, _WARM_SECONDS, order.headers, order.paths)
