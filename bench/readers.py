"""A seeded model of a site's readers: what is published, who reads and writes it, minute by minute through a day.

Stories appear through the day, few are read much and many a little (Zipf), interest falls with age, one story a day is
pushed to everybody at once. Comments and votes follow the views. Nothing here knows what anything costs.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

STEP_MINUTES = 10
_DAY = 24 * 60
_DAYS_BACK = 7
"""Older stories are read too, but no thread of them enough to matter; they have a share of the views together."""
_BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 9, 9, 9, 8, 6, 4)


@dataclass(frozen=True, slots=True)
class Site:
    """A site and its readers. All of it is assumed; none of it is measured."""

    views_a_day: float = 1_000_000
    comments_a_day: float = 5_000
    votes_a_comment: float = 3.0
    stories_a_day: float = 40
    zipf: float = 1.0
    half_life_hours: float = 6.0
    """After which a story is read half as much."""
    old_share: float = 0.15
    """Of the views, those of stories older than a week."""
    pushed_share: float = 0.05
    """Of a day's views, those that one pushed story gets within its first twenty minutes."""
    follow_share: float = 0.3
    """Of the readers, those whose page follows its thread."""
    follow_minutes: float = 5.0
    years: float = 5.0
    """Of comments that are kept."""

    def grown(self, times: float) -> "Site":
        """Return a site so many times as busy. It has more stories, but only by the square root: each is busier too."""
        return replace(
            self,
            views_a_day=self.views_a_day * times,
            comments_a_day=self.comments_a_day * times,
            stories_a_day=self.stories_a_day * math.sqrt(times),
        )


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread during one step: events a second."""

    views: float
    changes: float
    """Comments and votes: each makes what was rendered old."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the day: events a second over all threads."""

    minute: int
    views: float
    comments: float
    votes: float
    old_views: float
    """Of `views`, those of old threads, each another."""
    threads: tuple[Thread, ...]
    """Those that are read at all, the old ones not among them."""


@dataclass(frozen=True, slots=True)
class _Story:
    published: float
    """Minutes since the beginning of the day that is looked at; most are below 0."""
    weight: float
    pushed: float = 0.0
    """Views that come at once."""


def day(site: Site, seed: int) -> Iterator[Moment]:
    """Yield a day, step by step. The same seed gives the same day."""
    chance = random.Random(seed)
    stories = _stories(site, chance)
    hours = [share / sum(_BY_HOUR) for share in _BY_HOUR]
    for minute in range(0, _DAY, STEP_MINUTES):
        all_views = site.views_a_day * (1 - site.pushed_share) * hours[minute // 60] / 3600
        interest = [_interest(story, minute, site) for story in stories]
        whole = sum(interest) or 1.0
        recent = all_views * (1 - site.old_share)
        seconds = STEP_MINUTES * 60
        threads = []
        for story, share in zip(stories, interest, strict=True):
            pushed = story.pushed / (20 * 60) if 0 <= minute - story.published < 20 else 0.0
            views = _poisson(chance, (recent * share / whole + pushed) * seconds) / seconds
            if views:
                comments = views * site.comments_a_day / site.views_a_day
                threads.append(Thread(views, comments * (1 + site.votes_a_comment)))
        views = sum(thread.views for thread in threads) + all_views * site.old_share
        comments = views * site.comments_a_day / site.views_a_day
        yield Moment(
            minute, views, comments, comments * site.votes_a_comment, all_views * site.old_share, tuple(threads)
        )


def _stories(site: Site, chance: random.Random) -> list[_Story]:
    stories = []
    for back in range(_DAYS_BACK, -1, -1):
        count = round(site.stories_a_day)
        ranks = list(range(1, count + 1))
        chance.shuffle(ranks)
        for rank in ranks:
            (hour,) = chance.choices(range(24), _BY_HOUR)
            stories.append(_Story(hour * 60 + chance.randrange(60) - back * _DAY, rank**-site.zipf))
    # At seven in the evening, when most people read anyway: the worst hour is what machines are bought for.
    stories.append(_Story(19 * 60, 1.0, site.views_a_day * site.pushed_share))
    return stories


def _interest(story: _Story, minute: int, site: Site) -> float:
    age = (minute - story.published) / 60
    return 0.0 if age < 0 else story.weight * 0.5 ** (age / site.half_life_hours)


def _poisson(chance: random.Random, mean: float) -> float:
    """Draw how many come; for many, the normal distribution is near enough."""
    if mean > 50:
        return max(0.0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return float(count)
