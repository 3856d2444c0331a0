"""The command line, as people use it: what it prints, how it ends, what it leaves behind."""

import json
import random
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from typer.testing import CliRunner

from outspoken.cli import app
from outspoken.demo.loading import load_demo
from outspoken.discussion.state import State
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.tables import comments, threads
from outspoken.store.windows import in_reading_order
from tests.conftest import NOW
from tests.factories import a_body, a_submission, say

PAGE = """A ferry for the island

A short article about it.

  • Ada

    The first thing that is said.

    • Bo

      An answer to it.
"""


class Shell:
    """Runs commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, database: bool = True) -> Result:
        more = ["--data", str(self.folder)] if database else []
        return CliRunner().invoke(app, [*arguments, *more])

    def open(self) -> Database:
        return open_database(self.folder)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.delenv("OUTSPOKEN_DATABASE", raising=False)
    return Shell(tmp_path / "data")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, "utf-8")
    return path


def one_line(result: Result) -> str:
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("outspoken: ")
    return line


def published(shell: Shell) -> str:
    assert shell("site", "add", "harbour", "--title", "Harbour", "--origin", "https://harbour.example").exit_code == 0
    result = shell("publish", "--site", "harbour", "--headline", "Ferry", "--url", "https://harbour.example/ferry")
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_a_story_is_published_and_its_thread_named(shell: Shell) -> None:
    thread = published(shell)

    assert re.fullmatch("[0-9a-z]{12}", thread)
    assert "harbour\tHarbour\thttps://harbour.example" in shell("site", "list").stdout


def test_a_page_has_one_discussion_however_its_address_is_spelled(shell: Shell) -> None:
    thread = published(shell)

    again = shell(
        "publish", "--site", "harbour", "--headline", "F", "--url", "https://harbour.example/ferry/?utm_source=x"
    )

    assert thread in one_line(again)


def test_a_page_of_another_publication_is_refused(shell: Shell) -> None:
    published(shell)

    assert "elsewhere.example" in one_line(
        shell("publish", "--site", "harbour", "--headline", "F", "--url", "https://elsewhere.example/ferry")
    )


@pytest.mark.parametrize("name", ["", "Harbour", "har bour", "har/bour", "ä", "x" * 64])
def test_a_name_that_can_not_stand_in_an_address_is_refused(shell: Shell, name: str) -> None:
    assert "can't be the name of a site" in one_line(shell("site", "add", name, "--title", "T"))


def test_an_import_reports_as_json_on_its_last_line(shell: Shell, page: Path) -> None:
    result = shell("import", str(page), "--site", "harbour", "--json")

    report = json.loads(result.stdout.splitlines()[-1])
    assert set(report) == {
        *("format", "threads", "comments", "tombstones", "authors"),
        *("depths", "duplicates", "skipped", "problems"),
    }
    assert (report["format"], report["comments"], report["depths"], report["authors"]) == ("flattened", 2, [1, 1], 2)


def test_a_rehearsal_says_the_same_and_leaves_nothing(shell: Shell, page: Path) -> None:
    rehearsed = shell("import", str(page), "--site", "harbour", "--json", "--dry-run")

    database = shell.open()
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one() == 0
    database.close()
    done = shell("import", str(page), "--site", "harbour", "--json")
    assert json.loads(rehearsed.stdout) == json.loads(done.stdout)


def test_an_import_is_told_in_words_for_people(shell: Shell, page: Path) -> None:
    result = shell("import", str(page), "--site", "harbour")

    assert "2 comments by 2 people into 1 threads" in result.stdout


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"<html><p>no", b"{", b"just a line", b"<?xml version='1.0'?><disqus"]
)
def test_a_file_that_is_not_what_it_should_be_is_refused_in_one_line(
    shell: Shell, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    assert str(file) in one_line(shell("import", str(file), "--site", "harbour"))
    assert shell("check").exit_code == 0


def test_a_file_that_is_not_there_is_refused_in_one_line(shell: Shell, tmp_path: Path) -> None:
    one_line(shell("import", str(tmp_path / "nothing.xml"), "--site", "harbour"))


def test_check_is_content_with_what_is_whole_and_names_what_is_not(shell: Shell, page: Path) -> None:
    shell("import", str(page), "--site", "harbour")
    assert shell("check").exit_code == 0

    database = shell.open()
    with database.writing() as connection:
        connection.execute(threads.update().values(comments=7))
    database.close()
    broken = shell("check")

    assert broken.exit_code == 1
    assert "counts 7 comments, 2 are published" in broken.stdout


def test_a_held_comment_is_shown_with_its_reason_and_approved(shell: Shell) -> None:
    thread = published(shell)
    database = shell.open()
    held = {"state": State.HELD, "rule": "links", "reason": "It has many links."}
    say(database, random.Random(5).randbytes, a_submission(thread, body=a_body("Wait for me."), **held))
    database.close()

    waiting = shell("moderate", "held", thread)
    approved = shell("moderate", "approve", thread, "1")

    assert "It has many links." in waiting.stdout
    assert "Wait for me." in waiting.stdout
    assert approved.exit_code == 0
    assert not shell("moderate", "held", thread).stdout
    assert shell("check").exit_code == 0


def test_a_decision_that_the_table_does_not_know_is_refused(shell: Shell) -> None:
    thread = published(shell)

    one_line(shell("moderate", "approve", thread, "1"))


def test_a_discussion_is_closed_frozen_and_opened_again(shell: Shell) -> None:
    thread = published(shell)

    for state in ("closed", "read-only", "open"):
        assert f"is {state} now" in shell("thread", state, thread).stdout
    one_line(shell("thread", "closed", "nothinghere1"))


def test_a_setting_that_means_nothing_is_refused_with_its_name(shell: Shell) -> None:
    shell.folder.mkdir()
    (shell.folder / "outspoken.toml").write_text("[server]\nbse = 'https://talk.example'\n")

    assert "bse" in one_line(shell("serve", "--port", "8999"))


def test_a_database_of_another_kind_is_refused(shell: Shell) -> None:
    assert "mysql" in one_line(shell("check", "--database", "mysql://somewhere/x"))


def test_the_example_site_shows_what_the_product_is_for(sqlite: Database) -> None:

    thread = load_demo(sqlite, NOW, random.Random(1).randbytes)

    with sqlite.reading() as connection:
        shown = list(in_reading_order(connection, thread))
    assert len(shown) >= 60
    assert max(comment.depth for comment in shown) >= 3
    assert {comment.state for comment in shown} == {State.PUBLISHED, State.DELETED, State.REMOVED}
    assert any(comment.edited for comment in shown)
    assert any(quote.target == 0 for comment in shown for quote in comment.quotes)
    assert any(quote.target for comment in shown for quote in comment.quotes)
    assert sum(comment.up + comment.down for comment in shown) > 500
    assert not list(check(sqlite))
