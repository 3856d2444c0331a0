"""Reading Remark42 backups, with trees that were made up."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.transfer.importers import recognise
from outspoken.transfer.importers.remark42 import IMPORTER
from outspoken.transfer.records import Record, SourceComment, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_remark42 import HEADER, write_remark42


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup.gz"


def only(path: Path, **fields: Any) -> SourceComment:
    comment = {"id": "c", "text": "x", "user": {"name": "A"}, "locator": {"url": "https://harbour.example/"}, **fields}
    path.write_text(f"{json.dumps(HEADER)}\n{json.dumps(comment)}\n")
    (found,) = among.comments(read(path))
    return found


def test_the_sample_is_read_with_lines_pages_edits_and_public_accounts(shared_data: Path) -> None:
    path = shared_data / "import" / "remark42" / "synthetic-backup.jsonl"
    assert recognise(path) is IMPORTER
    records = read(path)
    assert [c.line for c in among.comments(records)] == [2, 3, 4, 5, 6, 7]
    assert [(s.url, s.closed) for s in records if isinstance(s, SourceStory)] == [
        ("https://blog.example.com/p/1/", True),
        ("https://blog.example.com/p/2/?utm_source=x", False),
    ]
    by_id = {c.source: c for c in among.comments(records)}
    assert by_id["c1"].created is not None
    assert by_id["c1"].created.isoformat() == "2024-01-05T16:00:00.123456+00:00"
    assert by_id["c2"].edited is not None
    assert by_id["c2"].edited.isoformat() == "2024-01-05T16:12:00+00:00"
    assert (by_id["c3"].state, by_id["c3"].author_source) == (State.DELETED, None)
    assert (by_id["c1"].author_source, by_id["c2"].author_source) == ("github_aaa", None)
    for secret in ("293ec5b0", "aaa@example.com", "typo"):
        assert secret not in repr(records)


@given(discussions([State.DELETED]))
@settings(max_examples=50)
def test_any_tree_comes_back(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "backup.gz"
    write_remark42(path, made)
    records = read(path)
    assert as_read(records) == as_made(made, id=lambda number: f"c{number}")
    assert {c.source: (c.up, c.down) for c in among.comments(records)} == {f"c{c.number}": (c.up, c.down) for c in made}
    assert not among.problems(records)
    assert "avatars" not in repr(records)


@pytest.mark.parametrize("account", ["email_1f", "anonymous_2a", "telegram_9c", "a@example.org", "github_a@b.example"])
def test_ids_that_are_made_of_addresses_names_or_chats_do_not_enter(account: str, backup: Path) -> None:
    assert only(backup, user={"name": "A", "id": account}).author_source is None


def test_a_text_that_is_only_there_as_source_is_markdown(backup: Path) -> None:
    comment = only(backup, text="", orig="**x**")
    assert (comment.body, comment.markup) == ("**x**", "markdown")


def test_a_score_stands_where_votes_are_missing(backup: Path) -> None:
    assert (only(backup, score=-3).up, only(backup, score=-3).down, only(backup, score=4).up) == (0, 3, 4)


def test_what_cannot_be_placed_is_reported_by_its_line(backup: Path) -> None:
    backup.write_text('{"version": 1, "users": [], "posts": []}\n{"id": "a"}\n\n7\n{"locator": {"url": "x"}}\n')
    assert [problem.where for problem in among.problems(read(backup))] == ["line 2", "line 4", "line 5"]


@pytest.mark.parametrize("first", ['{"version": 2, "users": []}', '{"id": "a"}', "{}", "[]"])
def test_a_file_with_another_first_line_is_refused(first: str, backup: Path) -> None:
    backup.write_text(f"{first}\n{{}}\n")
    with pytest.raises(Unreadable, match="first line isn't"):
        read(backup)


def test_a_first_line_of_any_length_is_read(backup: Path) -> None:
    users = [{"id": f"github_{n}", "blocked": {"status": False}, "details": {}} for n in range(50_000)]
    closed = [{"url": "https://harbour.example/", "read_only": True}]
    backup.write_text(
        json.dumps({"version": 1, "users": users, "posts": closed})
        + '\n{"id": "a", "locator": {"url": "https://harbour.example/"}}'
    )
    assert recognise(backup) is IMPORTER
    (story,) = [record for record in read(backup) if isinstance(record, SourceStory)]
    assert story.closed


def test_a_backup_cut_off_within_a_line_is_refused(backup: Path) -> None:
    write_remark42(backup, by_chance(4))
    content = gzip.decompress(backup.read_bytes())
    for cut in range(1, len(content) - 1, 997):
        backup.write_bytes(content[:cut])
        if not content[:cut].endswith((b"}", b"\n")):
            with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
                read(backup)
        backup.write_bytes(gzip.compress(content, 1)[: cut // 20])
        with pytest.raises(Unreadable):
            read(backup)
