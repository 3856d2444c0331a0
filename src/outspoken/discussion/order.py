"""In which order comments stand beside each other: the four sorts and the ranks behind them.

A rank is an integer; smaller stands first. Ranks are stored with the comment, so that an index answers every sort,
and comments of equal rank stand in order of arrival.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from outspoken.discussion.errors import Invalid
from outspoken.discussion.place import LARGEST_NUMBER

UNIT = 1_000_000_000
"""Ranks are fractions of this: integers compare the same in Python, SQLite and PostgreSQL."""


class Sort(StrEnum):
    """The order of a thread's comments, at every level."""

    BEST = "best"
    NEWEST = "newest"
    OLDEST = "oldest"
    CONTROVERSIAL = "controversial"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A point between two siblings: the rank and the number of the one it stands at."""

    rank: int
    number: int

    def __str__(self) -> str:
        return f"{self.rank}.{self.number}"


def parse_cursor(text: str, field: str = "after") -> Cursor:
    """Read a cursor out of an address.

    Raises:
        Invalid: if it isn't one that a page of ours has given out.
    """
    rank, dot, number = text.partition(".")
    is_ours = dot and _is_small_decimal(rank.removeprefix("-")) and _is_small_decimal(number)
    if not is_ours or int(number) > LARGEST_NUMBER:
        raise Invalid(field, "This place in the discussion isn't known. Go back to its beginning.")
    return Cursor(int(rank), int(number))


def _is_small_decimal(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def wilson_lower_bound(up: int, down: int, z: float = 1.281552) -> float:
    """Return the lower end of the confidence interval for the true share of up-votes, from 0 to 1.

    `z` is the quantile of the normal distribution; the default leaves 10 % on either side. Without votes it is 0.
    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Raises:
        ValueError: if a count is negative.
    """
    if up < 0 or down < 0:
        raise ValueError("votes can't be negative")
    votes = up + down
    if votes == 0:
        return 0.0
    share = up / votes
    spread = z * sqrt((share * (1 - share) + z * z / (4 * votes)) / votes)
    return max(0.0, (share + z * z / (2 * votes) - spread) / (1 + z * z / votes))


def controversy(up: int, down: int) -> float:
    """Return how much readers disagree about a comment: many votes, evenly split, give the most; 0 without both kinds.

    It is the number of votes raised to the ratio of the smaller side to the larger, as the Reddit of 2013 published it.

    Raises:
        ValueError: if a count is negative.
    """
    if up < 0 or down < 0:
        raise ValueError("votes can't be negative")
    if up == 0 or down == 0:
        return 0.0
    return float((up + down) ** (min(up, down) / max(up, down)))


def best_rank(up: int, down: int) -> int:
    """Return the rank under `best`, from 0 (first) to `UNIT`."""
    return UNIT - round(wilson_lower_bound(up, down) * UNIT)


def controversial_rank(up: int, down: int) -> int:
    """Return the rank under `controversial`, from 0 (first) to `UNIT`; above a million votes all are equal."""
    return UNIT - round(min(controversy(up, down), 1_000_000.0) * 1000)
