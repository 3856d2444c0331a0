"""What an archive keeps beside its threads: where comments came from, where they were, what was erased.

All of it names comments, so the threads have to be read before.
"""

from collections.abc import Callable, Iterator
from typing import Any

from outspoken.transfer.archive.lines import ErasedLine, ProvenanceLine, RedirectLine
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.records import Unreadable


def provenance_in(archive: Archive) -> Iterator[ProvenanceLine]:
    """Yield where imported comments came from.

    Raises:
        Unreadable: if a line isn't in its place, or names what isn't there.
    """
    return _in_order(archive, "provenance", lambda line: (line.format, line.source))


def redirects_in(archive: Archive) -> Iterator[RedirectLine]:
    """Yield where old addresses lead.

    Raises:
        Unreadable: as `provenance_in`, and if there is something at an old address.
    """
    for line in _in_order(archive, "redirects", lambda line: (line.thread, line.old_thread, line.old_number)):
        if bool(line.number) != bool(line.old_number) or archive.has(line.old_thread, line.old_number):
            raise Unreadable(f"{line.old_thread}/{line.old_number} can't lead to {line.thread}/{line.number}.")
        yield line


def erased_in(archive: Archive) -> Iterator[ErasedLine]:
    """Yield the digests of what was erased.

    Raises:
        Unreadable: as `provenance_in`.
    """
    return _in_order(archive, "erased", lambda line: (line.digest,))


def _in_order(archive: Archive, kind: str, key: Callable[[Any], tuple[Any, ...]]) -> Iterator[Any]:
    last: tuple[Any, ...] = ()
    for at, line in archive.lines(kind):
        if key(line) <= last:
            raise Unreadable(f"{at}: isn't in its place.")
        if not archive.is_increment and not archive.has(line.thread, line.number):
            raise Unreadable(f"{at}: there is no such comment.")
        last = key(line)
        yield line
