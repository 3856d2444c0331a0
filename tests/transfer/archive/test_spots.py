"""Where the comments of an archive stand, in little room."""

from hypothesis import given
from hypothesis import strategies as st

from outspoken.transfer.archive.spots import Spots

ids = st.text("0a-", min_size=1, max_size=3)


@given(st.dictionaries(ids, st.sets(st.integers(1, 30))), ids, st.integers(0, 30))
def test_they_have_what_was_added_and_nothing_else(threads: dict[str, set[int]], thread: str, number: int) -> None:
    spots = Spots()
    for id, numbers in sorted(threads.items()):
        half = len(numbers) // 2
        spots.add(id, sorted(numbers)[:half])
        spots.add(id, sorted(numbers)[half:])

    for asked in (thread, *threads):
        there = threads.get(asked)
        assert spots.has(asked, number) == (there is not None and (not number or number in there))
