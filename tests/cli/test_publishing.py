"""`outspoken site`, `publish` and `thread`: a publication, its stories, and whether they take comments."""

import re

import pytest

from tests.cli.conftest import refused, rows


def test_a_story_is_published_and_its_thread_named(site, folder, tmp_path):
    (tmp_path / "excerpt.txt").write_text("The line closes in autumn.\r\n\r\nNobody was asked.\n")

    result = site(
        *("publish", "--site", "harbour", "--headline", " Ferry  line\nto close ", "--published", "2026-05-04"),
        *("--url", "https://www.harbour.example/ferry/?utm_source=x", "--excerpt-file", tmp_path / "excerpt.txt"),
    )

    assert result.exit_code == 0
    thread = result.stdout.strip()
    assert re.fullmatch("[0-9a-z]{12}", thread)
    assert rows(folder, "SELECT id, headline, excerpt FROM threads") == [
        (thread, "Ferry line to close", "The line closes in autumn.\n\nNobody was asked.")
    ]
    assert rows(folder, "SELECT address, thread FROM addresses") == [("harbour.example/ferry", thread)]


def test_a_page_has_one_discussion(site, folder):
    command = ("publish", "--site", "harbour", "--headline", "Ferry", "--url", "https://harbour.example/ferry")
    thread = site(*command).stdout.strip()

    assert thread in refused(site(*command))
    assert len(rows(folder, "SELECT id FROM threads")) == 1


def test_pages_of_other_sites_are_refused(run, folder):
    run("site", "add", "harbour", "--title", "The Harbour Post", "--origin", "https://Harbour.example/")
    publish = ("publish", "--site", "harbour", "--headline", "Ferry", "--url")

    assert "isn't a page of harbour" in refused(run(*publish, "https://harbour.example.evil.example/ferry"))
    assert "isn't a page of harbour" in refused(run(*publish, "http://harbour.example/ferry"))
    assert run(*publish, "https://HARBOUR.example/ferry").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--site", "nothing", "--headline", "x"),
        ("--site", "harbour", "--headline", "x", "--url", "javascript:alert(1)"),
        ("--site", "harbour", "--headline", "x", "--url", "ftp://harbour.example/"),
    ],
)
def test_a_story_that_cannot_be_is_refused_in_one_line(site, folder, words):
    refused(site("publish", *words))

    assert rows(folder, "SELECT id FROM threads") == []


def test_an_excerpt_that_is_no_text_is_refused_in_one_line(site, tmp_path):
    (tmp_path / "excerpt").write_bytes(b"\xff\xfe\x00")

    assert "UTF-8" in refused(
        site("publish", "--site", "harbour", "--headline", "x", "--excerpt-file", tmp_path / "excerpt")
    )


@pytest.mark.parametrize("name", ["Harbour", "a b", "", "../x", "ü", "x" * 64, "a/b"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(run, name):
    refused(run("site", "add", name, "--title", "x"))


def test_a_site_is_changed_by_adding_it_again(site):
    site("site", "add", "harbour", "--title", "The New Post", "--language", "de")

    assert site("site", "list").stdout == "harbour\tThe New Post\t\n"


def test_a_language_without_texts_is_taken_and_said_to_have_none(run):
    spoken, unspoken = (run("site", "add", "harbour", "--title", "x", "--language", tag) for tag in ("zh-CN", "zh-TW"))

    assert (spoken.exit_code, unspoken.exit_code) == (0, 0)
    assert "English" not in spoken.output
    assert "no texts in the language zh-TW yet: its pages speak English" in unspoken.output


@pytest.mark.parametrize("opening", ["closed", "read-only", "open"])
def test_a_discussion_is_closed_and_opened(site, folder, opening):
    thread = site("publish", "--site", "harbour", "--headline", "Ferry").stdout.strip()

    result = site("thread", opening, thread)

    assert result.stdout == f"The discussion {thread} is {opening} now.\n"
    assert rows(folder, "SELECT opening FROM threads") == [(opening,)]
    assert "no such discussion" in refused(site("thread", opening, "nothing00000"))


def test_a_folder_that_cannot_be_is_refused_in_one_line(run, folder):
    folder.write_text("a file")

    refused(run("site", "add", "harbour", "--title", "x"))


def test_a_file_that_is_no_database_is_refused_in_one_line(run, folder):
    folder.mkdir()
    (folder / "outspoken.db").write_text("This is no database, whatever its name says. " * 100)

    refused(run("site", "list"))


@pytest.mark.parametrize(
    "words",
    [("check",), ("site", "list"), ("thread", "closed", "ferry0000000"), ("moderate", "held", "ferry0000000"),
     ("moderate", "approve", "ferry0000000", "1")],
)  # fmt: skip
def test_where_there_is_no_database_none_is_made_to_look_into(run, folder, words):
    assert "there is no outspoken.db" in refused(run(*words))
    assert not folder.exists()


def test_an_address_of_another_kind_of_database_is_refused_in_one_line(run):
    assert "mysql" in refused(run("site", "list", "--database", "mysql://localhost/x"))
    refused(run("site", "list", "--database", "nonsense"))


@pytest.mark.parametrize(
    "origin",
    [
        "news.example",
        "https://news.example/blog",
        "*",
        "https://a.example; script-src *",
        "ftp://a.example",
        "null",
        "",
    ],
)
def test_what_is_not_where_pages_live_is_not_taken_for_it(run, origin):
    answer = refused(run("site", "add", "harbour", "--title", "The Harbour Post", "--origin", origin))

    assert "scheme and host alone" in answer
