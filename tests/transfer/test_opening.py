"""Opening plain and gzipped files, and finding the importer for them."""

import gzip
import os
import random
from pathlib import Path

import pytest

from outspoken.transfer.importers import IMPORTERS, importer_named, recognise
from outspoken.transfer.reading.opening import HEAD, Limits, head_of, opened, whole
from outspoken.transfer.records import Unreadable

CONTENT = b"".join(b"%d a line of an export\n" % number for number in range(40_000))
EVERYTHING = 1 << 30


def read(path: Path, limits: Limits | None = None) -> bytes:
    with opened(path, lambda _: None, limits) as source:
        return whole(source, EVERYTHING)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.dat"


def test_a_plain_file_is_read_as_it_is(file: Path) -> None:
    file.write_bytes(CONTENT)
    assert read(file) == CONTENT


def test_a_gzipped_file_is_told_by_its_content(file: Path) -> None:
    file.write_bytes(gzip.compress(CONTENT))
    assert read(file) == CONTENT


def test_several_members_and_padding_are_one_file(file: Path) -> None:
    file.write_bytes(gzip.compress(CONTENT[:1000]) + b"\0" * 7 + gzip.compress(CONTENT[1000:]) + b"\0" * 100_000)
    assert read(file) == CONTENT


def test_an_empty_file_has_nothing_in_it(file: Path) -> None:
    file.write_bytes(b"")
    assert read(file) == b""
    file.write_bytes(gzip.compress(b""))
    assert read(file) == b""


def test_a_gzip_cut_off_anywhere_is_refused(file: Path) -> None:
    zipped = gzip.compress(CONTENT)
    dice = random.Random(7)
    for cut in [2, 5, 10, len(zipped) - 1, len(zipped) - 8, *(dice.randrange(2, len(zipped)) for _ in range(40))]:
        file.write_bytes(zipped[:cut])
        with pytest.raises(Unreadable, match="cut off"):
            read(file)


def test_a_damaged_gzip_is_refused(file: Path) -> None:
    zipped = bytearray(gzip.compress(CONTENT))
    zipped[-6] ^= 0xFF
    file.write_bytes(zipped)
    with pytest.raises(Unreadable, match="damaged"):
        read(file)
    file.write_bytes(gzip.compress(CONTENT) + b"rubbish after the end")
    with pytest.raises(Unreadable, match="damaged"):
        read(file)


def test_a_bomb_is_refused_by_its_ratio_before_it_unfolds(file: Path) -> None:
    file.write_bytes(gzip.compress(b"\0" * 8_000_000))
    with pytest.raises(Unreadable, match="bomb"):
        read(file, Limits(ratio=200, ratio_from=1_000_000))
    assert len(read(file)) == 8_000_000, "below 64 MiB any ratio does no harm"


def test_what_unfolds_beyond_the_limit_is_refused(file: Path) -> None:
    file.write_bytes(gzip.compress(os.urandom(2_000_000)))
    with pytest.raises(Unreadable, match="more than 1 MiB"):
        read(file, Limits(unfolded=1 << 20))


def test_no_piece_is_larger_than_asked_for(file: Path) -> None:
    file.write_bytes(gzip.compress(b"\0" * 1_000_000))
    with opened(file, lambda _: None) as source:
        assert len(source.read(1000)) <= 1000
        assert 0 < len(source.read()) < 100_000
    file.write_bytes(CONTENT)
    with opened(file, lambda _: None) as source:
        assert 0 < len(source.read(-1)) < 100_000


def test_progress_counts_the_bytes_of_the_file_itself(file: Path) -> None:
    zipped = gzip.compress(CONTENT)
    for content in (CONTENT, zipped):
        file.write_bytes(content)
        seen: list[int] = []
        with opened(file, seen.append) as source:
            whole(source, EVERYTHING)
        assert seen == sorted(seen)
        assert seen[-1] == len(content)


def test_the_head_is_decompressed_and_short(file: Path) -> None:
    file.write_bytes(gzip.compress(CONTENT))
    assert head_of(file) == CONTENT[:HEAD]


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="isn't a file"):
        head_of(tmp_path)
    with pytest.raises(Unreadable, match="can't be opened"):
        head_of(tmp_path / "nothing.xml")


def test_a_format_is_recognised_by_content_and_not_by_name(file: Path) -> None:
    file.write_bytes(gzip.compress(b'<?xml version="1.0"?><!-- x --><disqus xmlns="http://disqus.com"/>'))
    assert recognise(file).name == "disqus"
    file.write_text("Headline\n\nText\n\n  • Ann\n\n    Hello.\n")
    assert recognise(file).name == "flattened"


def test_what_is_in_no_known_format_is_refused_with_a_list_of_those_known(file: Path) -> None:
    for content in (b"", b"Just some text.\nNothing else.\n", b'{"a": 1}', b"\x89PNG\r\n\x1a\n\0\0"):
        file.write_bytes(content)
        with pytest.raises(Unreadable, match=r"Known are: .*Disqus XML export \(disqus\)"):
            recognise(file)


def test_importers_are_found_by_their_names() -> None:
    for importer in IMPORTERS:
        assert importer_named(importer.name) is importer
    with pytest.raises(Unreadable, match="no format “wordstar”"):
        importer_named("wordstar")
