"""Fuzz everything that reads JSON: each importer reads or says Unreadable, and no address gets through as an id."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers import (
        artalk,
        comentario,
        commento,
        discourse,
        hypothesis,
        isso_json,
        remark42,
        valine,
    )
    from outspoken.transfer.records import SourceComment, Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.json"
INSIDE = (
    (artalk.IMPORTER, b'[{"id": "1", "page_key": "/", ', b"}]"),
    (comentario.IMPORTER, b'{"version": 3, "pages": [{"id": "p", "path": "/"}], "comments": [{"id": "a", ', b"}]}"),
    (commento.IMPORTER, b'{"version": 1, "commenters": [], "comments": [{"commentHex": "a", ', b"}]}"),
    (discourse.IMPORTER, b'{"id": 7, "post_stream": {"posts": [{"post_number": 1, ', b"}]}}"),
    (hypothesis.IMPORTER, b'{"rows": [{"id": "a", "uri": "x", ', b"}]}"),
    (isso_json.IMPORTER, b'[{"id": "/", "comments": [{', b"}]}]"),
    (remark42.IMPORTER, b'{"version": 1, "users": [], "posts": []}\n{"id": "a", "locator": {"url": "x"}, ', b"}"),
    (valine.IMPORTER, b'{"objectId": "a", "url": "/", ', b"}"),
)
"""Importers with what may stand around a comment of theirs."""


def read(content: bytes) -> None:
    """Read `content` by the importer that its first byte names: as it is, and as the fields of a comment."""
    if not content:
        return
    importer, before, after = INSIDE[content[0] % len(INSIDE)]
    for whole in (content[1:], before + content[1:] + after):
        importer.recognises(whole)
        FILE.write_bytes(whole)
        try:
            records = list(importer.read(FILE, lambda _: None))
        except Unreadable:
            continue
        for record in records:
            repr(record).encode()
            assert not isinstance(record, SourceComment) or "@" not in (record.author_source or "")


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
