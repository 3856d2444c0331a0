from collections.abc import Iterator
from pathlib import Path

import pytest

from outspoken.store import scratch as module
from outspoken.store.scratch import Scratch, Waiting


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    waiting = Scratch(tmp_path / "scratch.db")
    yield waiting
    waiting.close()


def add(scratch: Scratch, source: str, page: str = "p", parent: str | None = None) -> None:
    scratch.add(source=source, page=page, parent=parent, created=60, state="published", payload=source.encode())


def test_records_come_back_by_page_in_the_order_of_the_file(scratch: Scratch) -> None:
    for source, page in [("a", "two"), ("b", "one"), ("c", "two")]:
        add(scratch, source, page, parent="a" if source == "c" else None)
    scratch.complete()

    assert list(scratch.pages()) == [("two", 2, None), ("one", 1, None)]
    assert scratch.records_of(["two"]) == [
        Waiting(0, "a", None, 60, "published"),
        Waiting(2, "c", "a", 60, "published", above=0),
    ]
    assert dict(scratch.payloads([0, 1])) == {0: b"a", 1: b"b"}
    assert scratch.records_of([]) == []


def test_a_source_that_is_here_already_is_not_kept_again(scratch: Scratch) -> None:
    for source in ("a", "b", "a"):
        add(scratch, source)
    scratch.complete()

    assert list(scratch.pages()) == [("p", 2, None)]
    assert (scratch.repeated, scratch.repeated_payloads) == (1, [b"a"])
    assert [record.position for record in scratch.records_of(["p"])] == [0, 1]


def test_more_records_than_are_kept_in_memory_go_to_the_file(tmp_path: Path, scratch: Scratch) -> None:
    total = module._BATCH + 700

    for number in range(total):
        add(scratch, f"s{number}", page=f"p{number % 900}")
    add(scratch, "s0")
    add(scratch, f"s{total - 1}")
    scratch.complete()

    pages = {page: count for page, count, _ in scratch.pages()}
    assert (scratch.repeated, scratch.repeated_payloads) == (2, [b"s0", f"s{total - 1}".encode()])
    assert sum(pages.values()) == total
    assert [record.position for record in scratch.records_of(list(pages))] == list(range(total))
    assert len(dict(scratch.payloads(range(total)))) == total


def test_the_first_story_of_a_page_is_the_one_it_has(scratch: Scratch) -> None:
    for number in range(module._BATCH + 1):
        scratch.add_story(f"p{number}", b"first")
        scratch.add_story(f"p{number}", b"second")
    add(scratch, "a", "p7")
    add(scratch, "b", "unknown")
    scratch.complete()

    assert list(scratch.pages()) == [("p7", 1, b"first"), ("unknown", 1, None)]
    assert scratch.unused_stories() == module._BATCH


def test_where_else_a_record_may_have_come_from_is_kept_with_it(scratch: Scratch) -> None:
    scratch.add(
        source="a", page="p", parent=None, created=None, state="held", payload=b"", same_as=(("wordpress", "17"),)
    )
    scratch.complete()

    assert scratch.records_of(["p"]) == [Waiting(0, "a", None, None, "held", (("wordpress", "17"),))]


def test_nothing_is_left_however_the_process_ends(tmp_path: Path) -> None:
    waiting = Scratch(tmp_path / "scratch.db")
    add(waiting, "a")
    waiting.complete()

    assert list(waiting.pages()) == [("p", 1, None)]

    assert list(tmp_path.iterdir()) == []
