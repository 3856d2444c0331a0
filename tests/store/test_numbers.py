"""Large sets in little room: they tell what a set tells."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from outspoken.store.numbers import Names, Numbers

numbers = st.integers(0, 2**64 - 2)


@given(st.lists(numbers | st.integers(0, 60)), st.lists(numbers | st.integers(0, 60)))
def test_they_hold_what_was_put_in_and_nothing_else(put: list[int], others: list[int]) -> None:
    kept = Numbers()
    for number in put:
        kept.add(number)

    assert (len(kept), sorted(kept)) == (len(set(put)), sorted(set(put)))
    assert all(number in kept for number in put)
    assert not any(number in kept for number in set(others) - set(put))


@given(st.lists(st.text()), st.lists(st.text()))
def test_names_are_counted_once_wherever_they_were_counted(some: list[str], others: list[str]) -> None:
    here, there = Names(), Names()
    for name in some:
        here.add(name)
    for name in others:
        there.add(name)
    here.join(there)

    assert len(here) == len({*some, *others})
    assert all(name in here for name in [*some, *others])
    assert [name in there for name in some] == [name in others for name in some]


def test_a_name_takes_no_more_than_24_bytes() -> None:
    count = 20_000
    tracemalloc.start()
    try:
        names = Names()
        for number in range(count):
            names.add(f"Passenger {number} of the ferry")
        assert len(names) == count
        assert tracemalloc.get_traced_memory()[0] < 24 * count + 1_000
    finally:
        tracemalloc.stop()
