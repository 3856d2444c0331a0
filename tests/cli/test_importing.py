"""`outspoken import`: the report, the rehearsal, and one line for a file that is not what it should be."""

import json

import pytest
from typer.testing import CliRunner

from outspoken.cli import command_line, importing
from outspoken.store.database import open_database
from tests.cli.conftest import refused, rows

FORUM = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<category dsq:id="1"><forum>harbour</forum><title>General</title><isDefault>true</isDefault></category>
<thread dsq:id="10"><id>ferry</id><forum>harbour</forum><category dsq:id="1"/>
<link>https://harbour.example/ferry</link><title>Ferry line to close</title><message/>
<createdAt>2015-06-01T10:00:00Z</createdAt><author><name>Editor</name><isAnonymous>false</isAnonymous></author>
<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<post dsq:id="100"><id/><message><![CDATA[<p>Who decided that?</p>]]></message>
<createdAt>2015-06-01T11:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Greta</name><isAnonymous>true</isAnonymous></author><thread dsq:id="10"/></post>
<post dsq:id="101"><id/><message><![CDATA[<p>Nobody says.</p>]]></message>
<createdAt>2015-06-01T12:00:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Gerda</name><isAnonymous>true</isAnonymous></author><thread dsq:id="10"/><parent dsq:id="100"/></post>
</disqus>
"""


@pytest.fixture
def forum(site, tmp_path):
    """An export of a forum, and a site to bring it into."""
    file = tmp_path / "forum.xml"
    file.write_text(FORUM)
    return file


def counted(folder):
    database = open_database(folder)
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM comments").scalar()
    database.close()
    return found


def report(result):
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout.strip().splitlines()[-1])


def test_a_forum_is_brought_in_and_the_report_says_what_came(run, folder, forum):
    told = report(run("import", forum, "--site", "harbour", "--json"))

    assert (told["format"], told["threads"], told["comments"], told["depths"]) == ("disqus", 1, 2, [1, 1])
    assert set(told) >= {"tombstones", "authors", "duplicates", "skipped", "problems"}
    assert counted(folder) == 2
    assert run("check").exit_code == 0


def test_a_rehearsal_reports_the_same_and_writes_nothing(run, folder, forum):
    rehearsed = report(run("import", forum, "--site", "harbour", "--json", "--dry-run"))
    nothing = counted(folder)
    done = report(run("import", forum, "--site", "harbour", "--json"))

    assert nothing == 0
    assert rehearsed == done


def test_the_same_file_twice_adds_nothing(run, folder, forum):
    run("import", forum, "--site", "harbour")

    again = report(run("import", forum, "--site", "harbour", "--json"))

    assert (again["comments"], again["duplicates"]) == (0, 2)
    assert counted(folder) == 2


def test_people_are_told_in_a_sentence(run, forum):
    assert (
        "brought 2 comments by 2 people into 1 thread, with 0 tombstones"
        in run("import", forum, "--site", "harbour").stdout
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe" * 100, b"<disqus>", FORUM[:-300].encode(), b"\x1f\x8b\x08\x00garbage",
     FORUM.replace("<disqus", '<!DOCTYPE x [<!ENTITY a "b">]><disqus', 1).replace("Who", "&a;").encode()],
    ids=["empty", "noise", "cut at once", "cut late", "half a gzip", "entities"],
)  # fmt: skip
def test_a_file_that_is_not_what_it_should_be_is_refused_in_one_line_and_nothing_is_written(
    site, run, folder, tmp_path, content
):
    file = tmp_path / "forum.xml"
    file.write_bytes(content)

    line = refused(run("import", file, "--site", "harbour", "--format", "disqus", "--json"))

    assert "forum.xml" in line
    assert counted(folder) == 0


def test_a_file_that_is_not_there_a_format_that_is_none_and_a_site_that_cannot_be_are_refused(run, tmp_path, forum):
    refused(run("import", tmp_path / "nothing.xml", "--site", "harbour"))
    refused(run("import", tmp_path, "--site", "harbour"))
    refused(run("import", forum, "--site", "harbour", "--format", "nonsense"))
    refused(run("import", forum, "--site", "../harbour"))


def test_the_table_of_pages_is_written_and_taken_back_edited(run, folder, forum, tmp_path):
    table = tmp_path / "pages.csv"
    told = report(run("import", forum, "--site", "harbour", "--json", "--dry-run", "--map-out", table))
    lines = table.read_text().splitlines()
    table.write_text("\n".join([lines[0], lines[1].replace(",harbour.example/ferry,", ",https://new.example/ferry,")]))

    moved = report(run("import", forum, "--site", "harbour", "--json", "--map", table))

    row = {"from": "https://harbour.example/ferry", "comments": 2, "what": "page", "thread": None}
    assert told["mapping"] == [{**row, "to": "harbour.example/ferry"}]
    assert moved["mapping"] == [{**row, "to": "new.example/ferry"}]
    assert "nothing" in refused(run("import", forum, "--site", "harbour", "--map", tmp_path / "nothing.csv"))


def test_the_table_of_pages_tells_of_all_files_and_each_report_of_its_own(run, forum, tmp_path):
    other, table = tmp_path / "other.xml", tmp_path / "pages.csv"
    other.write_bytes(forum.read_bytes().replace(b"harbour.example/ferry", b"harbour.example/bridge"))

    said = run("import", forum, other, "--site", "harbour", "--json", "--dry-run", "--map-out", table).stdout

    reports = [json.loads(line) for line in said.splitlines()]
    assert [[row["to"] for row in each["mapping"]] for each in reports] == [
        ["harbour.example/ferry"],
        ["harbour.example/bridge"],
    ]
    assert [line.split(",")[1] for line in table.read_text().splitlines()[1:]] == [
        "harbour.example/ferry",
        "harbour.example/bridge",
    ]


def test_an_import_is_listed_and_taken_out_again(run, folder, forum):
    run("import", forum, "--site", "harbour")
    (line,) = run("import", "--jobs", "--site", "harbour").stdout.strip().splitlines()
    job, _, format, state, brought = line.split("\t")

    undone = run("import", "--undo", job)

    assert (format, state, brought) == ("disqus", "done", "2 comments")
    assert "Taken out: 2 comments and 1 thread. 0 tombstones stay" in undone.stdout
    assert counted(folder) == 0
    assert "\tundone\t" in run("import", "--jobs", "--site", "harbour").stdout
    assert run("check").exit_code == 0
    assert report(run("import", forum, "--site", "harbour", "--json"))["comments"] == 2


def test_what_is_missing_is_asked_for(run, forum):
    assert "--site" in refused(run("import", forum))
    assert "files" in refused(run("import", "--site", "harbour"))
    run("import", forum, "--site", "harbour")
    assert "--jobs" in refused(run("import", "--undo", "nothing"))


def test_a_site_or_a_folder_that_is_not_there_is_a_mistake_and_nothing_is_made(run, folder, forum, tmp_path):
    line = refused(run("import", forum, "--site", "harbuor"))
    assert "no site harbuor" in line
    assert "outspoken site add harbuor" in line
    assert rows(folder, "SELECT name FROM sites") == [("harbour",)]
    refused(run("import", "--jobs", "--site", "harbuor"))

    for how in ((), ("--dry-run",)):
        words = ["import", str(forum), "--site", "harbour", "--data", str(tmp_path / "dta"), *how]
        assert str(tmp_path / "dta") in refused(CliRunner().invoke(command_line(), words))
    assert not (tmp_path / "dta").exists()


def test_an_archive_makes_its_site_and_says_so_but_a_rehearsal_makes_nothing(run, folder, forum, tmp_path):
    run("import", forum, "--site", "harbour")
    run("export", "--site", "harbour", "--output", tmp_path / "a.zip")
    words = ["import", str(tmp_path / "a.zip"), "--site", "quay", "--data", str(tmp_path / "new")]

    refused(CliRunner().invoke(command_line(), [*words, "--dry-run"]))
    assert not (tmp_path / "new").exists()
    assert "the site quay was made" in CliRunner().invoke(command_line(), words).stdout
    assert "the site quay was made" not in CliRunner().invoke(command_line(), words).stdout
    rehearsed = run("import", tmp_path / "a.zip", "--site", "quay", "--dry-run")
    assert "the site quay would be made" in rehearsed.stdout
    assert rows(folder, "SELECT name FROM sites") == [("harbour",)]


def test_what_can_not_be_an_export_is_told_in_a_few_words(site, run, tmp_path):
    empty, utf16, folder_of_exports = tmp_path / "empty.xml", tmp_path / "wide.json", tmp_path / "exports"
    empty.touch()
    utf16.write_bytes("[]".encode("utf-16"))
    folder_of_exports.mkdir()
    for file, reason in ((empty, "it is empty"), (utf16, "UTF-16"), (folder_of_exports, "it is a folder")):
        line = refused(run("import", file, "--site", "harbour"))
        assert reason in line
        assert line.count(file.name) == 1
        assert len(line) < 250
    (tmp_path / "diary.txt").write_bytes(b"\x00\x01 Dear diary")
    assert refused(run("import", tmp_path / "diary.txt", "--site", "harbour")).count("diary.txt") == 1


def test_who_stops_an_import_is_told_how_to_go_on(run, forum, monkeypatch):
    def stop(*_words, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "run_import", stop)
    stopped = run("import", forum, "--site", "harbour")

    assert stopped.exit_code == 130
    assert stopped.stderr.splitlines()[-1] == "outspoken: stopped; run the same command again to go on"
