"""Pages that aren't kept: further windows, one comment, all on one page, maps."""

import pytest

from outspoken.discussion.state import Event
from tests.factories import a_site
from tests.web.talking import FERRY, shown, tree


@pytest.fixture
def chain(talk):
    """A conversation of thirty, each answering the one before."""
    talk.browser().say("Comment 1.")
    for number in range(1, 30):
        talk.browser().say(f"Comment {number + 1}.", parent=number)
    return talk


def test_a_comments_own_page_shows_what_it_answers_and_its_replies(chain):
    page = shown(chain.browser().get(f"/t/{FERRY}/25"))

    assert page[25] == "Comment 25."
    assert {5, 24, 26, 30} <= set(page)
    assert 4 not in page


def test_everything_can_be_reached_by_links_alone(chain):
    reader, met, waiting, seen = chain.browser(), set(), [f"/t/{FERRY}"], set()
    while waiting:
        path = waiting.pop()
        page = reader.get(path)
        assert page.status_code == 200, path
        met |= set(shown(page))
        for link in tree(page).css("a.more, .pager a, a.up"):
            target = (link.attributes["href"] or "").partition("#")[0]
            if target not in seen:
                seen.add(target)
                waiting.append(target)

    assert met == set(range(1, 31))


def test_the_print_page_holds_all_of_it(chain):
    chain.moderate(3, Event.REMOVE)

    page = shown(chain.browser().get(f"/t/{FERRY}/print"))

    assert page == {number: "" if number == 3 else f"Comment {number}." for number in range(1, 31)}


def test_a_tombstone_has_a_page_that_shows_its_place(talk):
    talk.browser().say("Something.")
    talk.browser().say("A reply.", parent=1)
    talk.moderate(1, Event.REMOVE)

    page = talk.browser().get(f"/t/{FERRY}/1")

    assert page.status_code == 200
    assert shown(page) == {1: "", 2: "A reply."}
    assert "Removed by the moderators" in page.text


def test_a_sort_or_cursor_that_is_none_is_refused_in_plain_words(local):
    for query in ("sort=worst", "after=x", "after=1.1&before=2.2", "sort="):
        page = local.browser().get(f"/t/{FERRY}?{query}")
        assert page.status_code == 422
        assert tree(page).css_first("h1").text() == "Something is wrong with it"


def test_two_windows_of_the_same_address_can_be_asked_for_with_anything_appended(local):
    local.browser().say("Something.")

    assert shown(local.browser().get(f"/t/{FERRY}?utm_source=mail")) == {1: "Something."}
    assert shown(local.browser().get(f"/t/{FERRY}?sort=newest&sort=oldest")) == {1: "Something."}


def test_search_engines_are_shown_what_they_are_invited_to(local):
    local.browser().say("Something.")
    assert f"/t/{FERRY}" in local.browser().get("/sitemap.xml").text
    assert "Sitemap:" in local.browser().get("/robots.txt").text

    local.add_thread("light0000000", "lantern")
    from outspoken.store.sites import add_site

    with local.database.writing() as connection:
        for name in ("harbour", "lantern"):
            add_site(connection, a_site(name, indexed=False))

    assert FERRY not in local.browser().get("/sitemap.xml").text
    assert "Disallow: /\n" in local.browser().get("/robots.txt").text


def test_the_front_page_is_of_the_site_that_is_set(local):
    local.add_thread("light0000000", "lantern", headline="The lantern went out")
    assert "The lantern went out" not in local.browser().get("/").text
    assert "The lantern went out" in local.browser().get("/s/lantern").text

    local.settings = local.settings.__class__(server=local.settings.server.__class__(site="lantern"))
    local.restart()

    assert "The lantern went out" in local.browser().get("/").text


def test_a_neighbours_odd_cookie_does_not_hide_our_own(local):
    greta = local.browser()
    greta.say("Something.")
    ours = greta.key_cookie

    for cookie in ('prefs={"a": "b; c"}; {}=1; =; x', "a=b"):
        page = local.browser().get(f"/t/{FERRY}/1", headers={"cookie": f"{cookie}; {ours.name}={ours.value}"})
        assert "This is your comment" in page.text

    page = local.browser().get(f"/t/{FERRY}/1", headers=[("cookie", "a=b"), ("cookie", f"{ours.name}={ours.value}")])
    assert "This is your comment" in page.text
