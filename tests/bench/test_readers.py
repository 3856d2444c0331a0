"""The model of readers: it hands out what was assumed, and grows as it says."""

import pytest

from bench.readers import STEP_MINUTES, Moment, Site, day

SMALL = Site(views_a_day=200_000, comments_a_day=1_000, stories_a_day=20)


def whole(moments: list[Moment], what: str) -> float:
    """Return how many there are in a day."""
    return sum(float(getattr(moment, what)) for moment in moments) * STEP_MINUTES * 60


def test_a_day_has_the_views_and_comments_that_were_assumed() -> None:
    moments = list(day(SMALL, seed=1))

    assert whole(moments, "views") == pytest.approx(SMALL.views_a_day, rel=0.02)
    assert whole(moments, "comments") == pytest.approx(SMALL.comments_a_day, rel=0.02)
    assert whole(moments, "votes") == pytest.approx(SMALL.comments_a_day * SMALL.votes_a_comment, rel=0.02)


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert list(day(SMALL, seed=1)) == list(day(SMALL, seed=1))
    assert list(day(SMALL, seed=1)) != list(day(SMALL, seed=2))


def test_the_pushed_story_is_the_busiest_thread_of_its_twenty_minutes() -> None:
    moments = {moment.minute: moment for moment in day(SMALL, seed=1)}
    pushed = SMALL.views_a_day * SMALL.pushed_share / (20 * 60)

    at_seven, at_six = (max(thread.views for thread in moments[hour * 60].threads) for hour in (19, 18))

    assert at_seven >= pushed * 0.8
    assert at_seven > 2 * at_six


def test_few_threads_are_read_much_and_many_a_little() -> None:
    noon = next(moment for moment in day(SMALL, seed=1) if moment.minute == 12 * 60)
    views = sorted((thread.views for thread in noon.threads), reverse=True)

    assert sum(views[: len(views) // 10]) > sum(views) / 3


def test_a_site_ten_times_as_busy_has_busier_threads_and_not_only_more() -> None:
    grown = SMALL.grown(10)

    assert grown.views_a_day == 10 * SMALL.views_a_day
    assert SMALL.stories_a_day < grown.stories_a_day < 10 * SMALL.stories_a_day
