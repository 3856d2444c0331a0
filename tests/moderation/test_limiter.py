"""Counting who does how much, without knowing who."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from outspoken.moderation.limiter import LOCAL, Limiter, parse_address

BEGIN = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(random.Random(7).randbytes, clock)


def visitor(limiter: Limiter, address: str) -> bytes:
    return limiter.visitor(parse_address(address))


def test_an_address_gives_the_same_hash_all_day_and_another_the_next(limiter: Limiter, clock: Clock) -> None:
    first = visitor(limiter, "203.0.113.7")
    clock.now += timedelta(hours=23)
    assert visitor(limiter, "203.0.113.7") == first

    clock.now += timedelta(hours=1)
    assert visitor(limiter, "203.0.113.7") != first


def test_what_was_counted_is_forgotten_with_the_key(limiter: Limiter, clock: Clock) -> None:
    who = visitor(limiter, "203.0.113.7")
    assert [limiter.count("x", who, timedelta(days=9)) for _ in range(3)] == [1, 2, 3]

    clock.now += timedelta(hours=24)

    assert limiter.count("x", who, timedelta(days=9)) == 1


def test_a_clock_that_is_set_back_does_not_keep_a_key_alive(limiter: Limiter, clock: Clock) -> None:
    first = visitor(limiter, "203.0.113.7")
    clock.now -= timedelta(days=400)

    assert visitor(limiter, "203.0.113.7") != first


def test_two_ipv4_addresses_differ_and_two_of_one_ipv6_network_do_not(limiter: Limiter) -> None:
    assert visitor(limiter, "203.0.113.7") != visitor(limiter, "203.0.113.8")
    assert visitor(limiter, "2001:db8:1:2::7") == visitor(limiter, "2001:db8:1:2:ffff::8")
    assert visitor(limiter, "2001:db8:1:2::7") != visitor(limiter, "2001:db8:1:3::7")


@pytest.mark.parametrize(
    "spelled", ["203.0.113.7", " 203.0.113.7 ", "203.0.113.7:4711", "::ffff:203.0.113.7", '"203.0.113.7"']
)
def test_however_an_address_is_spelled_it_is_the_same(limiter: Limiter, spelled: str) -> None:
    assert visitor(limiter, spelled) == visitor(limiter, "203.0.113.7")


def test_brackets_ports_and_zones_do_not_make_another_of_an_ipv6_address(limiter: Limiter) -> None:
    plain = visitor(limiter, "fe80::1")

    assert (
        visitor(limiter, "[fe80::1]:443")
        == visitor(limiter, "fe80::1%eth0")
        == visitor(limiter, "[fe80::1%2]")
        == plain
    )


@pytest.mark.parametrize("local", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "", "unix:", "evil, header"])
def test_the_machine_itself_and_what_is_no_address_are_nobody_in_particular(limiter: Limiter, local: str) -> None:
    assert visitor(limiter, local) == LOCAL


def test_a_window_ends_after_its_time(limiter: Limiter, clock: Clock) -> None:
    minute = timedelta(minutes=1)
    assert [limiter.count("x", b"me", minute) for _ in range(2)] == [1, 2]

    clock.now += minute

    assert limiter.count("x", b"me", minute) == 1


def test_kinds_and_visitors_are_counted_apart(limiter: Limiter) -> None:
    minute = timedelta(minutes=1)
    limiter.count("x", b"me", minute)

    assert limiter.count("y", b"me", minute) == 1
    assert limiter.count("x", b"you", minute) == 1


def test_what_did_not_happen_is_taken_back(limiter: Limiter) -> None:
    minute = timedelta(minutes=1)
    limiter.count("x", b"me", minute)
    limiter.take_back("x", b"me")
    limiter.take_back("x", b"me")

    assert limiter.count("x", b"me", minute) == 1


def test_a_flood_of_addresses_does_not_fill_the_memory(limiter: Limiter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outspoken.moderation.limiter._ENTRIES", 50)

    for number in range(1_000):
        limiter.count("x", number.to_bytes(4), timedelta(minutes=1))

    assert len(limiter._counts) <= 50
