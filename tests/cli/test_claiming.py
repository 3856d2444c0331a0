"""`outspoken claims`: from an e-mail to a code, and erasing for somebody who asked."""

import sqlite3
from contextlib import closing

import pyrage
import pytest
from typer.testing import CliRunner

from outspoken.cli import command_line
from tests.cli.conftest import refused, rows
from tests.cli.test_importing import FORUM

MAILED = FORUM.replace("<name>Greta</name>", "<name>Greta</name><email>Greta@Example.org</email>").replace(
    "<name>Gerda</name>", "<name>Gerda</name><email>gerda@example.org</email>"
)


@pytest.fixture
def keyfile(tmp_path):
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "claims.key"
    file.write_text(f"{identity}\n")
    file.chmod(0o600)
    return file, str(identity.to_public())


@pytest.fixture
def forum(site, tmp_path):
    file = tmp_path / "forum.xml"
    file.write_text(MAILED)
    return file


def told(result):
    assert result.exit_code == 0, (result.output, result.exception)
    return [line.split("\t") for line in result.stdout.splitlines()]


@pytest.fixture
def kept(run, forum, keyfile):
    """A site into which Greta's and Gerda's comments were imported, with their e-mails."""
    run("import", forum, "--site", "harbour", "--keep-emails-for-claiming", keyfile[1])
    return run


def test_an_e_mail_leads_with_the_key_to_comments_and_these_to_a_code(kept, folder, keyfile):
    (found,) = told(
        kept("claims", "find", "--site", "harbour", "--email", "greta@example.org", "--identity", keyfile[0])
    )
    assert found[1:] == ["2015-06-01", "Greta", "Ferry line to close"]

    lines = told(kept("claims", "offer", "--site", "harbour", found[0]))

    assert lines[0][0].startswith("1 comment, until ")
    assert lines[1] == ["/s/harbour/claim"]
    assert len(lines[2][0]) == 39
    ((short, _, left, act),) = told(kept("claims", "list", "--site", "harbour"))
    assert (left, act) == ("1", "not used yet")
    assert told(kept("claims", "withdraw", "--site", "harbour", short))
    assert told(kept("claims", "list", "--site", "harbour")) == []


def test_the_old_file_finds_the_same_where_nothing_was_kept(run, forum):
    run("import", forum, "--site", "harbour")

    found = told(run("claims", "find", "--site", "harbour", "--email", "gerda@example.org", "--in", forum))

    assert [line[2] for line in found] == ["Gerda"]


def test_names_find_without_any_e_mail(run, forum):
    run("import", forum, "--site", "harbour")

    assert [line[2] for line in told(run("claims", "find", "--site", "harbour", "--name", "Greta"))] == ["Greta"]
    assert told(run("claims", "find", "--site", "harbour", "--name", "greta")) == []


def test_who_asked_for_it_is_erased_and_does_not_come_back(kept, folder, forum):
    (found,) = told(kept("claims", "find", "--site", "harbour", "--name", "Greta"))
    assert "--yes" in refused(kept("claims", "erase", "--site", "harbour", found[0]))

    assert told(kept("claims", "erase", "--site", "harbour", found[0], "--yes")) == [["1 comment is erased."]]

    kept("import", forum, "--site", "harbour")
    assert sorted(rows(folder, "SELECT state FROM comments")) == [("deleted",), ("published",)]
    assert (folder / "erased.list").read_text() == found[0].replace("/", " ") + "\n"
    assert rows(folder, "SELECT count(*) FROM contacts") == [(1,)]
    assert kept("check").exit_code == 0


def test_kept_e_mails_can_be_destroyed(kept, folder):
    assert rows(folder, "SELECT count(*) FROM contacts") == [(2,)]

    assert told(kept("claims", "forget-emails", "--site", "harbour")) == [["2 e-mails are destroyed."]]

    assert rows(folder, "SELECT count(*) FROM contacts") == [(0,)]


def test_what_could_not_be_cleared_below_the_rows_yet_is_told_and_when_it_goes(kept, folder, monkeypatch):
    monkeypatch.setattr("outspoken.cli.common._PATIENCE", 1)
    emails = [row[0] for row in rows(folder, "SELECT sealed FROM contacts")]
    log = folder / "outspoken.db-wal"
    with closing(sqlite3.connect(folder / "outspoken.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contacts").fetchone()
        (destroyed,), *traces = told(kept("claims", "forget-emails", "--site", "harbour"))
        assert destroyed == "2 e-mails are destroyed."
        assert "Traces of it are still in the database's files" in traces[0][0]
        assert "They are cleared after that has ended" in traces[1][0]

    assert told(kept("claims", "forget-emails", "--site", "harbour")) == [["0 e-mails are destroyed."]]
    left = (folder / "outspoken.db").read_bytes() + (log.read_bytes() if log.exists() else b"")
    assert not [email for email in emails if email in left]


def test_without_the_option_no_e_mail_is_kept(run, folder, forum, keyfile):
    run("import", forum, "--site", "harbour")

    assert rows(folder, "SELECT count(*) FROM contacts") == [(0,)]
    answer = run("claims", "find", "--site", "harbour", "--email", "greta@example.org", "--identity", keyfile[0])
    assert "no e-mails are kept" in refused(answer)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["find", "--site", "harbour"], "say --email, or --name"),
        (["find", "--site", "harbour", "--email", "a@example.org"], "--identity KEYFILE or --in FILE"),
        (["find", "--site", "harbour", "--email", "a@example.org", "--in", "nowhere.xml"], "No such file"),
        (["find", "--site", "nowhere", "--name", "Greta"], "no such site"),
        (["offer", "--site", "harbour", "nonsense"], "isn't a comment"),
        (["offer", "--site", "harbour", "abcdefghijkl/1"], "isn't there"),
        (["withdraw", "--site", "harbour", "123456789012"], "there is no such code"),
        (["erase", "--site", "harbour", "abcdefghijkl/1", "--yes"], "isn't there"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(kept, words, said):
    assert said in refused(kept("claims", *words))


def test_a_recipient_that_is_none_is_refused_before_anything_is_written(run, folder, forum):
    assert "public key" in refused(run("import", forum, "--site", "harbour", "--keep-emails-for-claiming", "age1no"))
    assert not folder.exists() or rows(folder, "SELECT count(*) FROM comments") == [(0,)]


def test_it_is_said_when_nothing_is_found_and_when_the_key_is_wrong(kept, forum, tmp_path):
    find = ("claims", "find", "--site", "harbour")
    nobody = kept(*find, "--name", "Nobody")
    assert (nobody.exit_code, nobody.stdout, nobody.stderr) == (0, "", "None found.\n")

    other = tmp_path / "other.key"
    CliRunner().invoke(command_line(), ["keys", "new", "--for", "backups", str(other)])
    wrong = kept(*find, "--email", "greta@example.org", "--identity", other)
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "opens none of the e-mails that are kept (2)" in wrong.stderr

    elsewhere = tmp_path / "elsewhere.xml"
    elsewhere.write_text(forum.read_text().replace('post dsq:id="1', 'post dsq:id="9'))
    told = kept(*find, "--email", "greta@example.org", "--in", elsewhere).stderr
    assert "none of them was imported into harbour" in told
    assert told.endswith("None found.\n")
