"""Fuzz the reading of Isso's database: it reads or says Unreadable, whatever bytes of a real one are changed."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers.isso import IMPORTER
    from outspoken.transfer.records import Unreadable

from tests.transfer.made_up import by_chance
from tests.transfer.writing_isso import write_isso

FILE = Path(tempfile.mkdtemp()) / "comments.db"
write_isso(FILE, by_chance(1, 20))
WHOLE = FILE.read_bytes()


def read(content: bytes) -> None:
    """Write pieces of `content` over a database at places that it names, and read that."""
    given = atheris.FuzzedDataProvider(content)
    changed = bytearray(WHOLE)
    while given.remaining_bytes() > 3:
        place = given.ConsumeIntInRange(0, len(changed) - 1)
        piece = given.ConsumeBytes(given.ConsumeIntInRange(1, 16))
        changed[place : place + len(piece)] = piece
    FILE.write_bytes(changed)
    IMPORTER.recognises(bytes(changed))
    try:
        list(IMPORTER.read(FILE, lambda _: None))
    except Unreadable:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
