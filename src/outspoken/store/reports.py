"""Reports: what readers told the moderators of a comment, and nothing of who did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outspoken.discussion.errors import NotPossible
from outspoken.discussion.permission import may_see
from outspoken.discussion.report import Reason
from outspoken.store.tables import reports
from outspoken.store.threads import lock_thread
from outspoken.store.windows import comment_at

MOST_ON_COMMENT = 100
"""More of them tell a moderator nothing, and would fill the table."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a comment."""

    thread: str
    number: int
    reason: Reason
    note: str
    made: datetime


def report(connection: sa.Connection, made: Report) -> None:
    """Keep a report of a comment.

    Raises:
        NotFound: if there is no such comment to be seen.
        NotPossible: if nothing is left of it that could be reported.
    """
    row = lock_thread(connection, made.thread)
    comment = comment_at(connection, made.thread, made.number)
    may_see(comment, is_author=False)
    if comment.is_tombstone:
        raise NotPossible("There is nothing left here to report.")
    last = connection.execute(
        sa.select(sa.func.max(reports.c.sequence)).where(_about(made.thread, made.number))
    ).scalar()
    if (last or 0) < MOST_ON_COMMENT:
        connection.execute(
            reports.insert().values(
                thread=made.thread,
                number=made.number,
                sequence=(last or 0) + 1,
                site=row.site,
                reason=made.reason.value,
                note=made.note,
                made=made.made,
            )
        )


def latest_reports(connection: sa.Connection, site: str, limit: int) -> Sequence[Report]:
    """Return the reports of a site that came last, newest first."""
    rows = connection.execute(
        reports.select()
        .where(reports.c.site == site)
        .order_by(*(reports.c[name].desc() for name in ("made", "thread", "number", "sequence")))
        .limit(limit)
    )
    return [_report(row) for row in rows]


def forget_reports(connection: sa.Connection, thread: str, number: int) -> int:
    """Forget what was reported of a comment, and return how many reports there were."""
    return connection.execute(reports.delete().where(_about(thread, number))).rowcount


def _about(thread: str, number: int) -> sa.ColumnElement[bool]:
    return (reports.c.thread == thread) & (reports.c.number == number)


def _report(row: sa.Row[Any]) -> Report:
    return Report(row.thread, row.number, Reason(row.reason), row.note, row.made)
