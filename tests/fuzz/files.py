"""Small sound files of every format that is read, and who reads them: what the mutated files are made of."""

import gzip
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from outspoken.discussion.state import State
from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive.verifying import make_sure
from outspoken.transfer.importers import importer_named
from outspoken.transfer.mapping import read_map
from outspoken.transfer.reading.opening import head_of, members, whole
from outspoken.transfer.records import Importer, RecognisesPaths, Record
from tests.transfer import printing
from tests.transfer.archive.forging import forge
from tests.transfer.archive.making import archive, fill
from tests.transfer.exported import Files, place, written
from tests.transfer.made_up import MadeUp, by_chance
from tests.transfer.made_up_blogs import Made
from tests.transfer.scoring import Node
from tests.transfer.writing_artalk import write_artalk_yaml, write_artrans
from tests.transfer.writing_blogger import blogger, takeout
from tests.transfer.writing_commento import write_comentario, write_commento
from tests.transfer.writing_coral import write_coral, write_coral_legacy
from tests.transfer.writing_disqus import disqus, disqus_json
from tests.transfer.writing_feeds import atom, rss
from tests.transfer.writing_isso import write_isso, write_isso_json
from tests.transfer.writing_movable_type import movable_type
from tests.transfer.writing_pages import LAYOUTS, page
from tests.transfer.writing_remark42 import write_remark42
from tests.transfer.writing_staticman import write_staticman
from tests.transfer.writing_topics import write_discourse, write_hypothesis
from tests.transfer.writing_valine import write_twikoo, write_valine, write_valine_lines, write_waline
from tests.transfer.writing_warcs import Answer, plain_record, wacz, warc
from tests.transfer.writing_wxr import wxr

_MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
_MADE = by_chance(3, 4)
_STATES = (State.PUBLISHED, State.HELD, State.SPAM, State.REMOVED)
_POSTS = [
    Made(n, 1 + n // 4, n // 2 or None, f"Ann {n}", f"text {n} &<b>", _STATES[n % 4], datetime(2012, 3, n, tzinfo=UTC))
    for n in range(1, 5)
]
_THREAD = [
    Node(
        "Ann",
        [("p", "One."), ("quote", "Said."), ("ul", ["a", "b"])],
        "2017-04-20T08:13:00",
        [Node("Bob", [("p", "Two."), ("link", "https://example.org/a")], "2017-04-20T08:14:00")],
    )
]
_URL = "https://blog.example/a/"


@dataclass(frozen=True)
class Target:
    """A reader of files, and some that are as they should be."""

    read: Callable[[Path], Iterable[Record]]
    sound: Sequence[Files]
    place: Callable[[Path, Files], Path]
    """Writes the files into an empty folder and returns what is to be read: the only file, or the folder."""
    importer: Importer | None = None


def _of(format: str, *sound: Files | bytes) -> Target:
    importer = importer_named(format)

    def read(path: Path) -> Iterator[Record]:
        by_path = isinstance(importer, RecognisesPaths) and importer.recognises_path(path)
        if path.is_file() and not by_path:
            importer.recognises(head_of(path))
        yield from importer.read(path, lambda _: None)

    return Target(read, [files if isinstance(files, dict) else {"export": files} for files in sound], place, importer)


def _written(write: Callable[[Path, Sequence[MadeUp]], None]) -> Files:
    """Return the files that a writer of tests writes."""
    return written(write, _MADE)


def _disqus_json() -> Target:
    return _of(
        "disqus-json", *(disqus_json(_POSTS, shape) for shape in ("list", "answer", "answers", "embed", "lines"))
    )


def _remark42() -> Target:
    packed = _written(write_remark42)["export"]
    return _of("remark42", gzip.decompress(packed), packed)


def _flattened() -> Target:
    return _of("flattened", *(printing.page(layout, _THREAD, 2, ["A title."]).encode() for layout in printing.LAYOUTS))


def _pages() -> list[bytes]:
    return [page(layout, _THREAD, url=_URL).encode() for layout in LAYOUTS]


def _web_archive() -> Target:
    first, second, *_ = _pages()
    plain = plain_record(_URL, first.decode()) + plain_record(_URL, second.decode())
    packed = warc(
        [Answer(_URL, first), Answer(_URL, second, "2017-05-03T12:00:00Z", "br", is_chunked=True)],
        revisits=[(_URL, "2018-05-03T12:00:00Z", "2016-05-03T12:00:00Z")],
    )
    with tempfile.TemporaryDirectory() as folder:
        zipped = wacz(Path(folder, "a.wacz"), {"archive/a.warc.gz": packed}).read_bytes()
    # The plain one thrice: what is changed in a packed one is mostly seen by its checksum.
    return _of("saved", plain, plain, plain, warc([Answer(_URL, first)], is_gzipped=False), packed, zipped)


def _zip() -> Target:
    sound = []
    for files in ({"a/feed.atom": "<feed/>" * 20, "b.xml": "<rss/>"}, {"c.json": "[1, 2]" * 9}):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        sound.append({"export": packed.getvalue()})

    def read(path: Path) -> Iterator[Record]:
        found = 0
        for member in members(path, lambda _: None):
            assert ".." not in member.name.split("/")
            whole(member, 1 << 20)
            found += 1
        if found == 1:
            head_of(path)
        return iter(())

    return Target(read, sound, place)


def _archive() -> Target:
    """Archives whose digests were counted anew: what is changed in others is seen by its digest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = open_database(folder)
        upgrade(database, _MOMENT)
        fill(database, 41, comments=6, threads=1)
        archive(database, folder / "a.zip", is_complete=True)
        database.close()
        with zipfile.ZipFile(folder / "a.zip") as packed:
            files = {member: packed.read(member) for member in packed.namelist()}
        forged = forge(folder / "forged.zip", files).read_bytes()

    def read(path: Path) -> Iterator[Record]:
        make_sure(path)
        return iter(())

    def place(folder: Path, changed: Files) -> Path:
        path = folder / "a.zip"
        if "a.zip" in changed:
            path.write_bytes(changed["a.zip"])
            return path
        return forge(path, files | changed)

    lines = {member: content for member, content in files.items() if member.startswith("data/")}
    return Target(read, [*[lines] * 9, {"a.zip": forged}], place)


def _map() -> Target:
    def read(path: Path) -> Iterator[Record]:
        known = read_map(path)
        for address in ("harbour.example/a", "https://harbour.example/a/b?c", "x", ""):
            known.target_of(address)
        return iter(())

    table = b"from,to,comments\nhttps://old.example/a,https://harbour.example/a,3\nx,,1\n"
    rules = b"# moved\nhttps://old.example/* -> https://harbour.example/*\n/* -> https://harbour.example/*\n"
    return Target(read, [{"map.csv": table}, {"map.txt": rules}], place)


TARGETS: dict[str, Callable[[], Target]] = {
    "archive": _archive,
    "artalk": lambda: _of("artalk", _written(write_artrans)),
    "artalk-yaml": lambda: _of("artalk-yaml", _written(write_artalk_yaml)),
    "blogger": lambda: _of("blogger", blogger(_POSTS)),
    "blogger-takeout": lambda: _of("blogger", takeout(_POSTS)),
    "comentario": lambda: _of("comentario", _written(write_comentario)),
    "commento": lambda: _of("commento", _written(write_commento)),
    "coral": lambda: _of("coral", _written(write_coral)),
    "coral-legacy": lambda: _of("coral-legacy", _written(write_coral_legacy)),
    "discourse": lambda: _of("discourse", _written(write_discourse)),
    "disqus": lambda: _of("disqus", disqus(_POSTS)),
    "disqus-json": _disqus_json,
    "feed": lambda: _of("feed", rss(_POSTS), atom(_POSTS)),
    "flattened": _flattened,
    "hypothesis": lambda: _of("hypothesis", _written(write_hypothesis)),
    "isso": lambda: _of("isso", _written(write_isso)),
    "isso-json": lambda: _of("isso-json", _written(write_isso_json)),
    "map": _map,
    "movable-type": lambda: _of("movable-type", movable_type(_POSTS)),
    "remark42": _remark42,
    "saved": lambda: _of("saved", *_pages()),
    "staticman": lambda: _of("staticman", _written(write_staticman)),
    "valine": lambda: _of("valine", *map(_written, (write_valine, write_valine_lines, write_waline, write_twikoo))),
    "web-archive": _web_archive,
    "wordpress": lambda: _of("wordpress", wxr(_POSTS)),
    "zip": _zip,
}
"""By the name that is given to `python -m tests.fuzz.mutated`. Every importer is among them."""

if __name__ == "__main__":
    print("\n".join(TARGETS))
