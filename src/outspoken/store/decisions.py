"""The record of decisions: every change of a comment's state, with its rule and reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.state import Actor, State
from outspoken.store.tables import decisions

_LAST = sa.select(sa.func.coalesce(sa.func.max(decisions.c.sequence), 0)).where(
    decisions.c.thread == sa.bindparam("in_thread"), decisions.c.number == sa.bindparam("on_number")
)
_ADD = decisions.insert().values(sequence=_LAST.scalar_subquery() + 1)


@dataclass(frozen=True, slots=True)
class Decision:
    """One change of state. `before` is None for a comment that was held when it arrived."""

    before: State | None
    after: State
    actor: Actor
    rule: str
    reason: str
    made: datetime


def record(
    connection: sa.Connection,
    thread: str,
    number: int,
    before: State | None,
    after: State,
    actor: Actor,
    rule: str,
    reason: str,
    now: datetime,
) -> None:
    """Add a decision to the record of a comment."""
    record_alike(connection, thread, [number], before, after, actor, rule, reason, now)


def record_alike(
    connection: sa.Connection,
    thread: str,
    numbers: Sequence[int],
    before: State | None,
    after: State,
    actor: Actor,
    rule: str,
    reason: str,
    now: datetime,
) -> None:
    """Add the same decision to the records of several comments of a thread."""
    connection.execute(
        _ADD,
        [
            {
                "thread": thread,
                "number": number,
                "in_thread": thread,
                "on_number": number,
                "before": before and before.value,
                "after": after.value,
                "actor": actor.value,
                "rule": rule,
                "reason": reason,
                "made": now,
            }
            for number in numbers
        ],
    )


def decisions_on(connection: sa.Connection, thread: str, number: int) -> list[Decision]:
    """Return what was decided about a comment, oldest first."""
    rows = connection.execute(
        decisions.select()
        .where(decisions.c.thread == thread, decisions.c.number == number)
        .order_by(decisions.c.sequence)
    )
    return [
        Decision(
            before=State(row.before) if row.before else None,
            after=State(row.after),
            actor=Actor(row.actor),
            rule=row.rule,
            reason=row.reason,
            made=row.made,
        )
        for row in rows
    ]
