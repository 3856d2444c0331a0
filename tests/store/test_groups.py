"""What shares a name belongs together, whichever of it came first."""

import sqlite3
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from outspoken.store.groups import Groups

NAMES = st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=3)


def grouped(things: list[list[str]]) -> list[list[int]]:
    """Return the groups, of each thing its number."""
    groups = Groups(sqlite3.connect(":memory:", isolation_level=None))
    groups.gather((names, str(number).encode()) for number, names in enumerate(things))
    return [[int(payload) for payload in group] for group in groups]


@given(st.lists(NAMES, max_size=40))
def test_things_are_together_that_a_chain_of_names_joins(things: list[list[str]]) -> None:
    apart: list[set[int]] = []
    for number, names in enumerate(things):
        joined = [group for group in apart if any({*names} & {*things[other]} for other in group)]
        apart = [group for group in apart if group not in joined] + [{number}.union(*joined)]

    assert grouped(things) == sorted(sorted(group) for group in apart)


def test_nothing_is_no_group() -> None:
    assert grouped([]) == []


def test_a_long_chain_that_is_told_backwards_is_one_group() -> None:
    links = [[f"{one}", f"{other}"] for one, other in pairwise(range(3_000))]

    assert grouped(links[::-1]) == [list(range(2_999))]


def test_a_thing_may_have_more_names_than_a_statement_takes() -> None:
    names = [f"{number}" for number in range(2_000)]

    assert grouped([["x"], names, [names[-1], "x"]]) == [[0, 1, 2]]
