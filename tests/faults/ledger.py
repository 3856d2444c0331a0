"""What writers were told is stored, kept beside the server: the truth that it is compared with after a fault.

Every comment has one owner, who alone edits and deletes it, so what stands there is known but for the one request whose
answer the fault has swallowed. Votes are counted a voter and comment.
"""

import hashlib
import os
from dataclasses import dataclass, field

GONE = ""
"""Digest of a comment that was deleted."""


def digest(text: str) -> str:
    """Return what stands for a text in the ledger."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class Entry:
    """One comment: how it was sent, what number it was given, and what may stand there now."""

    thread: str
    parent: int
    text: str
    key: str
    """The idempotency key."""
    number: int = 0
    """0 as long as no answer came."""
    code: str = ""
    may_be: set[str] = field(default_factory=set)
    """Digests of what may stand there: one, or two after an answer that never came."""
    is_settled: bool = True
    """Whether its last answer came."""


@dataclass(slots=True)
class Counts:
    """What happened, over all rounds."""

    acknowledged: int = 0
    unknown: int = 0
    unknown_but_kept: int = 0
    unavailable: int = 0
    refused: int = 0
    votes: int = 0
    edits: int = 0
    deletes: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')} {getattr(self, name)}" for name in self.__slots__)


@dataclass(slots=True)
class Ledger:
    """All comments and votes of one trial."""

    entries: list[Entry] = field(default_factory=list)
    votes: dict[tuple[str, int, str], set[int]] = field(default_factory=dict)
    """By thread, comment and voter: the values the vote may have."""
    counts: Counts = field(default_factory=Counts)
    _known: dict[str, list[Entry]] = field(default_factory=dict)

    def begin(self, thread: str, parent: int, writer: str) -> Entry:
        """Note a comment that is about to be sent."""
        key = os.urandom(16).hex()
        text = f"{writer} says {key}:\nthe ferry *stays* in port, “whatever” the timetable says — ⚓{len(self.entries)}"
        entry = Entry(thread, parent, text, key, may_be={digest(text)}, is_settled=False)
        self.entries.append(entry)
        return entry

    def acknowledge(self, entry: Entry, number: int, code: str | None) -> None:
        """Note that a comment is stored."""
        entry.number, entry.is_settled = number, True
        entry.code = code or entry.code
        self._known.setdefault(entry.thread, []).append(entry)

    def refuse(self, entry: Entry) -> None:
        """Note that a comment was not taken in."""
        self.entries.remove(entry)
        self.counts.refused += 1

    def known(self, thread: str) -> list[Entry]:
        """Return the comments of a thread that are stored for certain."""
        return self._known.get(thread, [])

    def unresolved(self) -> list[Entry]:
        """Return the comments that were sent and never answered."""
        return [entry for entry in self.entries if not entry.number]
