"""Tickets open once, and not for long."""

import random
from datetime import timedelta

import pytest

from outspoken.web.tickets import Tickets, table_of_tickets
from tests.factories import MOMENT


@pytest.fixture
def tickets():
    return Tickets(table_of_tickets(), random.Random(2).randbytes)


def test_a_ticket_opens_once(tickets):
    ticket = tickets.issue("ferry", 7, "CODE", MOMENT)

    posted = tickets.use(ticket, MOMENT)

    assert posted is not None
    assert (posted.thread, posted.number, posted.code) == ("ferry", 7, "CODE")
    assert tickets.use(ticket, MOMENT) is None


def test_a_ticket_opens_for_ten_minutes(tickets):
    early, late = (tickets.issue("ferry", 7, "CODE", MOMENT) for _ in range(2))

    assert tickets.use(early, MOMENT + timedelta(minutes=9, seconds=59)) is not None
    assert tickets.use(late, MOMENT + timedelta(minutes=10)) is None


def test_a_ticket_that_never_was_opens_nothing(tickets):
    assert tickets.use("0" * 32, MOMENT) is None


def test_tickets_do_not_fill_the_memory_and_the_newest_opens(tickets):
    issued = [
        tickets.issue("ferry", number, "CODE", MOMENT + timedelta(seconds=number / 100)) for number in range(30_000)
    ]
    later = MOMENT + timedelta(minutes=5)

    assert tickets.use(issued[-1], later) is not None
    assert sum(tickets.use(ticket, later) is not None for ticket in issued) < 10_100


@pytest.mark.parametrize("text", ["", "0", "not a ticket", "0" * 30, "0" * 34, "é" * 16])
def test_what_is_no_ticket_opens_nothing(tickets, text):
    assert tickets.use(text, MOMENT) is None


def test_a_ticket_has_128_bits(tickets):
    assert len(tickets.issue("ferry", 7, "CODE", MOMENT)) == 32
