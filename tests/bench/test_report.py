"""What a run is shown as: tables that hold its numbers, charts that are XML, warnings where it was disturbed."""

from xml.etree import ElementTree

import msgspec

from bench.chart import Panel, lines
from bench.report import chart, markdown, summary
from bench.results import US, Row, Run, Series, encoded

ROWS = [
    Row(
        "reading",
        "first view of 50 comments",
        "answers/s",
        {US: Series([90.0, 100.0, 110.0], [1.0], [2.0]), "nginx": Series([200.0], errors=3)},
        bytes=9_000,
    ),
    Row("posting", "SQLite, 64 connections", "comments/s", {US: Series([2_000.0], [30.0], [60.0], errors=7)}),
    Row("live", "pages: the last one is told after <& co", "ms", {US: Series([500.0])}),
]
MACHINE: dict[str, str | int | float] = {
    "processor": "Mill & Sons <1>",
    "cores": 2,
    "memory_gb": 4,
    "system": "Linux",
    "python": "3.11",
    "sqlite": "3.40",
    "fsync_ms": 0.2,
}


def run(load_before: float = 0.0) -> Run:
    """Return a run with one row of each kind."""
    return Run("2026-05-04T12:30:00+00:00", "1", False, MACHINE, {}, load_before, 1.0, 5.0, ROWS, ["Isso: no network"])


def test_the_tables_hold_the_median_the_spread_the_share_and_the_errors() -> None:
    told = markdown(run())

    assert "| first view of 50 comments | 9,000 | 100 (90.0–110) | 2.0 | 0 | 200, 3 errors | 0.50 |" in told
    assert "| SQLite, 64 connections | 2,000 | 30.0 | 60.0 | 7 |" in told
    assert "Not measured: Isso: no network." in told


def test_the_summary_holds_medians_beside_the_others_and_says_on_what() -> None:
    told = summary(run())

    assert "Mill & Sons <1>" in told
    assert "| first view of 50 comments (answers/s) | 100 | 200 | – |" in told
    assert "| SQLite, 64 connections (comments/s) | 2,000 | – | – |" in told


def test_a_run_on_a_busy_machine_says_so() -> None:
    assert "Not to be relied on" in markdown(run(load_before=2.0))
    assert "Not to be relied on" not in markdown(run())


def test_a_run_comes_back_from_its_file_as_it_was() -> None:
    assert msgspec.json.decode(encoded(run()), type=Run) == run()


def test_charts_are_whole_xml_whatever_stands_in_them() -> None:
    for drawn in (chart(run()), lines("a < b & c", [Panel("none <", "ms", []), Panel("one", "MB", [(0.0, 0.0)])])):
        assert ElementTree.fromstring(drawn).tag.endswith("svg")


def test_each_bar_has_its_number_beside_it() -> None:
    root = ElementTree.fromstring(chart(run()))
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]

    assert "100" in texts
    assert "200" in texts
