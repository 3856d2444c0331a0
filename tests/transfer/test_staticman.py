"""Reading folders of YAML files, with trees that were made up."""

import codecs
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.transfer.importers import recognise
from outspoken.transfer.importers.staticman import IMPORTER
from outspoken.transfer.records import Record, SourceComment, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_staticman import slug, two_levels, write_staticman


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only(folder: Path, content: str | bytes) -> SourceComment:
    file = folder / "ferry" / "comment-1.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    (found,) = among.comments(read(folder))
    return found


def test_the_pages_of_the_sample_are_known_and_nothing_private_of_it_enters(shared_data: Path) -> None:
    path = shared_data / "import" / "staticman" / "comments"
    assert recognise(path) is IMPORTER
    records = read(path)
    assert {r.source: r.identifier for r in records if isinstance(r, SourceStory)}[
        "basics"
    ] == "/mastering-paper/basics/"
    assert not among.problems(records)
    assert "avatars.example" not in repr(records)
    assert "7bcc668f" not in repr(records)


def test_a_zip_of_the_sample_is_read_the_same(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "import" / "staticman"
    packed = Path(shutil.make_archive(str(tmp_path / "comments"), "zip", path))
    assert recognise(packed) is IMPORTER
    assert as_read(read(packed)) == as_read(read(path))


@given(discussions([State.HELD]))
@settings(max_examples=30)
def test_any_tree_of_two_levels_comes_back_in_any_order_of_files(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "comments.zip"
    write_staticman(path, made)
    if not made:
        with pytest.raises(Unreadable, match="no comments"):
            read(path)
        return
    records = read(path)
    expected = as_made(made, lambda number: f"id-{number}")
    for number, parent in two_levels(made).items():
        expected[f"id-{number}"] = (f"id-{parent}" if parent else None, *expected[f"id-{number}"][1:])
    assert as_read(records) == expected
    assert {r.source: r.identifier for r in records if isinstance(r, SourceStory)} == {
        slug(c.page): c.page for c in made
    }
    assert not among.problems(records)


def test_the_position_counts_roots_alone_and_one_beyond_them_is_left_to_the_job(tmp_path: Path) -> None:
    for number, reply in enumerate(["", "1", "", "2", "9", "id-3", "0"]):
        file = tmp_path / "ferry" / f"comment-{number}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"_id: id-{number}\nmessage: text\nreplying_to: '{reply}'\n")
    assert [c.parent for c in among.comments(read(tmp_path))] == [
        *(None, "id-0", None, "id-2", "ferry number 9", "id-3", "ferry number 0"),
    ]


def test_a_field_that_nobody_filled_in_hides_no_other(tmp_path: Path) -> None:
    file = tmp_path / "ferry" / "comment-0.yml"
    file.parent.mkdir()
    file.write_text("_id: r1\nmessage: text\nreply_to: ''\nreplyThread: ''\n")
    file.with_name("comment-1.yml").write_text("_id: r2\nmessage: text\nreply_to: ''\nreplyThread: r1\n")
    assert [c.parent for c in among.comments(read(tmp_path))] == [None, "r1"]


def write_files(folder: Path, **bodies: str) -> None:
    for name, body in bodies.items():
        file = folder / name.replace("_", "/") / "c1.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"message: {body}\n")


@pytest.mark.parametrize("above", ["", "comments", "site/_data/comments"])
def test_folders_of_one_name_are_pages_of_their_own_from_wherever_they_are_given(above: str, tmp_path: Path) -> None:
    write_files(tmp_path / above, en_about="one", de_about="two", en_ferry="three")
    records = read(tmp_path)
    assert {(c.source, c.story, c.body) for c in among.comments(records)} == {
        ("en/about/c1.yml", "en/about", "one"),
        ("de/about/c1.yml", "de/about", "two"),
        ("ferry/c1.yml", "ferry", "three"),
    }
    assert {story.identifier for story in among.stories(records)} == {"en/about", "de/about", "ferry"}
    assert [problem.where for problem in among.problems(records)] == ["folder de/about"]


def test_a_folder_inside_one_of_its_name_is_a_page_of_its_own(tmp_path: Path) -> None:
    write_files(tmp_path, about="one", about_about="two", de_about_about="three")
    assert {(c.story, c.body) for c in among.comments(read(tmp_path))} == {
        ("about", "one"),
        ("about/about", "two"),
        ("de/about/about", "three"),
    }


def test_the_name_of_a_folder_tells_no_pages_of_that_name_apart(tmp_path: Path) -> None:
    write_files(tmp_path, en_about="one\nslug: about", de_about="two\nslug: about", ferry="three\nslug: /boats/ferry")
    assert {story.identifier for story in among.stories(read(tmp_path))} == {"en/about", "de/about", "/boats/ferry"}


def test_the_spelling_of_a_page_that_is_used_most_is_taken(tmp_path: Path) -> None:
    for number, parent in enumerate(["/ferry", "/ferry/", "/ferry/"]):
        file = tmp_path / "ferry" / f"{number}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"message: text\n_parent: {parent}\n")
    assert [r.identifier for r in read(tmp_path) if isinstance(r, SourceStory)] == ["/ferry/"]


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ('message: "a\\r\\n\\r\\nb"', "a\r\n\r\nb"),
        ("message: >-\n  a\n  b\n", "a b"),
        ("message: |\n  a\n  b\n", "a\nb\n"),
        ("message: 'yes'", "yes"),
        ("message: 2024-01-01", "2024-01-01"),
        ("message: 1e999", "1e999"),
        ("message: !!python/object/apply:os.system ['true']", ""),
        ("message: !!binary aGVsbG8=", "aGVsbG8="),
        ('{"message": "as JSON"}', "as JSON"),
        ("\ufeffmessage: mark", "mark"),
        ("---\nmessage: first\n---\nmessage: second\n", "first"),
    ],
)
def test_a_text_is_what_stands_there_in_every_style(written: str, body: str, tmp_path: Path) -> None:
    assert only(tmp_path, written).body == body


