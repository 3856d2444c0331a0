import pytest
from lxml import etree

from outspoken.discussion.state import State
from outspoken.pages.feeds import site_feed, thread_feed
from tests.pages.making import BASE, NOON, a_comment, a_site, a_story, a_thread

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def parsed(feed):
    return etree.fromstring(feed, etree.XMLParser(resolve_entities=False))


def texts(feed, path):
    return [element if isinstance(element, str) else element.text for element in feed.xpath(path, namespaces=ATOM)]


def test_a_threads_feed_has_its_latest_comments():
    comments = [a_comment(2, name="Gannet", html="<p>A <em>b</em></p>"), a_comment(1)]
    feed = parsed(thread_feed(BASE, a_site(), a_thread(), comments))

    assert texts(feed, "a:title") == ["The lighthouse is to be switched off · The Paper Lantern"]
    assert texts(feed, "a:entry/a:link/@href") == [f"{BASE}/t/lighthouse/2", f"{BASE}/t/lighthouse/1"]
    assert texts(feed, "a:entry/a:author/a:name") == ["Gannet", "Puffin"]
    assert texts(feed, "a:entry/a:content[@type='html']") == ["<p>A <em>b</em></p>", "<p>Keep the light.</p>"]
    assert texts(feed, "a:link[@rel='self']/@href") == [f"{BASE}/t/lighthouse/feed.atom"]


def test_times_are_those_that_are_stored():
    edited = a_comment(3, edited=NOON.replace(hour=15))
    feed = parsed(thread_feed(BASE, a_site(), a_thread(), [edited, a_comment(2), a_comment(1, created=None)]))

    assert texts(feed, "a:entry/a:updated") == ["2026-03-14T15:05:00Z", "2026-03-14T12:05:00Z", "2026-03-14T12:05:00Z"]


def test_an_entry_keeps_its_id_for_ever():
    feed = parsed(thread_feed("http://talk.example:8000", a_site(), a_thread(), [a_comment(2)]))

    assert texts(feed, "a:entry/a:id") == ["tag:talk.example,2026:/t/lighthouse/2"]


def test_tombstones_are_in_no_feed():
    gone = a_comment(2, name="Vanished", html="<p>secret</p>", state=State.REMOVED)

    for feed in (
        thread_feed(BASE, a_site(), a_thread(), [gone]),
        site_feed(BASE, a_site(), [], [(a_thread(), gone)]),
    ):
        assert not parsed(feed).xpath("a:entry", namespaces=ATOM)
        assert b"secret" not in feed
        assert b"Vanished" not in feed


def test_a_sites_feed_has_stories_and_comments_by_time():
    later = a_comment(2, created=NOON.replace(hour=18))
    feed = parsed(site_feed(BASE, a_site(), [a_thread()], [(a_thread(), later)]))

    assert texts(feed, "a:entry/a:title") == [
        "Puffin on The lighthouse is to be switched off",
        "The lighthouse is to be switched off",
    ]
    assert texts(feed, "a:updated") == ["2026-03-14T18:05:00Z"]


def test_the_feed_of_an_empty_site_is_valid():
    feed = parsed(site_feed(BASE, a_site(language="de"), [], []))

    assert texts(feed, "a:updated") == ["1970-01-01T00:00:00Z"]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "]]><x/>", "&amp; & &#0;", "%s %(name)s", "\x00\x08\x0b\ufffe\uffff", '"><x a="'],
)
def test_hostile_words_stay_words(text):
    thread = a_thread(story=a_story(headline=text, attribution=text, excerpt=text))
    site = a_site(title=text)

    for feed in (
        thread_feed(BASE, site, thread, [a_comment(1, name=text)]),
        site_feed(BASE, site, [thread], [(thread, a_comment(1, name=text))]),
    ):
        allowed = {"feed", "entry", "id", "title", "updated", "link", "author", "name", "content"}
        assert {etree.QName(element).localname for element in parsed(feed).iter()} == allowed
