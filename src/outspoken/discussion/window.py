"""What one page shows of a thread: the first roots with their first replies, and cursors for the rest.

Theory of operation: every comment has a cost, and a window holds the comments that cost least. The first root costs
nothing and each further root one more; the first reply to a comment costs two more than the comment, and each further
reply three more again. So a small thread is shown whole, and a large one gives its space to the comments nearest the
top, fairly between roots and replies. A chosen comment's parent and earlier siblings are always cheaper, therefore
chosen too, and what is missing is always the end of a list of siblings, which one cursor can name.

`read_window` reads nothing itself. It yields what it needs (`Stretch`es of sibling lists) and is sent the comments,
so a database, an archive or a test can drive it. Every comment knows how many replies it has, hence no more rows are
asked for than can be chosen: at most `size` a level, and as many questions as there are levels.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from outspoken.discussion.comment import Comment
from outspoken.discussion.order import Cursor, Sort

SIZE = 50
"""Comments in a window."""
LEVELS = 8
"""Levels in a window; a longer chain continues on the page of its last comment."""

_FIRST_REPLY = 2
_NEXT_REPLY = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of one list of siblings: the first `limit` after (or, if `backwards`, the last before) a cursor."""

    parent: int
    limit: int
    cursor: Cursor | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A comment with those of its replies that the window holds."""

    comment: Comment
    replies: tuple["Branch", ...]
    hidden: int
    """How many of its direct replies are shown elsewhere."""
    after: Cursor | None
    """Where its further replies begin on its own page; None begins with the first."""


@dataclass(frozen=True, slots=True)
class Window:
    """A page of a thread, or of the replies to one comment."""

    sort: Sort
    branches: tuple[Branch, ...]
    before: Cursor | None
    """Cursor for the page before this one, None if this is the first."""
    after: Cursor | None
    """Cursor for the page after this one, None if this is the last."""


Questions = tuple[Stretch, ...]
Answers = Sequence[Sequence[Comment]]


@dataclass(slots=True)
class _Node:
    comment: Comment
    cost: int
    order: tuple[int, ...]
    level: int
    replies: list["_Node"] = field(default_factory=list)
    is_read: bool = False
    """Whether its replies were asked for."""
    is_chosen: bool = False


def read_window(
    sort: Sort,
    *,
    parent: int = 0,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = SIZE,
) -> Generator[Questions, Answers, Window]:
    """Compose the window of the replies to `parent` (0: the roots), asking for sibling lists as it goes.

    `after` begins the window behind a cursor; `before` ends it there. Each `yield` gives the stretches that are needed
    next and is sent one list of comments for each, in the same order. Comments that have gone meanwhile may be missing.
    """
    backwards = before is not None
    (siblings,) = yield (Stretch(parent, size + 1, before if backwards else after, backwards),)
    top = [_Node(comment, rank, (rank,), level=1) for rank, comment in enumerate(siblings)]
    while stretches := _wanted(_cheapest(top, size)):
        answers = yield tuple(Stretch(node.comment.number, limit) for node, limit in stretches)
        for (node, _), replies in zip(stretches, answers, strict=True):
            node.is_read = True
            node.replies = [_reply(node, rank, comment) for rank, comment in enumerate(replies)]
    for node, reply_rank in _cheapest(top, size):
        if reply_rank is None:
            node.is_chosen = True
    return _window(sort, top, backwards=backwards, has_start=after is not None)


def _reply(node: _Node, rank: int, comment: Comment) -> _Node:
    return _Node(comment, _reply_cost(node, rank), (*node.order, rank), node.level + 1)


def _reply_cost(node: _Node, rank: int) -> int:
    return node.cost + _FIRST_REPLY + _NEXT_REPLY * rank


def _cheapest(top: list[_Node], size: int) -> list[tuple[_Node, int | None]]:
    """Return the `size` cheapest comments: known ones as (node, None), replies not yet read as (parent, rank).

    Every list of siblings has only its next one in the heap, so that a comment with many replies costs no more.
    """
    chosen: list[tuple[_Node, int | None]] = []
    heap: list[tuple[int, tuple[int, ...], _Node | None, int]] = []
    _push(heap, top, None, 0)
    while heap and len(chosen) < size:
        _, _, parent, rank = heappop(heap)
        _push(heap, top, parent, rank + 1)
        siblings = top if parent is None else parent.replies
        if parent is not None and not parent.is_read:
            chosen.append((parent, rank))
            continue
        node = siblings[rank]
        chosen.append((node, None))
        if node.level < LEVELS:
            _push(heap, top, node, 0)
    return chosen


def _push(
    heap: list[tuple[int, tuple[int, ...], _Node | None, int]], top: list[_Node], parent: _Node | None, rank: int
) -> None:
    """Put the reply of that rank to `parent` (None: the root of that rank) into the heap, if there is one."""
    if parent is None:
        if rank < len(top):
            heappush(heap, (rank, (rank,), None, rank))
    elif rank < (len(parent.replies) if parent.is_read else parent.comment.replies):
        heappush(heap, (_reply_cost(parent, rank), (*parent.order, rank), parent, rank))


def _wanted(chosen: list[tuple[_Node, int | None]]) -> list[tuple[_Node, int]]:
    """Return, for each comment with chosen replies that aren't read yet, how many of them to read."""
    wanted: dict[int, tuple[_Node, int]] = {}
    for node, rank in chosen:
        if rank is not None:
            wanted[node.comment.number] = (node, rank + 1)
    return list(wanted.values())


def _window(sort: Sort, top: list[_Node], *, backwards: bool, has_start: bool) -> Window:
    shown = [node for node in top if node.is_chosen]
    has_more = len(shown) < len(top)
    if backwards:
        shown.reverse()
    first = shown[0].comment.cursor(sort) if shown else None
    last = shown[-1].comment.cursor(sort) if shown else None
    return Window(
        sort=sort,
        branches=tuple(_branch(node, sort) for node in shown),
        before=first if (has_more if backwards else has_start) else None,
        after=last if (backwards or has_more) else None,
    )


def _branch(node: _Node, sort: Sort) -> Branch:
    replies = tuple(_branch(reply, sort) for reply in node.replies if reply.is_chosen)
    return Branch(
        comment=node.comment,
        replies=replies,
        hidden=max(0, node.comment.replies - len(replies)),
        after=replies[-1].comment.cursor(sort) if replies else None,
    )


def comments_in(window: Window) -> list[Comment]:
    """Return the comments of a window in reading order."""
    found: list[Comment] = []
    waiting = list(reversed(window.branches))
    while waiting:
        branch = waiting.pop()
        found.append(branch.comment)
        waiting.extend(reversed(branch.replies))
    return found
