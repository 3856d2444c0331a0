"""Figures of several processes side by side: their sum is of all, and what was counted once stays counted."""

import pytest

from outspoken.figures import Figures
from outspoken.web.board import Board


def figures(**counted):
    made = Figures(memory_bytes=100, live_pages=5, started=1.0, **counted)
    made.answers("/t/{thread}").statuses[200] = made.hits
    made.commits.observe(0.003)
    return made


def test_the_total_is_that_of_all_processes():
    board = Board(3)
    board.write(1, figures(hits=3))
    board.write(3, figures(hits=4))
    board.write(1, figures(hits=5))

    total = board.total()

    assert (total.hits, total.processes, total.memory_bytes) == (9, 2, 200)
    assert total.routes["/t/{thread}"].statuses == {200: 9}
    assert sum(total.commits.counts) == 2


def test_of_a_process_that_has_ended_what_it_counted_stays_and_what_it_had_is_gone():
    board = Board(2)
    board.write(1, figures(hits=3))
    board.write(2, figures(hits=4))

    board.retire(1)
    board.retire(1)

    total = board.total()
    assert (total.hits, sum(total.commits.counts)) == (7, 2)
    assert (total.processes, total.memory_bytes, total.live_pages) == (1, 100, 5)


def test_figures_without_bounds_are_refused():
    many = Figures()
    for number in range(5_000):
        many.answers(f"/a-route-that-is-no-template/{number}")

    with pytest.raises(ValueError, match="more routes"):
        Board(1).write(1, many)
