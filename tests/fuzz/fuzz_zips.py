"""Fuzz the reading of zips: their files are read, or it says Unreadable. Ends after -runs=N or -max_total_time=S."""

import io
import sys
import tempfile
import zipfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken", "zipfile"]):
    from outspoken.transfer.reading.opening import head_of, members, whole
    from outspoken.transfer.records import Unreadable

FILE = Path(tempfile.mkdtemp()) / "export.zip"


def _sound() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/feed.atom", "<feed/>" * 20)
        archive.writestr("b.xml", "<rss/>")
    return packed.getvalue()


SOUND = _sound()


def read(content: bytes) -> None:
    """Read `content` as a zip, and again as what overwrites a place of a sound one."""
    place = int.from_bytes(content[:2], "little") % len(SOUND)
    for whole_zip in (content, SOUND[:place] + content[2:] + SOUND[place + len(content[2:]) :]):
        FILE.write_bytes(whole_zip)
        try:
            for member in members(FILE, lambda _: None):
                assert ".." not in member.name.split("/")
                whole(member, 1 << 20)
        except Unreadable:
            pass
        try:
            head_of(FILE)
        except Unreadable:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
