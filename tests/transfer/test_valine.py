"""Reading what Valine, Waline and Twikoo keep, in every wrapping, with trees that were made up."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers import recognise
from outspoken.transfer.importers.valine import IMPORTER
from outspoken.transfer.records import Record, SourceComment, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_valine import twikoo_id, write_twikoo, write_valine, write_valine_lines, write_waline

Write = Callable[[Path, Sequence[MadeUp]], None]


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only(path: Path, **fields: Any) -> SourceComment:
    path.write_text(json.dumps([{"objectId": "a", "nick": "A", "comment": "x", "url": "/a", **fields}]))
    (found,) = among.comments(read(path))
    return found


@pytest.mark.parametrize("write", [write_valine, write_valine_lines, write_waline, write_twikoo])
def test_every_wrapping_is_recognised_and_nothing_private_enters(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    write(path, by_chance(1))
    assert recognise(path) is IMPORTER
    records = read(path)
    assert len(among.comments(records)) == 40
    assert not among.problems(records)
    for secret in ("Mozilla", "192.0.2", "example.org", "javascript", "7bcc668f", "a1b2c3"):
        assert secret not in repr(records)


@given(discussions())
@settings(max_examples=30)
def test_any_tree_comes_back_from_results_and_from_lines(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "export.json"
    for write in (write_valine, write_valine_lines):
        write(path, made)
        assert as_read(read(path)) == as_made(made)


@given(discussions([State.HELD, State.SPAM]))
@settings(max_examples=30)
def test_any_tree_comes_back_from_waline(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "export.json"
    write_waline(path, made)
    records = read(path)
    assert as_read(records) == as_made(made)
    assert {c.source: c.up for c in among.comments(records)} == {str(c.number): c.up for c in made}


@given(discussions([State.HELD]))
@settings(max_examples=30)
def test_any_tree_comes_back_from_twikoo(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "export.json"
    write_twikoo(path, made)
    records = read(path)
    assert as_read(records) == as_made(made, twikoo_id)
    assert {c.source: c.up for c in among.comments(records)} == {twikoo_id(c.number): c.up for c in made}
    assert {r.url for r in records if isinstance(r, SourceStory)} == {f"https://harbour.example{c.page}" for c in made}


def test_html_is_told_from_markdown(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    assert only(path, comment="<p>x</p>").markup is Markup.HTML
    assert only(path, comment="a < b and c > d").markup is Markup.MARKDOWN
    assert only(path, comment="<p>x</p>", status="approved").markup is Markup.MIXED


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"isSpam": True}, State.HELD),
        ({"isSpam": False}, State.PUBLISHED),
        ({"isSpam": True, "status": "approved"}, State.HELD),
        ({"isSpam": True, "status": "spam"}, State.SPAM),
    ],
)
def test_what_is_marked_as_spam_may_only_wait_for_a_moderator(
    fields: dict[str, Any], state: State, tmp_path: Path
) -> None:
    assert only(tmp_path / "export.json", **fields).state is state


@pytest.mark.parametrize(
    ("like", "up"), [(3, 3), ("3", 3), (["a", "b"], 2), ('["a"]', 1), ("[", 0), ("[" * 90_000, 0), (None, 0), ({}, 0)]
)
def test_likes_are_counted_in_every_spelling(like: Any, up: int, tmp_path: Path) -> None:
    assert only(tmp_path / "export.json", like=like).up == up


@pytest.mark.parametrize("href", ["https://evil.example/other", "javascript:alert(1)", "http://[", 7])
def test_an_address_that_disagrees_with_the_path_is_not_taken(href: Any, tmp_path: Path) -> None:
    assert only(tmp_path / "export.json", href=href).story == "/a"


def test_what_cannot_be_placed_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('{"nick": "A", "comment": "x", "url": ""}\n{"nick": "A", "comment": "x", "url": "/a"}\n')
    assert [problem.where for problem in among.problems(read(path))] == ["line 1", "line 2"]


@pytest.mark.parametrize("write", [write_valine, write_waline, write_twikoo])
def test_an_export_cut_off_anywhere_is_refused(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    write(path, by_chance(2))
    content = path.read_bytes()
    dice = random.Random(3)
    for cut in [1, *(dice.randrange(len(content) - 1) for _ in range(20))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(path)
