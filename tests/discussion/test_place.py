from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outspoken.discussion.place import STRETCH, Place, root

# Each entry says which earlier comment (modulo how many there are) the next one replies to; 0 begins a root.
trees = st.lists(st.integers(0, 1_000_000), min_size=1, max_size=60)


def parents_of(choices: Sequence[int]) -> dict[int, int]:
    return {number: choice % number for number, choice in enumerate(choices, start=1)}


def places_of(parents: dict[int, int]) -> dict[int, Place]:
    places: dict[int, Place] = {}
    for number, parent in parents.items():
        places[number] = places[parent].below(number) if parent else root(number)
    return places


def walk(parents: dict[int, int], parent: int = 0) -> list[int]:
    children: dict[int, list[int]] = {}
    for number in reversed(parents):
        children.setdefault(parents[number], []).append(number)
    found: list[int] = []
    waiting = list(children.get(parent, []))
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children.get(found[-1], []))
    return found


def deep(depth: int, branches: Sequence[int]) -> dict[int, int]:
    """A chain of that depth, with a bush of further comments that reply somewhere on it."""
    parents = {number: number - 1 for number in range(1, depth + 1)}
    for choice in branches:
        parents[len(parents) + 1] = choice % (len(parents) + 1)
    return parents


@given(trees)
def test_byte_order_is_reading_order(choices: list[int]) -> None:
    parents = parents_of(choices)
    places = places_of(parents)

    assert sorted(parents, key=lambda number: places[number].path) == walk(parents)


@given(st.sampled_from([98, 99, 100, 101, 199, 200, 201, 255, 305]), trees)
@example(depth=300, branches=[])
def test_a_range_of_paths_is_exactly_the_part_of_the_sub_tree_that_stands_in_this_stretch(
    depth: int, branches: list[int]
) -> None:
    parents = deep(depth, branches)
    places = places_of(parents)

    for number in {1, 50, 99, 100, 101, depth - 1, depth, len(parents)} & set(parents):
        place = places[number]
        in_range = {
            other
            for other, elsewhere in places.items()
            if elsewhere.trunk == place.trunk and place.path <= elsewhere.path < place.end()
        }
        below = {number, *walk(parents, number)}
        assert in_range == {other for other in below if places[other].trunk == place.trunk}


@given(st.sampled_from([99, 100, 101, 250, 305]), trees)
def test_ranges_of_all_stretches_below_a_comment_cover_exactly_its_sub_tree(depth: int, branches: list[int]) -> None:
    parents = deep(depth, branches)
    places = places_of(parents)

    for number in (1, depth // 2, depth):
        found: set[int] = set()
        waiting = [(places[number].trunk, places[number].path, places[number].end())]
        while waiting:
            trunk, start, end = waiting.pop()
            for other, place in places.items():
                if place.trunk == trunk and start <= place.path < end:
                    found.add(other)
                    if place.is_full():
                        waiting.append((other, b"", b"\xff" * 4))
        assert found == {number, *walk(parents, number)}


@given(st.sampled_from([1, 99, 100, 101, 250, 305]), trees)
def test_a_place_knows_its_ancestors_back_to_its_trunk(depth: int, branches: list[int]) -> None:
    parents = deep(depth, branches)
    places = places_of(parents)

    for number, place in places.items():
        expected: list[int] = []
        above = parents[number]
        while above and (not expected or expected[0] != place.trunk):
            expected.insert(0, above)
            above = parents[above]
        assert list(place.ancestors()) == expected
        assert place.numbers()[-1] == number


def test_paths_stay_short_however_deep_the_conversation_goes() -> None:
    places = places_of({number: number - 1 for number in range(1, 1_001)})

    assert max(len(place.path) for place in places.values()) == 4 * STRETCH
    assert {place.trunk for place in places.values()} == {0, *range(100, 1_000, 100)}
    assert len(set(places.values())) == 1_000


def test_siblings_with_large_numbers_stay_in_order() -> None:
    numbers = [1, 255, 256, 65_535, 65_536, 2**24, 2**31 - 1]

    assert sorted(numbers, key=lambda number: root(number).path) == numbers


def test_a_number_that_does_not_fit_is_an_error_not_a_wrong_place() -> None:
    with pytest.raises(OverflowError):
        root(2**32)
