"""The limits that the manual tells: what is just within one is read, and what is just beyond it refused by name."""

import gzip
import io
import os
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from outspoken.transfer.archive import reading as archive
from outspoken.transfer.importers import importer_named
from outspoken.transfer.importers.flattened import importer as flattened
from outspoken.transfer.importers.saved.page import LONGEST_PAGE, MOST_TAGS, page_of
from outspoken.transfer.reading.csv_rows import LONGEST_ROW, csv_rows
from outspoken.transfer.reading.cutting import LONGEST_RECORD
from outspoken.transfer.reading.fields import EARLIEST, LATEST, LONGEST_REFERENCE, moment
from outspoken.transfer.reading.json_lines import LONGEST_LINE, values_by_line
from outspoken.transfer.reading.json_values import Bounds, values
from outspoken.transfer.reading.limits import Limits
from outspoken.transfer.reading.opening import members, opened, whole
from outspoken.transfer.reading.sameness import words
from outspoken.transfer.reading.yaml_values import LONGEST, yaml_value
from outspoken.transfer.records import Unreadable
from tests.transfer import among
from tests.transfer.every_format import WRITERS, Told
from tests.transfer.exported import place

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "manual" / "importing.md"
MIB = 1024**2
PIECE = 64 * 1024
"""Bytes of a line that may be read before its length is looked at."""


def test_the_manual_tells_the_limits_that_are_held() -> None:
    limits, bounds, manual = Limits(), Bounds(), MANUAL.read_text("utf-8")
    for told in (
        f"unfolds to {limits.unfolded // 1024**3} GiB, and above {limits.ratio_from // MIB} MiB",
        f"to {limits.ratio} times its size",
        f"{limits.members:,} files, a list of them of {limits.directory // MIB} MiB",
        f"a comment in JSON | {bounds.depth} levels, {bounds.parts:,} parts, {bounds.size // MIB} MiB of text",
        f"a line of JSON by lines | {LONGEST_LINE // MIB} MiB",
        f"a line of an archive | {archive.LONGEST_LINE // MIB} MiB",
        f"a record of XML or of Movable Type | {LONGEST_RECORD:,} characters",
        f"a row of CSV, a YAML file | {LONGEST_ROW // MIB} MiB",
        f"a saved page | {LONGEST_PAGE // MIB} MiB, {MOST_TAGS:,} elements",
        f"a flattened text | {flattened.LONGEST_TEXT // MIB} MiB",
        f"an id | {LONGEST_REFERENCE} characters",
        f"a date | {EARLIEST.year} to {LATEST.year - 1}",
    ):
        assert told in manual
    assert LONGEST == LONGEST_ROW


def gzipped(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content))
    return path


