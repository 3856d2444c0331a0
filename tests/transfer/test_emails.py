"""The canary: of the e-mails in imported files nothing is written in clear anywhere, whether they are kept or not."""

import json
import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest

from outspoken.store import contacts
from outspoken.store.contacts import sealing
from outspoken.store.database import Database
from outspoken.transfer.importers import recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.records import SourceComment
from tests.conftest import NOW

Entropy = Callable[[int], bytes]
KEY = pyrage.x25519.Identity.generate()
MAIL = "canary.greta@mailbox.example"
DISQUS = """<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="10"><id>ferry</id><link>https://harbour.example/ferry</link><title>Ferry</title></thread>
<post dsq:id="100"><message><![CDATA[<p>Who?</p>]]></message><createdAt>2015-06-01T11:00:00Z</createdAt>
<author><email>ADDRESS</email><name>ADDRESS</name><username>ADDRESS</username></author>
<thread dsq:id="10"/></post></disqus>"""
WXR = """<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<wp:wxr_version>1.2</wp:wxr_version><item><title>Ferry</title><link>https://harbour.example/ferry</link>
<wp:post_id>1</wp:post_id><wp:status>publish</wp:status><wp:comment><wp:comment_id>7</wp:comment_id>
<wp:comment_author>Greta</wp:comment_author><wp:comment_author_email>ADDRESS</wp:comment_author_email>
<wp:comment_date_gmt>2015-06-01 11:00:00</wp:comment_date_gmt><wp:comment_content>Who?</wp:comment_content>
<wp:comment_approved>1</wp:comment_approved></wp:comment></item></channel></rss>"""
MOVABLE_TYPE = """TITLE: Ferry
BASENAME: ferry
STATUS: Publish
DATE: 06/01/2015 10:00:00
-----
COMMENT:
AUTHOR: Greta
EMAIL: ADDRESS
IP: 203.0.113.7
DATE: 06/01/2015 11:00:00
Who?
-----
--------
"""
ISSO = [{"id": "/ferry", "title": "Ferry", "comments": [
    {"id": 0, "author": "Greta", "email": MAIL, "text": "Who?", "created": "2015-06-01 11:00:00"}]}]  # fmt: skip
COMMENTO = {
    "version": 1,
    "comments": [{"commentHex": "c1", "domain": "harbour.example", "url": "/ferry", "commenterHex": "p1",
                  "markdown": "Who?", "html": "", "parentHex": "root", "score": 0, "state": "approved",
                  "creationDate": "2015-06-01T11:00:00Z"}],
    "commenters": [{"commenterHex": "p1", "email": MAIL, "name": "Greta"}],
}  # fmt: skip
COMENTARIO = {
    "version": 3,
    "pages": [{"id": "g1", "path": "/ferry", "title": "Ferry"}],
    "comments": [{"id": "c1", "pageId": "g1", "markdown": "Who?", "html": "", "isApproved": True, "userCreated": "p1",
                  "createdTime": "2015-06-01T11:00:00Z"}],
    "commenters": [{"id": "p1", "email": MAIL, "name": "Greta"}],
}  # fmt: skip
ARTRANS = [{"id": "1", "rid": "0", "content": "Who?", "created_at": "2015-06-01 11:00:00 +0000", "nick": "Greta",
            "email": MAIL, "page_key": "/ferry", "page_title": "Ferry", "site_name": "S", "site_urls": ""}]  # fmt: skip
WALINE = {"results": [{"objectId": "1", "nick": "Greta", "mail": MAIL, "comment": "Who?", "url": "/ferry",
                       "insertedAt": "2015-06-01T11:00:00Z"}]}  # fmt: skip
FILES: dict[str, str] = {
    "disqus.xml": DISQUS.replace("ADDRESS", MAIL),
    "wxr.xml": WXR.replace("ADDRESS", MAIL),
    "mt.txt": MOVABLE_TYPE.replace("ADDRESS", MAIL),
    **{
        f"{name}.json": json.dumps(content)
        for name, content in {
            "isso": ISSO, "commento": COMMENTO, "comentario": COMENTARIO, "artrans": ARTRANS, "waline": WALINE,
        }.items()
    },
}  # fmt: skip
CORAL = {
    "users.csv": f"u1,{MAIL},Greta,COMMENTER,false,2015-06-01T10:00:00Z\n",
    "stories.csv": "s1,https://harbour.example/ferry,Ferry,,2015-06-01T10:00:00Z,,COMMENTS\n",
    "comments.csv": "c1,u1,s1,2015-06-01T11:00:00Z,<p>Who?</p>,,APPROVED,\n",
}
ARTALK = {
    "atk_comments.yml": "- id: 1\n  rid: 0\n  content: Who?\n  created_at: 2015-06-01 11:00:00\n  user_id: 4\n"
    "  page_key: /ferry\n  site_name: S\n",
    "atk_users.yml": f"- id: 4\n  name: Greta\n  email: {MAIL}\n",
}


