"""Ids for comments that their system gave none: the same whenever the same comment is read again."""

import hashlib
from collections import Counter


class Digests:
    """Names comments by a digest of what they say; equal ones are counted.

    Nothing that a reader couldn't see may go into it: a digest would tell whether somebody had said a certain thing.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._again: Counter[str] = Counter()

    def id(self, *said: str) -> str:
        """Return the id of a comment that says this."""
        digest = hashlib.sha256("\0".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        short = int(digest[:16], 16)
        if short in self._seen:
            self._again[digest] += 1
        self._seen.add(short)
        return f"content-{digest}-{self._again[digest] + 1}"
