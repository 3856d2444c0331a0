"""An archive taken in by parts, each a transaction; and what stands in it beside the threads."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from typing import Any, TypeVar

from outspoken.store import bygones, restoring
from outspoken.store.parts import in_parts
from outspoken.transfer.archive.beside import erased_in, provenance_in, redirects_in
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.archive.spots import Spots
from outspoken.transfer.destination import Destination, Job

CHUNK = 500
"""Comments in a transaction: enough to be fast, few enough that who writes meanwhile hardly waits."""

L = TypeVar("L")


class Parts:
    """One transaction after another, each of about `CHUNK` comments."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stack = ExitStack()
        self._taken = 0

    def __enter__(self) -> "Parts":
        self.connection = self._stack.enter_context(self._job.part())
        return self

    def __exit__(self, *failure: Any) -> None:
        self._stack.__exit__(*failure)

    def count(self, comments: int) -> None:
        """Note that so many comments were taken in; commit and begin anew when there are enough."""
        self._taken += comments
        if self._taken >= CHUNK:
            self._stack.close()
            self.connection = self._stack.enter_context(self._job.part())
            self._taken = 0


def take_beside(archive: Archive, to: Destination, parts: Parts, differing: Spots, salt: bytes | None) -> None:
    """Take in where comments came from, where they were, and what was erased.

    `differing` is where something else stands here; `salt` is the one of the archive's digests.
    """
    site = to.site
    # First, because what leaves its old place forgets where it came from.
    _take_redirects(archive, to, parts, differing)

    def take_provenance(lines: list[Any]) -> None:
        rows = [{name: getattr(line, name) for name in line.__struct_fields__} for line in lines]
        restoring.add_provenance(parts.connection, site, rows)

    def take_erased(lines: list[Any]) -> None:
        # Of another salt, they are noise here.
        if salt is not None and bygones.take_salt(parts.connection, site, salt):
            erased = [(line.digest, line.thread, line.number) for line in lines]
            bygones.take_erased(parts.connection, site, erased)

    takings: tuple[tuple[Iterator[Any], Callable[[list[Any]], None]], ...] = (
        (provenance_in(archive), take_provenance),
        (erased_in(archive), take_erased),
    )
    for lines, take in takings:
        ours = (line for line in lines if not differing.has(line.thread, line.number))
        while part := list(islice(ours, CHUNK)):
            take(part)
            parts.count(len(part))


def _take_redirects(archive: Archive, to: Destination, parts: Parts, differing: Spots) -> None:
    ours = (line for line in redirects_in(archive) if not line.number or not differing.has(line.thread, line.number))
    for (thread, was), lines in groupby(ours, key=lambda line: (line.thread, line.old_thread)):
        old, new = array("I"), array("I")
        for line in lines:
            old.append(line.old_number)
            new.append(line.number)
        # A comment goes from its old place after its replies.
        for part in in_parts(range(len(old))[::-1], CHUNK):
            numbers = [(old[at], new[at]) for at in part]
            bygones.take_redirects(parts.connection, to.site, was, thread, numbers, to.now())
            parts.count(len(part))