def written(folder: Path, name: str) -> Path:
    many = {"coral": CORAL, "artalk": ARTALK}.get(name)
    if many is None:
        (folder / name).write_text(FILES[name], "utf-8")
        return folder / name
    (folder / name).mkdir()
    for part, text in many.items():
        (folder / name / part).write_text(text, "utf-8")
    return folder / name


def bring(database: Database, file: Path, entropy: Entropy, *, keeps: bool, folder: Path) -> None:
    run_import(
        recognise(file), file, database=database, site="harbour", scratch_folder=folder, entropy=entropy,
        now=lambda: NOW, seal=sealing([KEY.to_public()]) if keeps else None,
    )  # fmt: skip


def everything_of(database: Database) -> bytes:
    """Return all bytes in the folder of a SQLite database, as they lie there."""
    assert database.file is not None
    return b"".join(path.read_bytes() for path in sorted(database.file.parent.rglob("*")) if path.is_file())


EVERY = [*FILES, "coral", "artalk"]


@pytest.mark.parametrize("name", EVERY)
def test_an_address_is_kept_sealed_if_it_is_asked_for_and_in_clear_never(
    name: str, sqlite: Database, entropy: Entropy, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert sqlite.file is not None
    file, folder = written(tmp_path, name), sqlite.file.parent

    bring(sqlite, file, entropy, keeps=True, folder=folder)

    found = list(contacts.written_under(sqlite, "harbour", MAIL, [KEY]))
    assert len(found) == 1
    assert MAIL.encode() not in everything_of(sqlite)
    assert b"canary.greta" not in everything_of(sqlite)
    assert "canary" not in caplog.text
    assert MAIL not in repr(list(recognise(file).read(file, lambda _: None)))


def test_without_being_asked_nothing_is_kept(sqlite: Database, entropy: Entropy, tmp_path: Path) -> None:
    assert sqlite.file is not None
    for name in EVERY:
        bring(sqlite, written(tmp_path, name), entropy, keeps=False, folder=sqlite.file.parent)

    with sqlite.reading() as connection:
        assert contacts.count(connection, "harbour") == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM comments").scalar() == len(EVERY)
    assert b"canary" not in everything_of(sqlite)


@pytest.mark.postgres
def test_nor_is_it_in_clear_in_postgresql(postgres: Database, entropy: Entropy, tmp_path: Path) -> None:
    for name in ("disqus.xml", "wxr.xml"):
        bring(postgres, written(tmp_path, name), entropy, keeps=True, folder=tmp_path)

    with postgres.reading() as connection:
        assert contacts.count(connection, "harbour") == 2
        for table in contacts.contacts.metadata.sorted_tables:
            rows = connection.exec_driver_sql(f"SELECT encode(convert_to(t::text, 'UTF8'), 'hex') FROM {table.name} t")
            assert MAIL.encode().hex() not in "".join(rows.scalars())
            raw = connection.exec_driver_sql(f"SELECT t::text FROM {table.name} t").scalars().all()
            assert MAIL.encode().hex() not in "".join(raw)


_ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]{2,64}@[A-Za-z0-9.-]{3,}\.[A-Za-z]{2,10}")


def test_of_the_samples_no_authors_address_is_anywhere(
    shared_data: Path, sqlite: Database, entropy: Entropy, tmp_path: Path
) -> None:
    """Addresses that people wrote into their texts are part of what they said, and sealed with it."""
    assert sqlite.file is not None
    told: set[bytes] = set()
    for file in sorted((shared_data / "import").rglob("*")):
        if file.suffix not in (".xml", ".json", ".db", ".gz", ".txt", ".artrans") or file.stat().st_size > 3_000_000:
            continue
        copy = tmp_path / file.name
        shutil.copy(file, copy)
        try:
            importer = recognise(copy)
            records = list(importer.read(copy, lambda _: None))
            bring(sqlite, copy, entropy, keeps=True, folder=sqlite.file.parent)
        except Exception:
            continue
        told |= {record.email.encode().lower() for record in records if isinstance(record, SourceComment)} - {b""}

    assert told
    there = everything_of(sqlite).lower()
    assert [address for address in told if address in there] == []
    with sqlite.reading() as connection:
        assert contacts.count(connection, "harbour") > 0
    assert not [found for found in _ADDRESS.findall(there) if found in told]
