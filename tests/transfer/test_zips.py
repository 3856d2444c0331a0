"""Reading the files in a zip, and refusing what isn't to be trusted."""

import os
import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from outspoken.transfer.reading.opening import Limits, Member, head_of, is_zip, members, opened, whole
from outspoken.transfer.records import Unreadable

CONTENT = b"".join(b"%d a line of an export\n" % number for number in range(20_000))
EVERYTHING = 1 << 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


def pack(path: Path, *files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in files:
            archive.writestr(name, content)
    return path


def contents(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    return {member.name: whole(member, EVERYTHING) for member in members(path, lambda _: None, limits)}


def test_the_files_in_a_zip_are_read_in_its_order(path: Path) -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        pack(path, ("b.xml", CONTENT), ("folder/a.xml", b"<a/>"), ("empty", b""), method=method)
        assert list(contents(path).items()) == [("b.xml", CONTENT), ("folder/a.xml", b"<a/>"), ("empty", b"")]


def test_folders_and_what_systems_leave_behind_are_passed_over(path: Path) -> None:
    left = ["__MACOSX/._a.xml", "a/.DS_Store", "._a.xml", "Thumbs.db", "a/desktop.ini"]
    pack(path, ("a/", b""), *((name, b"x") for name in left), ("a/a.xml", b"<a/>"), ("a/my.DS_Store.xml", b""))
    assert list(contents(path)) == ["a/a.xml", "a/my.DS_Store.xml"]


def test_a_file_can_be_passed_over_unread_or_half_read(path: Path) -> None:
    pack(path, ("a", CONTENT), ("b", CONTENT), ("c", CONTENT))
    read = [member.read(10) if member.name != "b" else b"" for member in members(path, lambda _: None)]
    assert read == [CONTENT[:10], b"", CONTENT[:10]]


def test_no_piece_is_larger_than_asked_for(path: Path) -> None:
    pack(path, ("a", b"\0" * 1_000_000))
    for member in members(path, lambda _: None):
        assert len(member.read(1000)) <= 1000
        assert 0 < len(member.read()) < 100_000
        assert 0 < len(member.read(-1)) < 100_000


def test_a_zip_with_one_file_is_opened_as_that_file(path: Path) -> None:
    pack(path, ("folder/export.xml", CONTENT), ("__MACOSX/folder/._export.xml", b"x"))
    assert is_zip(path)
    with opened(path, lambda _: None) as source:
        assert whole(source, EVERYTHING) == CONTENT
    assert head_of(path) == CONTENT[: 64 * 1024]


@pytest.mark.parametrize("number", [0, 2])
def test_a_zip_with_none_or_several_isnt_opened_as_one_file(number: int, path: Path) -> None:
    pack(path, *((f"{name}.xml", b"<a/>") for name in range(number)))
    with pytest.raises(Unreadable, match=f"a zip with {number} files"):
        head_of(path)


def test_only_a_zip_is_a_zip(path: Path) -> None:
    assert not is_zip(path)
    assert not is_zip(path.parent)
    for content in (b"", b"PK", b"PK\1\2", b"<a>PK\3\4</a>"):
        path.write_bytes(content)
        assert not is_zip(path)
        with pytest.raises(Unreadable, match="cut off or damaged"):
            contents(path)
    with pytest.raises(Unreadable, match="can't be opened"):
        contents(path.parent / "none.zip")
    with pytest.raises(Unreadable, match="isn't a file"):
        contents(path.parent)


@pytest.mark.parametrize(
    "name",
    [
        "../a.xml",
        "a/../../b",
        "/etc/passwd",
        "..",
        "a/..",
        "..\\a",
        "\\a",
        "C:\\a",
        "c:/a",
        "a\\..\\..\\b",
        "__MACOSX/../x",
    ],
)
def test_a_path_that_leads_out_is_refused_before_anything_is_read(name: str, path: Path) -> None:
    pack(path, ("good.xml", b"<a/>"), (name, b"bad"))
    with pytest.raises(Unreadable, match="leads out") as refusal:
        next(members(path, lambda _: None))
    assert name in str(refusal.value)


def test_dots_within_names_lead_nowhere(path: Path) -> None:
    names = ["a..b", "...", "Q: how.html", "a/.../b", ".hidden"]
    pack(path, *((name, b"x") for name in names))
    assert list(contents(path)) == names


def test_a_link_is_refused(path: Path) -> None:
    link = zipfile.ZipInfo("feed.atom")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Unreadable, match=r"holds a link, “feed.atom”"):
        contents(path)


def test_the_same_name_twice_is_refused(path: Path) -> None:
    pack(path, ("a.xml", b"one"), ("a.xml", b"two"))
    with pytest.raises(Unreadable, match=r"“a.xml” twice"):
        contents(path)


def test_a_file_without_a_name_is_refused(path: Path) -> None:
    packed = pack(path, ("a", b"one")).read_bytes()
    path.write_bytes(packed.replace(b"a", b"\0"))
    with pytest.raises(Unreadable, match="without a name"):
        contents(path)


def test_what_is_encrypted_is_refused(path: Path) -> None:
    packed = bytearray(pack(path, ("a.xml", b"one")).read_bytes())
    packed[packed.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(packed)
    with pytest.raises(Unreadable, match="encrypted"):
        contents(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cant_be_unfolded_piece_by_piece_are_refused(method: int, path: Path) -> None:
    pack(path, ("a.xml", CONTENT), method=method)
    with pytest.raises(Unreadable, match="unusual way"):
        contents(path)


def test_a_bomb_is_refused_by_its_ratio_before_it_unfolds(path: Path) -> None:
    pack(path, ("a", b"\0" * 8_000_000))
    with pytest.raises(Unreadable, match="bomb"):
        contents(path, Limits(ratio_from=1_000_000))
    assert len(contents(path)["a"]) == 8_000_000, "below 64 MiB any ratio does no harm"


def test_many_files_that_share_their_bytes_are_a_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * 500_000)
        first = archive.infolist()[0]
        archive.infolist().extend(_renamed(first, str(number)) for number in range(1, 100))
    # Later versions of Python refuse the overlap itself.
    with pytest.raises(Unreadable, match=r"bomb|damaged|twice"):
        contents(path, Limits(ratio_from=1_000_000))


def _renamed(entry: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    other = zipfile.ZipInfo(name)
    for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
        setattr(other, field, getattr(entry, field))
    return other


def test_what_unfolds_beyond_the_limit_is_refused_over_all_files(path: Path) -> None:
    pack(path, *((str(number), os.urandom(300_000)) for number in range(4)))
    with pytest.raises(Unreadable, match="more than 1 MiB"):
        contents(path, Limits(unfolded=1 << 20))


def test_too_many_files_are_refused(path: Path) -> None:
    pack(path, *((str(number), b"") for number in range(12)))
    assert len(contents(path, Limits(members=12))) == 12
    with pytest.raises(Unreadable, match="more than 11 files"):
        contents(path, Limits(members=11))


def test_a_list_of_files_beyond_the_limit_is_never_read(path: Path) -> None:
    pack(path, *(("x" * 200 + str(number), b"") for number in range(100)))
    with pytest.raises(Unreadable, match="list of files"):
        contents(path, Limits(directory=20_000))


def test_a_list_of_files_that_claims_to_be_huge_costs_nothing(path: Path) -> None:
    packed = bytearray(pack(path, ("a", b"x")).read_bytes())
    struct.pack_into("<L", packed, len(packed) - 10, 0x7FFFFFFF)
    path.write_bytes(packed)
    with pytest.raises(Unreadable):
        contents(path)


def test_a_zip_cut_off_or_damaged_anywhere_is_refused_or_read_whole(path: Path) -> None:
    packed = pack(path, ("a.xml", CONTENT), ("b.xml", CONTENT[:9999])).read_bytes()
    dice = random.Random(5)
    for cut in [0, 4, len(packed) - 1, *(dice.randrange(len(packed)) for _ in range(40))]:
        path.write_bytes(packed[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            contents(path)
    for _ in range(300):
        spoilt = bytearray(packed)
        for _ in range(dice.randrange(1, 4)):
            spoilt[dice.choice([dice.randrange(len(packed)), -dice.randrange(1, 150)])] = dice.randrange(256)
        path.write_bytes(spoilt)
        try:
            read = contents(path)
        except Unreadable:
            continue
        assert all(content in (CONTENT, CONTENT[:9999], b"") for content in read.values())


def test_progress_counts_the_bytes_of_the_zip(path: Path) -> None:
    pack(path, ("a", os.urandom(500_000)), ("b", os.urandom(500_000)))
    seen: list[int] = []

    def drain(take: Callable[[Member], object]) -> None:
        for member in members(path, seen.append):
            take(member)

    drain(lambda member: whole(member, EVERYTHING))
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
