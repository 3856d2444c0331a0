"""The example site: lively enough to show everything, and whole."""

import runpy
import sys
from collections import Counter

import pytest

from outspoken.demo.loading import load_demo
from outspoken.store.checking import check
from tests.web.talking import Talk, shown


def test_the_example_shows_all_that_a_discussion_can_be(database, now, entropy):
    thread = load_demo(database, now, entropy)

    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            f"SELECT depth, state, edited, up, down, quotes FROM comments WHERE thread = '{thread}'"
        ).all()
        names = connection.exec_driver_sql(f"SELECT count(*) FROM authors WHERE thread = '{thread}'").scalar()
    depths = Counter(row.depth for row in rows)
    assert len(rows) >= 60
    assert len(depths) >= 4
    assert {"deleted", "removed"} & {row.state for row in rows}
    assert any(row.edited for row in rows)
    assert any(row.up for row in rows)
    assert any(row.down for row in rows)
    assert any(row.quotes for row in rows)
    assert names > 20
    assert list(check(database)) == []


def test_the_example_can_be_read_and_answered(database, now, entropy):
    thread = load_demo(database, now, entropy)
    talk = Talk(database)
    reader = talk.browser()

    assert len(shown(reader.get(f"/t/{thread}"))) == 50
    reader.say("And I was there too.", thread=thread)
    assert "And I was there too." in reader.get("/").text
    talk.server.writer.close()


def test_the_program_runs_where_it_is_not_installed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["outspoken", "demo", "--help"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("outspoken", run_name="__main__")

    assert ended.value.code == 0
    assert "throw-away site" in capsys.readouterr().out
