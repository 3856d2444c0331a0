"""Every hostile kind of file in every format: refused in one line or read with what is wrong named; soon, in little
memory, and either nothing of it is in the database or something whole.

Memory is held to a limit by the system. There are no clocks here but for a guard of processor time, so that what would
not end ends. The archive, which believes less, has tests of its own.
"""

import gzip
import io
import json
import os
import re
import resource
import signal
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench.peaks import run_to_end
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.upgrading import upgrade
from outspoken.text.legible import legible
from outspoken.transfer.importers import IMPORTERS, importer_named, recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.mapping import Row
from outspoken.transfer.reading.limits import Limits
from outspoken.transfer.records import Importer, Problem, Unreadable
from outspoken.transfer.report import Report
from tests.conftest import NOW
from tests.transfer import among
from tests.transfer.every_format import FLAT, FOLDERS, FORMATS, WITHOUT_IDS, WRITERS, Told
from tests.transfer.exported import Files, place

Entropy = Callable[[int], bytes]
Given = Callable[[Files], Path]

MEMORY = 256 * 1024**2
"""Bytes that may come to what there is before."""
PROCESSOR = 60
"""Seconds after which a file is taken for one that doesn't end."""
MARK = "The ferry"
THREE = (
    Told(1, None, f"{MARK} was late again."),
    Told(2, 1, "I saw it leave.", "Bob"),
    Told(3, 2, "Then early.", "Cleo"),
)
XML = ("blogger", "blogger-takeout", "disqus", "atom", "rss", "wordpress")
SECRET = "what another file holds"

_numbers = count(1)
formats = pytest.mark.parametrize("format", WRITERS)


class _Endless(BaseException):
    """Nothing that reads files may catch this."""


@contextmanager
def bounded() -> Iterator[None]:
    """Let what is done here have so much memory and processor time, and no more."""

    def stop(_signal: int, _frame: object) -> None:
        raise _Endless

    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGPROF, stop)
    resource.setrlimit(resource.RLIMIT_AS, (here + MEMORY, limits[1]))
    signal.setitimer(signal.ITIMER_PROF, PROCESSOR)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGPROF, before)


def is_one_line(text: str) -> bool:
    return len(text.splitlines()) == 1 and legible(text) == text


def importer_of(format: str) -> Importer:
    """Return the importer for what a writer writes."""
    return importer_named(FORMATS[format])


@dataclass
class Desk:
    """Where hostile files are brought, each into a site of its own."""

    database: Database
    scratch: Path
    site: str
    entropy: Entropy

    def bring(self, path: Path, importer: Importer) -> Report | str:
        """Import a file within bounds; return the report, or why it was refused. Hold what every import promises."""
        try:
            with bounded():
                self._recognise(path)
                rows: list[Row] = []
                report = run_import(
                    importer,
                    path,
                    database=self.database,
                    site=self.site,
                    scratch_folder=self.scratch,
                    entropy=self.entropy,
                    now=lambda: NOW,
                    mapped=rows.append,
                )
        except Unreadable as refusal:
            told = str(refusal)
            assert is_one_line(told), told
            assert self.rows("SELECT id FROM threads WHERE site = :site") == []
            return told
        finally:
            assert list(self.scratch.iterdir()) == []
        assert self.comments() == report.comments + report.tombstones
        for problem in report.problems:
            assert is_one_line(problem.where), problem
            assert is_one_line(problem.what), problem
        json.dumps([report.as_json(), [row.as_json() for row in rows]], ensure_ascii=False).encode()
        return report

    def comments(self) -> int:
        """Return how many comments are there."""
        return len(self.rows("SELECT number FROM comments WHERE thread IN (SELECT id FROM threads WHERE site = :site)"))

    def names(self) -> list[str]:
        """Return the names of the authors."""
        rows = self.rows("SELECT name FROM authors WHERE thread IN (SELECT id FROM threads WHERE site = :site)")
        return [row.name for row in rows]

    def rows(self, statement: str) -> Sequence[Any]:
        with self.database.reading() as connection:
            return connection.execute(sa.text(statement), {"site": self.site}).all()

    def _recognise(self, path: Path) -> None:
        """Ask every importer whether it is theirs, as whoever names no format does."""
        try:
            recognise(path)
        except Unreadable as refusal:
            told = str(refusal)
            assert is_one_line(told), told


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all, which is whole in the end."""
    database = open_database(tmp_path_factory.mktemp("house"))
    upgrade(database, NOW)
    yield database
    faults = list(check(database))
    database.close()
    assert faults == []


@pytest.fixture
def desk(house: Database, tmp_path: Path) -> Desk:
    (tmp_path / "scratch").mkdir()
    return Desk(house, tmp_path / "scratch", f"site-{next(_numbers)}", os.urandom)


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Write files to be read."""

    def write(files: Files) -> Path:
        (tmp_path / "given").mkdir()
        return place(tmp_path / "given", files)

    return write


