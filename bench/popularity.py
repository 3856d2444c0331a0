"""Which thread a reader opens: few are read much and many a little, by Zipf's law."""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Popularity:
    """Chooses among things of which the n-th is asked for in proportion to 1/n to the power of `exponent`.

    Source: L. Breslau and others, "Web Caching and Zipf-like Distributions" (INFOCOM 1999): between 0.64 and 0.83 for
    the pages of whole networks of servers. A single site's stories are fresher and fewer, so 1.0 is taken here.
    """

    def __init__(self, count: int, exponent: float = 1.0) -> None:
        self._ranks = range(count)
        self._weights = list(accumulate(1 / (rank + 1) ** exponent for rank in self._ranks))

    def choose(self, chance: random.Random, things: Sequence[T], count: int) -> list[T]:
        """Return that many choices among `things`, of which the first is the most popular."""
        return [things[rank] for rank in chance.choices(self._ranks, cum_weights=self._weights, k=count)]
