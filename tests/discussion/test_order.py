import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.errors import Invalid
from outspoken.discussion.order import (
    UNIT,
    Cursor,
    best_rank,
    controversial_rank,
    controversy,
    parse_cursor,
    wilson_lower_bound,
)

votes = st.integers(0, 10_000_000)
few = st.integers(0, 3_000)
ranks = st.integers(-(10**12) + 1, 10**12 - 1)


@pytest.mark.parametrize(
    ("up", "down", "z", "bound"),
    [
        # The usual worked examples for 95 %, as published for ten and a hundred trials.
        (5, 5, 1.959964, 0.2366),
        (10, 0, 1.959964, 0.7225),
        (0, 10, 1.959964, 0.0),
        (81, 182, 1.959964, 0.2553),  # Newcombe 1998, example a: 81 of 263
        (1, 0, 1.959964, 0.2065),
        (1, 0, 1.281552, 0.3784),
    ],
)
def test_the_lower_bound_has_the_values_known_from_literature(up: int, down: int, z: float, bound: float) -> None:
    assert wilson_lower_bound(up, down, z) == pytest.approx(bound, abs=5e-5)


@given(votes, votes)
def test_the_lower_bound_lies_between_nothing_and_the_share_itself(up: int, down: int) -> None:
    bound = wilson_lower_bound(up, down)

    assert 0 <= bound <= 1
    if up + down:
        assert bound <= up / (up + down) + 1e-12


@given(few, few)
def test_a_vote_for_raises_the_lower_bound_and_one_against_lowers_it(up: int, down: int) -> None:
    here = wilson_lower_bound(up, down)

    assert wilson_lower_bound(up + 1, down) > here
    assert wilson_lower_bound(up, down + 1) <= here + 1e-15


@given(few, few, st.integers(2, 20))
def test_the_same_share_counts_more_with_more_votes(up: int, down: int, times: int) -> None:
    if up:
        assert wilson_lower_bound(up * times, down * times) > wilson_lower_bound(up, down)


@given(few, few)
def test_controversy_needs_both_kinds_and_does_not_care_which_is_which(up: int, down: int) -> None:
    assert controversy(up, down) == controversy(down, up)
    assert (controversy(up, down) == 0) == (up == 0 or down == 0)


@given(st.integers(1, 3_000), st.integers(1, 3_000))
def test_an_even_split_is_the_most_controversial(up: int, down: int) -> None:
    votes = up + down

    assert controversy(up, down) <= votes + 1e-6
    assert controversy(votes, votes) == 2 * votes


@pytest.mark.parametrize("formula", [wilson_lower_bound, controversy])
@pytest.mark.parametrize("counts", [(-1, 0), (0, -1)])
def test_there_are_no_negative_votes(formula: object, counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        formula(*counts)  # type: ignore[operator]


@given(votes, votes)
def test_ranks_are_whole_numbers_from_first_to_last(up: int, down: int) -> None:
    for rank in (best_rank(up, down), controversial_rank(up, down)):
        assert type(rank) is int
        assert 0 <= rank <= UNIT


@given(few, few, few, few)
def test_ranks_order_as_their_formulas_do(up: int, down: int, other_up: int, other_down: int) -> None:
    if best_rank(up, down) < best_rank(other_up, other_down):
        assert wilson_lower_bound(up, down) > wilson_lower_bound(other_up, other_down)
    if controversial_rank(up, down) < controversial_rank(other_up, other_down):
        assert controversy(up, down) > controversy(other_up, other_down)


@given(ranks, st.integers(0, 2**31 - 1))
def test_a_cursor_comes_back_from_an_address_as_it_was_printed(rank: int, number: int) -> None:
    assert parse_cursor(str(Cursor(rank, number))) == Cursor(rank, number)


HOSTILE = [
    *("", ".", "1", "1.", ".1", "1.2.3", "a.1", "1.b", "1.-2", "--1.2", "+1.2", "-.2", "1 .2", " 1.2", "1.2 ", "1.2\n"),
    *("١.٢", "1².3", "1e9.2", "0x1.2", "1_0.2", "\x00.1", "1.\x00", "'; drop table comments; --", "nan.1", "1,2"),
    *("9" * 13 + ".1", "1." + "9" * 13, "9" * 100_000 + ".1", "1.4294967296", "1.2147483648"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_cursor_that_no_page_gave_out_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_cursor(text, "before")
    assert refused.value.field == "before"


@given(st.text(max_size=30))
def test_any_text_is_read_as_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = parse_cursor(text)
    except Invalid:
        return
    assert parse_cursor(str(cursor)) == cursor
