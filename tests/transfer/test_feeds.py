"""Reading feeds of comments, RSS and Atom."""

import html
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.records import Record, SourceComment, SourceStory, Unreadable
from tests.transfer.among import comments, problems, stories
from tests.transfer.made_up_blogs import Made, address, discussions
from tests.transfer.writing_feeds import atom, rss

IMPORTER = importer_named("feed")
SHOWN = [State.PUBLISHED]
WHEN = datetime(2012, 3, 1, tzinfo=UTC)
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return where it is."""

    def written(content: str) -> Path:
        path = tmp_path / "feed.xml"
        path.write_text(content, "utf-8")
        return path

    return written


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def item(fields: str) -> str:
    return f'<rss xmlns:dc="d"><channel><title>Comments on: Fish</title><item>{fields}</item></channel></rss>'


def only_comment(path: Path) -> SourceComment:
    (found,) = comments(read(path))
    return found


@settings(max_examples=40)
@given(made=discussions(SHOWN), encoding=st.sampled_from(["utf-8", "iso-8859-2", "windows-1251", "utf-16"]))
def test_rss_in_any_encoding_is_read_as_an_independent_reader_reads_it(
    tmp_path: Path, made: list[Made], encoding: str
) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(rss(made, encoding))
    expected = {}
    for element in Tree.parse(path).getroot().iter("item"):
        guid = element.findtext("guid") or ""
        expected[guid] = (
            guid.partition("#")[0],
            (element.findtext("{http://purl.org/dc/elements/1.1/}creator") or "").strip(),
            (element.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or "").strip(),
            (("wordpress", guid.rpartition("-")[2]),),
        )
    records = read(path)
    pages = {story.source: story.url for story in stories(records)}
    found = {c.source: (pages[c.story], c.author, c.body, c.same_as) for c in comments(records)}
    assert found == expected
    assert len(expected) == len(made)
    assert {c.created for c in comments(records)} == {c.created for c in made}
    assert {story.headline for story in stories(records)} <= {"Fish"}
    assert not problems(records)
    assert recognise(path) is IMPORTER


@settings(max_examples=40)
@given(made=discussions(SHOWN), has_stories=st.booleans())
def test_atom_tells_what_replies_to_what(tmp_path: Path, made: list[Made], has_stories: bool) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(atom(made, has_stories=has_stories))
    records = read(path)
    pages = {story.source: story.url for story in stories(records)}
    assert {c.source: (pages[c.story], c.parent, c.author, c.body) for c in comments(records)} == {
        f"urn:comment:{c.number}": (
            address(c.page),
            f"urn:comment:{c.parent}" if c.parent else None,
            c.author,
            f"<p>{html.escape(c.text)}</p>",
        )
        for c in made
    }
    assert not problems(records)


def test_a_very_long_line_of_replies_and_a_circle_are_read(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    made = [Made(n, 1, n - 1 or None, "Ann", "x", State.PUBLISHED, WHEN) for n in range(1, 3000)]
    random.Random(1).shuffle(made)
    path.write_bytes(atom(made))
    assert {c.story for c in comments(read(path))} == {"urn:page:1"}
    path.write_bytes(atom([replace(made[0], number=1, parent=2), replace(made[0], number=2, parent=1)]))
    assert {c.story for c in comments(read(path))} == {address(1)}


def test_a_reply_to_what_only_an_earlier_feed_had_names_it(write: Write) -> None:
    story = "<entry><id>s</id><title>Fish</title><link href='https://x.example/p'/></entry>"
    reply = "<entry><id>b</id><in-reply-to ref='a' href='https://x.example/p{}'/></entry>"
    root = "<entry><id>c</id><in-reply-to ref='s' href='https://x.example/p'/></entry>"

    def parents(*entries: str) -> list[str | None]:
        return [c.parent for c in comments(read(write(f"<feed>{''.join(entries)}</feed>")))]

    assert parents(story, reply.format(""), root) == ["a", None]
    assert parents(reply.format("#comment-7"), root) == ["a", None]
    # Without the story nothing tells whether it is the story that is replied to.
    assert parents(reply.format(""), root) == [None, None]


def test_roots_that_reply_to_nothing_but_lead_to_a_place_are_comments(write: Write) -> None:
    path = write(
        "<feed><entry><id>a</id><link href='https://x.example/p#c1'/></entry>"
        "<entry><id>b</id><in-reply-to ref='a'/><link href='https://x.example/p#c2'/></entry></feed>"
    )
    assert [(c.source, c.parent, c.story) for c in comments(read(path))] == [
        ("a", None, "https://x.example/p"),
        ("b", "a", "https://x.example/p"),
    ]


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ("<dc:creator><![CDATA[Ann]]></dc:creator>", "Ann"), ("<author>ann@example.org (Ann)</author>", "Ann"),
        ("<author>Ann</author>", "Ann"), ("<title>By: Ann</title>", "Ann"), ("<author>ann@example.org</author>", ""),
        ("<author><name>Ann</name><email>ann@example.org</email></author>", "Ann"), ("<dc:creator>–</dc:creator>", ""),
    ],
)  # fmt: skip
def test_authors_are_found_and_their_addresses_left_out(fields: str, author: str, write: Write) -> None:
    found = only_comment(write(item(f"<link>https://x.example/p#c1</link>{fields}")))
    assert (found.author, found.lost) == (author, () if author else ("author",))
    assert "@" not in repr(found)


@pytest.mark.parametrize(
    ("content", "body", "markup"),
    [
        ("<description>one\n\ntwo &amp;amp; three</description>", "<p>one</p>\n<p>two &amp; three</p>", Markup.HTML),
        ("<description>short</description><encoded>&lt;p&gt;a&lt;/p&gt;</encoded>", "<p>a</p>", Markup.HTML),
        ("<content type='text'>a &lt; b</content>", "a < b", Markup.TEXT),
        ("<content type='xhtml'><div>a<br/></div></content>", "<div>a<br/></div>", Markup.HTML),
        ("<summary>a</summary>", "<p>a</p>", Markup.HTML), ("", "", Markup.HTML),
    ],
)  # fmt: skip
def test_texts_are_read_as_they_are_declared(content: str, body: str, markup: Markup, write: Write) -> None:
    found = only_comment(write(item(f"<guid>1</guid>{content}")))
    assert (found.body, found.markup) == (body, markup)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("<pubDate>Tue, 27 Jan 2015 14:56:57 +0200</pubDate>", "2015-01-27T12:56:57+00:00"),
        ("<pubDate>27 Jan 2015 14:56:57 GMT</pubDate>", "2015-01-27T14:56:57+00:00"),
        ("<dc:date>2015-01-27T14:56:57+02:00</dc:date>", "2015-01-27T12:56:57+00:00"),
        ("<pubDate>Tue, 27 Jan 9999 14:56:57 +0000</pubDate>", None), ("<pubDate>soon</pubDate>", None),
    ],
)  # fmt: skip
def test_dates_are_read_in_both_forms(written: str, moment: str | None, write: Write) -> None:
    records = read(write(item(f"<guid>1</guid>{written}")))
    created = comments(records)[0].created
    assert (created and created.isoformat()) == moment
    assert len(problems(records)) == (moment is None)


def test_emoji_that_wordpress_made_pictures_of_are_signs_again(write: Write) -> None:
    smile = '<img src="https://s.w.org/images/core/emoji/72x72/1f642.png" alt="🙂" class="wp-smiley" />'
    found = only_comment(write(item(f"<guid>g</guid><description>{html.escape(f'<p>{smile}</p>')}</description>")))
    assert found.body == "<p>🙂</p>"


def test_items_without_any_id_have_the_same_at_every_reading(write: Write) -> None:
    path = write(item("<title>By: A</title><description>x</description>"))
    whole = path.read_text()
    path.write_text(whole.replace("<item>", "<item><description>y</description></item><item>"))
    ids = [c.source for c in comments(read(path))]
    assert len(set(ids)) == 2
    path.write_text(whole)
    assert only_comment(path).source == ids[1]


def test_what_was_edited_says_when(write: Write) -> None:
    dates = "<published>2015-01-27T14:00:00Z</published><updated>2015-01-28T14:00:00Z</updated>"
    found = only_comment(write(item(f"<guid>1</guid>{dates}")))
    assert found.edited is not None
    assert found.edited.isoformat() == "2015-01-28T14:00:00+00:00"


def test_a_link_that_is_no_address_is_kept_as_it_is(write: Write) -> None:
    for link in ("https://h℀.example/#c1", "http://[::1/#c1", "#c1"):
        (story, found) = read(write(item(f"<link>{link}</link>")))
        assert isinstance(story, SourceStory)
        assert isinstance(found, SourceComment)
        assert (found.source, story.url or "") == (link, link.partition("#")[0])


def test_rss_1_0_is_read_too(write: Write) -> None:
    path = write(
        '<rdf:RDF xmlns:rdf="r"><channel/><item rdf:about="https://x.example/p#c1"><link>https://x.example/p#c1</link>'
        "<title>By: Ann</title></item></rdf:RDF>"
    )
    assert recognise(path) is IMPORTER
    assert (only_comment(path).source, only_comment(path).author) == ("https://x.example/p#c1", "Ann")


@pytest.mark.parametrize(
    "head",
    [
        b"<rss><channel><title>News</title><item><link>https://x.example/p</link></item></channel></rss>",
        b"<feed><entry><id>1</id><link href='https://x.example/p'/></entry></feed>",
        b"<html><title>Comments on</title>", b"", b"Comments on: x",
    ],
)  # fmt: skip
def test_a_feed_of_articles_isnt_one_of_comments(head: bytes) -> None:
    assert not IMPORTER.recognises(head)


def test_a_feed_of_articles_is_refused_with_what_to_give_instead(write: Write) -> None:
    with pytest.raises(Unreadable, match=r"is a feed without a comment in it; give .* the feed of comments\.$"):
        recognise(write("<rss><channel><title>News</title></channel></rss>"))


def test_other_files_bombs_and_what_breaks_off_are_refused(write: Write, shared_data: Path) -> None:
    for content in ("", "x", "<html/>", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>"):
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(write(content))
    for bomb in (shared_data / "security" / "xml").glob("*.txt"):
        with pytest.raises(Unreadable):
            read(bomb)
    whole = item("<guid>1</guid><description>x</description>")
    for cut in range(1, len(whole) - 1, 9):
        with pytest.raises(Unreadable):
            read(write(whole[:cut]))
