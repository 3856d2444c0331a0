"""Fuzz the importer for flattened pages: it reads or says Unreadable, ids are distinct, parents come first."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from outspoken.transfer.importers.flattened import IMPORTER
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "page.txt"


def read(content: bytes) -> None:
    """Read `content` as a page, and as what stands below an article and a heading."""
    IMPORTER.recognises(content)
    for whole in (content, "Title\n\n2 comments:\n\n  • Ann\n\n    Text.\n\n".encode() + content):
        FILE.write_bytes(whole)
        try:
            records = list(IMPORTER.read(FILE, lambda _: None))
        except Unreadable:
            continue
        seen: set[str | None] = {None}
        for record in records:
            if isinstance(record, SourceComment):
                assert record.parent in seen
                assert record.source not in seen
                seen.add(record.source)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
