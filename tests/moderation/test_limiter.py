"""Counting without knowing whom: addresses become a hash whose key is thrown away."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.moderation import limiter as limiting
from outspoken.moderation.common_limiter import CommonLimiter, table_of_counts
from outspoken.moderation.limiter import LOCAL, Limiter, parse_address
from tests.web.talking import Clock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["alone", "common"])
def limiter(request, clock):
    entropy = random.Random(3).randbytes
    return (
        Limiter(entropy, clock.now)
        if request.param == "alone"
        else CommonLimiter(table_of_counts(), entropy, clock.now)
    )


def visitor(limiter, text):
    return limiter.visitor(parse_address(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.7:4711"),
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("203.0.113.7", "[::ffff:203.0.113.7]:443"),
        ("203.0.113.7", ' "203.0.113.7" '),
        ("2001:db8::1", "[2001:db8::1]:443"),
        ("2001:db8::1", "2001:0db8:0000:0000:ffff::2"),
        ("fe80::1%eth0", "fe80::2%wlan1"),
    ],
)
def test_an_address_counts_as_one_however_it_is_written_and_ipv6_by_its_64(limiter, one, other):
    assert visitor(limiter, one) == visitor(limiter, other) != LOCAL


@pytest.mark.parametrize(
    ("one", "other"),
    [("203.0.113.7", "203.0.113.8"), ("2001:db8:0:1::1", "2001:db8:0:2::1"), ("203.0.113.7", "2001:db8::1")],
)
def test_two_addresses_count_as_two(limiter, one, other):
    assert visitor(limiter, one) != visitor(limiter, other)


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.8.8.8", "::1", "[::1]:80", "::ffff:127.0.0.1", "", "unknown", "_hidden", "1.2.3", "x" * 9999],
)
def test_the_machine_itself_and_no_address_are_nobody(limiter, text):
    assert visitor(limiter, text) == LOCAL


@given(st.text())
def test_any_text_is_read_or_refused_as_an_address(text):
    parse_address(text)


def test_what_stands_for_an_address_is_another_after_a_day(limiter, clock):
    before = visitor(limiter, "203.0.113.7")
    clock.pass_by(hours=23, minutes=59)
    same = visitor(limiter, "203.0.113.7")
    clock.pass_by(minutes=1)

    assert before == same != visitor(limiter, "203.0.113.7")


def test_with_the_key_goes_all_that_was_counted(limiter, clock):
    for _ in range(5):
        limiter.count("comments", b"v", timedelta(days=7))
    clock.pass_by(days=1)

    assert limiter.count("comments", b"v", timedelta(days=7)) == 1


def test_a_clock_that_is_set_back_does_not_keep_a_key_alive(limiter, clock):
    before = visitor(limiter, "203.0.113.7")
    clock.pass_by(days=-400)

    assert visitor(limiter, "203.0.113.7") != before


def test_a_window_counts_from_its_first_and_ends(limiter, clock):
    counts = []
    for _ in range(4):
        counts.append(limiter.count("votes", b"v", MINUTE))
        clock.pass_by(seconds=25)

    assert counts == [1, 2, 3, 1]


def test_what_is_counted_for_one_isnt_counted_for_another_or_for_something_else(limiter):
    limiter.count("votes", b"v", MINUTE)

    assert limiter.count("votes", b"w", MINUTE) == 1
    assert limiter.count("comments", b"v", MINUTE) == 1


def test_what_didnt_happen_is_taken_back_and_never_below_nothing(limiter):
    limiter.count("comments", b"v", MINUTE)
    for _ in range(3):
        limiter.take_back("comments", b"v")

    assert limiter.count("comments", b"v", MINUTE) == 1


def test_a_flood_of_addresses_does_not_fill_the_memory(clock, monkeypatch):
    limiter = Limiter(random.Random(3).randbytes, clock.now)
    monkeypatch.setattr(limiting, "_ENTRIES", 100)
    for number in range(1_000):
        limiter.count("votes", number.to_bytes(8), MINUTE)

    assert len(limiter._counts) <= 100
