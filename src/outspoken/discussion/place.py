"""Where a comment stands in its thread: a materialised path of numbers, cut into stretches so that depth has no limit.

Theory of operation: a path is the numbers of a comment's ancestors and its own, four bytes each, most significant
first, so that byte order is reading order (oldest first) and one range of paths is a sub-tree. An index can't hold
paths without end (PostgreSQL refuses entries above 2,704 bytes; a chain of 10,000 replies would need 400 MB), so a
path holds at most `STRETCH` numbers. Below a comment whose path is full a new stretch begins: its number becomes the
`trunk` of its replies, whose paths start afresh. The first stretch of a thread has trunk 0.
"""

import msgspec

STRETCH = 100
"""Numbers in a path at most. 400 bytes keep an index entry small; a conversation seldom goes so deep."""

_WIDTH = 4
LARGEST_NUMBER = 2**31 - 1
"""What an integer column holds. Larger ones in an address name nothing, and PostgreSQL would refuse to look."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """The stretch (`trunk`: number of the comment it hangs below, 0 for none) and the path within it."""

    trunk: int
    path: bytes

    def below(self, number: int) -> "Place":
        """Return the place of a reply `number` to the comment that stands here."""
        if self.is_full():
            return Place(trunk=self.numbers()[-1], path=_packed(number))
        return Place(self.trunk, self.path + _packed(number))

    def is_full(self) -> bool:
        """Tell whether replies to this comment begin a new stretch."""
        return len(self.path) >= STRETCH * _WIDTH

    def numbers(self) -> tuple[int, ...]:
        """Return the numbers in the path: the ancestors within this stretch, outermost first, then the comment."""
        return tuple(int.from_bytes(self.path[at : at + _WIDTH]) for at in range(0, len(self.path), _WIDTH))

    def ancestors(self) -> tuple[int, ...]:
        """Return the numbers above the comment that this stretch knows, outermost first, the trunk included."""
        trunk = (self.trunk,) if self.trunk else ()
        return trunk + self.numbers()[:-1]

    def end(self) -> bytes:
        """Return the first path, in byte order, that is no longer part of this comment's sub-tree."""
        last = int.from_bytes(self.path[-_WIDTH:])
        return self.path[:-_WIDTH] + _packed(last + 1)


def root(number: int) -> Place:
    """Return the place of a root comment."""
    return Place(trunk=0, path=_packed(number))


def _packed(number: int) -> bytes:
    return number.to_bytes(_WIDTH)
