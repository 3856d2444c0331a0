"""The limiter that several processes have in common: real processes, forked from this one."""

import os
import random
import signal
import struct
from datetime import timedelta

import pytest

from outspoken.memory import Table
from outspoken.moderation.common_limiter import CommonLimiter, table_of_counts
from outspoken.moderation.limiter import parse_address
from tests.web.talking import Clock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def table():
    return table_of_counts()


def limiter(table, clock):
    return CommonLimiter(table, os.urandom, clock.now)


def in_a_process(work):
    """Do something in a process forked from this one; returns its process id."""
    process = os.fork()
    if not process:
        try:
            work()
        finally:
            os._exit(0)
    return process


def test_processes_know_a_sender_as_the_same_and_count_as_one(table, clock):
    address = parse_address("198.51.100.7")
    before = limiter(table, clock).visitor(address)

    def count():
        other = limiter(table, clock)
        for _ in range(500):
            other.count("votes", other.visitor(address), HOUR)

    for process in [in_a_process(count) for _ in range(4)]:
        os.waitpid(process, 0)

    assert limiter(table, clock).visitor(address) == before
    assert limiter(table, clock).count("votes", before, HOUR) == 2_001


def test_with_one_process_all_forget_yesterday(table, clock):
    one, other = limiter(table, clock), limiter(table, clock)
    address = parse_address("198.51.100.7")
    yesterday = one.visitor(address)
    other.count("votes", yesterday, timedelta(days=7))
    clock.pass_by(days=1)

    today = one.visitor(address)

    assert other.visitor(address) == today != yesterday
    assert other.count("votes", yesterday, timedelta(days=7)) == 1


def test_nothing_of_yesterday_is_left_in_the_memory(table, clock):
    one = limiter(table, clock)
    one.count("votes", b"somebody", timedelta(days=7))
    before = bytes(table._memory.content)
    clock.pass_by(days=1)

    one.visitor(parse_address("198.51.100.7"))

    after = bytes(table._memory.content)
    assert any(before[4096:])
    assert not any(after[4096:])
    key = before[8:40]
    assert key not in after


@pytest.mark.parametrize("round_", range(20))
def test_a_process_killed_while_it_counts_keeps_nobody_out(table, clock, round_):
    def count():
        other = limiter(table, clock)
        while True:
            other.count("votes", b"somebody", HOUR)

    process = in_a_process(count)
    own = limiter(table, clock)
    chance = random.Random(round_)
    for _ in range(chance.randrange(100, 400)):
        own.count("votes", b"nobody", HOUR)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)

    found = own.count("votes", b"somebody", HOUR)

    assert found >= 1
    assert own.count("votes", b"somebody", HOUR) == found + 1


def test_a_process_killed_while_it_holds_the_lock_keeps_nobody_out(table, clock):
    def hold():
        with table.locked():
            os.kill(os.getpid(), signal.SIGKILL)

    os.waitpid(in_a_process(hold), 0)

    assert limiter(table, clock).count("votes", b"somebody", HOUR) == 1


def test_an_entry_of_which_only_a_part_was_written_is_no_entry():
    table = Table(8, 4)
    with table.locked():
        table.put(b"k" * 16, b"1234", ends=100.0, now=0.0)
        # What a process leaves behind that was killed before its last step.
        struct.pack_into("=d", table._memory.content, 4096, 0.0)

        assert table.find(b"k" * 16, now=0.0) is None
        table.put(b"k" * 16, b"5678", ends=100.0, now=0.0)
        assert table.find(b"k" * 16, now=0.0) == (b"5678", 100.0)


def test_a_flood_of_senders_takes_no_more_room_and_forgets_the_oldest_first(clock):
    table = Table(800, 4)
    flooded = limiter(table, clock)
    flooded.count("comments", b"a writer", HOUR)
    size = len(table._memory.content)
    for number in range(20_000):
        clock.pass_by(milliseconds=1)
        flooded.count("comments", number.to_bytes(8), HOUR)

    assert len(table._memory.content) == size
    assert flooded.count("comments", (19_999).to_bytes(8), HOUR) == 2
    assert flooded.count("comments", b"a writer", HOUR) == 1
