"""Reading web archives: pages in every coding, captures that complete each other, and records that are damaged."""

import gzip
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from outspoken.transfer.importers import recognise
from outspoken.transfer.importers.captures import IMPORTER
from outspoken.transfer.records import Record, Skipped, SourceComment, SourceStory, Unreadable
from tests.transfer.scoring import Node
from tests.transfer.test_saved_pages import comments, discussion, problems, story, told, truth
from tests.transfer.writing_pages import LAYOUTS, Writing, blocks_of, page
from tests.transfer.writing_warcs import CODINGS, Answer, plain_record, wacz, warc

URL = "https://blog.example/2017/a/"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Read bytes as if they were a file."""

    def reading(content: bytes, name: str = "crawl.warc.gz") -> list[Record]:
        path = tmp_path / name
        path.write_bytes(content)
        assert recognise(path) is IMPORTER
        return list(IMPORTER.read(path, lambda _: None))

    return reading


def small(*names: str, layout: str = "wordpress") -> str:
    """Return a page on which these people say a word."""
    return page(layout, [Node(name, [("p", f"{name} says so.")], "2017-04-20T08:13:00") for name in names], url=URL)


# --- pages


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_of_every_layout_is_the_same_out_of_an_archive(layout: str, read: Any) -> None:
    thread = discussion(random.Random(f"{layout} archived"), layout)
    records = read(warc([Answer(URL, page(layout, thread))]))
    assert told(records) == truth(thread)
    assert not problems(records)
    assert story(records).url == (None if layout == "disqus_embed" else URL)
    assert {comment.provenance for comment in comments(records)} == {"a page saved on 3 May 2016"}


@pytest.mark.parametrize("is_gzipped", [True, False])
@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_is_read_however_it_was_sent(coding: str, is_chunked: bool, is_gzipped: bool, read: Any) -> None:
    answer = Answer(URL, small("Ann", "Søren"), coding=coding, is_chunked=is_chunked)
    assert [c.author for c in comments(read(warc([answer], is_gzipped=is_gzipped)))] == ["Ann", "Søren"]


def test_the_servers_word_on_letters_counts_before_the_pages(read: Any) -> None:
    html = small("Дмитрий").replace('<meta charset="utf-8">', '<meta charset="iso-8859-1">').encode("koi8-r", "replace")
    records = read(warc([Answer(URL, html, content_type="text/html; charset=koi8-r")]))
    assert [c.author for c in comments(records)] == ["Дмитрий"]


def test_what_is_no_page_is_passed_over(read: Any) -> None:
    answers = [
        Answer("https://blog.example/style.css", "a {}", content_type="text/css"),
        Answer("https://blog.example/gone/", small("Eve"), status="404 Not Found"),
        Answer("https://blog.example/about/", "<html><p>About.</p></html>"),
        Answer(URL, small("Ann")),
    ]
    records = read(warc(answers))
    assert [c.author for c in comments(records)] == ["Ann"]
    assert [r.reason for r in records if isinstance(r, Skipped)] == ["page without comments"]


def test_a_story_and_the_frame_with_its_discussion_come_together(read: Any) -> None:
    outer = (
        f'<html><link rel="canonical" href="{URL}"><h1>A headline that is long enough</h1>'
        '<div class="entry-content"><p>The story.</p></div><div id="disqus_thread"></div></html>'
    )
    frame = page("disqus_embed", [Node("Ann", [("p", "So.")], "2017-04-20T08:13:00")])
    address = f"https://disqus.example/embed/comments/?f=x&t_u={quote(URL, safe='')}"
    records = read(warc([Answer(URL, outer), Answer(address, frame)]))
    assert (story(records).url, story(records).excerpt) == (URL, "The story.")
    assert [c.author for c in comments(records)] == ["Ann"]


def test_an_archive_without_comments_says_what_was_looked_at(read: Any) -> None:
    outer = '<html><h1>A story</h1><script src="https://x.disqus.com/embed.js"></script></html>'
    with pytest.raises(Unreadable, match="1 pages were looked at; the discussions of 1 were shown by scripts"):
        read(warc([Answer(URL, outer)]))


# --- several captures


def test_a_later_capture_adds_and_an_earlier_one_fills_what_was_lost(read: Any) -> None:
    link, picture = ("link", "https://media.example/1"), ("image", "https://media.example/2.png")
    early = [
        Node("Ann", [("p", "See this:"), link], "2017-04-20T08:13:00"),
        Node("Bob", [picture], "2017-04-20T08:14:00", [Node("Cyd", [("p", "Oh.")], "2017-04-20T08:15:00")]),
        Node("Dan", [("p", "Taken back.")], "2017-04-20T08:16:00"),
    ]
    late = [
        Node("Ann", [("p", "See this:")], "2017-04-20T08:13:00"),
        Node("Bob", [], "2017-04-20T08:14:00", [Node("Cyd", [("p", "Oh.")], "2017-04-20T08:15:00")]),
        Node("Eve", [("p", "New.")], "2017-04-22T08:17:00"),
    ]
    for layout in ("dated", "nested"):
        answers = [
            Answer(URL, page(layout, late), "2018-05-03T12:00:00Z"),
            Answer("http://www.blog.example/2017/a", page(layout, early), "2017-05-03T12:00:00Z"),
        ]
        records = read(warc(answers))
        assert [(c.author, blocks_of(c.body)) for c in comments(records)] == [
            ("Ann", [("p", "See this:"), link]), ("Bob", [picture]), ("Cyd", [("p", "Oh.")]),
            ("Dan", [("p", "Taken back.")]), ("Eve", [("p", "New.")]),
        ]  # fmt: skip
        assert [c.lost for c in comments(records)] == [()] * 5
        assert comments(records)[2].parent == comments(records)[1].source
        assert comments(records)[0].provenance == "pages saved between 3 May 2017 and 3 May 2018"
        assert comments(records)[4].provenance == "a page saved on 3 May 2018"
        assert sum(isinstance(record, SourceStory) for record in records) == 1


def test_numbers_tell_what_is_the_same_and_a_later_text_counts(read: Any) -> None:
    early = [Node("Ann", [("p", text)], "2017-04-20T08:13:00") for text in ("First.", "Draft.")]
    late = [Node("Ann", blocks, "2017-04-20T08:13:00") for blocks in ([], [("p", "Edited.")])]
    answers = [
        Answer(URL, page("wordpress", early), "2017-05-03T12:00:00Z"),
        Answer(URL, page("wordpress", late), "2018-05-03T12:00:00Z"),
    ]
    assert [blocks_of(c.body) for c in comments(read(warc(answers)))] == [[("p", "First.")], [("p", "Edited.")]]


def test_what_its_author_took_back_stays_taken_back(read: Any) -> None:
    early = page("blogger", [Node("Ann", [("p", "Secret.")], "2017-04-20T08:13:00")])
    late = page(
        "blogger", [Node("Ann", [("p", "This comment has been removed by the author.")], "2017-04-20T08:13:00")]
    )
    records = read(warc([Answer(URL, early, "2017-05-03T12:00:00Z"), Answer(URL, late, "2018-05-03T12:00:00Z")]))
    assert [(c.author, c.body, c.state.value) for c in comments(records)] == [("", "", "deleted")]


def test_a_page_found_unchanged_was_there_once_more(read: Any) -> None:
    date = "2016-05-03T12:00:00Z"
    records = read(warc([Answer(URL, small("Ann"), date)], revisits=[(URL, "2017-06-04T12:00:00Z", date)]))
    assert [c.provenance for c in comments(records)] == ["pages saved between 3 May 2016 and 4 June 2017"]
    other = ("https://blog.example/b/", "2017-06-04T12:00:00Z", date)
    records = read(warc([Answer(URL, small("Ann"), date)], revisits=[other]))
    assert [r.reason for r in records if isinstance(r, Skipped)] == [
        "unchanged page, of which the archive holds no comments"
    ]


def test_pages_of_comments_are_one_discussion(read: Any) -> None:
    first = page("wordpress", [Node("Ann", [("p", "One.")], "2017-04-20T08:13:00")], writing=Writing(1))
    second = page("wordpress", [Node("Bob", [("p", "Two.")], "2017-04-20T08:14:00")], writing=Writing(2))
    answers = [Answer(f"{URL}comment-page-2/", second), Answer(f"{URL}comment-page-1/#comments", first)]
    records = read(warc(answers))
    assert {record.url for record in records if isinstance(record, SourceStory)} == {URL}
    assert {c.author for c in comments(records)} == {"Ann", "Bob"}


# --- damage


def three_pages() -> list[bytes]:
    """Return three records, each with a page of one comment."""
    return [plain_record(f"https://blog.example/{name}/", small(name).replace(URL, "")) for name in "xyz"]


def authors(records: list[Record]) -> list[str]:
    return [record.author for record in records if isinstance(record, SourceComment)]


@pytest.mark.parametrize("wrong", [10, 5_000, 0])
def test_a_record_with_a_wrong_length_is_named_and_those_after_it_are_read(wrong: int, read: Any) -> None:
    html = small("Ann")
    records = read(plain_record(URL, html, length=wrong) + b"".join(three_pages()), "crawl.warc")
    assert authors(records)[-3:] == ["x", "y", "z"]
    assert [problem.where for problem in problems(records)] == ["record at byte 0"]
    assert authors(records)[:-3] == ["Ann"]


def test_a_damaged_gzip_member_is_named_and_those_after_it_are_read(read: Any) -> None:
    members = [gzip.compress(record) for record in three_pages()]
    broken = members[1][:40] + b"\xff" * 40 + members[1][80:]
    records = read(members[0] + broken + members[2])
    assert authors(records) == ["x", "z"]
    assert {problem.where for problem in problems(records)} >= {f"record at byte {len(members[0])}"}


def test_the_end_of_an_archive_may_be_missing(read: Any) -> None:
    content = b"".join(gzip.compress(record) for record in three_pages())
    records = read(content[:-200])
    assert authors(records)[:2] == ["x", "y"]
    assert any("is cut off" in problem.what for problem in problems(records))
    plain = b"".join(three_pages())
    records = read(plain[:-300], "crawl.warc")
    assert authors(records) == ["x", "y", "z"], "what there is of the last page is read"
    assert [problem.what for problem in problems(records)][:1] == ["its end is missing"]


def test_a_whole_archive_in_one_gzip_member_is_read(read: Any) -> None:
    assert authors(read(gzip.compress(b"".join(three_pages())))) == ["x", "y", "z"]


def test_rubbish_between_records_is_named_once(read: Any) -> None:
    first, second, _ = three_pages()
    records = read(first + b"rubbish\r\nof two lines\r\n" + second, "crawl.warc")
    assert authors(records) == ["x", "y"]
    assert len(problems(records)) == 1


def test_a_header_that_cant_be_read_costs_its_record_only(read: Any) -> None:
    first, second, third = three_pages()
    bad = second.replace(b"Content-Length: ", b"Content-Length: x")
    assert authors(read(first + bad + third, "crawl.warc")) == ["x", "z"]
    endless = b"WARC/1.0\r\nX: " + b"a" * 100_000 + b"\r\n"
    assert authors(read(first + endless + third, "crawl.warc")) == ["x", "z"]


def test_content_in_another_coding_than_it_says_is_named(read: Any) -> None:
    wrong = Answer("https://blog.example/b/", b"\x00\x01\x02 nonsense", coding="")
    record = warc([Answer(URL, small("Ann"))], is_gzipped=False)
    claimed = b"Content-Encoding: gzip\r\nContent-Type: text/html;"
    bad = warc([wrong], is_gzipped=False).replace(b"Content-Type: text/html;", claimed)
    records = read(record + bad, "crawl.warc")
    assert authors(records) == ["Ann"]
    assert any("isn't compressed as it says" in problem.what for problem in problems(records))


def test_a_page_that_no_page_is_costs_its_record_only(read: Any) -> None:
    deep = "<html>" + "<table><tr><td>" * 90_000
    records = read(warc([Answer("https://blog.example/deep/", deep), Answer(URL, small("Ann"))]))
    assert authors(records) == ["Ann"]
    assert [problem.what for problem in problems(records)] == ["The page is nested deeper than any page."]


# --- WACZ


def test_the_archives_in_a_wacz_are_read(tmp_path: Path) -> None:
    files = {
        "archive/one.warc.gz": warc([Answer(URL, small("Ann"), "2016-05-03T12:00:00Z")]),
        "archive/two.warc": warc([Answer(URL, small("Ann", "Bob"), "2017-05-03T12:00:00Z")], is_gzipped=False),
        "indexes/index.cdx": b"x",
    }
    path = wacz(tmp_path / "kept.wacz", files)
    assert recognise(path) is IMPORTER
    assert authors(list(IMPORTER.read(path, lambda _: None))) == ["Ann", "Bob"]


def test_a_wacz_that_leads_out_of_itself_is_refused(tmp_path: Path) -> None:
    path = wacz(tmp_path / "kept.wacz", {"archive/a.warc": b"WARC/1.0", "../archive/b.warc": b"x"})
    with pytest.raises(Unreadable, match="leads out"):
        list(IMPORTER.read(path, lambda _: None))


# --- bombs


def test_a_gzip_bomb_is_refused_by_its_ratio(read: Any) -> None:
    bomb = gzip.compress(b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\n" + b"\0" * (70 * 1024**2))
    with pytest.raises(Unreadable, match="a bomb"):
        read(bomb)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_bomb_inside_a_record_unfolds_to_no_more_than_a_page(coding: str, read: Any) -> None:
    bomb = Answer("https://blog.example/bomb/", b"<html>" + b" " * (33 * 1024**2), coding=coding)
    records = read(warc([bomb, Answer(URL, small("Ann"))]))
    assert authors(records) == ["Ann"]
    assert ["no page is" in problem.what for problem in problems(records)] == [True]


def test_many_small_records_cost_no_memory(read: Any) -> None:
    tiny = b"WARC/1.0\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    records = read(tiny * 5_000 + plain_record(URL, small("Ann")), "crawl.warc")
    assert len(records) == 2
