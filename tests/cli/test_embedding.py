"""`outspoken embed` and `outspoken render`: what a site pastes, and a discussion for pages that are built."""

import os

import pytest

from outspoken.pages import static
from outspoken.store.database import open_database
from outspoken.store.publishing import publish
from tests.cli.conftest import refused
from tests.factories import MOMENT, a_body, a_submission

PAGE = "https://harbour.example/ferry"
BASE = ("--base", "https://talk.example")


@pytest.fixture
def harbour(run, folder):
    """A site with a page that has a discussion."""
    run("site", "add", "harbour", "--title", "The Harbour Post", "--origin", "https://harbour.example")
    thread = run("publish", "--site", "harbour", "--headline", "Ferry", "--url", PAGE).stdout.strip()
    database = open_database(folder)
    with database.writing() as connection:
        publish(connection, a_submission(thread, body=a_body()), MOMENT, os.urandom)
    database.close()
    return run


def test_everything_a_site_pastes_is_printed(harbour):
    printed = harbour("embed", "--site", "harbour", *BASE)

    assert printed.exit_code == 0
    text = printed.stdout
    assert '<script src="https://talk.example/embed.js" async></script>' in text
    assert '<outspoken-thread site="harbour"></outspoken-thread>' in text
    assert f'integrity="{static.named("embed.js").integrity}" crossorigin="anonymous"' in text
    assert f"https://talk.example{static.address('embed.js')}" in text
    assert "https://talk.example/frame/page?site=harbour&amp;url=https%3A%2F%2Fharbour.example%2F" in text
    for directive in ("script-src", "connect-src", "frame-src"):
        assert f"{directive} https://talk.example;" in text


def test_the_frame_is_named_in_the_language_of_the_site(run):
    run("site", "add", "hafen", "--title", "Hafenblatt", "--language", "de", "--origin", "https://hafen.example")

    assert 'title="Eine Diskussion"' in run("embed", "--site", "hafen", *BASE).stdout


def test_a_server_at_the_address_of_the_pages_themselves_is_warned_of(harbour):
    printed = harbour("embed", "--site", "harbour", "--base", "https://harbour.example")

    assert printed.exit_code == 1
    assert "host name of its own" in printed.stderr


def test_without_an_address_of_the_server_nothing_is_printed(harbour, site):
    assert "--base" in refused(harbour("embed", "--site", "harbour"))
    assert "no such site" in refused(harbour("embed", "--site", "nowhere", *BASE))
    assert "--base" in refused(harbour("render", PAGE, "--site", "harbour"))


def test_a_discussion_is_rendered_for_a_page_that_is_built(harbour):
    printed = harbour("render", PAGE + "/?utm_source=x", "--site", "harbour", "--language", "de", *BASE)

    assert printed.exit_code == 0
    assert 'class="outspoken' in printed.stdout
    assert "The ferry was late again." in printed.stdout
    assert "Antworten" in printed.stdout
    assert "https://talk.example/t/" in printed.stdout


def test_a_page_without_a_discussion_is_rendered_with_the_way_to_begin_one(harbour):
    printed = harbour("render", "https://harbour.example/new", "--site", "harbour", *BASE)

    assert "Nobody has said anything yet" in printed.stdout
    assert "https://talk.example/write?site=harbour&amp;url=https%3A%2F%2Fharbour.example%2Fnew" in printed.stdout


@pytest.mark.parametrize("page", ["https://evil.example/new", "not a page", "ftp://harbour.example/"])
def test_what_is_no_page_of_the_site_is_refused(harbour, page):
    assert refused(harbour("render", page, "--site", "harbour", *BASE))