@cache
def sound(format: str) -> Files:
    """Return a file of a format that is as it should be."""
    return WRITERS[format](THREE)


def altered(format: str, change: Callable[[bytes], bytes]) -> Files:
    """Return the same with something done to each file, below the packing if it is packed."""
    return {
        name: gzip.compress(change(gzip.decompress(content)), 1) if content.startswith(b"\x1f\x8b") else change(content)
        for name, content in sound(format).items()
    }


def strewn(piece: bytes, distance: int) -> Callable[[bytes], bytes]:
    return lambda content: b"".join(content[at : at + distance] + piece for at in range(0, len(content), distance))


def recoded(encoding: str) -> Callable[[bytes], bytes]:
    return lambda content: content.decode("utf-8", "replace").encode(encoding)


def declaring(doctype: bytes, entity: bytes) -> Callable[[bytes], bytes]:
    """Let a file declare entities at its head and name one in its text."""

    def change(content: bytes) -> bytes:
        head = re.match(rb"\s*(?:<\?xml[^>]*\?>)?", content)
        assert head is not None
        content = content.replace(MARK.encode(), entity)
        return content[: head.end()] + doctype + content[head.end() :]

    return change


LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (at + 1, b"&a%d;" % at * 10) for at in range(9))
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut off in the middle": lambda content: content[: len(content) // 2],
    "cut off near its end": lambda content: content[:-12],
    "strewn with NULs": strewn(b"\0", 50),
    "with letters of no encoding": lambda content: content.replace(b"ferry", b"f\xffrr\xfe"),
    "strewn with letters of no encoding": strewn(b"\xff\xfe\xfa", 97),
}
"""What of it was lost has to be told."""
UNNOTICED = {
    # A text has no end, and is a text without its last words, too.
    ("flattened", "cut off in the middle"),
    ("flattened", "cut off near its end"),
    # YAML is YAML without its last lines.
    ("staticman", "cut off near its end"),
}


@formats
@pytest.mark.parametrize("kind", DAMAGED)
def test_what_is_damaged_is_refused_or_said_to_be(kind: str, format: str, desk: Desk, given: Given) -> None:
    came = desk.bring(given(altered(format, DAMAGED[kind])), importer_of(format))

    if (format, kind) not in UNNOTICED:
        assert isinstance(came, str) or came.problems


ODD: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "in UTF-16": recoded("utf-16"),
    "in UTF-32": recoded("utf-32"),
    "in EBCDIC by its own word": lambda content: re.sub(rb"(?i)utf-8", b"cp037", content),
    "in base64 by its own word": lambda content: re.sub(rb"(?i)utf-8", b"base64", content),
    "lists within lists": lambda content: b"[" * 20_000 + content,
    "objects within objects": lambda content: b'{"a":' * 20_000 + content,
    "elements within elements": lambda content: b"<a>" * 20_000 + content,
    "elements within elements at the end": lambda content: content + b"<a>" * 20_000,
    "items within items": lambda content: b"- " * 20_000 + content,
    "a number of many digits": lambda content: b'{"id":' + b"9" * 20_000 + b"}\n" + content,
}
"""What may be read, too, but then as what it is."""


