"""Reading saved pages: the sample layouts, the embed, made-up trees in every layout, and what pages go through."""

import contextlib
import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers.captures import IMPORTER
from outspoken.transfer.records import Record, Skipped, Unreadable
from tests.factories import a_body
from tests.pages.making import PAGES, a_branch, a_comment, a_form, a_window
from tests.pages.making import a_site as our_site
from tests.pages.making import a_thread as our_thread
from tests.transfer import test_flattened_generated as made
from tests.transfer.among import comments, problems, story
from tests.transfer.scoring import Node, flat, nodes_of
from tests.transfer.writing_pages import FLAT, LAYOUTS, UNDATED, blocks_of, page

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SAMPLES = SHARED / "import" / "flattened"
MODEL = SHARED / "stories" / "chechnya-reports-2017.txt"
EMBED = SHARED / "import" / "disqus" / "synthetic-embed.html"
needs_samples = pytest.mark.skipif(not SHARED.exists(), reason="the shared sample data isn't here")


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Read HTML as if it were a file named page.html."""

    def reading(html: str | bytes, name: str = "page.html") -> list[Record]:
        path = tmp_path / name
        path.write_bytes(html.encode("utf-8") if isinstance(html, str) else html)
        return list(IMPORTER.read(path, lambda _: None))

    return reading


def told(records: list[Record]) -> list[tuple[Any, ...]]:
    """Return name, position of the parent, and blocks of every comment."""
    found = comments(records)
    places = {comment.source: place for place, comment in enumerate(found)}
    return [
        (comment.author or None, places[comment.parent] if comment.parent else None, blocks_of(comment.body))
        for comment in found
    ]


def truth(thread: list[Node]) -> list[tuple[Any, ...]]:
    return [(node.author, parent, [(kind, text) for kind, text in node.blocks]) for node, parent in flat(thread)]


# --- the sample layouts


@needs_samples
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.html")), ids=lambda path: path.stem)
def test_a_sample_of_every_layout_is_read_exactly(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text("utf-8"))
    thread = nodes_of(expected["thread"])
    records = list(IMPORTER.read(path, lambda _: None))
    assert told(records) == truth(thread)
    assert len(comments(records)) == expected["comments"]
    assert not problems(records)
    times = [comment.created.strftime("%Y-%m-%dT%H:%M:%S") for comment in comments(records) if comment.created]
    is_dated = not path.stem.startswith(("disqus", "blogger"))
    assert times == ([node.time for node, _ in flat(thread)] if is_dated else [])
    assert story(records).headline == story(records).headline.strip() != ""
    assert story(records).excerpt.count("\n• ") == 2, "the article's own list stays with the article"


@needs_samples
def test_a_saved_frame_of_disqus_gives_its_posts_with_what_was_deleted_and_what_showed_a_picture() -> None:
    records = list(IMPORTER.read(EMBED, lambda _: None))
    found = comments(records)
    assert [(c.author, c.author_source, c.state.value, c.up) for c in found] == [
        ("Ann", "ann", "published", 3), ("Guest", None, "published", 0), ("", None, "deleted", 0),
        ("Ann", "ann", "published", 1), ("Pix", "pix", "published", 9),
    ]  # fmt: skip
    assert [c.parent for c in found] == [None, found[0].source, found[1].source, found[2].source, None]
    assert blocks_of(found[4].body) == [("link", "https://uploads.disquscdn.example.com/images/1.jpg")]
    assert 'href="https://example.com/a"' in found[0].body, "the vendor's redirect is undone"
    assert ("disqus", "910001") in found[0].same_as
    assert (story(records).url, story(records).headline) == ("https://blog.example.com/2017/04/ferry/", "Ferry")
    assert story(records).also == ("https://blog.example.com/?p=123",)


def test_the_posts_of_a_frame_may_come_in_any_order_and_in_circles(read: Any) -> None:
    links = {"1": None, "2": 1, "3": 2, "4": 5, "5": 4, "6": 6, "7": 99}
    posts = [{"id": id, "parent": parent, "message": id, "author": {"name": id}} for id, parent in links.items()]
    data = json.dumps({"response": {"posts": [*posts[::-1], {"id": None}, posts[0]]}})
    records = read(f'<html><script id="disqus-threadData">{data}</script></html>')
    found = {comment.author: comment for comment in comments(records)}
    assert {name: c.parent and c.parent[-1] for name, c in found.items() if name not in "45"} == {
        "1": None, "2": "1", "3": "2", "6": None, "7": None,
    }  # fmt: skip
    assert sorted(bool(found[name].parent) for name in "45") == [False, True]
    assert len(problems(records)) == 2


@needs_samples
def test_the_frames_markup_alone_tells_the_same(read: Any) -> None:
    html = EMBED.read_text("utf-8")
    whole = list(IMPORTER.read(EMBED, lambda _: None))
    alone = read(html[: html.index('<script type="text/json"')])
    assert told(alone) == told(whole)
    assert [(c.created, c.state, c.author_source) for c in comments(alone) if c.body] == [
        (c.created, c.state, c.author_source) for c in comments(whole) if c.body
    ]


# --- made-up trees


def discussion(dice: random.Random, layout: str, count: int = 30) -> list[Node]:
    """Return a tree with words and names in several scripts, with links, pictures and quotes, down to 12 levels."""
    thread = made.thread(
        dice, "mt_posted_by" if layout in FLAT else "disqus_ul", count, deepest=0 if layout in FLAT else 12
    )
    for node, _ in flat(thread):
        node.blocks = [("br" if kind == "p" and "\n" in text else kind, text) for kind, text in node.blocks]
        extra: tuple[str, Any] = dice.choice(
            [
                ("link", "https://media.example.com/1.gif"),
                ("image", "https://media.example.com/2.png"),
                ("quote", "So it was."),
            ]
        )
        if dice.random() < 0.3:
            node.blocks.append(extra)
    return thread


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pages_nobody_tuned_for_are_read_exactly(layout: str, read: Any) -> None:
    dice = random.Random(f"{layout} as HTML")
    for _ in range(6):
        thread = discussion(dice, layout, dice.randint(2, 40))
        records = read(page(layout, thread, url="https://blog.example/2017/a/"))
        assert told(records) == truth(thread)
        assert not problems(records)
        times = [comment.created and comment.created.strftime("%Y-%m-%dT%H:%M:%S") for comment in comments(records)]
        assert times == [None if layout in UNDATED else node.time for node, _ in flat(thread)]
        assert story(records).url == (None if layout == "disqus_embed" else "https://blog.example/2017/a/")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ids_are_distinct_and_the_same_at_every_reading(layout: str, read: Any) -> None:
    thread = discussion(random.Random(layout), layout)
    first, second = (comments(read(page(layout, thread) + end)) for end in ("", "\n\n"))
    ids = [comment.source for comment in first]
    assert len(set(ids)) == len(ids)
    assert ids == [comment.source for comment in second]


# --- what layouts do besides

LEVELS = (
    "<dl><dt>Ann said...<dd>text ",
    '<dl><dt class="comment-author">Ann said...<dd>text ',
    '<ol class="children"><li class="comment"><cite class="fn">A</cite><div class="comment-content">x</div>',
    '<ul><li id="dsq-comment-1"><div class="dsq-comment-header"><cite>A</cite></div>',
    '<ol><li class="comment" id="c1"><cite class="user">A</cite><p class="comment-content">x</p>',
    "<div><p>text</p><p>Posted by: Ann at May 3, 2016 10:00 AM</p>",
    '<div itemscope itemtype="http://schema.org/Comment"><span itemprop="author">A</span><p itemprop="text">x</p>',
    "<ul><li><b>Ann says:</b>",
)
"""What hostile pages repeat, never closed."""


def wrapped(discussion: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>T</title>{head}</head><body><h1>A story</h1>{discussion}</body></html>"


def one(name: str = "Ann", body: str = "<p>So.</p>", extra: str = "", classes: str = "comment") -> str:
    return (
        f'<li class="{classes}" id="comment-7"><div class="comment-author"><cite class="fn">{name}</cite></div>'
        f'<div class="comment-content">{body}</div>{extra}</li>'
    )


def listed(*entries: str) -> str:
    return wrapped(f'<ol class="commentlist">{"".join(entries)}</ol>')


def test_linked_data_is_read_where_the_markup_tells_nothing(read: Any) -> None:
    data = {
        "@type": "DiscussionForumPosting", "headline": "It", "comment": [
            {"@type": "Comment", "author": {"name": "Ann"}, "text": "One.\n\nTwo & more.",
             "datePublished": "2017-04-20T08:13Z", "upvoteCount": 3,
             "comment": {"@type": "Comment", "author": "Bob", "text": "<p>Yes.</p>"}},
            {"@type": "Comment", "creativeWorkStatus": "Deleted"},
        ],
    }  # fmt: skip
    found = comments(read(wrapped(f'<script type="application/ld+json">{json.dumps(data)}</script>')))
    assert [(c.author, blocks_of(c.body), c.up, c.state.value) for c in found] == [
        ("Ann", [("p", "One."), ("p", "Two & more.")], 3, "published"), ("Bob", [("p", "Yes.")], 0, "published"),
        ("", [], 0, "deleted"),
    ]  # fmt: skip
    assert [c.parent for c in found] == [None, found[0].source, None]
    assert [c.created and f"{c.created:%d %H:%M}" for c in found] == ["20 08:13", None, None]


def test_our_own_pages_come_back(read: Any) -> None:
    nobody = replace(a_comment().author, name="")
    answer = a_comment(number=2, parent=1, author=nobody, body=a_body("See <https://example.org/a>."))
    gone = a_comment(number=3, state=State.DELETED, body=None, author=None)
    window = a_window(a_branch(a_comment(number=1, up=4), a_branch(answer)), a_branch(gone))
    records = read(PAGES.thread_page(our_site(), our_thread(), window, form=a_form()))
    found = comments(records)
    assert [(c.author, c.up, c.state.value) for c in found] == [
        (a_comment().author.name, 4, "published"), ("", 0, "published"), ("", 0, "deleted"),
    ]  # fmt: skip
    assert [c.parent for c in found] == [None, found[0].source, None]
    assert 'href="https://example.org/a"' in found[1].body
    assert found[0].created == a_comment().created
    assert story(records).url == our_thread().story.url
    assert story(records).headline == our_thread().story.headline


def test_links_from_other_blogs_are_skipped_and_counted(read: Any) -> None:
    ping = '<li class="pingback" id="comment-9"><p>Pingback: <a href="https://b.example/">Another blog</a></p></li>'
    records = read(listed(one(), ping))
    assert [c.author for c in comments(records)] == ["Ann"]
    assert [r.reason for r in records if isinstance(r, Skipped)] == ["pingback"]


def test_what_waits_for_a_moderator_still_waits(read: Any) -> None:
    note = '<em class="comment-awaiting-moderation">Your comment is awaiting moderation.</em>'
    (found,) = comments(read(listed(one(extra=note))))
    assert (found.state, blocks_of(found.body)) == (State.HELD, [("p", "So.")])


def test_replies_beside_a_comment_that_was_closed_too_early_are_placed(read: Any) -> None:
    reply = one("Bob").replace("comment-7", "comment-8")
    beside = wrapped(f'<div>{one().replace("li", "div")}<div class="children">{reply.replace("li", "div")}</div></div>')
    assert [parent for _, parent, _ in told(read(beside))] == [None, 0]
    told_by_class = listed(one(classes="comment depth-1"), reply.replace('"comment"', '"comment depth-2"'))
    assert [parent for _, parent, _ in told(read(told_by_class))] == [None, 0]


def test_an_address_given_as_a_name_never_enters(read: Any) -> None:
    (found,) = comments(read(listed(one("ann@private.example"))))
    assert (found.author, found.lost) == ("", ("author",))


def test_text_beside_a_comment_is_reported_with_its_line_unless_it_stands_beside_all(read: Any) -> None:
    lost = "<div>Something that nobody expected here</div>"
    button = "<div>Share this with your friends</div>"
    records = read(listed(one(extra=button), "\n\n" + one("Bob", extra=lost + button).replace("-7", "-8")))
    assert [(problem.where, problem.what) for problem in problems(records)] == [
        ("line 3", "text at an unexpected place was left out: “Something that nobody expected here”")
    ]
    loose = read(listed(one(), "<li>A text of six words, loose.</li>"))
    assert len(problems(loose)) == 1


def test_links_lead_where_they_led_before_an_archive_or_a_folder_came_between(read: Any) -> None:
    body = (
        '<p><a href="https://web.archive.org/web/20170420081300/http://example.org/a">a</a> <a href="/b">b</a> '
        '<a href="https://disq.us/url?url=https%3A%2F%2Fexample.org%2Fc%3AAbCdEfGhIjKlMnOpQrStUvWxYz0&amp;cuid=1">c</a></p>'
        '<p><img src="data:image/gif;base64,AAAA" data-src="/d.png"> <img class="emoji" alt="😀" src="/e.png"></p>'
    )
    (found,) = comments(read("<!-- saved from url=(0024)https://blog.example/x/ -->" + listed(one(body=body))))
    for address in ("http://example.org/a", "https://blog.example/b", "https://example.org/c"):
        assert f'href="{address}"' in found.body
    assert 'src="https://blog.example/d.png"' in found.body
    assert "😀" in found.body
    assert "data:" not in found.body


def test_a_picture_that_is_gone_is_named_as_lost(read: Any) -> None:
    (found,) = comments(read(listed(one(body='<p><img src="data:image/gif;base64,AAAA"></p>'))))
    assert "body" in found.lost


@pytest.mark.parametrize(
    ("mark", "provenance", "url"),
    [
        ("<!-- saved from url=(0024)https://blog.example/x/ -->", "a saved page", "https://blog.example/x/"),
        ("<!--\n Page saved with SingleFile \n url: https://blog.example/x/ \n"
         " saved date: Tue May 03 2016 12:00:00 GMT+0200 (CEST)\n-->",
         "a page saved on 3 May 2016", "https://blog.example/x/"),
        ("<!-- FILE ARCHIVED ON 12:00:01 May 03, 2016 AND RETRIEVED -->", "a page saved on 3 May 2016", None),
        ("", "a saved page", None),
    ],
)  # fmt: skip
def test_where_and_when_a_page_was_saved_is_told_by_what_saved_it(
    mark: str, provenance: str, url: str | None, read: Any
) -> None:
    records = read(mark + listed(one()))
    assert (comments(records)[0].provenance, story(records).url) == (provenance, url)


@pytest.mark.parametrize(
    ("encoding", "meta"),
    [("utf-8", ""), ("utf-8-sig", "iso-8859-1"), ("koi8-r", "koi8-r"), ("utf-16", ""), ("cp1251", "windows-1251")]
)  # fmt: skip
def test_letters_are_read_in_the_encoding_the_page_tells(encoding: str, meta: str, read: Any) -> None:
    html = listed(one("Дмитрий")).replace("<head>", f'<head><meta charset="{meta}">' if meta else "<head>")
    records = read(html.encode(encoding))
    assert [c.author for c in comments(records)] == ["Дмитрий"]
    assert not problems(records)


def test_an_encoding_that_is_wrong_is_reported(read: Any) -> None:
    html = listed(one("Søren")).replace("<head>", '<head><meta charset="utf-8">')
    records = read(html.encode("cp1252"))
    assert [c.author for c in comments(records)] == ["Søren"]
    assert [problem.what for problem in problems(records)] == [
        "isn't in the encoding it declares; some letters may be wrong"
    ]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ('<div id="disqus_thread"></div>', "Disqus"),
        ('<iframe src="https://disqus.com/embed/comments/?base=default"></iframe>', "Disqus"),
        ('<section id="isso-thread"></section>', "Isso"),
        ('<div class="fb-comments"></div>', "Facebook"),
    ],
)
def test_a_page_whose_discussion_stood_in_a_frame_is_refused_in_those_words(frame: str, kind: str, read: Any) -> None:
    with pytest.raises(Unreadable, match=f"without its comments: {kind} showed them"):
        read(wrapped(f"<p>Text.</p>{frame}"))


def test_a_page_without_a_discussion_is_refused(read: Any) -> None:
    with pytest.raises(Unreadable, match="no discussion was found"):
        read(wrapped("<ul><li>Home</li><li>About us</li></ul>"))


@pytest.mark.parametrize(
    ("head", "known"),
    [(b"<!DOCTYPE html><html>", True), (b"\xef\xbb\xbf\n<html lang=en>", True),
     (b"<?xml version='1.0'?>\n<html>", True), (b"<!-- saved --><html>", True),
     (b"<?xml version='1.0'?><rss>", False), (b"Title\n\n  \xe2\x80\xa2 Ann", False),
     (b'{"a": "<html>"}', False), (b"", False), (b"<disqus>", False)],
)  # fmt: skip
def test_a_page_is_recognised_by_its_first_tag(head: bytes, known: bool) -> None:
    assert IMPORTER.recognises(head) is known


# --- hostile pages


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<html>" + "<table><tr><td>" * 90_000, "nested deeper"),
        ("<html>" + "<blockquote>" * 100_000, "nested deeper"),
        ("<html><a " + "a " * 200_000 + ">", "1,000 attributes"),
        ("<html><!--><a " + "a='>' " * 2_000 + ">-->", "1,000 attributes"),
        ("<html>" + "<b>" * 300_001, "300,000 tags"),
        ("<html>" + "x" * (33 * 1024**2), "longer than 32 MiB"),
        ("<html>" + '<div class="comment"><p>' * 5_000, "nested deeper"),
        ("<html>" + '<li class="comment">' * 20_001, "more than 20,000 comments"),
        ("<html><script>" + "[" * 100_000, "no discussion"),
        ('<html><script type="application/ld+json">' + "[" * 100_000 + "</script>", "no discussion"),
        ("<html>" + "</div>" * 100_000, "no discussion"),
        ("<html>" + "<!--" * 100_000, "no discussion|isn't HTML"),
        ("\0" * 1000 + "<html>", "no discussion"),
    ],
    ids=str.__len__,
)
def test_what_no_page_is_is_refused_in_one_line(html: str, words: str, read: Any) -> None:
    with pytest.raises(Unreadable, match=words) as refused:
        read(html)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("level", LEVELS)
def test_work_grows_with_a_deep_page_and_not_faster(level: str, read: Any) -> None:
    def calls(levels: int) -> int:
        made = 0

        def count(_frame: FrameType, _event: str, _argument: object) -> None:
            nonlocal made
            made += 1

        html = wrapped("<h3>2 Comments</h3>" + level * levels + "<i>x</i>" * levels * 20)
        sys.setprofile(count)
        try:
            read(html)
        except Unreadable:
            pass
        finally:
            sys.setprofile(None)
        return made

    assert calls(80) < 3 * calls(40)


def test_a_list_within_one_of_bloggers_lists_is_part_of_a_text(read: Any) -> None:
    inner = "<dl><dt>Not so:</dt><dd>Inner.</dd><dt>Bob said...</dt><dd>Quoted.</dd></dl>"
    found = comments(read(wrapped(f"<dl><dt>Ann said...</dt><dd>Outer. {inner}</dd></dl>")))
    assert [(c.author, "Outer." in c.body and "Quoted." in c.body) for c in found] == [("Ann", True)]


@pytest.mark.parametrize("year", ["0001", "1970", "2317", "9999"])
def test_a_date_at_which_nobody_could_write_is_none(year: str, read: Any) -> None:
    entry = one(extra=f'<time datetime="{year}-04-20T08:13:00">then</time>')
    assert [c.created for c in comments(read(listed(entry)))] == [None]


def test_hundreds_of_levels_are_no_trouble(read: Any) -> None:
    node = Node("Ann", [("p", "So.")], "2017-04-20T08:13:00")
    for _ in range(300):
        node = Node("Ann", [("p", "So.")], "2017-04-20T08:13:00", [node])
    assert len(comments(read(page("disqus_list", [node])))) == 301


@given(st.text("<>/ap'\"= \n!-lico.commentx", max_size=300))
def test_any_arrangement_of_tags_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(listed(one(), text), "utf-8")
    with contextlib.suppress(Unreadable):
        list(IMPORTER.read(path, lambda _: None))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(content)
    IMPORTER.recognises(content)
    with contextlib.suppress(Unreadable):
        list(IMPORTER.read(path, lambda _: None))


def test_control_characters_are_replaced_however_they_are_written(read: Any) -> None:
    body = "<p>a\x01b&#1;c&#x1f;d&#xFFFE;e\ufffff</p><button>x</button>\x02tail"
    (found,) = comments(read(listed(one("An\x03n", body))))
    assert (found.author, found.body) == ("An\ufffdn", "<p>a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf</p>\ufffdtail")
