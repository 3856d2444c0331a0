"""A comment as it is handed in, and what its writer is told of it."""

from dataclasses import dataclass, field

from outspoken.discussion.comment import Body, Quotation
from outspoken.discussion.state import State


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment on its way in, already judged by the rules."""

    thread: str
    parent: int
    name: str
    mark: bytes
    key_hash: bytes
    """SHA-256 of the writer's key for this thread."""
    body: Body
    quotes: tuple[Quotation, ...]
    idempotency_key: bytes
    """The same for every attempt to send the same comment."""
    state: State
    rule: str = ""
    reason: str = ""
    may_be_repeated: bool = False
    """Whether it comes from a form that everybody is shown alike, by a browser that has no key yet.

    Then only its words can tell that a button was pressed twice.
    """


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission."""

    number: int
    state: State
    is_duplicate: bool
    version: int = field(default=0, compare=False)
    """The version of the thread that shows it; 0 for what readers aren't shown, and for duplicates."""
