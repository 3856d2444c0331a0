"""Figures: what is counted in several processes is one sum, and nothing is lost on the way from one to another."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from outspoken.figures import BOUNDS, Answers, Figures, Histogram

COUNTS = st.integers(0, 2**40)
SECONDS = st.integers(0, 10**6).map(float)
HISTOGRAMS = st.builds(Histogram, st.lists(COUNTS, min_size=len(BOUNDS) + 1, max_size=len(BOUNDS) + 1), SECONDS)
ANSWERS = st.builds(Answers, st.dictionaries(st.sampled_from([200, 303, 404, 500]), COUNTS), HISTOGRAMS)
FIGURES = st.builds(
    Figures,
    hits=COUNTS,
    renderings=HISTOGRAMS,
    routes=st.dictionaries(st.sampled_from(["/", "/t/{thread}", "other"]), ANSWERS),
    pieces=COUNTS,
    commits=HISTOGRAMS,
    memory_bytes=COUNTS,
    started=SECONDS,
)


def test_what_took_as_long_as_a_bound_is_counted_below_it():
    histogram = Histogram()
    for seconds in (0.0, 0.001, 0.0011, 10.0, 11.0):
        histogram.observe(seconds)

    assert histogram.counts == [2, 1, *[0] * 10, 1, 1]
    assert histogram.seconds == 21.0021


def test_the_figures_of_two_processes_are_added_route_by_route():
    one, other = Figures(hits=3, started=100.0), Figures(hits=4, started=90.0)
    for figures, status in ((one, 200), (one, 404), (other, 200)):
        answers = figures.answers("/t/{thread}")
        answers.statuses[status] = answers.statuses.get(status, 0) + 1
        answers.begun.observe(0.02)
    other.answers("other").statuses[404] = 1

    both = one + other

    assert both.hits == 7
    assert both.processes == 2
    assert both.started == 100.0
    assert both.routes["/t/{thread}"].statuses == {200: 2, 404: 1}
    assert sum(both.routes["/t/{thread}"].begun.counts) == 3
    assert both.routes["other"].statuses == {404: 1}
    assert one.routes["/t/{thread}"].statuses == {200: 1, 404: 1}


@given(FIGURES, FIGURES, FIGURES)
def test_in_whatever_order_processes_are_added_the_sum_is_the_same(a, b, c):
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a


@given(FIGURES)
def test_figures_arrive_as_they_were_sent(figures):
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(figures), type=Figures) == figures
    assert msgspec.json.decode(msgspec.json.encode(figures), type=Figures) == figures
