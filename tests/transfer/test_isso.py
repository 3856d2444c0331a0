"""Reading Isso's database and its generic JSON, with trees that were made up."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from hypothesis import given

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.text.render import render
from outspoken.transfer.importers import isso, isso_json, recognise
from outspoken.transfer.records import Importer, Record, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_isso import SCHEMA, write_isso, write_isso_json


def read(importer: Importer, path: Path) -> list[Record]:
    return list(importer.read(path, lambda _: None))


def test_the_pages_of_a_sample_database_are_read(shared_data: Path) -> None:
    path = shared_data / "import" / "isso" / "synthetic-comments.db"
    assert recognise(path) is isso.IMPORTER
    records = read(isso.IMPORTER, path)
    assert [r for r in records if isinstance(r, SourceStory)] == [
        SourceStory("1", identifier="/2024/ferry/", headline="Ferry times"),
        SourceStory("2", identifier="/?p=4", headline="Untitled"),
    ]
    assert not among.problems(records)


def test_what_the_sample_holds_of_harm_and_of_people_stays_outside(shared_data: Path) -> None:
    records = read(isso.IMPORTER, shared_data / "import" / "isso" / "synthetic-comments.db")
    for secret in ("example.com", "192.0.2", "javascript:", "voters"):
        assert secret not in repr(records)
    (edited,) = [c for c in among.comments(records) if c.edited]
    assert (edited.source, edited.edited) == ("2", datetime(2024, 1, 5, 10, 6, 40, tzinfo=UTC))
    assert edited.markup is Markup.MARKDOWN
    assert "<script" not in render(edited.body, edited.markup)


def test_reading_leaves_no_trace_beside_the_database(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    write_isso(path, by_chance(1))
    before = path.read_bytes()
    path.chmod(0o400)
    assert len(among.comments(read(isso.IMPORTER, path))) == 40
    assert [file.name for file in tmp_path.iterdir()] == ["comments.db"]
    assert path.read_bytes() == before


@given(discussions([State.HELD, State.DELETED]))
def test_any_tree_comes_back_from_a_database(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "comments.db"
    write_isso(path, made)
    records = read(isso.IMPORTER, path)
    assert as_read(records) == as_made(made)
    assert {c.source: (c.up, c.down) for c in among.comments(records)} == {str(c.number): (c.up, c.down) for c in made}
    assert not among.problems(records)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE comments", "its table “comments” has no “author”"),
        ("ALTER TABLE comments DROP COLUMN likes", "has no “likes”"),
        ("ALTER TABLE comments RENAME TO other; CREATE VIEW comments AS SELECT * FROM other", "has no “author”"),
        (
            "CREATE TABLE other (id, tid, parent, created, modified, mode, author, likes, dislikes, "
            "text AS (upper(author))); DROP TABLE comments; ALTER TABLE other RENAME TO comments",
            "has no “text”",
        ),
    ],
)
def test_a_database_that_is_not_issos_is_refused(change: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA + change)
    with pytest.raises(Unreadable, match=said):
        read(isso.IMPORTER, path)


def test_a_database_with_values_of_any_type_is_read_or_reported(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            SCHEMA
            + """
            INSERT INTO threads VALUES (1, x'ff00', 9e999);
            INSERT INTO comments VALUES (1, 1, 'x', 'yesterday', 9e999, 1, 0, x'00ff', 12, '', '', -3, 1e30, '', 0);
            INSERT INTO comments VALUES (NULL, 2, 2, 50000000000, -1, 'seven', 0, 'a', NULL, '', '', NULL, 'x', '', 0);
            INSERT INTO comments VALUES (1, 3, 1, 1e300, NULL, 1, 0, cast(x'e4006f' AS TEXT), 'a', '', '', 1, 1, '', 0);
            """
        )
    records = read(isso.IMPORTER, path)
    assert [(c.source, c.story, c.parent, c.author, c.body, c.state, c.created) for c in among.comments(records)] == [
        ("1", "1", "x", "12", "", State.PUBLISHED, None),
        ("2", "", "2", "", "a", State.HELD, None),
        ("3", "1", "1", "a", "��o", State.PUBLISHED, None),
    ]
    assert [problem.where for problem in among.problems(records)] == [
        *("comment 1", "comment 1", "comment 2", "comment 2", "comment 2", "comment 3", "the whole file"),
    ]


def test_a_value_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    write_isso(path, [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO comments (id, tid, created, text, voters) VALUES (1, 1, 1, zeroblob(9000000), '')"
        )
        connection.commit()
    with pytest.raises(Unreadable):
        read(isso.IMPORTER, path)


def test_a_damaged_or_cut_database_is_refused_and_no_byte_brings_it_down(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    write_isso(whole, by_chance(2, 200))
    content = whole.read_bytes()
    path = tmp_path / "comments.db"
    for cut in (0, 50, 100, 5000, len(content) // 2, len(content) - 4096):
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(isso.IMPORTER, path)
    for place in range(24, len(content), 397):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            read(isso.IMPORTER, path)
        except Unreadable:
            continue


def test_a_database_copied_while_in_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    write_isso(path, by_chance(3))
    for ending in ("-wal", "-journal"):
        beside = tmp_path / f"comments.db{ending}"
        beside.write_bytes(b"x")
        with pytest.raises(Unreadable, match="copied while in use"):
            read(isso.IMPORTER, path)
        beside.write_bytes(b"")
        assert read(isso.IMPORTER, path)


def test_a_database_that_is_no_file_or_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.db"):
        with pytest.raises(Unreadable, match="isn't a file"):
            read(isso.IMPORTER, path)
    assert not list(tmp_path.iterdir())


def test_a_path_with_signs_that_mean_something_in_addresses_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "a?mode=rwc#%41 b.db"
    write_isso(path, by_chance(3))
    assert len(among.comments(read(isso.IMPORTER, path))) == 40


def test_the_pages_of_the_generic_sample_are_read_and_nothing_private_of_it_enters(shared_data: Path) -> None:
    path = shared_data / "import" / "isso" / "generic.json"
    assert recognise(path) is isso_json.IMPORTER
    records = read(isso_json.IMPORTER, path)
    assert [(r.identifier, r.headline) for r in records if isinstance(r, SourceStory)] == [
        (page["id"], unquote_plus(page["title"])) for page in json.loads(path.read_text("utf-8"))
    ]
    assert "example.com" not in repr(records)
    assert "0.0.0.0" not in repr(records)


@given(discussions())
def test_any_list_comes_back_from_generic_json(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "generic.json"
    write_isso_json(path, made)
    records = read(isso_json.IMPORTER, path)
    assert sorted((c.author, c.body, c.created) for c in among.comments(records)) == sorted(
        (c.author, c.text, c.created) for c in made
    )
    assert len({c.source for c in among.comments(records)}) == len(made)
    assert [c.source for c in among.comments(read(isso_json.IMPORTER, path))] == [
        c.source for c in among.comments(records)
    ]


def test_equal_comments_without_ids_stay_two(tmp_path: Path) -> None:
    path = tmp_path / "generic.json"
    comment = {"id": 0, "author": "Ann", "text": "yes", "created": "2005-02-24 04:03:37"}
    path.write_text(json.dumps([{"id": "%2Fa%2F", "title": "A", "comments": [comment, comment]}]), "utf-8")
    records = read(isso_json.IMPORTER, path)
    assert len({c.source for c in among.comments(records)}) == 2
    assert [r.identifier for r in records if isinstance(r, SourceStory)] == ["/a/"]


@pytest.mark.parametrize(
    "content", ["[", '[{"comments": [{"text": "a"}', '[{"id": "a", "comments": 1}] x', "", "nothing"]
)
def test_generic_json_that_breaks_off_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "generic.json"
    path.write_text(content)
    with pytest.raises(Unreadable, match="cut off or isn't valid JSON"):
        read(isso_json.IMPORTER, path)


def test_a_copy_of_the_sample_is_recognised_whatever_its_name(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    shutil.copy(shared_data / "import" / "isso" / "synthetic-comments.db", path)
    assert recognise(path) is isso.IMPORTER
