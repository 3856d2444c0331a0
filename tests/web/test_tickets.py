"""Tickets open once, and not for long."""

import random
from datetime import timedelta

import pytest

from outspoken.web.tickets import Tickets
from tests.factories import MOMENT


@pytest.fixture
def tickets():
    return Tickets(random.Random(2).randbytes)


def test_a_ticket_opens_once(tickets):
    ticket = tickets.issue("ferry", 7, "CODE", MOMENT)

    posted = tickets.use(ticket, MOMENT)

    assert posted is not None
    assert (posted.thread, posted.number, posted.code) == ("ferry", 7, "CODE")
    assert tickets.use(ticket, MOMENT) is None


def test_a_ticket_opens_for_ten_minutes(tickets):
    early, late = (tickets.issue("ferry", 7, "CODE", MOMENT) for _ in range(2))

    assert tickets.use(early, MOMENT + timedelta(minutes=10)) is not None
    assert tickets.use(late, MOMENT + timedelta(minutes=10, seconds=1)) is None


def test_a_ticket_that_never_was_opens_nothing(tickets):
    assert tickets.use("0" * 32, MOMENT) is None


def test_tickets_do_not_fill_the_memory(tickets):
    first = tickets.issue("ferry", 7, "CODE", MOMENT)
    for _ in range(10_000):
        tickets.issue("ferry", 7, "CODE", MOMENT)

    assert tickets.use(first, MOMENT) is None


def test_a_ticket_has_128_bits(tickets):
    assert len(tickets.issue("ferry", 7, "CODE", MOMENT)) == 32
