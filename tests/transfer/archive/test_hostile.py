"""Archives that somebody made to harm: each is refused in one line, whoever counts its digests right."""

import json
import random
import struct
import zipfile

import pytest

from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive.container import Container, Writing
from outspoken.transfer.archive.reading import is_archive
from outspoken.transfer.archive.verifying import verify
from outspoken.transfer.records import Unreadable
from tests.conftest import NOW
from tests.factories import rows_of
from tests.transfer.archive.forging import forge, member_of
from tests.transfer.archive.making import archive, fill, rearrange, restore


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    """The files of an archive that is in order."""
    folder = tmp_path_factory.mktemp("hostile")
    database = open_database(folder)
    upgrade(database, NOW)
    rearrange(database, fill(database, 41, comments=40, threads=2)[0], 41)
    archive(database, folder / "a.zip", is_complete=True)
    database.close()
    with zipfile.ZipFile(folder / "a.zip") as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def edited(files: dict[str, bytes], kind: str, change) -> dict[str, bytes]:
    """Change the lines of one kind."""
    name = f"data/{kind}.ndjson"
    lines = [json.loads(line) for line in files[name].splitlines()]
    changed = change(lines) or lines
    return {**files, name: b"".join(json.dumps(line).encode() + b"\n" for line in changed)}


def first(**changes: object):
    def change(lines):
        lines[0] |= changes

    return change


def of_state(state: str, /, **changes: object):
    def change(lines):
        next(line for line in lines if line["state"] == state).update(changes)

    return change


def drop(field: str):
    def change(lines):
        del lines[0][field]

    return change


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("site", lambda lines: [*lines, *lines], "isn't the one line about the site"),
        ("site", first(name="other"), "isn't the one line about the site"),
        ("threads", first(id="../../etc"), "line 1: "),
        ("threads", first(id="zzzzzzzzzzzz"), ""),
        ("threads", lambda lines: [*lines, lines[0]], "isn't in its place"),
        ("threads", first(comments=7), "are published"),
        ("threads", first(last_number=1), "higher number than the thread gave out"),
        ("threads", first(opened="2026-13-01T00:00Z"), "line 1: "),
        ("threads", first(opening="ajar"), "line 1: "),
        ("threads", first(published="9999-12-31T23:59Z"), "“9999-12-31T23:59Z” isn't a date"),
        ("comments", of_state("published", created="9999-12-31T23:59Z"), "“9999-12-31T23:59Z” isn't a date"),
        ("comments", of_state("published", edited="2100-01-01T00:00Z"), "“2100-01-01T00:00Z” isn't a date"),
        ("comments", of_state("published", created="0000-01-01T00:00Z"), "line "),
        ("addresses", first(thread="nowhere"), "the thread nowhere isn't there"),
        ("addresses", lambda lines: [lines[0], *lines], "is there twice"),
        ("authors", lambda lines: lines[1:], "isn't the next in the file of authors"),
        ("authors", lambda lines: [lines[0], *lines], "isn't the next in the file of authors"),
        ("authors", first(mark="A" * 4000), "line 1: "),
        ("comments", lambda lines: [lines[0], *lines], "is there twice"),
        ("comments", lambda lines: [lines[1], lines[0], *lines[2:]], ""),
        ("comments", first(parent=1), "doesn't come before it"),
        ("comments", first(parent=2), "doesn't come before it"),
        ("comments", first(number=2**31), "line 1: "),
        ("comments", first(parent=-1), "line 1: "),
        ("comments", first(ip="192.0.2.1"), "line 1: "),
        ("comments", of_state("published", markup="latex"), "isn't known"),
        ("comments", of_state("published", markup="la\ntex\r\n"), "written in “la tex”, which isn't known"),
        ("comments", of_state("deleted", source="canary", markup="text"), "was deleted, but something of it is there"),
        ("comments", of_state("published", state="deleted"), "was deleted, but something of it is there"),
        ("comments", of_state("published", source=None), "is published, but has no text"),
        ("decisions", first(number=10_000), "there is none"),
        ("provenance", first(number=10_000), "there is no such comment"),
        ("provenance", lambda lines: lines[::-1], "isn't in its place"),
        ("redirects", first(number=10_000, old_number=1), "there is no such comment"),
        ("redirects", lambda lines: lines[::-1], "isn't in its place"),
        ("redirects", first(number=0, old_number=3), "can't lead to"),
        ("erased", first(number=10_000), "there is no such comment"),
        ("erased", first(digest="AAAA"), "line 1: "),
    ],
)
def test_lines_that_can_not_be_are_refused(files, tmp_path, kind, change, told):
    changed = forge(tmp_path / "a.zip", edited(files, kind, change))
    (finding,) = verify(changed).findings
    assert told in finding
    assert "\n" not in finding


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"thread":' + b"[" * 100_000, "isn't ended"),
        (b"{}", "isn't ended"),
        (b"\xff\xfe\n", "line 1"),
        (b"null\n", "line 1"),
        (b'{"number":' + b"9" * 5_000 + b"}\n", "line 1"),
        (b'{"thread":"a\0b","number":1}\n', "line 1"),
        (b"\0" * 5_000 + b"\n", "line 1"),
        (b'{"thread":"' + b"a" * 17 * 1024**2 + b'"}\n', "a line is longer than"),
    ],
)
def test_what_is_no_line_is_refused(files, tmp_path, content, told):
    changed = forge(tmp_path / "a.zip", {**files, "data/comments.ndjson": content})
    (finding,) = verify(changed).findings
    assert told in finding