def zipped(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("export.xml", content)
    return path


def unfolded(path: Path, limits: Limits) -> int:
    with opened(path, lambda _: None, limits) as source:
        return len(whole(source, MIB))


@pytest.mark.parametrize("pack", [gzipped, zipped])
def test_a_compressed_file_unfolds_so_far(pack: Callable[[Path, bytes], Path], tmp_path: Path) -> None:
    path = pack(tmp_path / "export", os.urandom(100_000))
    assert unfolded(path, Limits(unfolded=100_000)) == 100_000
    with pytest.raises(Unreadable, match="unfolds to more than"):
        unfolded(path, Limits(unfolded=99_999))

    path = pack(tmp_path / "export", bytes(500_000))
    times = -(-500_000 // path.stat().st_size)
    assert unfolded(path, Limits(ratio=times, ratio_from=0)) == 500_000
    assert unfolded(path, Limits(ratio=times - 1, ratio_from=500_000)) == 500_000
    with pytest.raises(Unreadable, match=f"more than {times - 1} times its size: a bomb"):
        unfolded(path, Limits(ratio=times - 1, ratio_from=499_999))


def test_a_zips_list_of_files_is_so_long(tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip", b"x")
    length = 46 + len("export.xml")
    assert len(list(members(path, lambda _: None, Limits(directory=length)))) == 1
    with pytest.raises(Unreadable, match="list of files is larger than"):
        list(members(path, lambda _: None, Limits(directory=length - 1)))


@pytest.mark.parametrize(
    ("content", "within", "beyond", "named"),
    [
        (b'{"a": [[[1]]]}', Bounds(depth=4), Bounds(depth=3), "more than 3 levels"),
        (b'{"a": [1, 2, 3]}', Bounds(parts=5), Bounds(parts=4), "more than 4 parts"),
        (b'{"a": ["four", "five"]}', Bounds(size=8), Bounds(size=7), "more than 200,000 parts or"),
    ],
)
def test_a_value_of_json_is_so_deep_wide_and_long(content: bytes, within: Bounds, beyond: Bounds, named: str) -> None:
    assert len(list(values(io.BytesIO(content), "a", bounds=within))) == 1
    with pytest.raises(Unreadable, match=named):
        list(values(io.BytesIO(content), "a", bounds=beyond))


def test_a_line_of_json_and_one_of_an_archive_are_so_long() -> None:
    def line(length: int) -> io.BytesIO:
        return io.BytesIO(b'{"a":"' + b"a" * (length - 8) + b'"}\n{}\n')

    assert len(list(values_by_line(line(LONGEST_LINE)))) == 2
    with pytest.raises(Unreadable, match="Line 1 is longer than 2 MiB"):
        list(values_by_line(line(LONGEST_LINE + PIECE)))

    longest = b"a" * archive.LONGEST_LINE
    assert list(archive.split(iter([longest, b"\n"]))) == [longest]
    with pytest.raises(Unreadable, match="a line is longer than 16 MiB"):
        list(archive.split(iter([longest, b"a", b"\n"])))


@pytest.mark.parametrize("format", ["disqus", "movable-type"])
def test_a_record_of_xml_and_of_movable_type_is_so_long(format: str, tmp_path: Path) -> None:
    def texts(length: int) -> list[int]:
        path = place(tmp_path, WRITERS[format]([Told(1, text="a" * length), Told(2, text="b")]))
        return [len(comment.body) for comment in among.comments(importer_named(format).read(path, lambda _: None))]

    # The tags around a text, or the fields above it, are part of its record.
    most, least = texts(LONGEST_RECORD - 1_000)
    assert most > LONGEST_RECORD - 1_001 > least
    with pytest.raises(Unreadable, match=r"at line \d+ is longer than 10 MB"):
        texts(LONGEST_RECORD)


def test_a_row_of_csv_is_so_long() -> None:
    row = b",".join([b"a" * 99_999] * 10)
    row += b"," + b"a" * (LONGEST_ROW - len(row) - 2) + b"\n"
    assert len(list(csv_rows(io.BytesIO(row + b"b\n"), "comments.csv"))) == 2
    with pytest.raises(Unreadable, match="longer than 1 MiB"):
        list(csv_rows(io.BytesIO(b"a" + row), "comments.csv"))


def test_a_yaml_file_is_so_long_and_one_of_many_is_named(tmp_path: Path) -> None:
    content = b"date: 2014-02-10\nmessage: " + b"a" * (LONGEST - 26)
    assert yaml_value(io.BytesIO(content)).keys() == {"date", "message"}
    with pytest.raises(Unreadable, match="longer than 1 MiB"):
        yaml_value(io.BytesIO(content + b"a"))

    files = {"ferry/1.yml": content, "ferry/2.yml": content + b"a"}
    records = list(importer_named("staticman").read(place(tmp_path, files), lambda _: None))
    assert [(each.where, each.what) for each in among.problems(records)] == [
        ("file ferry/2.yml", "It is longer than 1 MiB.")
    ]
    assert len(among.comments(records)) == 1


def test_a_saved_page_is_so_long_and_has_so_many_elements() -> None:
    page = b"<html><body><p>Text.</p>"
    assert page_of(page.ljust(LONGEST_PAGE), "page.html").elements
    with pytest.raises(Unreadable, match="longer than 32 MiB"):
        page_of(page.ljust(LONGEST_PAGE + 1), "page.html")

    breaks = b"<br>" * (MOST_TAGS - 3)
    assert len(page_of(page + breaks, "page.html").elements) == MOST_TAGS
    with pytest.raises(Unreadable, match="more than 300,000 tags"):
        page_of(page + breaks + b"<br>", "page.html")


def test_a_flattened_text_is_so_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.txt"
    path.write_text("Headline\n\nText\n\n  • Ann\n\n    Hello.\n")
    for most in (path.stat().st_size, path.stat().st_size - 1):
        monkeypatch.setattr(flattened, "LONGEST_TEXT", most)
        if most == path.stat().st_size:
            assert len(among.comments(flattened.IMPORTER.read(path, lambda _: None))) == 1
    with pytest.raises(Unreadable, match="The text is longer than"):
        list(flattened.IMPORTER.read(path, lambda _: None))


def test_an_id_is_so_long_or_as_if_there_were_none(tmp_path: Path) -> None:
    def ids(number: int) -> list[str]:
        path = place(tmp_path, WRITERS["disqus"]([Told(number)]))
        return [comment.source for comment in among.comments(importer_named("disqus").read(path, lambda _: None))]

    longest = 10 ** (LONGEST_REFERENCE - 1)
    assert ids(longest) == [str(longest)]
    (made,) = ids(10 * longest)
    assert not made.isdigit()


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("1971-01-01T00:00:00Z", True),
        ("1970-12-31T23:59:59Z", False),
        ("2099-12-31T23:59:59Z", True),
        ("2100-01-01T00:00:00Z", False),
        ("2099-12-31T23:59:59-01:00", False),
    ],
)
def test_a_date_lies_between_1971_and_2099(written: str, is_one: bool) -> None:
    found, problems = moment(written, "comment 7")
    assert (found is not None, [each.where for each in problems]) == (is_one, [] if is_one else ["comment 7"])


def test_words_are_compared_without_sorting_long_runs_of_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(unicodedata, "normalize", lambda form, text: given.append(text) or text)

    assert words("Na" + "\u0301\uff9e" * 500 + "!").startswith("na")
    assert [len(text) for text in given] == [2 + 30 + 1]
