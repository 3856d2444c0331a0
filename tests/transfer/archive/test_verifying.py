"""Whatever is changed in an archive is named: the file, and the line where that can be told."""

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.store.database import Database, open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive.container import Writing
from outspoken.transfer.archive.signing import UnusableKey, fingerprint, new_key, read_key
from outspoken.transfer.archive.verifying import verify
from outspoken.transfer.records import Unreadable
from tests.conftest import NOW
from tests.transfer.archive.making import archive, fill, restore

pytestmark = pytest.mark.xdist_group("archive-verifying")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    database = open_database(folder)
    upgrade(database, NOW)
    fill(database, 31, comments=260, threads=1)
    archive(database, folder / "a.zip", is_complete=True)
    database.close()
    return folder / "a.zip"


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[Database]:
    """Another, empty database."""
    database = open_database(tmp_path / "elsewhere")
    upgrade(database, NOW)
    yield database
    database.close()


def rewritten(path: Path, change) -> Path:
    """Write the archive anew with `change` (name, content) -> content; None leaves a file out."""
    there = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as source, there.open("wb") as file:
        writing = Writing(file)
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                with writing.member(name) as write:
                    write(content)
        writing.close()
    return there


def findings(path: Path) -> list[str]:
    return list(verify(path).findings)


def test_a_whole_archive_is_whole(whole):
    verdict = verify(whole)
    assert verdict.findings == ()
    assert verdict.signer is None
    assert findings(rewritten(whole, lambda _, content: content)) == []


def line_with(words, lines, first):
    """Return the index of the first line from `first` on that holds one of the words, and that word."""
    return next((at, word) for at in range(first, len(lines)) for word in words if word in lines[at])


def test_a_changed_word_is_found_in_its_hundred_lines(whole):
    changed = []

    def change(name, content):
        if name != "data/comments.ndjson":
            return content
        text = content.split(b"\n")
        at, _ = line_with([b"published"], text, 149)
        text[at] = text[at].replace(b"published", b"publishes")
        text[at + 81] = text[at + 81].replace(b"state", b"State")
        changed.append(at + 1)
        return b"\n".join(text)

    (finding,) = findings(rewritten(whole, change))
    assert finding == f"data/comments.ndjson was changed. Line {changed[0]} isn't what it was."


def test_where_grammar_does_not_tell_the_hundred_lines_are_named(whole):
    def change(name, content):
        lines_of = content.split(b"\n")
        if name == "data/comments.ndjson":
            at, minute = line_with([b":00Z", b":30Z"], lines_of, 100)
            assert at < 200
            lines_of[at] = lines_of[at].replace(minute, b":31Z")
        return b"\n".join(lines_of)

    (finding,) = findings(rewritten(whole, change))
    assert finding == "data/comments.ndjson was changed. The first change is in lines 101 to 200."


def test_a_missing_line_an_added_line_and_a_page_are_named(whole):
    def drop(name, content):
        return content[: content.rindex(b"\n", 0, -1) + 1] if name == "data/comments.ndjson" else content

    def add(name, content):
        return content + content.split(b"\n")[0] + b"\n" if name == "data/addresses.ndjson" else content

    def paint(name, content):
        return content.replace(b"</h1>", b"!</h1>") if name == "pages/index.html" else content

    assert "data/comments.ndjson has" in findings(rewritten(whole, drop))[0]
    assert "data/addresses.ndjson is longer than" in findings(rewritten(whole, add))[0]
    (finding,) = findings(rewritten(whole, paint))
    assert finding.startswith("pages/index.html is longer than")


def test_any_flipped_bit_is_found_or_changes_nothing(whole, tmp_path):
    content = whole.read_bytes()
    with zipfile.ZipFile(whole) as before:
        texts = {name: before.read(name) for name in before.namelist()}
    chance = random.Random(32)
    changed = tmp_path / "flipped.zip"
    silent = 0
    for at in (
        *range(0, 60),
        *range(len(content) - 60, len(content)),
        *(chance.randrange(len(content)) for _ in range(60)),
    ):
        flipped = bytearray(content)
        flipped[at] ^= 1 << chance.randrange(8)
        changed.write_bytes(flipped)
        try:
            found = findings(changed)
        except Unreadable as refusal:
            found = [str(refusal)]
        if not found:
            # The last bits of a compressed stream mean nothing.
            silent += 1
            with zipfile.ZipFile(io.BytesIO(flipped)) as after:
                assert {name: after.read(name) for name in after.namelist()} == texts
    assert silent <= 1


@given(st.data())
@settings(max_examples=40)
def test_a_random_byte_of_a_file_names_that_file(whole, data):
    with zipfile.ZipFile(whole) as source:
        names = [name for name in source.namelist() if name != "manifest.json"]
        name = data.draw(st.sampled_from(names))
        size = source.getinfo(name).file_size
    if not size:
        return
    at, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 7))

    def change(here, content):
        if here != name:
            return content
        return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]

    (finding,) = findings(rewritten(whole, change))
    assert finding.startswith(f"{name} was changed.")
    if name.startswith("data/"):
        assert "ine" in finding


def test_a_manifest_that_was_changed_breaks_the_signature(sqlite, tmp_path):
    public = new_key(tmp_path / "key")
    fill(sqlite, 34, comments=6)
    archive(sqlite, tmp_path / "a.zip", key=read_key(tmp_path / "key", tmp_path / "data"))
    verdict = verify(tmp_path / "a.zip", expected=public)
    assert (verdict.signer, verdict.findings) == (public, ())
    assert len(fingerprint(public).split()) == 8

    def title(name, content):
        return content.replace(b"Harbour", b"Xarbour") if name == "data/site.ndjson" else content

    assert findings(rewritten(tmp_path / "a.zip", title)) == ["data/site.ndjson was changed. It is line 1."]

    def forged(name, content):
        return content.replace(b'"site":"harbour"', b'"site":"xarbour"') if name == "manifest.json" else content

    assert any(
        "signature isn't one of this manifest" in line for line in findings(rewritten(tmp_path / "a.zip", forged))
    )
    other = new_key(tmp_path / "other")
    assert "signed with another key" in verify(tmp_path / "a.zip", expected=other).findings[0]
    unsigned = rewritten(tmp_path / "a.zip", lambda name, content: None if name == "manifest.sig" else content)
    assert verify(unsigned, expected=public).findings == ("it isn't signed.",)


def test_a_key_is_kept_from_others_and_out_of_the_data_folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UnusableKey, match="never written over"):
        new_key(tmp_path / "key")
    new_key(data / "key")
    with pytest.raises(UnusableKey, match="lies in the data folder"):
        read_key(data / "key", data)
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(UnusableKey, match="others may read"):
        read_key(tmp_path / "key", data)
    (tmp_path / "no-key").touch(0o600)
    with pytest.raises(UnusableKey, match="isn't an Ed25519 key"):
        read_key(tmp_path / "no-key", data)
    with pytest.raises(UnusableKey, match="No such file"):
        read_key(tmp_path / "none", data)


def test_nothing_of_a_changed_archive_comes_in(whole, elsewhere, tmp_path):
    def change(name, content):
        return (
            content.replace(b'"state":"published"', b'"state":"publishes"', 1) if name.startswith("data/c") else content
        )

    with pytest.raises(Unreadable, match="Line 1 isn't what it was"):
        restore(elsewhere, rewritten(whole, change))
    with elsewhere.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM jobs").scalar() == 0
