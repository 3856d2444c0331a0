"""Ids for comments that their system gave none: the same whenever the same comment is read again."""

from collections import Counter

from outspoken.store.numbers import Numbers
from outspoken.transfer.reading.sameness import digest


class Digests:
    """Names comments by a digest of what they say; equal ones are counted.

    Nothing that a reader couldn't see may go into it: a digest would tell whether somebody had said a certain thing.
    """

    def __init__(self) -> None:
        self._seen = Numbers()
        self._again: Counter[str] = Counter()

    def id(self, *said: str) -> str:
        """Return the id of a comment that says this."""
        named = digest(*said)
        short = int(named[:15], 16)
        if short in self._seen:
            self._again[named] += 1
        self._seen.add(short)
        return f"content-{named}-{self._again[named] + 1}"
