"""How fast readers are answered, beside nginx that serves the very same compressed bytes from files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import nginx, product
from bench.generate import write_disqus
from bench.load import Order, Outcome, read
from bench.plan import Plan
from bench.results import Row

_GZIP = {"Accept-Encoding": "gzip"}
_WARM_SECONDS = 1


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    path: str
    nginx_path: str
    bytes: int
    etag: str = ""
    nginx_etag: str = ""


def measure(folder: Path, plan: Plan, tell: Callable[[str], None]) -> list[Row]:
    """Measure first views of threads of all sizes, an answer that nothing has changed, and JSON."""
    place = product.Place(folder / "reading")
    place.folder.mkdir()
    export = folder / "reading.xml"
    tell(f"preparing threads of {', '.join(f'{size:,}' for size in plan.threads)} comments")
    write_disqus(export, plan.threads)
    product.run(place, "import", str(export), "--site", product.SITE)
    with product.served(place) as ours, nginx.served(folder / "nginx") as theirs:
        cases = list(_cases(ours, theirs, plan))
        found: list[tuple[list[Outcome], list[Outcome]]] = [([], []) for _ in cases]
        for case in cases:
            read(_order(ours.port, case.path, case.etag, plan, seconds=_WARM_SECONDS))
        for repetition in range(1, plan.read_repetitions + 1):
            tell(f"reading, {repetition} of {plan.read_repetitions}")
            for case, (mine, other) in zip(cases, found, strict=True):
                mine.append(read(_order(ours.port, case.path, case.etag, plan)))
                other.append(read(_order(theirs.port, case.nginx_path, case.nginx_etag, plan)))
    return [
        Row(
            group="reading",
            name=case.name,
            unit="answers/s",
            ours=[outcome.rate for outcome in mine],
            nginx=[outcome.rate for outcome in other],
            p50=[outcome.p50 for outcome in mine],
            p99=[outcome.p99 for outcome in mine],
            nginx_p99=[outcome.p99 for outcome in other],
            errors=sum(outcome.errors for outcome in (*mine, *other)),
            bytes=case.bytes,
        )
        for case, (mine, other) in zip(cases, found, strict=True)
    ]


def _cases(ours: product.Running, theirs: nginx.Nginx, plan: Plan) -> Iterator[_Case]:
    for number, size in enumerate(plan.threads, 1):
        thread = ours.thread_at(f"https://news.example/{number}")
        page, headers = product.get(ours.port, f"/t/{thread}", _GZIP)
        given = theirs.give(f"{size}.html", page)
        yield _Case(f"first view of {size:,} comments", f"/t/{thread}", given, len(page))
        if size == 1_000:
            etag = product.get(theirs.port, given)[1]["etag"]
            yield _Case("the same, unchanged (304)", f"/t/{thread}", given, 0, headers["etag"], etag)
            path = f"/api/v1/threads/{thread}/comments"
            answer, _ = product.get(ours.port, path, _GZIP)
            yield _Case("the same as JSON", path, theirs.give(f"{size}.json", answer), len(answer))


def _order(port: int, path: str, etag: str, plan: Plan, seconds: float | None = None) -> Order:
    headers = {**_GZIP, "If-None-Match": etag} if etag else _GZIP
    return Order(port, path, plan.read_connections, seconds or plan.read_seconds, headers)
