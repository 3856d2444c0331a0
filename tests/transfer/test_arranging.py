"""Putting records of a page in order: nothing that somebody wrote is dropped, parents come first."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from outspoken.store.scratch import Waiting
from outspoken.transfer.arranging import Arranged, arrange


def record(
    position: int, parent: str | None = None, *, state: str = "published", created: int | None = None
) -> Waiting:
    above = int(parent[1:]) if parent is not None and parent.startswith("c") else None
    return Waiting(position, f"c{position}", parent, created, state, above=above)


def order_of(records: list[Waiting], known: frozenset[str] = frozenset()) -> list[str]:
    return [f"c{position}" for position in arrange(records, known).kept]


def kept_of(records: list[Waiting], known: frozenset[str] = frozenset()) -> list[Arranged]:
    arrangement = arrange(records, known)
    return arrangement.arranged(arrangement.kept, {one.position: one for one in records})


@st.composite
def pages(draw: st.DrawFn) -> list[Waiting]:
    """Draw records whose parents may be anything: earlier, later, themselves, unknown, in a circle."""
    count = draw(st.integers(1, 30))
    has_dates = draw(st.booleans())
    return [
        record(
            position,
            draw(st.one_of(st.none(), st.integers(0, count + 1).map(lambda number: f"c{number}"))),
            state=draw(st.sampled_from(["published", "published", "held", "deleted", "spam"])),
            created=draw(st.integers(0, 1000)) if has_dates else None,
        )
        for position in range(count)
    ]


@given(pages())
def test_every_live_record_is_kept_exactly_once_and_below_a_parent_that_comes_first(records: list[Waiting]) -> None:
    arrangement = arrange(records, frozenset())

    kept = list(arrangement.kept)
    assert len(kept) == len(set(kept))
    assert {one.position for one in records if one.state in ("published", "held")} <= set(kept)
    left = Counter(one.state for one in records if one.position not in kept)
    assert left == arrangement.childless
    seen: set[str] = set()
    for arranged in kept_of(records):
        assert arranged.parent is None or arranged.parent in seen
        seen.add(arranged.waiting.source)


@given(pages())
def test_every_record_keeps_the_parent_it_names_unless_that_is_told(records: list[Waiting]) -> None:
    arrangement = arrange(records, frozenset())

    told = {one.source for one, _ in arrangement.problems}
    for arranged in kept_of(records):
        assert arranged.parent == arranged.waiting.parent or arranged.waiting.source in told
        assert arranged.is_adopted == (arranged.waiting.source in told)


@given(pages())
def test_what_is_gone_is_kept_only_above_something_that_lives(records: list[Waiting]) -> None:
    kept = kept_of(records)

    parents = {arranged.parent for arranged in kept}
    for arranged in kept:
        if arranged.waiting.state in ("deleted", "spam"):
            assert arranged.waiting.source in parents


def test_a_reply_that_comes_before_its_parent_in_the_file_comes_after_it() -> None:
    assert order_of([record(0, "c1"), record(1)]) == ["c1", "c0"]


def test_comments_stand_in_the_order_of_their_dates_where_all_have_one() -> None:
    assert order_of([record(0, created=30), record(1, created=10), record(2, created=20)]) == ["c1", "c2", "c0"]


def test_comments_stay_in_the_order_of_the_file_where_a_date_is_missing() -> None:
    assert order_of([record(0, created=30), record(1), record(2, created=20)]) == ["c0", "c1", "c2"]


def test_a_reply_to_itself_becomes_a_root_and_is_told() -> None:
    records = [record(0, "c0")]

    assert [(kept.parent, kept.is_adopted) for kept in kept_of(records)] == [(None, True)]
    assert len(arrange(records, frozenset()).problems) == 1


def test_a_circle_is_opened_at_one_place_only() -> None:
    kept = kept_of([record(0, "c2"), record(1, "c0"), record(2, "c1")])

    assert sum(one.is_adopted for one in kept) == 1
    assert len(kept) == 3


def test_a_parent_from_an_earlier_import_counts_as_there() -> None:
    records, known = [record(0, "old")], frozenset({"old"})

    assert [kept.parent for kept in kept_of(records, known)] == ["old"]
    assert not arrange(records, known).problems
