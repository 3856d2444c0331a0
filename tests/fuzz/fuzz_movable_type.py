"""Fuzz the importer of Movable Type's text: it reads or says Unreadable. Ends after -runs=N."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers.movable_type import IMPORTER
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.txt"
BEFORE = b"AUTHOR: A\nTITLE: T\n-----\nBODY:\nx\n-----\nCOMMENT:\n"


def read(content: bytes) -> None:
    """Read `content` as an export, and as a comment of a sound one."""
    for whole in (content, BEFORE + content + b"\n-----\n--------\n"):
        IMPORTER.recognises(whole)
        FILE.write_bytes(whole)
        try:
            records = list(IMPORTER.read(FILE, lambda _: None))
        except Unreadable:
            continue
        sources = [record.source for record in records if isinstance(record, SourceComment)]
        assert len(sources) == len(set(sources))


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
