"""A reader's key and what follows from it: proof in one thread, nothing to link two."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.identity.keys import (
    KEY_BYTES,
    key_from_form,
    key_from_text,
    key_to_text,
    new_key,
    thread_key,
    thread_key_from_code,
)

KEY = random.Random(1).randbytes(KEY_BYTES)


@given(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES))
def test_a_key_survives_the_way_through_a_cookie(key: bytes) -> None:
    assert key_from_text(key_to_text(key)) == key


@pytest.mark.parametrize("text", [None, "", "abc", "a" * 42, "a" * 44, "%" * 43, "ä" * 43, "\x00"])
def test_what_is_no_key_of_ours_counts_as_none(text: str | None) -> None:
    assert key_from_text(text) is None


@given(st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES), st.text(max_size=20))
def test_a_code_that_was_written_down_gives_the_key_back(key: bytes, thread: str) -> None:
    mine = thread_key(key, thread)

    assert thread_key_from_code(mine.code) == mine


def test_a_code_is_read_whatever_people_make_of_it() -> None:
    mine = thread_key(KEY, "ferry")
    code = mine.code

    for written in (code.lower(), code.replace("-", " "), f"  {code}\n", code.replace("O", "0").replace("I", "1")):
        assert thread_key_from_code(written) == mine


@pytest.mark.parametrize("written", ["", "no code", "ABCD-EFGH", "8" * 32, "A" * 64, "é" * 32])
def test_what_can_not_be_a_code_is_none(written: str) -> None:
    assert thread_key_from_code(written) is None


def test_two_threads_share_nothing_that_is_derived() -> None:
    here, there = thread_key(KEY, "ferry"), thread_key(KEY, "library")

    assert not {here.hash, here.mark, here.voter, here.code} & {there.hash, there.mark, there.voter, there.code}


def test_what_is_kept_or_shown_does_not_contain_the_secret() -> None:
    mine = thread_key(KEY, "ferry")

    for derived in (mine.hash, mine.mark, mine.voter):
        assert mine.secret[:8] not in derived
        assert derived not in mine.secret


def test_one_form_sent_twice_makes_one_person_and_two_forms_make_two() -> None:
    secret = random.Random(2).randbytes(32)

    assert key_from_form(secret, b"one") == key_from_form(secret, b"one") != key_from_form(secret, b"two")
    assert len(key_from_form(secret, b"one")) == len(new_key(random.Random(3).randbytes)) == KEY_BYTES
