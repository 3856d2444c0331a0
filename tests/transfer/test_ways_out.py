"""The canary on every way out: what tells who somebody is in imported files is in nothing that is kept or that leaves.

E-mails, addresses, browsers, chat accounts and digests of them stand in the files of every format that has them.
"""

import gzip
import io
import logging
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from outspoken.store import contacts
from outspoken.store.backups import back_up
from outspoken.store.contacts import sealing
from outspoken.store.database import Database
from outspoken.transfer.exporters import EXPORTERS
from outspoken.transfer.importers import recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.leaving import leave
from tests.conftest import NOW
from tests.transfer.archive.making import archive
from tests.transfer.every_format import WRITERS, Told
from tests.transfer.exported import Files, place

KEY = pyrage.x25519.Identity.generate()
TOLD = (Told(1, None, "The ferry was late again."), Told(2, 1, "I saw it leave.", "Bob"), Told(3, 2, "Early.", "Cleo"))
CANARIES = (
    *("who@example.org", "ann@example.org", "who%40example.org"),
    *("7bcc668fffe848ecf2b1b564066eabf9", "00000000000000000000000000000000"),
    *("192.0.2.1", "192.0.2.9", "203.0.113.9"),
    "Mozilla/5.0 (Secret)",
    *("telegram_4711", "email_3cdd"),
)
WITHOUT = ("blogger", "blogger-takeout", "discourse", "rss", "flattened", "hypothesis", "saved", "saved-warc")
"""Formats whose writers have no such thing to write."""


def planted(format: str) -> Files:
    """Return a file of a format, with chat accounts in the one that tells them."""
    files = WRITERS[format](TOLD)
    if format == "remark42":
        chat = gzip.decompress(files["export"]).replace(b'"id": "email_', b'"id": "telegram_4711', 1)
        return {"export": gzip.compress(chat.replace(b'"id": "email_', b'"id": "email_3cdd'), 1)}
    return files


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield a file and all that is packed in it."""
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield from unpacked(gzip.decompress(content))
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from unpacked(packed.read(name))


def below(path: Path) -> Iterator[bytes]:
    """Yield all that is at a path, unpacked."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            yield from unpacked(file.read_bytes())


def found_in(contents: Iterator[bytes]) -> set[str]:
    return {canary for content in contents for canary in CANARIES if canary.encode() in content}


@pytest.mark.parametrize("format", WRITERS)
def test_what_is_looked_for_is_in_the_files_that_can_hold_it(format: str) -> None:
    found = found_in(piece for content in planted(format).values() for piece in unpacked(content))
    assert bool(found) is (format not in WITHOUT)


@pytest.mark.parametrize("keeps", [False, True], ids=["dropped", "sealed"])
def test_nothing_of_it_is_kept_and_nothing_leaves(
    keeps: bool, sqlite: Database, entropy: Callable[[int], bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert sqlite.file is not None
    kept, out = sqlite.file.parent, tmp_path / "out"
    for format in WRITERS:
        folder = tmp_path / format
        folder.mkdir()
        path = place(folder, planted(format))
        importer = recognise(path)
        run_import(
            importer, path, database=sqlite, site="harbour", scratch_folder=kept, entropy=entropy, now=lambda: NOW,
            seal=sealing([KEY.to_public()]) if keeps else None,
        )  # fmt: skip
        assert found_in(iter([repr(list(importer.read(path, lambda _: None))).encode()])) == set(), format

    out.mkdir()
    with sqlite.reading() as connection:
        assert (contacts.count(connection, "harbour") > 0) is keeps
        for exporter in EXPORTERS:
            leave(exporter, connection, "harbour", out / exporter.name)
    archive(sqlite, out / "public.zip")
    archive(sqlite, out / "complete.zip", is_complete=True)
    sealed = back_up(sqlite, tmp_path / "backups", [KEY.to_public()], None, NOW, lambda *_: None)
    (out / "backup.db").write_bytes(pyrage.decrypt(sealed.read_bytes(), [KEY]))

    assert len(list(out.iterdir())) == len(EXPORTERS) + 3
    for way in sorted(out.iterdir()):
        content = list(below(way))
        assert found_in(iter(content)) == set(), way.name
        # Texts are encrypted in a database, and the looking would find nothing if it looked nowhere.
        assert way.suffix == ".db" or any(b"late again" in piece for piece in content), way.name
    assert found_in(below(kept)) == set()
    assert found_in(iter([caplog.text.encode()])) == set()
