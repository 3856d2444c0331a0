"""The figures as Prometheus reads them. No label but a route's template and a status."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from outspoken.figures import BOUNDS, Figures, Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(figures: Figures, *, database_answers: bool) -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Now(figures, database_answers=database_answers))
    return generate_latest(registry)


class _Now(Collector):
    """What is true when it is asked; the library's own counters would lock at every count."""

    def __init__(self, figures: Figures, *, database_answers: bool) -> None:
        self._figures = figures
        self._database_answers = database_answers

    def collect(self) -> Iterable[Metric]:
        """Return every figure."""
        yield from _of_requests(self._figures)
        yield from _of_pages(self._figures)
        yield from _of_writing(self._figures)
        yield from _of_the_process(self._figures, database_answers=self._database_answers)


def _of_requests(figures: Figures) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "outspoken_requests",
        "Answers of the application: all but those that were sent from memory where the request is parsed",
        labels=("route", "status"),
    )
    begun = HistogramMetricFamily("outspoken_request_seconds", "Seconds until these answers began", labels=("route",))
    for route, answers in sorted(figures.routes.items()):
        for status, count in sorted(answers.statuses.items()):
            requests.add_metric((route, str(status)), count)
        begun.add_metric((route,), _buckets(answers.begun), answers.begun.seconds)
    yield requests
    yield begun
    yield CounterMetricFamily("outspoken_request_failures", "Requests that met a fault of ours", figures.failures)
    yield CounterMetricFamily("outspoken_request_bytes", "Bytes of the bodies of these answers", figures.answer_bytes)


def _of_pages(figures: Figures) -> Iterator[Metric]:
    reads = CounterMetricFamily(
        "outspoken_reads", "Reads of pages that are the same for everybody, by what was answered", labels=("answer",)
    )
    reads.add_metric(("page",), figures.hits)
    reads.add_metric(("unchanged",), figures.unchanged)
    yield reads
    yield CounterMetricFamily(
        "outspoken_read_bytes", "Bytes of such answers that were sent from memory", figures.hit_bytes
    )
    yield _histogram("outspoken_render_seconds", "Seconds that rendering a page took", figures.renderings)
    yield GaugeMetricFamily("outspoken_snapshots", "Rendered pages in memory", figures.snapshots)
    yield GaugeMetricFamily("outspoken_snapshot_bytes", "Bytes that rendered pages take", figures.snapshot_bytes)
    yield CounterMetricFamily(
        "outspoken_snapshot_evictions", "Pages that had to go because the room for them was full", figures.evictions
    )
    yield GaugeMetricFamily("outspoken_live_pages", "Pages that follow a thread", figures.live_pages)
    yield CounterMetricFamily("outspoken_live_events", "Times such a page was told of a change", figures.live_events)
    yield CounterMetricFamily("outspoken_live_dropped", "Such pages that didn't keep up", figures.live_dropped)


def _of_writing(figures: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("outspoken_writer_waiting", "Pieces of work waiting for the writer", figures.waiting)
    yield GaugeMetricFamily("outspoken_writer_waiting_bytes", "Bytes they take", figures.waiting_bytes)
    yield CounterMetricFamily("outspoken_writer_pieces", "Pieces of work that are on disk", figures.pieces)
    yield CounterMetricFamily(
        "outspoken_writer_refused", "Pieces of work refused because too many waited", figures.refused
    )
    yield _histogram("outspoken_commit_seconds", "Seconds until a transaction was on disk", figures.commits)
    yield CounterMetricFamily(
        "outspoken_commit_failures", "Transactions that couldn't be put on disk", figures.commit_failures
    )


def _of_the_process(figures: Figures, *, database_answers: bool) -> Iterator[Metric]:
    yield GaugeMetricFamily("outspoken_database_up", "Whether the database answers", int(database_answers))
    yield GaugeMetricFamily("outspoken_processes", "Processes these figures are of", figures.processes)
    yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory, of all processes", figures.memory_bytes)
    yield GaugeMetricFamily("process_start_time_seconds", "When the newest process began", figures.started)


def _histogram(name: str, meaning: str, histogram: Histogram) -> Metric:
    return HistogramMetricFamily(name, meaning, _buckets(histogram), histogram.seconds)


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    found, count = [], 0
    for bound, counted in zip([*map(str, BOUNDS), "+Inf"], histogram.counts, strict=True):
        count += counted
        found.append((bound, float(count)))
    return found
