"""What readers ask: windows, permalinks, a whole thread in reading order, the latest comments."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.comment import Comment, as_shown
from outspoken.discussion.errors import NotFound
from outspoken.discussion.order import Cursor, Sort
from outspoken.discussion.place import LARGEST_NUMBER, Place
from outspoken.discussion.thread import Thread
from outspoken.discussion.window import SIZE, Questions, Stretch, Window, read_window
from outspoken.store.rows import WHOLE, Row, as_comment, as_comments, each_of, place_of, whole
from outspoken.store.tables import HELD, PUBLISHED, SHOWN, comments
from outspoken.store.threads import liveliest_threads

ANCESTORS = 20
"""Ancestors shown above a comment on its own page."""

_CHUNK = 500
_RANKS: dict[Sort, sa.Column[int] | None] = {
    Sort.OLDEST: None,
    Sort.NEWEST: None,
    Sort.BEST: comments.c.best_rank,
    Sort.CONTROVERSIAL: comments.c.controversial_rank,
}


def window_of(
    connection: sa.Connection,
    thread: str,
    sort: Sort,
    *,
    parent: int = 0,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = SIZE,
) -> Window:
    """Return a window of the thread, or of the replies to `parent`, with nothing in it that readers may not see."""
    reading = read_window(sort, parent=parent, after=after, before=before, size=size)
    questions = next(reading)
    while True:
        try:
            questions = reading.send(_siblings(connection, thread, sort, questions))
        except StopIteration as done:
            window: Window = done.value
            return window


def _siblings(connection: sa.Connection, thread: str, sort: Sort, questions: Questions) -> list[list[Comment]]:
    """Answer all questions with two kinds of statement: lists wanted from their start in one, others one by one."""
    if len(questions) == 1:
        return [_stretch(connection, thread, sort, questions[0])]
    found = _first_replies(connection, thread, sort, questions)
    return [found.get(question.parent, []) for question in questions]


def _stretch(connection: sa.Connection, thread: str, sort: Sort, stretch: Stretch) -> list[Comment]:
    query = WHOLE.where(comments.c.thread == thread, comments.c.parent == stretch.parent, SHOWN)
    if stretch.cursor is not None:
        query = query.where(_beyond(sort, stretch.cursor, backwards=stretch.backwards))
    query = query.order_by(*_order(sort, backwards=stretch.backwards)).limit(stretch.limit)
    return [as_shown(comment) for comment in as_comments(connection.execute(query).all())]


def _first_replies(
    connection: sa.Connection, thread: str, sort: Sort, questions: Questions
) -> dict[int, list[Comment]]:
    """Read the first replies of several comments in one statement that touches no other rows.

    Each list is a limited select of its own: a window function would number every reply of a comment that has 100,000.
    """
    asked: dict[str, object] = {"in_thread": thread}
    for index, question in enumerate(questions):
        asked |= {f"parent_{index}": question.parent, f"limit_{index}": question.limit}
    rows = connection.execute(_first_of_each(sort, len(questions)), asked).all()
    found: dict[int, list[Comment]] = {}
    for comment in sorted(as_comments(rows), key=lambda comment: (comment.rank(sort), comment.number)):
        found.setdefault(comment.parent, []).append(as_shown(comment))
    return found


@cache
def _first_of_each(sort: Sort, lists: int) -> sa.Select[Any]:
    """Return the statement for so many lists; putting it together takes longer than running it, so it is kept."""
    parts = [
        sa.select(comments)
        .where(
            comments.c.thread == sa.bindparam("in_thread"), comments.c.parent == sa.bindparam(f"parent_{index}"), SHOWN
        )
        .order_by(*_order(sort))
        .limit(sa.bindparam(f"limit_{index}", type_=sa.Integer))
        .subquery()
        for index in range(lists)
    ]
    return whole(sa.union_all(*(sa.select(part) for part in parts)).subquery("found"))


def _order(sort: Sort, *, backwards: bool = False) -> list[sa.ColumnElement[Any]]:
    rank = _RANKS[sort]
    if rank is None:
        is_descending = (sort is Sort.NEWEST) != backwards
        return [comments.c.number.desc() if is_descending else comments.c.number.asc()]
    return [rank.desc(), comments.c.number.desc()] if backwards else [rank.asc(), comments.c.number.asc()]


def _beyond(sort: Sort, cursor: Cursor, *, backwards: bool) -> sa.ColumnElement[bool]:
    rank = _RANKS[sort]
    if rank is None:
        is_descending = (sort is Sort.NEWEST) != backwards
        return comments.c.number < cursor.number if is_descending else comments.c.number > cursor.number
    here, there = sa.tuple_(rank, comments.c.number), sa.tuple_(cursor.rank, cursor.number)
    return here < there if backwards else here > there


def comment_at(connection: sa.Connection, thread: str, number: int) -> Comment:
    """Return a comment with all that is kept of it, whoever may see it.

    Raises:
        NotFound: if there is none of that number.
    """
    if not 0 < number <= LARGEST_NUMBER:
        raise NotFound("There is no such comment.")
    row = connection.execute(WHOLE.where(comments.c.thread == thread, comments.c.number == number)).one_or_none()
    if row is None:
        raise NotFound("There is no such comment.")
    return as_comment(row)


def ancestors_of(connection: sa.Connection, thread: str, number: int, limit: int = ANCESTORS) -> list[Comment]:
    """Return the nearest ancestors of a comment as readers see them, outermost first."""
    numbers: list[int] = []
    while number and len(numbers) < limit:
        place = _place(connection, thread, number)
        above = place.ancestors()
        numbers = [*above, *numbers]
        number = above[0] if above and place.trunk else 0
    nearest = numbers[-limit:]
    found = as_comments(each_of(connection, thread, nearest, is_whole=True))
    return sorted(map(as_shown, found), key=lambda comment: comment.depth)


def _place(connection: sa.Connection, thread: str, number: int) -> Place:
    row = connection.execute(
        sa.select(comments.c.trunk, comments.c.path).where(comments.c.thread == thread, comments.c.number == number)
    ).one()
    return Place(row.trunk, row.path)


def in_reading_order(connection: sa.Connection, thread: str) -> Iterator[Comment]:
    """Stream everything that is shown of a thread, replies below their parents, oldest first."""
    return reading_order(lambda query: connection.execute(query).all(), thread)


def reading_order(ask: Callable[[sa.Select[Any]], Sequence[Row]], thread: str) -> Iterator[Comment]:
    """Stream what `in_reading_order` does, by questions that `ask` may put in transactions of their own."""
    waiting = [_stretch_below(ask, thread, trunk=0)]
    while waiting:
        row = next(waiting[-1], None)
        if row is None:
            waiting.pop()
            continue
        yield as_shown(as_comment(row))
        if row.replies and place_of(row).is_full():
            waiting.append(_stretch_below(ask, thread, trunk=row.number))


def _stretch_below(ask: Callable[[sa.Select[Any]], Sequence[Row]], thread: str, trunk: int) -> Iterator[Row]:
    last = b""
    while True:
        rows = ask(
            WHOLE.where(comments.c.thread == thread, comments.c.trunk == trunk, comments.c.path > last, SHOWN)
            .order_by(comments.c.path)
            .limit(_CHUNK)
        )
        yield from rows
        if len(rows) < _CHUNK:
            return
        last = rows[-1].path


def latest_comments(connection: sa.Connection, thread: str, limit: int) -> list[Comment]:
    """Return the comments of a thread that were published last, newest first."""
    rows = connection.execute(
        WHOLE.where(comments.c.thread == thread, PUBLISHED).order_by(comments.c.number.desc()).limit(limit)
    ).all()
    return as_comments(rows)


def latest_on_site(connection: sa.Connection, site: str, limit: int) -> list[tuple[Thread, Comment]]:
    """Return the latest comments of a site with their threads, newest first.

    The last `limit` comments can only stand in the last `limit` threads that somebody wrote in.
    """
    found = [
        (thread, comment)
        for thread in liveliest_threads(connection, site, limit)
        for comment in latest_comments(connection, thread.id, limit)
        if comment.created is not None
    ]
    found.sort(key=lambda pair: (pair[1].created, pair[1].number), reverse=True)
    return found[:limit]


def held_comments(connection: sa.Connection, thread: str, limit: int) -> Sequence[Comment]:
    """Return the comments of a thread that wait for a moderator, oldest first."""
    rows = connection.execute(
        WHOLE.where(comments.c.thread == thread, HELD).order_by(comments.c.number).limit(limit)
    ).all()
    return as_comments(rows)
