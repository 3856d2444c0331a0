"""A comment comes in: its number, its place, its author and its text, in one piece of work."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from outspoken.discussion.comment import Body
from outspoken.discussion.errors import Refusal
from outspoken.store.arrivals import Arrivals
from outspoken.store.sealing import Entropy, seal
from outspoken.store.submission import Receipt, Submission
from outspoken.store.tables import bodies, keys
from outspoken.store.threads import lock_thread

_ADD_BODY, _ADD_KEY = bodies.insert(), keys.insert()


def publish(connection: sa.Connection, submission: Submission, now: datetime, entropy: Entropy) -> Receipt:
    """Take a comment into its thread, or recognise it as one that is there already.

    Raises:
        NotFound: if there is no such thread or parent.
        NotPossible: if the thread is closed or the parent is a tombstone.
        Invalid: if the name looks like another's in this thread.
    """
    (outcome,) = publish_all(connection, [submission], now, entropy)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def publish_all(
    connection: sa.Connection, submissions: Sequence[Submission], now: datetime, entropy: Entropy
) -> list[Receipt | Refusal]:
    """Take comments into one thread as if each came alone, in as few statements as if there were one.

    Returns what became of each: a receipt, or what `publish` would have raised.

    Raises:
        NotFound: if there is no such thread.
    """
    arrivals = Arrivals(connection, lock_thread(connection, submissions[0].thread), now, entropy)
    arrivals.look_up(submissions)
    outcomes: list[Receipt | Refusal] = []
    for submission in submissions:
        try:
            outcomes.append(arrivals.take_in(submission))
        except Refusal as refusal:
            outcomes.append(refusal)
    arrivals.write()
    return outcomes


def write_body(connection: sa.Connection, thread: str, number: int, body: Body, entropy: Entropy) -> None:
    """Keep a text under a fresh key. There must be none of this number."""
    write_bodies(connection, thread, [(number, body)], entropy)


def write_bodies(connection: sa.Connection, thread: str, texts: Sequence[tuple[int, Body]], entropy: Entropy) -> None:
    """Keep texts by number, each under a fresh key. There must be none of these numbers."""
    if not texts:
        return
    sealed = [(number, body.renderer, seal(body, thread, number, entropy)) for number, body in texts]
    connection.execute(
        _ADD_BODY,
        [{"thread": thread, "number": number, "renderer": by, "sealed": kept.sealed} for number, by, kept in sealed],
    )
    connection.execute(_ADD_KEY, [{"thread": thread, "number": number, "key": kept.key} for number, _, kept in sealed])