@pytest.mark.long
def test_a_line_of_a_hundred_megabytes_is_refused(files, tmp_path):
    content = b'{"thread":"' + random.Random(1).randbytes(50 * 1024**2).hex().encode() + b'"}\n'
    changed = forge(tmp_path / "a.zip", {**files, "data/comments.ndjson": content})
    (finding,) = verify(changed).findings
    assert "a line is longer than" in finding


def test_a_public_archive_can_not_bring_what_is_not_public(files, tmp_path):
    (finding,) = verify(forge(tmp_path / "a.zip", files, profile="public")).findings
    assert "something of it is there" in finding or "holds what isn't public" in finding


def test_html_is_not_believed(files, tmp_path, sqlite):
    def poison(lines):
        for line in lines:
            if "html" in line:
                line["html"] = "<script>alert('canary')</script>"

    changed = forge(tmp_path / "a.zip", edited(files, "comments", poison))
    report = restore(sqlite, changed)

    assert all("rendered anew" in problem.what for problem in report.problems)
    assert report.problems
    archive(sqlite, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as whole:
        assert not any(b"canary" in whole.read(name) for name in whole.namelist())


def test_a_manifest_that_tells_otherwise_is_refused(files, tmp_path):
    path = tmp_path / "a.zip"
    members = [member_of(name, content) for name, content in files.items() if name != "manifest.json"]
    for changes, told in (
        ({"version": 2}, "of version 2"),
        ({"format": "zip"}, "isn't what it should be"),
        ({"members": members[:-1]}, "but not in the manifest"),
        ({"members": [*members, {**members[-1], "name": "pages/x"}]}, "but not in the archive"),
        ({"members": members[::-1]}, "in another order"),
        ({"members": [{**member, "lines": 7} if "lines" in member else member for member in members]}, ""),
        ({"surprise": True}, "isn't what it should be"),
    ):
        try:
            found = verify(forge(path, files, **changes)).findings
        except Unreadable as refusal:
            found = (str(refusal),)
        assert found
        assert told in found[0]
    without = {name: content for name, content in files.items() if name != "data/authors.ndjson"}
    with pytest.raises(Unreadable, match="doesn't hold the files"):
        verify(forge(path, without))


def test_what_is_no_archive_is_told_so(tmp_path):
    path = tmp_path / "a.zip"
    for content in (b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"x" * 5_000):
        path.write_bytes(content)
        assert not is_archive(path)
        with pytest.raises(Unreadable):
            verify(path)
    with pytest.raises(Unreadable, match="can't be opened"):
        verify(tmp_path / "none")
    with zipfile.ZipFile(path, "w") as other:
        other.writestr("a.txt", "words")
    with pytest.raises(Unreadable):
        verify(path)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "a\\b", "a//b", "a/", ".", "é", "a\nb"])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        writing = Writing(file)
        with writing.member(name) as write:
            write(b"x")
        writing.close()
    with pytest.raises(Unreadable):
        Container(path)


def test_links_encrypted_stored_and_double_members_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link", (1980, 1, 1, 0, 0, 0))
    link.create_system, link.external_attr = 3, 0o120777 << 16
    stored = zipfile.ZipInfo("stored", (1980, 1, 1, 0, 0, 0))
    for member in (link, stored):
        with zipfile.ZipFile(path, "w") as whole:
            whole.writestr(member, "/etc/passwd")
        with pytest.raises(Unreadable):
            Container(path)
    with path.open("wb") as file:
        writing = Writing(file)
        for content in (b"one", b"two"):
            with (
                pytest.warns(UserWarning, match="Duplicate") if content == b"two" else nothing(),
                writing.member("a") as write,
            ):
                write(content)
        writing.close()
    with pytest.raises(Unreadable, match="twice"):
        Container(path)


class nothing:  # noqa: N801
    """Expects nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        return None


def test_a_bomb_is_refused_before_it_unfolds(tmp_path, monkeypatch):
    monkeypatch.setattr("outspoken.transfer.archive.container._RATIO_FROM", 4 * 1024**2)
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        writing = Writing(file)
        with writing.member("manifest.json") as write:
            for _ in range(64):
                write(bytes(1024**2))
        writing.close()
    assert path.stat().st_size < 100_000
    read: list[int] = []
    with pytest.raises(Unreadable, match="a bomb"):
        read.extend(map(len, Container(path).pieces("manifest.json")))
    assert sum(read) <= 16 * 1024**2


def test_a_directory_that_promises_millions_is_not_loaded(tmp_path):
    path = tmp_path / "a.zip"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, 2**50, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    path.write_bytes(large + locator + end)
    with pytest.raises(Unreadable, match="more members than any archive"):
        Container(path)


def test_overlapping_members_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        writing = Writing(file)
        for name in ("a", "b"):
            with writing.member(name) as write:
                write(b"x" * 100)
        writing.close()
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 42 : at + 46] = bytes(4)
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        Container(path)


def test_nothing_is_written_of_what_was_refused(files, tmp_path, sqlite):
    changed = forge(tmp_path / "a.zip", edited(files, "provenance", first(number=10_000)))
    with pytest.raises(Unreadable):
        restore(sqlite, changed)
    with sqlite.reading() as connection:
        for table in ("sites", "threads", "comments", "jobs"):
            assert rows_of(connection, f"SELECT * FROM {table}") == []
