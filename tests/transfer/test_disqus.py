"""Reading Disqus exports, with trees that were made up."""

import gzip
import random
import re
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers.disqus import IMPORTER
from outspoken.transfer.records import Problem, Record, SourceComment, SourceStory, Unreadable
from tests.transfer.among import comments

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SAMPLES = SHARED / "import" / "disqus"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the shared sample data isn't here")

NAMESPACES = 'xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"'
THREAD = '<thread dsq:id="1"><id>a</id><link>https://example.org/a</link><title>T</title></thread>'

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an export with the given records and return where it is."""

    def written(records: str) -> Path:
        path = tmp_path / "export.xml"
        path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<disqus {NAMESPACES}>\n{records}</disqus>', "utf-8")
        return path

    return written


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only_comment(path: Path) -> SourceComment:
    (comment,) = comments(read(path))
    return comment


def post(fields: str, number: str = 'dsq:id="7"', author: str = "<author><name>Ann</name></author>") -> str:
    return f'{THREAD}<post {number}>{author}<thread dsq:id="1" />{fields}</post>'


def test_the_stories_of_a_real_blog_are_its_threads() -> None:
    stories = [record for record in read(SAMPLES / "blog-1145-scrambled.xml") if isinstance(record, SourceStory)]
    assert len(stories) == 222
    assert sum(story.closed for story in stories) > 0
    first = stories[0]
    assert (first.source, first.identifier, first.url) == ("4000033448", "/aliqua", "http://blog.example.com/aliqua/")
    assert first.published is not None
    assert first.published.isoformat() == "2010-09-02T21:05:47+00:00"


def test_lines_lead_to_the_record_in_the_file() -> None:
    path = SAMPLES / "blog-1145-scrambled.xml"
    lines = path.read_text("utf-8").split("\n")
    for comment in comments(read(path)):
        assert comment.line is not None
        assert f'<post dsq:id="{comment.source}">' in lines[comment.line - 1]


def test_a_fixture_with_every_oddity_is_read_without_what_is_private() -> None:
    records = read(SAMPLES / "isso-disqus.xml")
    assert [record for record in records if isinstance(record, Problem)] == [
        Problem("post 6", "its thread 1337 isn't in the file")
    ]
    assert "@" not in repr(records)
    assert "127.0.0.1" not in repr(records)


def test_a_file_that_breaks_off_is_refused() -> None:
    with pytest.raises(Unreadable, match="cut off"):
        read(SAMPLES / "comentario-disqus-bad-format.xml.gz")


def test_an_export_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    content = (SAMPLES / "blog-1145-scrambled.xml").read_bytes()
    dice = random.Random(3)
    path = tmp_path / "cut.xml"
    for cut in [0, 1, 60, *(dice.randrange(len(content) - 9) for _ in range(25))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(path)
        path.write_bytes(gzip.compress(content[:cut], 1))
        with pytest.raises(Unreadable):
            read(path)


@pytest.mark.parametrize("bomb", sorted((SHARED / "security" / "xml").glob("*.txt")), ids=lambda path: path.stem)
def test_bombs_and_files_that_fetch_files_are_refused(bomb: Path) -> None:
    with pytest.raises(Unreadable):
        read(bomb)
    assert not IMPORTER.recognises(bomb.read_bytes())


@pytest.mark.parametrize(
    "doctype",
    ["<!DOCTYPE disqus>", '<!DOCTYPE disqus SYSTEM "http://example.org/x.dtd">', '<!DOCTYPE disqus [<!ENTITY a "b">]>'],
)
def test_an_export_that_declares_a_doctype_is_refused(doctype: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text(f"{doctype}<disqus {NAMESPACES}>{THREAD}</disqus>")
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read(path)


def test_a_message_that_speaks_of_doctypes_is_no_doctype(write: Write) -> None:
    message = "<!DOCTYPE html> <!ENTITY x 'y'> &amp;lt;"
    assert only_comment(write(post(f"<message><![CDATA[{message}]]></message>"))).body == message


def test_another_root_is_not_recognised_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "rss.xml"
    path.write_text('<rss xmlns:dsq="http://www.disqus.com/"><channel/></rss>')
    assert not IMPORTER.recognises(path.read_bytes())
    with pytest.raises(Unreadable, match="outermost element is “rss”"):
        read(path)


@pytest.mark.parametrize(
    "head",
    [b"<disqus>", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <rss> -->\n<disqus\n xmlns='x'>",
     b"<d:disqus xmlns:d='x'/>",
     "\ufeff<?xml version='1.0'?><disqus>".encode("utf-16-le"), b"<!DOCTYPE disqus><disqus>"],
)  # fmt: skip
def test_a_disqus_export_is_recognised_by_its_root(head: bytes) -> None:
    assert IMPORTER.recognises(head)


@pytest.mark.parametrize("head", [b"", b"<", b"<disqusx>", b"text <disqus>", b"<!-- <disqus> -->", b"<!-- <disqus>"])
def test_what_only_mentions_disqus_is_not_recognised(head: bytes) -> None:
    assert not IMPORTER.recognises(head)


def test_deleted_and_spam_posts_leave_their_place_and_nothing_else(write: Write) -> None:
    author = "<author><name>Ann Secret</name><username>annsecret</username></author>"
    for flags, state in [
        ("<isDeleted>true</isDeleted>", State.DELETED),
        ("<isSpam>true</isSpam>", State.SPAM),
        ("<isDeleted>true</isDeleted><isSpam>true</isSpam>", State.DELETED),
        ("<isDeleted>1</isDeleted>", State.DELETED),
    ]:
        comment = only_comment(write(post(f"{flags}<message>secret words</message>", author=author)))
        assert (comment.state, comment.body, comment.author, comment.author_source) == (state, "", "", None)
        assert "secret" not in repr(comment).lower()


@pytest.mark.parametrize("is_post_first", [False, True])
def test_what_stands_in_a_deleted_thread_waits(is_post_first: bool, write: Write) -> None:
    deleted = THREAD.replace("</thread>", "<isDeleted>true</isDeleted></thread>").replace('"1"', '"2"')
    told = '<message>Hi</message><author><name>Ann</name></author><thread dsq:id="2"/></post>'
    posts = f'<post dsq:id="8">{told}<post dsq:id="9"><isDeleted>true</isDeleted>{told}'
    records = read(write(THREAD + (posts + deleted if is_post_first else deleted + posts)))
    assert [(c.source, c.state, c.author) for c in comments(records)] == [
        ("8", State.HELD, "Ann"),
        ("9", State.DELETED, ""),
    ]
    assert {r.source: r.closed for r in records if isinstance(r, SourceStory)} == {"1": False, "2": True}


def test_missing_flags_mean_no(write: Write) -> None:
    assert only_comment(write(post("<message>x</message>"))).state is State.PUBLISHED


def test_addresses_of_people_never_enter_a_record(write: Write) -> None:
    author = (
        "<author><email>ann@example.org</email><name>ann@example.org</name>"
        "<username>ann@example.org</username></author><ipAddress>203.0.113.9</ipAddress>"
    )
    comment = only_comment(write(post("<message>x</message>", author=author)))
    assert (comment.author, comment.author_source, comment.lost) == ("", None, ("author",))
    assert "@" not in repr(comment)
    assert "203.0.113.9" not in repr(comment)


def test_a_handle_with_an_at_sign_is_a_name(write: Write) -> None:
    assert only_comment(write(post("", author="<author><name>@ann</name></author>"))).author == "@ann"


def test_a_post_without_author_has_lost_it(write: Write) -> None:
    assert only_comment(write(post("<message>x</message>", author=""))).lost == ("author",)


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("<![CDATA[<p>a &amp; b</p>]]>", "<p>a &amp; b</p>"),
        ("&lt;p&gt;a &amp;amp; b&lt;/p&gt;", "<p>a &amp; b</p>"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("before <p>a <b>c</b></p> after", "before <p>a <b>c</b></p> after"),
        ("", ""),
    ],
)
def test_a_message_is_kept_untouched_however_it_is_wrapped(message: str, body: str, write: Write) -> None:
    assert only_comment(write(post(f"<message>{message}</message>"))).body == body


def test_links_through_the_vendors_redirect_lead_straight_again(write: Write) -> None:
    mark = "bIaoKBXGTLn1Ss-FCCmFLzsEx2A"
    for wrapped, plain in [
        (f"https://disq.us/url?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1%26c%3D2%3A{mark}&amp;cuid=1",
     "https://example.org/a?b=1&amp;c=2"),
        (f"http://disq.us/url?impression=x&amp;url=http%3A%2F%2Fexample.org%2F%3A{mark}", "http://example.org/"),
        ("//disq.us/url?url=http%3A%2F%2Fexample.org%2Fa", "http://example.org/a"),
        ("https://disq.us/url?url=javascript%3Aalert(1)", "https://disq.us/url?url=javascript%3Aalert(1)"),
        ("https://disq.us/url?cuid=1", "https://disq.us/url?cuid=1"),
        ("https://disq.us/p/abc", "https://disq.us/p/abc"),
        ("https://evil.example/disq.us/url?url=http%3A%2F%2Fa.example",
     "https://evil.example/disq.us/url?url=http%3A%2F%2Fa.example"),
    ]:  # fmt: skip
        body = only_comment(write(post(f'<message><![CDATA[<a href="{wrapped}">x</a>]]></message>'))).body
        assert body == f'<a href="{plain}">x</a>'


def test_a_title_is_decoded_once_more_than_xml_asks_for(write: Write) -> None:
    (story,) = read(write('<thread dsq:id="1"><title>\n Fish &amp;amp; &amp;#8220;chips&amp;#8221;  </title></thread>'))
    assert isinstance(story, SourceStory)
    assert story.headline == "Fish & “chips”"
    assert (story.url, story.identifier, story.published) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2012-12-12T12:12:12Z", "2012-12-12T12:12:12+00:00"),
        ("2012-12-12T12:12:12", "2012-12-12T12:12:12+00:00"),
        ("2012-12-12T12:12:12+02:00", "2012-12-12T10:12:12+00:00"),
        (" 2012-12-12 12:12:12 ", "2012-12-12T12:12:12+00:00"),
    ],
)
def test_dates_are_utc_with_or_without_saying_so(written: str, read_as: str, write: Write) -> None:
    created = only_comment(write(post(f"<createdAt>{written}</createdAt>"))).created
    assert created is not None
    assert created.isoformat() == read_as


@pytest.mark.parametrize("written", ["2012-02-30T12:00:00Z", "yesterday", "9999-12-31T23:59:59Z"])
def test_a_day_that_never_was_is_reported_and_not_invented(written: str, write: Write) -> None:
    records = read(write(post(f"<createdAt>{written}</createdAt>")))
    assert comments(records)[0].created is None
    assert [r.where for r in records if isinstance(r, Problem)] == ["post 7"]


def test_a_post_says_which_comment_of_wordpress_it_is(write: Write) -> None:
    known = only_comment(write(post("<id>wp_id=321</id>")))
    assert known.same_as == (("wordpress", "321"), ("disqus-json", "7"))
    for other in ("", "wp_id=", "wp_id=x", "5"):
        assert only_comment(write(post(f"<id>{other}</id>"))).same_as == (("disqus-json", "7"),)
    assert only_comment(write(post("", number='dsq:id="comment_1"'))).same_as == ()


def test_what_a_real_blog_had_at_wordpress_before_is_known() -> None:
    path = SAMPLES / "blog-1145-scrambled.xml"
    known = {a[0]: c.source for c in comments(read(path)) for a in [c.same_as] if a[0][0] == "wordpress"}
    assert len(known) == path.read_text("utf-8").count("<id>wp_id=")


def test_a_post_with_faults_spoils_no_other(write: Write) -> None:
    broken = '<post dsq:id="8"><message>a & b \x08 < c</message><thread dsq:id="1" /></post>'
    unclosed = '<post dsq:id="9"><message>d</message><thread dsq:id="1" />'
    records = read(write(post("") + broken + unclosed + broken.replace('"8"', '"10"')))
    assert {c.source: c.body for c in comments(records)} == {"7": "", "8": "a & b  < c", "9": "d", "10": "a & b  < c"}
    assert {r.where for r in records if isinstance(r, Problem)} == {"line 3", "the whole file"}


def test_ids_as_text_and_posts_without_id_are_accepted(write: Write) -> None:
    bare = "<post><thread>1</thread><message>{}</message><author><name>A</name></author></post>"
    records = THREAD + bare.format("one") + bare.format("two") + bare.format("one")
    first = comments(read(write(records)))
    assert [c.story for c in first] == ["1", "1", "1"]
    assert len({c.source for c in first}) == 3
    assert first == comments(read(write(records))), "the same at every reading"
    later = comments(read(write(THREAD + bare.format("new") + bare.format("one") + bare.format("two"))))
    assert {c.source for c in first[:2]} < {c.source for c in later}, "the same in a later export"


def test_the_id_of_a_deleted_post_without_id_tells_nothing_about_its_text(write: Write) -> None:
    gone = "<post><thread>1</thread><isDeleted>true</isDeleted><message>{}</message></post>"
    one, other = (only_comment(write(THREAD + gone.format(text))) for text in ("this", "that"))
    assert one.source == other.source


def test_a_thread_is_known_by_its_own_identifier_if_it_has_no_number(write: Write) -> None:
    comment = only_comment(write("<thread><id>slug</id></thread><post dsq:id='1'><thread>slug</thread></post>"))
    assert comment.story == "slug"


def test_a_thread_without_any_id_is_reported(write: Write) -> None:
    records = read(write("<thread><id/></thread>"))
    assert [type(record) for record in records] == [Problem]


def test_files_without_namespaces_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "script.xml"
    path.write_text('<disqus><thread id="1"/><post id="c"><thread id="1"/><parent id="b"/></post></disqus>')
    assert only_comment(path).parent == "b"


def test_progress_ends_at_the_size_of_the_file() -> None:
    path = SAMPLES / "blog-1145-scrambled.xml"
    seen: list[int] = []
    list(IMPORTER.read(path, seen.append))
    assert seen[-1] == path.stat().st_size


def test_white_space_between_very_many_records_does_no_harm(write: Write) -> None:
    gap = " " * 2_000_000
    assert len(read(write(gap.join([THREAD] * 7)))) == 7


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=30)


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    """Made-up posts under two threads, and their XML with the records in any order."""
    posts: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 12))):
        thread = draw(st.sampled_from(["10", "20"]))
        above = [p["id"] for p in posts if p["thread"] == thread]
        posts.append(
            {
                "id": str(number + 100),
                "thread": thread,
                "parent": draw(st.sampled_from([None, *above])),
                "author": draw(WORDS).replace("@", "").strip(),
                "message": draw(WORDS),
                "dead": draw(st.sampled_from(["", "", "isDeleted", "isSpam"])),
            }
        )
    xml = [f'<thread dsq:id="{thread}"><id /></thread>' for thread in ("10", "20")]
    for p in posts:
        fields = [
            f"<message>{escape(p['message'])}</message>",
            f"<author><name>{escape(p['author'])}</name></author>",
            f'<thread dsq:id="{p["thread"]}" />',
            f"<{p['dead']}>true</{p['dead']}>" if p["dead"] else "",
            f'<parent dsq:id="{p["parent"]}" />' if p["parent"] else "",
        ]
        xml.append(f'<post dsq:id="{p["id"]}">{"".join(draw(st.permutations(fields)))}</post>')
    return posts, "\n".join(draw(st.permutations(xml)))


@given(exports())
def test_any_tree_in_any_order_is_read_back(tmp_path: Path, export: tuple[list[dict[str, Any]], str]) -> None:
    posts, xml = export
    path = tmp_path / "made.xml"
    path.write_text(f"<disqus {NAMESPACES}>{xml}</disqus>", "utf-8", newline="")
    records = read(path)
    assert not [record for record in records if isinstance(record, Problem)]
    assert {c.source: (c.story, c.parent, c.author, c.body) for c in comments(records)} == {
        p["id"]: (
            p["thread"],
            p["parent"],
            "" if p["dead"] else " ".join(p["author"].split()),
            "" if p["dead"] else p["message"],
        )
        for p in posts
    }


def test_no_reading_of_a_sample_keeps_a_scrap_of_a_deleted_text() -> None:
    path = SAMPLES / "blog-1145-scrambled.xml"
    kept = {c.body for c in comments(read(path))}
    for found in re.finditer(r"<post .*?</post>", path.read_text("utf-8"), re.DOTALL):
        if "<isDeleted>true" in found[0] or "<isSpam>true" in found[0]:
            message = re.search(r"<!\[CDATA\[(.*?)\]\]>", found[0], re.DOTALL)
            assert message is None or len(message[1]) < 40 or message[1] not in kept
