"""A reader's key and what is made of it: for one thread at a time, and nothing that leads back."""

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

keys = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)


@given(keys)
def test_a_key_survives_the_cookie(key):
    assert key_from_text(key_to_text(key)) == key


@given(st.text())
def test_a_cookie_of_somebody_elses_is_no_key(text):
    key = key_from_text(text)

    assert key is None or key_to_text(key) == text.rstrip("=")


@given(keys, st.sampled_from(["lower", "spaces", "digits", "bare"]))
def test_a_code_leads_back_to_the_key_of_the_thread_however_it_was_noted_down(key, habit):
    mine = thread_key(key, "ferry0000000")
    code = {
        "lower": mine.code.lower(),
        "spaces": " " + mine.code.replace("-", "  ") + "\n",
        "digits": mine.code.replace("O", "0").replace("I", "1"),
        "bare": mine.code.replace("-", ""),
    }[habit]

    assert thread_key_from_code(code) == mine


@pytest.mark.parametrize("code", ["", "-", "ABCD", "A" * 31, "A" * 33, "A" * 4000, "é" * 32, "\x00" * 32])
def test_what_is_no_code_gives_no_key(code):
    assert thread_key_from_code(code) is None


@given(keys)
def test_keys_of_two_threads_have_nothing_in_common(key):
    here, there = thread_key(key, "ferry0000000"), thread_key(key, "light0000000")

    made = [here.secret, here.hash, here.mark, here.voter, there.secret, there.hash, there.mark, there.voter, key]
    assert len(set(made)) == len(made)
    assert not any(a in b for a in made for b in made if a is not b)


def test_a_code_has_160_bits_in_groups_of_four():
    code = thread_key(b"k" * KEY_BYTES, "ferry0000000").code

    assert [len(group) for group in code.split("-")] == [4] * 8


def test_a_new_key_is_drawn_whole():
    assert new_key(lambda size: b"x" * size) == b"x" * KEY_BYTES


@given(st.binary(max_size=16), st.binary(max_size=16))
def test_a_form_has_one_key_and_another_form_another(first, second):
    secret = b"s" * 32

    assert (key_from_form(secret, first) == key_from_form(secret, second)) == (first == second)
    assert key_from_form(b"t" * 32, first) != key_from_form(secret, first)
