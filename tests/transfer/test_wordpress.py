"""Reading WordPress exports, with discussions that were made up."""

import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.records import Record, Skipped, SourceComment, Unreadable
from tests.transfer.among import comments, problems, stories
from tests.transfer.made_up_blogs import Made, discussions
from tests.transfer.writing_wxr import FAULTS, VERSIONS, wxr

IMPORTER = importer_named("wordpress")
Write = Callable[..., Path]


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "import" / "wordpress"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an export with the given comments below one post, and return where it is."""

    def written(comments: str, item: str = "", channel: str = "") -> Path:
        path = tmp_path / "export.xml"
        path.write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
            f"<wp:base_blog_url>https://harbour.example</wp:base_blog_url>{channel}"
            f"<item><title>Ferry</title><link>https://harbour.example/ferry/</link><wp:post_id>7</wp:post_id>{item}"
            f"{comments}</item></channel></rss>",
            "utf-8",
        )
        return path

    return written


def comment(fields: str = "", number: str = "1", author: str = "Ann", content: str = "Hello.") -> str:
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>{author}</wp:comment_author>"
        f"<wp:comment_content><![CDATA[{content}]]></wp:comment_content>{fields}</wp:comment>"
    )


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only_comment(path: Path) -> SourceComment:
    (found,) = comments(read(path))
    return found


def words(html: str) -> list[str]:
    return unescape(re.sub(r"(<[^>]*>)", r" \1 ", re.sub(r"</?(?:p|br)\b[^>]*>", " ", html))).split()


@pytest.mark.parametrize(
    "name",
    [
        "blog-136-scrambled.wxr.xml",
        "themeunittestdata.wordpress.xml",
        "wpimp-valid-wxr-1.0.xml",
        "wpimp-wxr-with-sub-data.xml",
        "wpimp-test-serialized-comment-meta.xml",
        "wpimp-wxr-comprehensive.xml",
        "wpimp-wxr-utf-8-challenges.xml",
    ],
)
def test_nothing_is_wrong_with_real_exports(name: str, samples: Path) -> None:
    assert recognise(samples / name) is IMPORTER
    assert not problems(read(samples / name))


def test_states_and_pings_of_real_exports_are_counted(samples: Path) -> None:
    records = read(samples / "themeunittestdata.wordpress.xml")
    assert Counter(c.state for c in comments(records)) == {State.PUBLISHED: 25, State.HELD: 4}
    assert Counter(r.reason for r in records if isinstance(r, Skipped)) == {"pingback": 2, "trackback": 2}
    records = read(samples / "blog-136-scrambled.wxr.xml")
    assert Counter(r.reason for r in records if isinstance(r, Skipped)) == {"pingback": 11}
    replies = [c for c in comments(records) if c.parent]
    seen: set[str] = set()
    early = 0
    for c in comments(records):
        early += c.parent is not None and c.parent not in seen
        seen.add(c.source)
    assert (len(replies), early) == (54, 21)
    assert not re.search(r"@example|192\.0\.2", repr(records))


def test_lines_lead_to_the_record_in_the_file(samples: Path) -> None:
    path = samples / "blog-136-scrambled.wxr.xml"
    lines = path.read_text("utf-8").split("\n")
    for c in comments(read(path)):
        assert c.line is not None
        assert "<wp:comment>" in lines[c.line - 1]
        assert f"<wp:comment_id>{c.source}<" in lines[c.line]


def test_the_parser_cases_of_the_official_importer_are_read_whole_or_refused(samples: Path) -> None:
    assert [s.headline for s in stories(read(samples / "wpimp-crazy-cdata.xml"))] == ["Hello world!"]
    edge = stories(read(samples / "wpimp-namespace-edge-cases.xml"))
    assert [s.headline for s in edge][:2] == ["Mixed Namespaces", "No Prefix"]
    assert len(edge) == 6
    with pytest.raises(Unreadable, match="cut off"):
        read(samples / "wpimp-malformed-simple.xml")


def test_zips_are_read_those_with_several_files_too(samples: Path, tmp_path: Path) -> None:
    assert only_comment(samples / "comentario-wordpress-ok-single.zip").author == "Luke Skywalker"
    several = samples / "comentario-wordpress-bad-two-files.zip"
    assert recognise(several) is IMPORTER
    assert only_comment(several).body == "<p>Use the force, %username%!</p>"
    assert [r.where for r in read(several) if isinstance(r, Skipped)] == ["wordpress-ok-empty.xml"]


def test_an_export_without_anything_in_it_is_refused_with_what_to_give(samples: Path) -> None:
    empty = samples / "comentario-wordpress-ok-empty.zip"
    with pytest.raises(Unreadable, match="without a comment in it; give the export of all content"):
        recognise(empty)
    with pytest.raises(Unreadable, match="no WordPress export"):
        read(empty)


def packed(path: Path, *files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, content in enumerate(files):
            archive.writestr(f"part{number}.xml", content)
    return path


def test_the_parts_of_one_blog_are_one_export_and_two_blogs_are_refused(tmp_path: Path, write: Write) -> None:
    one = write(comment(number="1")).read_bytes()
    other = write(comment(number="2")).read_bytes()
    records = read(packed(tmp_path / "split.zip", one, other))
    assert [c.source for c in comments(records)] == ["1", "2"]
    assert len({s.source for s in stories(records)}) == 2
    same = other.replace(b"https://harbour.example<", b"http://www.harbour.example/<")
    assert len(comments(read(packed(tmp_path / "moved.zip", one, same)))) == 2
    with pytest.raises(Unreadable, match=r"two blogs, harbour\.example and other\.example"):
        read(packed(tmp_path / "two.zip", one, other.replace(b"//harbour.example<", b"//other.example<")))


@pytest.mark.parametrize(
    ("approved", "state"),
    [
        ("1", State.PUBLISHED), ("0", State.HELD), ("spam", State.SPAM), ("trash", State.REMOVED),
        ("post-trashed", State.REMOVED), ("", State.PUBLISHED), ("approved", State.PUBLISHED), ("hold", State.HELD),
    ],
)  # fmt: skip
def test_states_are_told_and_what_is_gone_leaves_neither_text_nor_author(
    approved: str, state: State, write: Write
) -> None:
    flag = f"<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_user_id>5</wp:comment_user_id>"
    found = only_comment(write(comment(flag, author="Ann Secret", content="secret words")))
    assert found.state is state
    if state in (State.SPAM, State.REMOVED):
        assert "secret" not in repr(found).lower()
        assert (found.author, found.author_source, found.body, found.lost) == ("", None, "", ())
    else:
        assert (found.author, found.author_source, found.body) == ("Ann Secret", "5", "<p>secret words</p>")


def test_a_state_that_isnt_known_waits_for_a_moderator(write: Write) -> None:
    records = read(write(comment("<wp:comment_approved>odd</wp:comment_approved>")))
    assert comments(records)[0].state is State.HELD
    assert [p.where for p in problems(records)] == ["comment 1"]


@pytest.mark.parametrize(
    "page",
    [
        *(f"<wp:status>{status}</wp:status>" for status in ("private", "draft", "trash", "pending", "future")),
        "<wp:status>publish</wp:status><wp:post_password><![CDATA[hush]]></wp:post_password>",
    ],
)
def test_what_was_said_where_not_everybody_could_read_it_isnt_published(page: str, write: Write) -> None:
    trashed = "<wp:comment_approved>trash</wp:comment_approved>"
    records = read(write(comment() + comment(trashed, number="2"), item=page))
    assert [c.state for c in comments(records)] == [State.HELD, State.REMOVED]
    (story,) = stories(records)
    assert (story.headline, story.closed) == ("", True)


def test_pages_of_every_other_kind_are_open_to_all(write: Write) -> None:
    for status in ("publish", "inherit", "closed", ""):
        records = read(write(comment(), item=f"<wp:status>{status}</wp:status>"))
        assert comments(records)[0].state is State.PUBLISHED
        assert stories(records)[0].headline == "Ferry"


@pytest.mark.parametrize("status", ["private", "publish"])
@pytest.mark.parametrize("is_before", [True, False])
def test_what_is_said_on_an_attachment_is_as_public_as_its_post(status: str, is_before: bool, write: Write) -> None:
    post = f"<item><wp:post_id>4</wp:post_id><wp:status>{status}</wp:status></item>"
    held = "<wp:comment_approved>0</wp:comment_approved>"
    path = write(
        comment() + comment(held, number="2"),
        item="<wp:status>inherit</wp:status><wp:post_parent>4</wp:post_parent>",
        channel=post if is_before else "",
    )
    if not is_before:
        path.write_text(path.read_text("utf-8").replace("</channel>", f"{post}</channel>"), "utf-8")
    records = read(path)
    is_public = status == "publish"
    assert [c.state for c in comments(records)] == [State.PUBLISHED if is_public else State.HELD, State.HELD]
    attachment = next(story for story in stories(records) if story.source == comments(records)[0].story)
    assert (attachment.headline, attachment.closed) == (("Ferry", False) if is_public else ("", True))


def test_pings_are_skipped_and_what_plugins_keep_is_named(write: Write) -> None:
    kinds = ["pingback", "trackback", "order_note", "comment", ""]
    written = [comment(f"<wp:comment_type>{kind}</wp:comment_type>", str(n)) for n, kind in enumerate(kinds, 1)]
    records = read(write("".join(written)))
    assert [c.source for c in comments(records)] == ["4", "5"]
    assert [r.reason for r in records if isinstance(r, Skipped)] == [
        "pingback",
        "trackback",
        "“order_note” of a plugin",
    ]


@pytest.mark.parametrize("gmt", ["0000-00-00 00:00:00", "", None])
def test_where_only_the_blogs_own_time_is_known_that_is_marked(gmt: str | None, write: Write) -> None:
    fields = "<wp:comment_date>2011-03-23 19:51:16</wp:comment_date>"
    fields += "" if gmt is None else f"<wp:comment_date_gmt>{gmt}</wp:comment_date_gmt>"
    found = only_comment(write(comment(fields)))
    assert found.created is not None
    assert (found.created.isoformat(), found.lost) == ("2011-03-23T19:51:16+00:00", ("zone",))


def test_greenwich_time_is_taken_where_it_is_there(write: Write) -> None:
    fields = "<wp:comment_date>2011-03-24 03:51:16</wp:comment_date>"
    found = only_comment(write(comment(f"{fields}<wp:comment_date_gmt>2011-03-23 19:51:16</wp:comment_date_gmt>")))
    assert found.created is not None
    assert (found.created.isoformat(), found.lost) == ("2011-03-23T19:51:16+00:00", ())


@pytest.mark.parametrize("date", ["2011-02-30 10:00:00", "soon", "9999-12-31 23:59:59", "0000-00-00 00:00:00"])
def test_a_day_that_never_was_is_no_date(date: str, write: Write) -> None:
    fields = f"<wp:comment_date>{date}</wp:comment_date><wp:comment_date_gmt>{date}</wp:comment_date_gmt>"
    records = read(write(comment(fields)))
    assert (comments(records)[0].created, comments(records)[0].lost) == (None, ())
    assert len(problems(records)) == (not date.startswith("0000"))


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("one\n\ntwo\nthree", "<p>one</p>\n<p>two<br>\nthree</p>"),
        ("one\r\n\r\n\r\ntwo\r\nthree\r\n", "<p>one</p>\n<p>two<br>\nthree</p>"),
        ("<blockquote>a\n\nb</blockquote>\nyes", "<blockquote><p>a</p>\n<p>b</p></blockquote><p>yes</p>"),
        ("<p>a\nb</p>\n<ul>\n<li>c\n\nd</li>\n</ul>", "<p>a<br>\nb</p><ul><li>c<br><br>\nd</li></ul>"),
        ("see\n<pre>a\n\n  b</pre>\nend", "<p>see</p><pre>a\n\n  b</pre><p>end</p>"),
        ("a<br />\nb", "<p>a<br />b</p>"),
        ("see http://a.example/.", '<p>see <a href="http://a.example/">http://a.example/</a>.</p>'),
        ("[caption]x[/caption] &amp; <b>y</b>", "<p>[caption]x[/caption] &amp; <b>y</b></p>"),
        ("", ""),
    ],
)
def test_blank_lines_are_paragraphs_and_newlines_are_breaks(content: str, body: str, write: Write) -> None:
    assert only_comment(write(comment(content=content))).body == body


def test_names_have_their_entities_decoded_and_are_no_e_mail_addresses(write: Write) -> None:
    assert only_comment(write(comment(author="O&amp;#039;Brien"))).author == "O'Brien"
    found = only_comment(write(comment(author="ann@example.org")))
    assert (found.author, found.lost) == ("", ("author",))
    assert only_comment(write(comment(author=""))).lost == (), "who gave no name has lost none"


def test_nothing_private_enters(write: Write) -> None:
    private = (
        "<wp:comment_author_email>ann@example.org</wp:comment_author_email>"
        "<wp:comment_author_IP>203.0.113.9</wp:comment_author_IP><wp:comment_agent>Lynx</wp:comment_agent>"
        "<wp:commentmeta><wp:meta_key>akismet_history</wp:meta_key>"
        '<wp:meta_value><![CDATA[a:1:{s:2:"ip";s:11:"203.0.113.9";}]]></wp:meta_value></wp:commentmeta>'
    )
    records = repr(read(write(comment(private))))
    assert not any(secret in records for secret in ("example.org", "203.0.113.9", "Lynx", "akismet"))


def test_a_comment_that_is_at_disqus_too_says_so(write: Write) -> None:
    meta = "<wp:commentmeta><wp:meta_key>{}</wp:meta_key><wp:meta_value><![CDATA[{}]]></wp:meta_value></wp:commentmeta>"
    other = meta.format("rating", "5")
    assert only_comment(write(comment(other + meta.format("dsq_post_id", "4000")))).same_as == (("disqus", "4000"),)
    assert only_comment(write(comment(meta.format("dsq_post_id", 'a:1:{i:0;s:1:"4";}')))).same_as == ()
    assert only_comment(write(comment(meta.format("rating", "dsq_post_id")))).same_as == ()


def test_a_page_is_known_by_its_link_and_by_its_number(write: Write) -> None:
    (story,) = stories(read(write("", item="<wp:comment_status>closed</wp:comment_status>")))
    assert (story.url, story.also) == ("https://harbour.example/ferry/", ("https://harbour.example/?p=7",))
    assert story.closed
    path = write("", item="<wp:post_name>ferry</wp:post_name>")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"<link>https://harbour.example/ferry/</link>", b"<link/>"))
    (story,) = stories(read(path))
    assert (story.url, story.also, story.identifier) == ("https://harbour.example/?p=7", (), None)
    path.write_bytes(content.replace(b"https://harbour.example", b""))
    (story,) = stories(read(path))
    assert (story.url, story.identifier) == (None, "ferry")


def test_what_cant_be_told_apart_or_placed_is_reported(write: Write) -> None:
    records = read(write(comment(number=""), channel=comment(number="9")))
    assert not comments(records)
    assert [p.what for p in problems(records)] == [
        "stands outside of any post",
        "a comment without a number can't be told from others",
    ]


def test_a_record_that_isnt_closed_spoils_no_other(write: Write) -> None:
    unclosed = comment(number="2").removesuffix("</wp:comment>")
    for written in (
        comment(number="1") + unclosed + comment(number="3"),
        comment(number="1") + comment(number="3") + unclosed,
        comment(number="1")
        + comment(number="2", content="a").replace("]]></wp:comment_content>", " ]]>")
        + comment(number="3"),
    ):
        records = read(write(written))
        assert {c.source for c in comments(records)} == {"1", "2", "3"}
        assert len(stories(records)) == 1
        assert problems(records)


def test_a_blog_that_writes_of_exports_is_read_like_any_other(write: Write) -> None:
    content = "Put </wp:comment> after <wp:comment>, and </item></channel></rss> last. <!DOCTYPE x [<!ENTITY a 'b'>]>"
    found = comments(read(write(comment(content=content) + comment(number="2"))))
    assert [c.body for c in found] == [f"<p>{content}</p>", "<p>Hello.</p>"]


@pytest.mark.parametrize("doctype", ["<!DOCTYPE rss>", '<!DOCTYPE rss [<!ENTITY a "b">]>'])
def test_an_export_that_declares_a_doctype_is_refused(doctype: str, tmp_path: Path, write: Write) -> None:
    path = write(comment())
    path.write_text(doctype + path.read_text("utf-8").partition("?>")[2])
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read(path)


def test_bombs_and_files_that_fetch_files_are_refused(shared_data: Path) -> None:
    for bomb in (shared_data / "security" / "xml").glob("*.txt"):
        with pytest.raises(Unreadable):
            read(bomb)


def test_an_export_cut_off_anywhere_is_refused(samples: Path, tmp_path: Path) -> None:
    content = (samples / "blog-136-scrambled.wxr.xml").read_bytes()
    dice = random.Random(3)
    path = tmp_path / "cut.xml"
    for cut in [0, 1, 60, *(dice.randrange(len(content) - 9) for _ in range(25))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(path)


def test_a_comment_without_end_is_refused_within_bounds(write: Write) -> None:
    with pytest.raises(Unreadable, match="longer than 10 MB"):
        read(write(comment(content="a" * 11_000_000)))


def test_progress_ends_at_the_size_of_the_file(samples: Path) -> None:
    for path in (samples / "blog-136-scrambled.wxr.xml", samples / "comentario-wordpress-bad-two-files.zip"):
        seen: list[int] = []
        list(IMPORTER.read(path, seen.append))
        assert seen[-1] == path.stat().st_size


def shape(made: list[Made]) -> dict[str, tuple[str | None, str, list[str], State]]:
    return {
        str(c.number): (
            str(c.parent) if c.parent else None,
            c.author if c.is_shown else "",
            c.text.split() if c.is_shown else [],
            State.REMOVED if c.state is State.DELETED else c.state,
        )
        for c in made
    }


@given(
    made=discussions(),
    version=st.sampled_from(VERSIONS),
    scheme=st.sampled_from(["http", "https"]),
    faults=st.sets(st.sampled_from(FAULTS), max_size=4),
)
def test_any_tree_in_any_order_is_read_back_from_files_with_faults(
    tmp_path: Path, made: list[Made], version: str, scheme: str, faults: set[str]
) -> None:
    path = tmp_path / "made.xml"
    path.write_bytes(wxr(made, version=version, scheme=scheme, faults=faults))
    assert IMPORTER.recognises(path.read_bytes()[:65536])
    records = read(path)
    assert {c.source: (c.parent, c.author, words(c.body), c.state) for c in comments(records)} == shape(made)
    pages = {s.source: s.url for s in stories(records)}
    assert all(pages[c.story] for c in comments(records))
    assert {p.where for p in problems(records)} <= {"the whole file"}
    assert len(stories(records)) == len({c.page for c in made})
