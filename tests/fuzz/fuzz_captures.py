"""Fuzz the importer for saved pages and web archives: it reads or says Unreadable, ids are distinct, parents there."""

import gzip
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["outspoken.transfer"]):
    from outspoken.transfer.importers.captures import IMPORTER
    from outspoken.transfer.records import SourceComment, Unreadable

from tests.transfer.scoring import Node
from tests.transfer.writing_pages import LAYOUTS, page
from tests.transfer.writing_warcs import Answer, plain_record, warc

FILE = Path(tempfile.mkdtemp()) / "page"
REPLY = Node("Bob", [("p", "Two."), ("link", "https://example.org/a")], "2017-04-20T08:14:00")
PAGES = [page(layout, [Node("Ann", [("p", "One.")], "2017-04-20T08:13:00", [REPLY])]).encode() for layout in LAYOUTS]
URL = "https://blog.example/a/"
WARC = plain_record(URL, PAGES[0].decode()) + plain_record(URL, PAGES[1].decode())
PACKED = warc([Answer(URL, PAGES[0]), Answer(URL, PAGES[1], coding="br", is_chunked=True)])


def read(content: bytes) -> None:
    """Read `content` alone, or put into a page or an archive for some of its bytes, or beside shuffled tags."""
    given = atheris.FuzzedDataProvider(content)
    which, place = given.ConsumeIntInRange(0, 4), given.ConsumeIntInRange(0, 2**20)
    count = given.ConsumeIntInRange(0, 40)
    whole = PAGES[place % len(PAGES)]
    rest = given.ConsumeBytes(sys.maxsize)
    match which:
        case 0:
            tried = rest
        case 1:
            at = place % len(whole)
            tried = whole[:at] + rest + whole[at + count :]
        case 2:
            at = place % len(WARC)
            tried = WARC[:at] + rest + WARC[at + count :]
        case 3:
            at = place % len(PACKED)
            tried = PACKED[:at] + rest + PACKED[at + count :]
        case _:
            tried = gzip.compress(WARC) + rest + shuffled(whole, place)
    FILE.write_bytes(tried)
    IMPORTER.recognises(tried)
    try:
        records = list(IMPORTER.read(FILE, lambda _: None))
    except Unreadable:
        return
    check([record for record in records if isinstance(record, SourceComment)])


def shuffled(whole: bytes, seed: int) -> bytes:
    """Return a page with its tags in another order."""
    tags = whole.split(b"<")
    random.Random(seed).shuffle(tags)
    return b"<".join(tags)


def check(comments: list[SourceComment]) -> None:
    """Hold what every reading promises."""
    seen: set[str | None] = {None}
    for comment in comments:
        assert comment.source not in seen
        seen.add(comment.source)
    assert all(comment.parent in seen for comment in comments)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
