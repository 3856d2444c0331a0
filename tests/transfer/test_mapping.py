"""Where the pages of a file go: grouped, told as a table, and sent elsewhere by an edited one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from outspoken.store.groups import Groups
from outspoken.transfer.mapping import Map, Row, Table, read_map, write_map
from outspoken.transfer.pages import Page, pages_of
from outspoken.transfer.records import SourceStory, Unreadable
from outspoken.transfer.report import Report


def grouped(
    *stories: SourceStory, map: Map | None = None, mapped: Callable[[Row], None] = lambda _: None
) -> tuple[list[Page], Report]:
    report = Report("told", mapped)
    groups = Groups(sqlite3.connect(":memory:", isolation_level=None))
    pages = pages_of(((story.source, 1, story) for story in stories), groups, map or Map(), report)
    return list(pages), report


def a_map(tmp_path: Path, text: str) -> Map:
    file = tmp_path / "map"
    file.write_text(text)
    return read_map(file)


def test_pages_that_share_an_address_or_an_identifier_are_one() -> None:
    pages, _ = grouped(
        SourceStory("1", url="http://www.a.example/x/"),
        SourceStory("2", url="https://a.example/other"),
        SourceStory("3", url="https://a.example/x?utm_source=mail", identifier="7"),
        SourceStory("4", url="https://b.example/x", identifier="7"),
        SourceStory("5", url="https://c.example/", also=("https://a.example/other",)),
    )

    assert [page.sources for page in pages] == [("1", "3", "4"), ("2", "5")]
    assert pages[0].names == ("a.example/x", "id:7", "b.example/x")


def test_a_copy_on_a_local_host_stays_apart_although_it_has_the_same_identifier() -> None:
    pages, report = grouped(
        SourceStory("1", url="https://a.example/x", identifier="7"),
        SourceStory("2", url="http://localhost:4000/x", identifier="7"),
    )

    assert [(page.sources, page.is_copy) for page in pages] == [(("1",), False), (("2",), True)]
    assert [problem.where for problem in report.problems] == ["page http://localhost:4000/x"]


def test_rules_send_pages_elsewhere_and_the_old_address_leads_there_too(tmp_path: Path) -> None:
    rules = a_map(tmp_path, "# moved\nold.example/* -> new.example/*\nid:/* -> https://new.example/*\n/lost* -> \n")

    pages, _ = grouped(
        SourceStory("1", url="http://www.old.example/x"),
        SourceStory("2", identifier="/x"),
        SourceStory("3", url="https://else.example/x"),
        map=rules,
    )

    assert [page.sources for page in pages] == [("1", "2"), ("3",)]
    assert pages[0].story.url == "https://new.example/x"
    assert pages[0].addresses == ("new.example/x", "old.example/x", "id:/x")


def test_the_table_comes_back_as_it_was_written_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "map.csv"
    stories = [
        SourceStory("1", url="https://a.example/x"),
        SourceStory("2", url="https://a.example/x?fbclid=1"),
        SourceStory("3", identifier="=1+1"),
        SourceStory("4", url="http://localhost/x"),
    ]
    pages, _ = grouped(*stories)
    write_map(
        file, [Row(origin, page.names[0], count, "page", None) for page in pages for origin, count in page.origins]
    )

    again, _ = grouped(*stories, map=read_map(file))

    assert [page.sources for page in again] == [page.sources for page in pages]
    assert [page.is_copy for page in again] == [page.is_copy for page in pages]
    assert "\n=" not in file.read_text()


def test_rows_wait_in_a_file_that_has_no_name_and_come_back_as_often_as_they_are_wanted(tmp_path: Path) -> None:
    rows = [Row(f"https://a.example/{number}", "a.example/\n", number, "page", None) for number in range(2_000)]

    with Table(tmp_path) as table:
        for row in rows[:-1]:
            table.add(row)
        assert next(iter(table)) == rows[0]
        table.add(rows[-1])

        assert (len(table), list(table), list(table)) == (2_000, rows, rows)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_line_that_fits_no_page_is_told_and_cells_may_be_parted_as_spreadsheets_do(tmp_path: Path, mark: str) -> None:
    lines = (("from", "to"), ("https://a.example/x", "https://b.example/x"), ("https://a.example/tpyo", ""))
    table = a_map(tmp_path, "".join(f"{mark.join(line)}\n" for line in lines))

    pages, report = grouped(SourceStory("1", url="https://a.example/x"), map=table)

    assert [page.names[0] for page in pages] == ["b.example/x"]
    assert [problem.where for problem in report.problems] == ["the map's “a.example/tpyo”"]


def test_a_rule_that_fits_no_page_is_told(tmp_path: Path) -> None:
    rules = a_map(
        tmp_path, "https://old.example/* -> https://b.example/*\nhttps://a.example/* -> https://b.example/*\n"
    )

    _, report = grouped(SourceStory("1", url="https://a.example/x"), map=rules)

    assert [problem.where for problem in report.problems] == ["the map's “old.example/*”"]


def test_an_emptied_cell_leaves_a_page_out(tmp_path: Path) -> None:
    table = a_map(tmp_path, "from,to\nhttps://a.example/x,\nhttps://a.example/y,https://a.example/z\n")

    rows: list[Row] = []

    pages, report = grouped(
        SourceStory("1", url="https://a.example/x"),
        SourceStory("2", url="https://a.example/y"),
        map=table,
        mapped=rows.append,
    )

    assert [page.names for page in pages] == [("a.example/z",)]
    assert dict(report.skipped) == {"left out by the map": 1}
    assert [(row.address, row.what) for row in rows] == [("https://a.example/x", "left out")]


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "from,where\na,b\n", "a -> https://b.example\nhalf a line\n", "a -> ftp://b.example\n"),
        *("a -> b.example/*\n", "from,to\na,https://b.example\na,https://c.example\n", 'from,to\n"a'),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unreadable):
        a_map(tmp_path, text)
