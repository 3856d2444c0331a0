"""Reading Artrans and Artalk's tables, with trees that were made up."""

import json
import random
import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.transfer.importers import artalk, artalk_yaml, recognise
from outspoken.transfer.records import Importer, Record, SourceComment, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_artalk import write_artalk_yaml, write_artrans


def read(importer: Importer, path: Path) -> list[Record]:
    return list(importer.read(path, lambda _: None))


def test_the_pages_of_the_sample_are_known_and_nothing_private_of_it_enters(shared_data: Path) -> None:
    path = shared_data / "import" / "artalk"
    assert recognise(path) is artalk_yaml.IMPORTER
    records = read(artalk_yaml.IMPORTER, path)
    assert not among.problems(records)
    assert among.stories(records)[0].url == "https://example.com/test/1000.html"
    titles = {row["title"] for row in yaml.safe_load((path / "atk_pages.yml").read_text("utf-8"))}
    assert {page.headline for page in among.stories(records)} <= {*titles, ""}
    for secret in ("Mozilla", "10.90.", "@example", "123456"):
        assert secret not in repr(records)


def test_a_zip_of_the_sample_is_read_the_same(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "import" / "artalk"
    packed = Path(shutil.make_archive(str(tmp_path / "artalk"), "zip", path))
    assert recognise(packed) is artalk_yaml.IMPORTER
    assert read(artalk_yaml.IMPORTER, packed) == read(artalk_yaml.IMPORTER, path)


@given(discussions([State.HELD]))
@settings(max_examples=50)
def test_any_tree_comes_back_from_artrans(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "backup.artrans"
    write_artrans(path, made)
    records = read(artalk.IMPORTER, path)
    assert as_read(records) == as_made(made)
    assert {c.source: (c.up, c.down) for c in among.comments(records)} == {str(c.number): (c.up, c.down) for c in made}
    assert {page.url for page in among.stories(records)} == {f"https://harbour.example{c.page}" for c in made}
    for secret in ("Mozilla", "192.0.2", "example.org", "javascript"):
        assert secret not in repr(records)
    assert not among.problems(records)


@given(discussions([State.HELD]))
@settings(max_examples=20)
def test_any_tree_comes_back_from_the_tables(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "tables"
    write_artalk_yaml(path, made)
    records = read(artalk_yaml.IMPORTER, path)
    assert as_read(records) == as_made(made)
    assert {c.source: (c.up, c.down) for c in among.comments(records)} == {str(c.number): (c.up, c.down) for c in made}
    assert not among.problems(records)


def one(path: Path, **fields: str) -> tuple[SourceStory, SourceComment]:
    comment = {"id": "1", "rid": "0", "content": "x", "nick": "A", "page_key": "/a", "site_name": "S", **fields}
    path.write_text(json.dumps([comment]))
    records = read(artalk.IMPORTER, path)
    (story,), (found,) = among.stories(records), among.comments(records)
    return story, found


@pytest.mark.parametrize(
    ("key", "urls", "url", "identifier"),
    [
        ("/a", "https://harbour.example", "https://harbour.example/a", None),
        ("/a", "http://localhost:80,https://harbour.example/sub/", "https://harbour.example/a", None),
        ("https://other.example/a", "https://harbour.example", "https://other.example/a", None),
        ("/a", "", None, "S /a"),
        ("/a", "http://[", None, "S /a"),
        ("//evil.example/a", "https://harbour.example", None, "S //evil.example/a"),
        ("article 7", "https://harbour.example", None, "S article 7"),
    ],
)
def test_a_page_is_where_its_site_says(
    key: str, urls: str, url: str | None, identifier: str | None, tmp_path: Path
) -> None:
    story, _ = one(tmp_path / "a.artrans", page_key=key, site_urls=urls)
    assert (story.url, story.identifier) == (url, identifier)


def test_comments_without_id_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.artrans"
    path.write_text('[7, {"id": ""}, {"id": "1", "page_key": "/a"}]')
    records = read(artalk.IMPORTER, path)
    assert [problem.where for problem in among.problems(records)] == ["comment number 1", "comment number 2"]
    assert len(among.comments(records)) == 1


def test_a_page_for_the_staff_alone_is_closed(tmp_path: Path) -> None:
    story, _ = one(tmp_path / "a.artrans", page_admin_only="true")
    assert story.closed


def test_artrans_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.artrans"
    write_artrans(path, by_chance(1))
    assert recognise(path) is artalk.IMPORTER
    content = path.read_bytes()
    dice = random.Random(3)
    for cut in [0, 1, *(dice.randrange(len(content) - 1) for _ in range(20))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(artalk.IMPORTER, path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: b", "atk_comments.yml: It isn't a list"),
        ("- id: 1\n  content: [", "isn't valid YAML"),
        ("- &a [*a]", "refers to itself"),
        ("- [[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]", "16 levels"),
        ("", "empty"),
        ("- id: 1\n  content: " + "a" * 1_200_000, "a text of more than 1 MiB"),
    ],
)
def test_a_bad_table_is_refused_by_name(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "atk_comments.yml").write_text(content)
    with pytest.raises(Unreadable, match=said):
        read(artalk_yaml.IMPORTER, tmp_path)


def test_tables_without_comments_are_refused(tmp_path: Path) -> None:
    (tmp_path / "atk_users.yml").write_text("- id: 1\n")
    with pytest.raises(Unreadable, match=r"no atk_comments\.yml"):
        read(artalk_yaml.IMPORTER, tmp_path)
