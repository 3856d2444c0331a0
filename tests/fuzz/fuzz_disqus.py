"""Fuzz the Disqus importer: it reads or says Unreadable. Ends after -runs=N or -max_total_time=SECONDS."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from outspoken.transfer.importers.disqus import IMPORTER
    from outspoken.transfer.records import Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.xml"


def read(content: bytes) -> None:
    """Read `content` as an export, and once more inside a valid one."""
    IMPORTER.recognises(content)
    for whole in (content, b'<disqus xmlns:dsq="x"><thread dsq:id="1"/>' + content + b"</disqus>"):
        FILE.write_bytes(whole)
        try:
            list(IMPORTER.read(FILE, lambda _: None))
        except Unreadable:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
