"""Fuzz everything that reads JSON: each importer reads or says Unreadable, and no address gets through as an id."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers import comentario, commento, isso_json, remark42
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.json"
IMPORTERS = (comentario.IMPORTER, commento.IMPORTER, isso_json.IMPORTER, remark42.IMPORTER)
AROUND = (
    (b'{"version": 3, "pages": [{"id": "p", "path": "/"}], "commenters": [], "comments": [', b"]}"),
    (b'{"version": 1, "commenters": [], "comments": [{"commentHex": "a", ', b"}]}"),
    (b'[{"id": "/", "comments": [', b"]}]"),
    (b'{"version": 1, "users": [], "posts": []}\n{"id": "a", "locator": {"url": "x"}, ', b"}"),
)


def read(content: bytes) -> None:
    """Read `content` as an export by the importer that its first byte names, and once more inside a valid one."""
    if not content:
        return
    importer = IMPORTERS[content[0] % len(IMPORTERS)]
    before, after = AROUND[content[0] % len(AROUND)]
    for whole in (content[1:], before + content[1:] + after):
        importer.recognises(whole)
        FILE.write_bytes(whole)
        try:
            records = list(importer.read(FILE, lambda _: None))
        except Unreadable:
            continue
        for record in records:
            if isinstance(record, SourceComment):
                assert "@" not in (record.author_source or "")
                repr(record).encode()


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
