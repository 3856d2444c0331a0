"""Fuzz what comes as several files: YAML of Staticman and Artalk, CSV of Coral. They are read or refused by name."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken"]):
    from outspoken.transfer.importers import artalk_yaml, coral, staticman
    from outspoken.transfer.records import Unreadable

FOLDER = Path(tempfile.mkdtemp())
TABLES = (
    (staticman.IMPORTER, "comment-1.yml", b"_id: a\nname: Ann\nmessage: "),
    (artalk_yaml.IMPORTER, "atk_comments.yml", b"- id: 1\n  page_key: /\n  content: "),
    (coral.IMPORTER, "comments.csv", b'c1,u1,s1,2020-01-01,x,,,\nc2,u1,s1,"'),
)


def read(content: bytes) -> None:
    """Read `content` as the file that its first byte names: as it is, and behind what such a file begins with."""
    if not content:
        return
    importer, name, before = TABLES[content[0] % len(TABLES)]
    for whole in (content[1:], before + content[1:]):
        for file in FOLDER.iterdir():
            file.unlink()
        (FOLDER / "stories.csv").write_bytes(b"")
        (FOLDER / name).write_bytes(whole)
        try:
            for record in importer.read(FOLDER, lambda _: None):
                repr(record).encode()
        except Unreadable:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
