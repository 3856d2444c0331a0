"""The states of a comment and the one table of transitions between them.

Theory of operation: a comment is born `published`, `held` or (only by import) in any other state. Everything that
can happen to it afterwards is an `Event`; `TRANSITIONS` says from where to where, `ACTORS` says who may cause it.
What isn't in the table can't happen. `rejected` is a held comment that was never shown; `removed` was shown and taken
down by a moderator; `deleted` was taken back by its author and has no way back, because its text is gone.
"""

from enum import StrEnum

from outspoken.discussion.errors import NotPossible


class State(StrEnum):
    """Where a comment stands."""

    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"
    REMOVED = "removed"
    DELETED = "deleted"
    SPAM = "spam"


WITH_TEXT = (State.PUBLISHED, State.HELD)
"""Those in which a comment has a text that readers see, or may come to see; of all others only the place is told."""


class Event(StrEnum):
    """What can happen to a comment after it was written."""

    HOLD = "hold"
    APPROVE = "approve"
    REJECT = "reject"
    REMOVE = "remove"
    RESTORE = "restore"
    MARK_SPAM = "mark-spam"
    DELETE = "delete"


class Actor(StrEnum):
    """In which capacity somebody acts on a comment."""

    READER = "reader"
    AUTHOR = "author"
    MODERATOR = "moderator"
    RULE = "rule"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.PUBLISHED, Event.HOLD): State.HELD,
    (State.PUBLISHED, Event.REMOVE): State.REMOVED,
    (State.PUBLISHED, Event.MARK_SPAM): State.SPAM,
    (State.PUBLISHED, Event.DELETE): State.DELETED,
    (State.HELD, Event.APPROVE): State.PUBLISHED,
    (State.HELD, Event.REJECT): State.REJECTED,
    (State.HELD, Event.MARK_SPAM): State.SPAM,
    (State.HELD, Event.DELETE): State.DELETED,
    (State.REJECTED, Event.APPROVE): State.PUBLISHED,
    (State.REJECTED, Event.DELETE): State.DELETED,
    (State.REMOVED, Event.RESTORE): State.PUBLISHED,
    (State.REMOVED, Event.DELETE): State.DELETED,
    (State.SPAM, Event.RESTORE): State.PUBLISHED,
    (State.SPAM, Event.DELETE): State.DELETED,
}

ACTORS: dict[Event, frozenset[Actor]] = {
    Event.HOLD: frozenset({Actor.MODERATOR, Actor.RULE}),
    Event.APPROVE: frozenset({Actor.MODERATOR}),
    Event.REJECT: frozenset({Actor.MODERATOR}),
    Event.REMOVE: frozenset({Actor.MODERATOR}),
    Event.RESTORE: frozenset({Actor.MODERATOR}),
    Event.MARK_SPAM: frozenset({Actor.MODERATOR}),
    Event.DELETE: frozenset({Actor.AUTHOR}),
}


def next_state(state: State, event: Event, actor: Actor) -> State:
    """Return the state that `event`, caused by `actor`, leads to from `state`.

    Raises:
        NotPossible: if the table has no such transition, or the actor may not cause it.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise NotPossible(f"A comment that is {state} can't be changed by “{event}”.")
    if actor not in ACTORS[event]:
        raise NotPossible(f"“{event}” is not for the {actor} to do.")
    return after


def has_text(state: State) -> bool:
    """Tell whether a comment in `state` still has a body (shown or not)."""
    return state is not State.DELETED