@formats
@pytest.mark.parametrize("kind", ODD)
def test_what_is_odd_is_refused_or_read_as_what_it_is(kind: str, format: str, desk: Desk, given: Given) -> None:
    path = given(altered(format, ODD[kind]))

    came = desk.bring(path, importer_of(format))

    if isinstance(came, Report) and came.comments:
        bodies = [comment.body for comment in among.comments(importer_of(format).read(path, lambda _: None))]
        assert any(MARK in body for body in bodies) or came.problems


@formats
@pytest.mark.parametrize("way", ["bomb", "file", "address"])
def test_no_entity_is_unfolded_and_none_is_fetched(
    way: str, format: str, desk: Desk, given: Given, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    doctype, entity = {
        "bomb": (b'<!DOCTYPE x [<!ENTITY a0 "ha">' + LAUGHS + b"]>", b"&a9;"),
        "file": (f'<!DOCTYPE x [<!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode(), b"&f;"),
        "address": (
            b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>',
            b"&s;",
        ),
    }[way]
    path = given(altered(format, declaring(doctype, entity)))

    came = desk.bring(path, importer_of(format))

    if format in XML:
        assert isinstance(came, str)
        assert "DOCTYPE" in came
    if isinstance(came, Report):
        told = repr(list(importer_of(format).read(path, lambda _: None)))
        assert SECRET not in told
        assert "haha" not in told


TREES = sorted(WRITERS.keys() - FLAT - WITHOUT_IDS - {"staticman"})
"""Formats in which a comment names the one it answers; Staticman counts instead."""


@pytest.mark.parametrize("format", TREES)
def test_circles_and_who_answers_themselves_become_roots_and_are_named(format: str, desk: Desk, given: Given) -> None:
    came = desk.bring(given(WRITERS[format]([Told(1, 2), Told(2, 1), Told(3, 3)])), importer_of(format))

    assert isinstance(came, Report)
    assert (came.comments, came.circles) == (3, 2)
    assert sum("round in a circle" in problem.what for problem in came.problems) == 2


@pytest.mark.parametrize("format", sorted({*TREES, "rss"} - {"isso"}))
def test_an_id_that_is_there_twice_is_named_and_the_first_is_kept(format: str, desk: Desk, given: Given) -> None:
    files = WRITERS[format]([Told(1), Told(1, None, "Another text.", "Eve"), Told(2, 1)])

    came = desk.bring(given(files), importer_of(format))

    assert isinstance(came, Report)
    assert (came.comments, came.skipped["same id twice in the file"]) == (2, 1)
    assert any("like one before it; the first was kept" in problem.what for problem in came.problems)


@pytest.mark.parametrize(
    ("format", "year"),
    [(format, year) for format in WRITERS for year in (9999, 1) if year > 1 or format not in WITHOUT_IDS],
)
def test_a_date_on_which_nobody_could_write_is_none_and_is_named(
    format: str, year: int, desk: Desk, given: Given
) -> None:
    path = given(WRITERS[format]([Told(1, created=datetime(year, 12, 30, 23, 59, 59, tzinfo=UTC)), Told(2, 1)]))

    came = desk.bring(path, importer_of(format))

    assert isinstance(came, Report)
    assert came.comments == 2
    read = list(importer_of(format).read(path, lambda _: None))
    assert [comment.created is None for comment in among.comments(read)].count(True) == 1
    # On pages any text may stand where a date could.
    assert format in WITHOUT_IDS or any("isn't a date on which somebody could" in each.what for each in came.problems)


TEXTS = {
    "NULs": ("a\0b", "A\0nn"),
    "what makes terminals do something": ("a\x1b[2Jb\u202e", "A\x1b]0;x\x07nn"),
    "halves of characters": ("a\ud800b", "A\udfffnn"),
    "a name as long as a book": ("a", "A" * 1_000_000),
}
ESCAPING = ("coral-legacy", "discourse", "hypothesis", "isso-json", "valine", "valine-lines", "twikoo")
"""Formats whose writers write everything as ASCII, so that a half of a character can be in them."""


@pytest.mark.parametrize(
    ("format", "kind"),
    [(format, kind) for format in WRITERS for kind in TEXTS if kind != "halves of characters" or format in ESCAPING],
)
def test_what_no_text_can_hold_comes_into_no_text(format: str, kind: str, desk: Desk, given: Given) -> None:
    text, author = TEXTS[kind]
    # An unknown parent is told with its id.
    files = WRITERS[format]([Told(1, None, text, author), Told(2, 1)])

    came = desk.bring(given(files), importer_of(format))

    if isinstance(came, Report):
        assert all(is_one_line(name) and len(name) <= 200 for name in desk.names())


@pytest.mark.parametrize("format", sorted(WRITERS.keys() - {"comentario", "isso", "staticman"}))
def test_an_id_longer_than_any_harms_nobody(format: str, desk: Desk, given: Given) -> None:
    came = desk.bring(given(WRITERS[format]([Told(10**400), Told(2, 10**400)])), importer_of(format))

    assert (
        isinstance(came, str) or came.comments + sum("id" in each.what for each in came.problems) >= 2 or came.problems
    )


def zipped(files: Files, more: Callable[[zipfile.ZipFile], None]) -> Files:
    """Return files in a zip to which something is added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        more(archive)
    return {"export.zip": packed.getvalue()}


def _link(archive: zipfile.ZipFile) -> None:
    link = zipfile.ZipInfo("more")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(link, "/etc/passwd")


ZIPS: dict[str, tuple[Callable[[zipfile.ZipFile], None], str]] = {
    "a link": (_link, "link"),
    "a path upwards": (lambda archive: archive.writestr("../more", "x"), "leads out"),
    "a path from the root": (lambda archive: archive.writestr("/etc/more", "x"), "leads out"),
    "a bomb": (lambda archive: archive.writestr("more", bytes(2 * 1024**2)), ""),
}


@formats
@pytest.mark.parametrize("kind", ZIPS)
def test_nothing_leads_out_of_a_zip_in_any_format(kind: str, format: str, desk: Desk, given: Given) -> None:
    more, named = ZIPS[kind]

    came = desk.bring(given(zipped(sound(format), more)), importer_of(format))

    if named:
        assert isinstance(came, str)
        assert named in came or format in ("isso", "saved-warc")


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a bomb be one from half a megabyte on; the limits themselves have tests that unfold what they say."""
    limits = Limits(ratio_from=512 * 1024)
    told = tuple(getattr(limits, name) for name in ("unfolded", "ratio", "ratio_from", "members", "directory"))
    monkeypatch.setattr(Limits.__init__, "__defaults__", told)


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "before all": lambda content: b" " * 2 * 1024**2 + content,
    "after all": lambda content: content + b"\n" * 2 * 1024**2,
    "in a text": lambda content: content.replace(MARK.encode(), MARK.encode() + b" a" * 1024**2),
}


@formats
@pytest.mark.parametrize("where", BOMBS)
@pytest.mark.usefixtures("small_limits")
def test_what_unfolds_beyond_all_bounds_is_refused(where: str, format: str, desk: Desk, given: Given) -> None:
    unfolded = altered(format, BOMBS[where])
    files = {
        name: content if content.startswith(b"\x1f\x8b") else gzip.compress(content, 9)
        for name, content in unfolded.items()
    }

    came = desk.bring(given(files), importer_of(format))

    # Who finds the end of what they read before the bomb never meets it.
    assert isinstance(came, str) or came.problems or where == "after all"


@pytest.mark.parametrize("format", FOLDERS)
def test_a_link_in_a_folder_isnt_followed(format: str, desk: Desk, given: Given, tmp_path: Path) -> None:
    folder = given(sound(format))
    linked = folder / FOLDERS[format]
    linked.rename(tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")

    came = desk.bring(folder, importer_of(format))

    assert isinstance(came, str) or came.comments == 2


def test_every_importer_is_among_them() -> None:
    assert {importer_of(format).name for format in WRITERS} == {importer.name for importer in IMPORTERS}


def test_a_refusal_and_a_problem_are_one_line_whatever_they_quote() -> None:
    noise = "\x1b]0;title\x07\x1b[2J\r\n\x00\u2028\ud800"
    report = Report("disqus")
    report.tell(Problem(f"line\n7{noise}", f"names “{noise}”"))
    for told in (str(Unreadable(f"It has “{noise}”.")), report.problems[0].where, report.problems[0].what):
        assert is_one_line(told)


def test_the_list_of_all_formats_is_told_whole() -> None:
    with pytest.raises(Unreadable) as refused:
        importer_named("telepathy")
    assert str(refused.value).endswith(f"({IMPORTERS[-1].name}).")


LISTS = {
    "xml": "xml/*.txt",
    "addresses": "url/*.txt",
    "strings": "strings/blns.json",
    "letters": "unicode/*.txt",
    "markup": "sanitizer-bleach/*.test",
}


@formats
@pytest.mark.parametrize("name", LISTS)
def test_the_lists_of_payloads_are_texts_names_and_files_like_any(
    name: str, format: str, shared_data: Path, desk: Desk, given: Given
) -> None:
    lists = sorted((shared_data / "security").glob(LISTS[name]))
    assert lists
    contents = [path.read_bytes() for path in lists]
    payloads = [line for content in contents for line in content.decode("utf-8", "replace").splitlines() if line]
    # Some fifty of each list, from all over it.
    payloads = payloads[:: max(1, len(payloads) // 50)]
    said = [Told(1, None, f"{MARK} was late."), *(Told(at, 1, each, each) for at, each in enumerate(payloads, 2))]

    came = desk.bring(given(WRITERS[format](said)), importer_of(format))

    assert isinstance(came, Report) or format in WITHOUT_IDS
    for content in contents:
        (desk.scratch / "list").write_bytes(content)
        with bounded(), suppress(Unreadable):
            list(importer_of(format).read(desk.scratch / "list", lambda _: None))


@pytest.mark.long
@formats
def test_a_line_of_a_hundred_megabytes_is_refused_or_its_comment_is_said_to_be_lost(
    format: str, desk: Desk, given: Given
) -> None:
    came = desk.bring(
        given(altered(format, lambda content: content.replace(MARK.encode(), b"x" * 100 * 1024**2))),
        importer_of(format),
    )

    assert isinstance(came, str) or came.problems


BEGINNINGS = {"array": b"[", "results": b'{"results":[', "comments": b'{"version":1,"comments":[', "rows": b'{"rows":['}


@pytest.mark.long
@pytest.mark.parametrize("format", [name for name in WRITERS if b"{" in next(iter(sound(name).values()))[:40]])
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_very_many_items_that_are_none_take_no_memory(beginning: str, format: str, desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "export"
    with path.open("wb") as file:
        file.write(BEGINNINGS[beginning])
        for _ in range(100):
            file.write(b"0," * 100_000)
        file.write(b"0]" if beginning == "array" else b"0]}")

    came = desk.bring(path, importer_of(format))

    assert isinstance(came, str) or came.comments == 0


READING = """
import sys
from pathlib import Path
from outspoken.transfer.importers import importer_named
for _ in importer_named(sys.argv[1]).read(Path(sys.argv[2]), lambda _: None):
    pass
"""


@pytest.mark.long
@pytest.mark.parametrize("format", ["commento", "discourse", "hypothesis", "isso-json", "valine"])
def test_ten_times_as_many_items_are_read_in_no_more_memory(format: str, tmp_path: Path) -> None:
    (whole,) = WRITERS[format]([Told(1)]).values()
    told = json.loads(whole)
    items = next(found for found in _lists(told) if found and _says(found[0], "ferry"))
    item = json.dumps(items[0]).encode()
    items[:] = ["here"]
    before, _, after = json.dumps(told).encode().partition(b'"here"')

    def peak(many: int) -> int:
        with (tmp_path / "export.json").open("wb") as file:
            file.write(before + item)
            for _ in range(many // 1_000):
                file.write((b"," + item) * 1_000)
            file.write(after)
        return run_to_end(sys.executable, "-c", READING, format, tmp_path / "export.json").peak_mb

    assert peak(1_000_000) <= peak(100_000) + 8


def _says(item: Any, word: str) -> bool:
    """Tell whether an item of a list is a whole comment, and not a part of one."""
    return isinstance(item, dict) and any(word in value for value in item.values() if isinstance(value, str))


def _lists(value: Any) -> Iterator[list[Any]]:
    """Yield the lists in a value, the inner ones first."""
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(inner)
    if isinstance(value, list):
        yield value
