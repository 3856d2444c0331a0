"""Reading exports of Commento and of Comentario, with made-up trees."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers import comentario, commento, recognise
from outspoken.transfer.records import Importer, Record, SourceComment, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_commento import comentario_id, commento_id, write_comentario, write_commento


def read(importer: Importer, path: Path) -> list[Record]:
    return list(importer.read(path, lambda _: None))


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "import" / "commento"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


def test_a_sample_of_commento_is_read_with_its_pages_and_public_ids_and_nothing_private(samples: Path) -> None:
    path = samples / "remark42-commento.json"
    assert recognise(path) is commento.IMPORTER
    people = {person["commenterHex"] for person in json.loads(path.read_text("utf-8"))["commenters"]}
    records = read(commento.IMPORTER, path)
    assert {c.author_source for c in among.comments(records)} == {*people, None}
    assert not among.problems(records)
    assert [page.url for page in among.stories(records)] == [
        "https://example.com/blog/post/2",
        "https://example.com/blog/post/1",
    ]
    for secret in ("@", "avatars", "profile"):
        assert secret not in repr(records)


def test_a_sample_of_comentario_is_read_with_its_page_and_public_ids_and_nothing_private(samples: Path) -> None:
    path = samples / "comentario-ok-single-v3.json.gz"
    assert recognise(path) is comentario.IMPORTER
    (written,) = json.loads(gzip.decompress(path.read_bytes()))["comments"]
    records = read(comentario.IMPORTER, path)
    assert [c.author_source for c in among.comments(records)] == [written["userCreated"]]
    assert [(page.url, page.headline) for page in among.stories(records)] == [("http://localhost:8000/", "Home")]
    assert "bugsy" not in repr(records)


def test_empty_and_bad_samples_of_comentario_are_told_apart(samples: Path) -> None:
    empty = samples / "comentario-ok-empty-v3.json.gz"
    assert recognise(empty) is comentario.IMPORTER
    assert read(comentario.IMPORTER, empty) == []
    for bad, said in (("format", "isn't valid JSON"), ("version", "not “481”")):
        path = samples / f"comentario-bad-{bad}.json.gz"
        assert recognise(path) is comentario.IMPORTER
        with pytest.raises(Unreadable, match=said):
            read(comentario.IMPORTER, path)


@given(discussions([State.HELD, State.DELETED]))
@settings(max_examples=50)
def test_any_tree_comes_back_from_commento(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "export.json"
    write_commento(path, made)
    records = read(commento.IMPORTER, path)
    assert as_read(records) == as_made(made, commento_id)
    assert {c.source: c.up - c.down for c in among.comments(records)} == {
        commento_id(c.number): c.up - c.down for c in made
    }
    assert {c.markup for c in among.comments(records) if not c.body} <= {Markup.MARKDOWN}
    assert not among.problems(records)


@given(discussions([State.HELD, State.DELETED]))
@settings(max_examples=50)
def test_any_tree_comes_back_from_comentario(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "export.json"
    write_comentario(path, made)
    records = read(comentario.IMPORTER, path)
    assert as_read(records) == as_made(made, comentario_id)
    assert not among.problems(records)
    told = {c.page for c in made}
    assert {page.url for page in among.stories(records) if page.url} == {
        f"https://harbour.example{path}" for path in told
    }
    assert "example.org" not in repr(records)


def one_of_commento(export: Path, **fields: Any) -> SourceComment:
    comment = {"commentHex": "c", "domain": "harbour.example", "url": "/", "markdown": "x", **fields}
    export.write_text(json.dumps({"version": 1, "comments": [comment], "commenters": []}))
    (found,) = among.comments(read(commento.IMPORTER, export))
    return found


def test_html_stands_where_markdown_is_empty(export: Path) -> None:
    comment = one_of_commento(export, markdown="", html="<p>x</p>")
    assert (comment.body, comment.markup) == ("<p>x</p>", Markup.HTML)


@pytest.mark.parametrize("nobody", ["anonymous", "0" * 64, None])
def test_whoever_wrote_without_a_name_has_lost_none(nobody: str | None, export: Path) -> None:
    comment = one_of_commento(export, commenterHex=nobody)
    assert (comment.author, comment.lost) == ("", ())


def test_a_writer_who_is_not_among_the_people_is_lost(export: Path) -> None:
    comment = one_of_commento(export, commenterHex="f" * 64)
    assert (comment.author, comment.author_source, comment.lost) == ("", None, ("author",))


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "approved"}, State.PUBLISHED),
        ({"state": "unapproved"}, State.HELD),
        ({"state": "flagged"}, State.HELD),
        ({"state": "new one"}, State.HELD),
        ({"state": "approved", "deleted": True}, State.DELETED),
        ({"state": "approved", "commenterHex": "anonymous", "markdown": "[deleted]"}, State.DELETED),
        ({"state": "approved", "commenterHex": "f" * 64, "markdown": "[deleted]"}, State.PUBLISHED),
        ({}, State.PUBLISHED),
    ],
)
def test_states_of_commento_become_ours(fields: dict[str, Any], state: State, export: Path) -> None:
    assert one_of_commento(export, **fields).state is state


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"isApproved": True}, State.PUBLISHED),
        ({"isApproved": False, "isPending": True}, State.HELD),
        ({"isApproved": False}, State.REMOVED),
        ({"isApproved": True, "isDeleted": True}, State.DELETED),
        ({}, State.PUBLISHED),
    ],
)
def test_states_of_comentario_become_ours(fields: dict[str, Any], state: State, export: Path) -> None:
    comment = {"id": "c", "pageId": "p", "markdown": "secret", "authorName": "Ann Secret", **fields}
    export.write_text(json.dumps({"version": 3, "pages": [{"id": "p", "path": "/"}], "comments": [comment]}))
    (found,) = among.comments(read(comentario.IMPORTER, export))
    assert found.state is state
    assert ("ecret" in repr(found)) is (state in (State.PUBLISHED, State.HELD))


def test_an_address_that_leads_to_another_page_gives_no_host(export: Path) -> None:
    for url in ("https://evil.example/other", "javascript:alert(1)", "http://[", 7):
        comment = {"id": "c", "pageId": "p", "url": url}
        export.write_text(json.dumps({"version": 3, "comments": [comment], "pages": [{"id": "p", "path": "/a"}]}))
        assert [(page.url, page.identifier) for page in among.stories(read(comentario.IMPORTER, export))] == [
            (None, "/a")
        ]


def test_comments_without_id_are_reported(export: Path) -> None:
    export.write_text('{"version": 1, "comments": [7, {"commentHex": ""}], "commenters": [[]]}')
    assert len(among.problems(read(commento.IMPORTER, export))) == 2
    export.write_text('{"version": 3, "comments": [7, {"id": ""}], "pages": [7], "commenters": [[]]}')
    assert len(among.problems(read(comentario.IMPORTER, export))) == 2


@pytest.mark.parametrize("importer", [commento.IMPORTER, comentario.IMPORTER], ids=["commento", "comentario"])
def test_an_export_cut_off_anywhere_is_refused(importer: Importer, export: Path) -> None:
    write = write_commento if importer is commento.IMPORTER else write_comentario
    write(export, by_chance(5))
    content = export.read_bytes()
    dice = random.Random(3)
    for cut in [0, 1, *(dice.randrange(len(content) - 1) for _ in range(20))]:
        export.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(importer, export)


def test_progress_goes_once_from_nothing_to_the_size_of_the_file(export: Path) -> None:
    write_commento(export, by_chance(6, 500))
    seen: list[int] = []
    list(commento.IMPORTER.read(export, seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == export.stat().st_size
