"""What the processes of one server have in common, so that it doesn't matter which of them a reader meets.

Made before the first of them is forked. All of it is in memory, and goes with the last of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from outspoken.memory import Table
from outspoken.moderation.common_limiter import table_of_counts
from outspoken.web.board import Board
from outspoken.web.tickets import table_of_tickets

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Commons:
    """Secrets that every process knows, and tables that every process writes in."""

    form_key: bytes
    """Signs the tokens of forms."""
    first_keys: bytes
    """From which the keys of new browsers are made."""
    counts: Table
    tickets: Table
    board: Board


def new_commons(entropy: Callable[[int], bytes], processes: int) -> Commons:
    """Draw the secrets and make the tables for so many processes at a time."""
    return Commons(
        entropy(_SECRET_BYTES), entropy(_SECRET_BYTES), table_of_counts(), table_of_tickets(), Board(processes)
    )
