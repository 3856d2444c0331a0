"""`outspoken threads`: discussions follow their pages to other addresses, are joined and split."""

import os

import pytest

from outspoken.store.database import open_database
from outspoken.store.joining import begin_merge
from outspoken.store.threads import thread_at, thread_by_id
from tests.cli.conftest import refused
from tests.factories import MOMENT, a_submission, say

SITE = ("--site", "harbour")


@pytest.fixture
def ferry(run):
    run("site", "add", "harbour", "--title", "Harbour")
    return run("publish", "--headline", "Ferry", *SITE, "--url", "https://old.example/ferry").stdout.strip()


def leads(folder, *addresses):
    database = open_database(folder)
    with database.reading() as connection:
        found = [thread_at(connection, "harbour", [address]) for address in addresses]
        url = thread_by_id(connection, found[0]).story.url
    database.close()
    return found, url


def test_a_discussion_follows_its_page_and_the_old_address_still_leads_there(run, folder, ferry):
    assert run("threads", "move", "http://www.old.example/ferry/", "https://new.example/ferry", *SITE).exit_code == 0

    assert leads(folder, "old.example/ferry", "new.example/ferry") == ([ferry, ferry], "https://new.example/ferry")
    assert run("threads", "move", ferry, "https://old.example/ferry", *SITE).exit_code == 0
    assert leads(folder, "old.example/ferry")[1] == "https://old.example/ferry"
    assert run("check").exit_code == 0


def test_a_page_that_has_a_discussion_or_none_is_told_and_nothing_changes(run, folder, ferry):
    run("publish", "--headline", "Other", *SITE, "--url", "https://old.example/other")

    assert "already" in refused(run("threads", "move", ferry, "https://old.example/other", *SITE))
    assert "no discussion" in refused(run("threads", "move", "https://old.example/none", "https://a.example/", *SITE))
    refused(run("threads", "move", ferry, "nonsense", *SITE))
    refused(run("threads", "move", "nothing", "https://a.example/", *SITE))
    assert leads(folder, "old.example/ferry")[1] == "https://old.example/ferry"


@pytest.fixture
def lamp(run, ferry):
    return run("publish", "--headline", "Lamp", *SITE, "--url", "https://old.example/lamp").stdout.strip()


@pytest.fixture(autouse=True)
def _no_server_to_wait_for(monkeypatch):
    monkeypatch.setattr("outspoken.cli.joining_threads.wait_for_servers", lambda: None)


def spoken(folder, thread, *submissions):
    database = open_database(folder)
    say(database, os.urandom, *submissions)
    database.close()


def test_two_discussions_are_joined_after_a_rehearsal_that_changes_nothing(run, folder, ferry, lamp):
    spoken(folder, lamp, a_submission(lamp), a_submission(lamp, parent=1))
    spoken(folder, ferry, a_submission(ferry))

    told = run("threads", "merge", lamp, "https://old.example/ferry", *SITE, "--dry-run")
    assert "2 published comments, 0 others, 2 authors, 1 addresses" in told.stdout
    assert leads(folder, "old.example/lamp")[0] == [lamp]

    assert run("threads", "merge", lamp, "https://old.example/ferry", *SITE).exit_code == 0
    assert leads(folder, "old.example/lamp", "old.example/ferry")[0] == [ferry, ferry]
    assert "already" in refused(run("threads", "merge", lamp, ferry, *SITE))
    refused(run("threads", "merge", "nothing", ferry, *SITE))
    refused(run("threads", "merge", ferry, *SITE))
    assert "Nothing" in run("threads", "resume", *SITE).stdout
    assert run("check").exit_code == 0


def test_a_part_becomes_a_discussion_of_its_own(run, folder, ferry, lamp):
    spoken(folder, ferry, a_submission(ferry), a_submission(ferry, parent=1), a_submission(ferry))
    page = ("--url", "https://old.example/part")

    assert "already" in refused(run("threads", "split", ferry, 1, *SITE, "--url", "https://old.example/lamp"))
    assert "itself" in refused(run("threads", "split", ferry, 1, *SITE, "--url", "https://old.example/ferry"))
    refused(run("threads", "split", ferry, 9, *SITE, *page))
    assert "2 published" in run("threads", "split", ferry, 1, *SITE, *page, "--dry-run").stdout
    assert run("threads", "split", ferry, 1, *SITE, *page, "--headline", "Part").exit_code == 0

    (part,), url = leads(folder, "old.example/part")
    assert part != ferry
    assert url == "https://old.example/part"
    assert run("check").exit_code == 0


def test_what_was_interrupted_is_told_and_finished(run, folder, ferry, lamp):
    spoken(folder, lamp, a_submission(lamp))
    database = open_database(folder)
    with database.writing() as connection:
        begin_merge(connection, "harbour", lamp, ferry, MOMENT)
    database.close()

    told = run("check")
    assert told.exit_code == 1
    assert "on its way" in told.stdout
    assert "Going on" in run("threads", "resume", *SITE).stdout
    assert run("check").exit_code == 0
    assert leads(folder, "old.example/lamp")[0] == [ferry]
