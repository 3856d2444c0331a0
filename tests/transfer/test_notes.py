"""Notes by id tell what a dict would, in less room."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from outspoken.transfer.reading.notes import Notes

ids = st.text(max_size=6) | st.sampled_from(["", "a", "b", "a\ud800"])
texts = st.text(st.characters(exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(ids, texts, texts)), st.lists(ids))
def test_they_tell_what_was_noted_last(noted: list[tuple[str, str, str]], others: list[str]) -> None:
    notes, as_dict = Notes(), {}
    for id, *told in noted:
        notes.add(id, *told)
        # A NUL is in no id that means anything.
        as_dict[id.replace("\0", "\ufffd")] = tuple(told)

    assert {id: tuple(told) for id, *told in notes} == as_dict
    assert len(notes) == len(as_dict)
    for id in [*as_dict, *others]:
        assert notes.of(id) == as_dict.get(id.replace("\0", "\ufffd"))
        assert (id in notes) == (id.replace("\0", "\ufffd") in as_dict)


def test_they_come_in_the_order_in_which_they_were_noted() -> None:
    notes = Notes()
    for number in range(100):
        notes.add(f"{number}", "first")
    notes.add("7", "second")

    assert [id for id, _ in notes] == [f"{number}" for number in range(100) if number != 7] + ["7"]


def test_a_note_takes_its_bytes_and_no_more_than_35_besides() -> None:
    count, length = 20_000, len("reader-12345") + len("Passenger of the ferry")
    tracemalloc.start()
    try:
        notes = Notes()
        for number in range(count):
            notes.add(f"reader-{number:05}", "Passenger of the ferry")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held / count - length < 35
