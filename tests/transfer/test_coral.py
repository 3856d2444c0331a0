"""Reading Coral's CSV files and its older collections, with made-up trees."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers import coral, coral_legacy, recognise
from outspoken.transfer.records import Importer, Record, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_coral import write_coral, write_coral_legacy


def read(importer: Importer, path: Path) -> list[Record]:
    return list(importer.read(path, lambda _: None))


def coral_id(number: int) -> str:
    return f"c{number}"


def folder(path: Path, comments: bytes, stories: bytes = b"", users: bytes = b"") -> Path:
    for name, content in (("comments", comments), ("stories", stories), ("users", users)):
        (path / f"{name}.csv").write_bytes(content)
    return path


def test_the_sample_is_read_with_lines_pages_and_what_is_missing(shared_data: Path) -> None:
    path = shared_data / "import" / "coral"
    assert recognise(path) is coral.IMPORTER
    records = read(coral.IMPORTER, path)
    by_id = {c.source: c for c in among.comments(records)}
    assert (by_id["c3"].state, by_id["c3"].line, by_id["c4"].line) == (State.REMOVED, 3, 5)
    assert (by_id["c5"].lost, by_id["c5"].author_source, by_id["c2"].author_source) == (("author",), None, "u2")
    assert [(r.source, r.url, r.headline, r.closed) for r in records if isinstance(r, SourceStory)] == [
        ("s1", "https://news.example.com/a/1", "First, story", False),
        ("s2", "https://news.example.com/a/2?ref=home", "", True),
    ]
    assert "ann@" not in repr(records)


def test_a_zip_of_the_sample_is_read_the_same(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "import" / "coral"
    packed = Path(shutil.make_archive(str(tmp_path / "coral"), "zip", path))
    assert recognise(packed) is coral.IMPORTER
    assert read(coral.IMPORTER, packed) == read(coral.IMPORTER, path)


@given(discussions([State.HELD, State.REMOVED]))
@settings(max_examples=30)
def test_any_tree_comes_back_from_csv(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "coral.zip"
    write_coral(path, made)
    records = read(coral.IMPORTER, path)
    assert as_read(records) == as_made(made, coral_id)
    assert not among.problems(records)
    assert "example.org" not in repr(records)


@given(discussions([State.HELD, State.REMOVED, State.DELETED]))
@settings(max_examples=30)
def test_any_tree_comes_back_from_the_older_database(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "coral.zip"
    write_coral_legacy(path, made)
    records = read(coral_legacy.IMPORTER, path)
    assert as_read(records) == as_made(made, coral_id)
    assert not among.problems(records)
    for secret in ("example.org", "192.0.2", "earlier secret"):
        assert secret not in repr(records)


def test_the_older_database_is_recognised_and_its_rich_text_preferred(tmp_path: Path) -> None:
    write_coral_legacy(tmp_path, by_chance(1, 2))
    assert recognise(tmp_path) is coral_legacy.IMPORTER
    (tmp_path / "comments.json").write_text(
        '[{"id": "a", "asset_id": "s1", "body": "x", "metadata": {"richTextBody": "<b>x</b>"}, "status": "ACCEPTED"}]'
    )
    (comment,) = among.comments(read(coral_legacy.IMPORTER, tmp_path))
    assert (comment.body, comment.markup, comment.lost) == ("<b>x</b>", Markup.HTML, ("author",))


def test_windows_letters_and_a_header_are_read_all_the_same(tmp_path: Path) -> None:
    folder(
        tmp_path,
        "id,author_id,story_id,created_at,body,parent_id,status,rating\r\nc1,u1,s1,,caf\xe9 \x93x\x94,,,\r\n".encode(
            "latin-1"
        ),
        users="\ufeffu1,,Zo\xeb,,,\n".encode(),
    )
    (comment,) = among.comments(read(coral.IMPORTER, tmp_path))
    assert (comment.author, comment.body, comment.line) == ("Zoë", "café “x”", 2)


def test_an_id_that_is_an_address_does_not_enter(tmp_path: Path) -> None:
    folder(tmp_path, b"c1,ann@example.org,s1,,x,,,\n", users=b"ann@example.org,,Ann,,,\n")
    (comment,) = among.comments(read(coral.IMPORTER, tmp_path))
    assert (comment.author, comment.author_source) == ("Ann", None)


def test_unknown_states_and_missing_ids_are_reported(tmp_path: Path) -> None:
    folder(tmp_path, b"c1,u1,s1,,x,,NEWSTATE,\n,u1,s1,,x,,,\nc3,u1,s1,9999-12-31,x,,,\n")
    records = read(coral.IMPORTER, tmp_path)
    assert [problem.where for problem in among.problems(records)] == [
        f"comments.csv, line {line}" for line in (1, 2, 3)
    ]
    assert [c.state for c in among.comments(records)] == [State.HELD, State.PUBLISHED]


@pytest.mark.parametrize(
    ("comments", "said"),
    [
        (b"c1,u1,s1\n", "comments.csv, line 1: it has 3 columns, not 8"),
        (b'c1,u1,s1,,x,,,\nc2,u1,s1,,"x', "line 2 is cut off or isn't valid CSV"),
        (b'c1,u1,s1,,"x"y,,,\n', "line 1 is cut off or isn't valid CSV"),
        (b"c1,u1,s1,," + b"x" * 200_000 + b",,,\n", "line 1 is cut off or isn't valid CSV"),
        (b"c1,u1,s1,," + b"x" * 1_200_000 + b",,,\n", "longer than 1 MiB"),
        (b'"\n",' * 500_000, "longer than 1 MiB"),
        ("c1,u1,s1,,x,,,\n".encode("utf-16"), "in UTF-16"),
    ],
    ids=["columns", "open quote", "quote within", "long field", "long line", "many lines", "wide letters"],
)
def test_bad_csv_is_refused_by_its_line(comments: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=said):
        read(coral.IMPORTER, folder(tmp_path, comments))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder(tmp_path, b"")
    (tmp_path / "stories.csv").unlink()
    with pytest.raises(Unreadable, match=r"no stories\.csv"):
        read(coral.IMPORTER, tmp_path)
    with pytest.raises(Unreadable, match=r"no assets\.json"):
        read(coral_legacy.IMPORTER, tmp_path)


def test_a_collection_that_breaks_off_is_named(tmp_path: Path) -> None:
    write_coral_legacy(tmp_path, by_chance(2))
    whole = (tmp_path / "comments.json").read_text()
    (tmp_path / "comments.json").write_text(whole[:-30])
    with pytest.raises(Unreadable, match=r"comments\.json: Line 40 is cut off"):
        read(coral_legacy.IMPORTER, tmp_path)
