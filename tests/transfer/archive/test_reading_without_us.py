"""What the specification promises, seen by a reader that is written from it and knows nothing of the program."""

import json
import re
from importlib.resources import files

import jsonschema
import pytest
from lxml import html as lxml_html

from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.archive import lines
from outspoken.transfer.archive.signing import new_key, read_key
from tests.conftest import NOW
from tests.factories import rows_of
from tests.transfer.archive.making import archive, fill, rearrange
from tests.transfer.archive.reader import read


@pytest.fixture(scope="module")
def community(tmp_path_factory):
    """A database, and what a stranger reads in its two archives."""
    folder = tmp_path_factory.mktemp("community")
    database = open_database(folder / "data")
    upgrade(database, NOW)
    rearrange(database, fill(database, 21, comments=90)[0], 21)
    new_key(folder / "key")
    archive(database, folder / "complete.zip", is_complete=True, key=read_key(folder / "key", folder / "data"))
    archive(database, folder / "public.zip")
    yield database, read(folder / "complete.zip"), read(folder / "public.zip")
    database.close()


def test_a_stranger_rebuilds_every_tree(community):
    database, complete, _ = community
    with database.reading() as connection:
        rows = rows_of(connection, "SELECT thread, number, parent, depth, state, up, down FROM comments")

    assert len(rows) == len(complete.comments)
    for row in rows:
        line = complete.comments[row.thread, row.number]
        told = (line.get("parent", 0), complete.depth(row.thread, row.number), line["state"])
        assert told == (row.parent, row.depth, row.state)
        assert (line.get("up", 0), line.get("down", 0)) == (row.up, row.down)
        assert row.number in complete.children(row.thread, row.parent)


def test_a_stranger_finds_what_has_moved(community):
    database, complete, _ = community
    with database.reading() as connection:
        moved = rows_of(connection, "SELECT was, was_number, thread, number FROM redirects")

    assert len(moved) > 4
    for row in moved:
        assert complete.now_at(row.was, row.was_number) == (row.thread, row.number)
        assert not row.number or (row.thread, row.number) in complete.comments


def test_a_signature_is_of_the_manifest(community):
    _, complete, public = community
    assert complete.signer
    assert public.signer is None


def test_every_line_is_as_the_schema_says(community):
    _, complete, public = community
    schema = json.loads(files("outspoken.transfer.archive").joinpath("schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for found in (complete, public):
        assert jsonschema.Draft202012Validator(schema).is_valid({"manifest.json": found.manifest})
        for kind, told in found.lines.items():
            of_kind = {"$defs": schema["$defs"], **schema["properties"][f"data/{kind}.ndjson"]}
            validator = jsonschema.Draft202012Validator(of_kind)
            assert [list(validator.iter_errors(line)) for line in told if not validator.is_valid(line)] == []
    assert all(complete.lines.values())


def test_the_schema_is_the_one_of_the_lines():
    kept = files("outspoken.transfer.archive").joinpath("schema.json").read_text("utf-8")
    assert json.loads(kept) == json.loads(json.dumps(lines.schema()))


def test_a_public_archive_holds_what_readers_see_and_nothing_else(community):
    database, complete, public = community
    with database.reading() as connection:
        shown = {tuple(row) for row in rows_of(connection, "SELECT thread, number FROM comments WHERE shown")}
        keys = [bytes(row.key_hash) for row in rows_of(connection, "SELECT key_hash FROM authors") if row.key_hash]
    assert set(public.comments) == shown
    everything = json.dumps(public.lines) + json.dumps(public.manifest) + json.dumps(public.pages)
    hidden = [line for line in complete.lines["comments"] if line["state"] != "published"]
    assert hidden
    for line in hidden:
        told = public.comments.get((line["thread"], line["number"]), {})
        assert told.keys() <= {"thread", "number", "parent", "state"}
        assert told.get("state", "removed") in ("removed", "deleted", "rejected")
        if "source" in line:
            # Every text ends with a number of its own.
            assert line["source"].split()[-1] not in everything
    assert not public.lines["decisions"]
    assert not public.lines["provenance"]
    assert not public.lines["redirects"]
    assert not public.lines["erased"]
    assert "ledger_salt" not in public.lines["site"][0]
    assert "staff_names" not in public.lines["site"][0]
    assert not any({"key_hash", "source"} & line.keys() for line in public.lines["authors"])
    assert len(keys) > 1
    for thread in public.lines["threads"]:
        numbers = [number for id, number in public.comments if id == thread["id"]]
        assert thread["last_number"] == max(numbers)
    named = {(line["thread"], line.get("author")) for line in public.lines["comments"]}
    assert {(line["thread"], line["number"]) for line in public.lines["authors"]} == named - {
        (line["id"], None) for line in public.lines["threads"]
    }


def test_nothing_that_was_taken_back_is_in_a_complete_archive(community):
    _, complete, _ = community
    deleted = [line for line in complete.lines["comments"] if line["state"] == "deleted"]
    assert deleted
    assert all(line.keys() <= {"thread", "number", "parent", "state"} for line in deleted)


def test_the_pages_lead_to_each_other_and_nowhere_else(community):
    _, complete, public = community
    assert complete.pages == public.pages
    for name, page in public.pages.items():
        if not name.endswith(".html"):
            continue
        document = lxml_html.fromstring(page.encode())
        assert not document.xpath("//script | //form | //img | //iframe")
        for address in document.xpath("//@src | //link/@href"):
            assert address in ("data:,", "outspoken.css")
        for href in document.xpath("//a/@href"):
            target, _, fragment = href.partition("#")
            if re.match(r"https?:", href):
                assert "harbour.example" in href
                continue
            there = public.pages["pages/" + target] if target else page
            assert not fragment or lxml_html.fromstring(there.encode()).xpath("//*[@id=$id]", id=fragment), (name, href)


def test_every_comment_stands_in_a_page_in_its_place(community):
    _, _, public = community
    for thread in public.lines["threads"]:
        document = lxml_html.fromstring(public.pages[f"pages/{thread['id']}.html"].encode())
        for (id, number), line in public.comments.items():
            if id != thread["id"]:
                continue
            (item,) = document.xpath("//li[@id=$id]", id=f"c{number}")
            above = item.xpath("ancestor::li[starts-with(@id, 'c')][1]/@id")
            assert above == ([f"c{line['parent']}"] if line.get("parent") else []) or public.depth(id, number) > 7
            if author := public.author(line):
                assert author in item.text_content()
