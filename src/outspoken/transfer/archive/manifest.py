"""The manifest of an archive, read: whether it is one of ours, and whether it names the files that are there."""

from collections.abc import Sequence
from typing import Any

import msgspec

from outspoken.transfer.archive.lines import (
    DATA,
    KINDS,
    MANIFEST,
    NAME,
    PAGES,
    README,
    SCHEMA,
    SIGNATURE,
    VERSION,
    Manifest,
)
from outspoken.transfer.records import Unreadable


def file_of(kind: str) -> str:
    """Return the name of the file that holds the lines of a kind."""
    return f"{DATA}{kind}.ndjson"


FIRST = (README, SCHEMA, *map(file_of, KINDS))
"""The files before the pages, in their order."""


class _Head(msgspec.Struct):
    """What of a manifest tells whether the rest can be read."""

    format: Any = None
    version: Any = None


def manifest_in(read: bytes) -> Manifest:
    """Return the manifest that these bytes are.

    Raises:
        Unreadable: if they are none, or one of another version.
    """
    try:
        head = msgspec.json.decode(read, type=_Head)
        if head.format == NAME and head.version != VERSION:
            raise Unreadable(f"it is an {NAME} of version {head.version!r:.20}; this program reads {VERSION}.")
        return msgspec.json.decode(read, type=Manifest)
    except ValueError as wrong:
        raise Unreadable(f"{MANIFEST} isn't what it should be: {wrong}.") from None


def check_names(manifest: Manifest, members: Sequence[str]) -> None:
    """Compare what a manifest names with the members of its archive, whose names differ from each other.

    Raises:
        Unreadable: if they aren't the same in the same order, or aren't the files of an archive.
    """
    told = [member.name for member in manifest.members]
    there = [name for name in members if name not in (MANIFEST, SIGNATURE)]
    if told != there:
        raise Unreadable(_difference(told, there))
    first, pages = tuple(told[: len(FIRST)]), told[len(FIRST) :]
    if first != FIRST or not all(name.startswith(PAGES) for name in pages):
        raise Unreadable(f"it doesn't hold the files of an {NAME} {VERSION}.")


def _difference(told: Sequence[str], there: Sequence[str]) -> str:
    """Return in what the files of a manifest differ from those of its archive."""
    in_manifest, in_archive = {*told}, {*there}
    for name in told:
        if name not in in_archive:
            return f"{name} is in the manifest, but not in the archive."
    for name in there:
        if name not in in_manifest:
            return f"{name} is in the archive, but not in the manifest."
    return "the manifest names its files in another order than they stand in."
