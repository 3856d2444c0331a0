from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from outspoken.pages.marks import NOBODY, mark

SEEDS = st.binary(min_size=16, max_size=16)


@given(SEEDS)
def test_a_mark_is_small_well_formed_and_silent(seed):
    drawn = etree.fromstring(str(mark(seed)))

    assert len(mark(seed).encode()) < 400
    assert drawn.get("aria-hidden") == "true"
    assert not [element for element in drawn.iter() if element.get("style") or element.get("id")]


@given(SEEDS)
def test_the_same_bytes_give_the_same_mark(seed):
    assert mark(seed) == mark(bytes(seed))


def test_marks_of_different_authors_are_told_apart():
    marks = {mark(sha256(str(number).encode()).digest()[:16]) for number in range(1000)}

    assert len(marks) > 980


def test_nobody_has_a_mark_that_no_author_gets():
    assert "hsl" not in NOBODY
    assert "hsl" in mark(bytes(16))
    assert mark(b"") == mark(bytes(16))
