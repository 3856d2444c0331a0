"""Long lists in parts, because a statement takes only so many values."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

MOST_AT_ONCE = 500


def in_parts(items: Sequence[Item], size: int = MOST_AT_ONCE) -> Iterator[Sequence[Item]]:
    """Yield the items in order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
