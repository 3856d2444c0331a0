"""`outspoken threads move`: a discussion follows its page to another address."""

import pytest

from outspoken.store.database import open_database
from outspoken.store.threads import thread_at, thread_by_id
from tests.cli.conftest import refused

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
