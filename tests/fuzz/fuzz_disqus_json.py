"""Fuzz the importer of what the API of Disqus answers: it reads or says Unreadable. Ends after -runs=N."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers.disqus_json import IMPORTER
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "posts.json"


def read(content: bytes) -> None:
    """Read `content` as a file, as a post of a list, and as a member of a post."""
    for whole in (content, b'[{"id": 1, "thread": ' + content + b"}]", b'[{"id": 1, "thread": 2, ' + content + b"}]"):
        IMPORTER.recognises(whole)
        FILE.write_bytes(whole)
        try:
            for record in IMPORTER.read(FILE, lambda _: None):
                if isinstance(record, SourceComment):
                    assert record.source
                    record.body.encode()
        except Unreadable:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