def test_a_comment_without_id_is_known_by_its_file(tmp_path: Path) -> None:
    comment = only(tmp_path, "message: a\nname: ''\n")
    assert (comment.source, comment.lost) == ("ferry/comment-1.yml", ("author",))


@pytest.mark.parametrize("written", ["1520000000", "1520000000000", "2018-03-02T14:13:20Z"])
def test_a_date_is_read_in_each_form_that_staticman_writes(written: str, tmp_path: Path) -> None:
    created = only(tmp_path, f"message: a\ndate: {written}\n").created
    assert created is not None
    assert created.isoformat() == "2018-03-02T14:13:20+00:00"


def test_an_update_counts_where_it_came_later(tmp_path: Path) -> None:
    assert only(tmp_path, "message: a\ndate: 2020-01-01\nupdated: 2020-01-01\n").edited is None
    assert only(tmp_path, "message: a\ndate: 2020-01-01\nupdated: 2020-01-02\n").edited is not None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("message: [", "isn't valid YAML"),
        ("message: 'a", "isn't valid YAML"),
        ("a: &a [x]\nmessage: *a", "refers to itself"),
        ("a: &a {k: v}\nb: &b {<<: [*a, *a]}\nmessage: x", "refers to itself"),
        ("[" * 5000, "isn't valid YAML"),
        ("[" * 40 + "]" * 40, "16 levels"),
        ("message: a\nmessage: b\n", "there twice"),
        ("? [a]\n: b\n", "no text"),
        ("- a\n- b\n", "no comment"),
        ("name: Ann\n", "no comment"),
        ("", "empty"),
        ("message: " + "a" * 1_100_000, "longer than 1 MiB"),
        ("[" + "a," * 30_000 + "]", "20,000 parts"),
        (b"message: \xff\xfe", "isn't valid YAML in UTF-8"),
        (b"message: \x00", "isn't valid YAML in UTF-8"),
        ("message: a".encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF32_BE + "message: a".encode("utf-32-be"), "UTF-32"),
    ],
)
def test_a_bad_file_is_named_and_the_others_are_read(content: str | bytes, said: str, tmp_path: Path) -> None:
    write_staticman(tmp_path, by_chance(7, 3))
    bad = tmp_path / "ferry" / "bad.yml"
    bad.parent.mkdir(exist_ok=True)
    bad.write_bytes(content.encode() if isinstance(content, str) else content)
    records = read(tmp_path)
    (problem,) = among.problems(records)
    assert problem.where == "file ferry/bad.yml"
    assert said in problem.what
    assert len(among.comments(records)) == 3


def test_links_and_hidden_files_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write_staticman(outside, by_chance(8, 2))
    inside = tmp_path / "inside"
    write_staticman(inside, by_chance(9, 2))
    (inside / "linked").symlink_to(outside)
    (inside / "linked.yml").symlink_to(next(outside.rglob("*.yml")))
    (inside / "again").symlink_to(inside)
    shutil.copytree(outside, inside / ".git")
    assert len(among.comments(read(inside))) == 2


@pytest.mark.parametrize("name", ["../ferry/a.yml", "/ferry/a.yml", "C:\\a.yml"])
def test_a_zip_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "comments.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "message: a")
    with pytest.raises(Unreadable, match="leads out"):
        read(path)


def test_folders_of_other_things_are_not_recognised(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("message: a")
    assert not IMPORTER.recognises_path(tmp_path)  # type: ignore[attr-defined]
    with pytest.raises(Unreadable):
        recognise(tmp_path)
