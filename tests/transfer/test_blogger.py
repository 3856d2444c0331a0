"""Reading Blogger's backups, with discussions that were made up."""

import html
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.records import Problem, Record, Skipped, SourceComment, SourceStory, Unreadable
from tests.transfer.among import comments, problems
from tests.transfer.made_up_blogs import Made, address, discussions
from tests.transfer.writing_blogger import blogger, takeout

IMPORTER = importer_named("blogger")
BLOGGER = "http://schemas.google.com/blogger/2018"
Write = Callable[[str], Path]


@pytest.fixture
def samples(shared_data: Path) -> Path:
    return shared_data / "import" / "blogger"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a Takeout feed with the given fields in a comment on a live post, and return where it is."""

    def written(fields: str) -> Path:
        path = tmp_path / "feed.atom"
        path.write_text(
            f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:blogger="{BLOGGER}"><entry><id>post-9</id>'
            "<blogger:type>POST</blogger:type><title>Ferry</title><blogger:status>LIVE</blogger:status></entry>"
            f"<entry><id>post-1</id><blogger:type>COMMENT</blogger:type><blogger:parent>post-9</blogger:parent>{fields}"
            "</entry></feed>"
        )
        return path

    return written


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def stories(records: Sequence[Record]) -> dict[str, SourceStory]:
    return {record.source: record for record in records if isinstance(record, SourceStory)}


def only_comment(path: Path) -> SourceComment:
    (found,) = comments(read(path))
    return found


def test_the_classic_feed_is_read_with_its_pages_and_nothing_private(samples: Path) -> None:
    path = samples / "synthetic-classic.xml"
    records = read(path)
    assert recognise(path) is IMPORTER
    first = comments(records)[0]
    assert first.created is not None
    assert first.created.isoformat() == "2012-03-02T18:01:02.003000+00:00"
    assert comments(records)[1].author_source == "00000000000000000001"
    assert not re.search(r"noreply|@|example\.com/b16", repr(records))
    pages = stories(records)
    assert {source: (page.url, page.headline) for source, page in pages.items()} == {
        "5001": ("http://sample.blogspot.com/2012/03/ferry-timetable.html", "Ferry timetable"),
        "5002": (None, ""),
        "4999": ("http://sample.blogspot.com/2012/03/lost.html", ""),
    }


def test_takeouts_feed_is_read_with_its_pages(samples: Path) -> None:
    path = samples / "synthetic-takeout-feed.atom"
    records = read(path)
    assert recognise(path) is IMPORTER
    pages = stories(records)
    assert (pages["5001"].identifier, pages["5001"].headline) == ("/2026/06/ferry-timetable.html", "Ferry timetable")
    assert (pages["5002"].headline, pages["5002"].closed) == ("", True)


def test_takeouts_zip_is_read_where_it_lies(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(samples / "synthetic-takeout-feed.atom", "Takeout/Blogger/Blogs/Sample/feed.atom")
        archive.writestr("Takeout/Blogger/Blogs/Sample/theme-classic.html", "<html/>")
        archive.writestr("Takeout/archive_browser.html", "<html/>")
    assert recognise(path) is IMPORTER
    records = read(path)
    assert len(comments(records)) == 4
    assert len([record for record in records if isinstance(record, Skipped)]) == 2
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other.html", "<html/>")
    with pytest.raises(Unreadable, match="no Blogger backup"):
        read(path)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ("<blogger:status>LIVE</blogger:status>", State.PUBLISHED), ("", State.PUBLISHED),
        ("<blogger:status>PENDING</blogger:status>", State.HELD), ("<blogger:status>SPAM</blogger:status>", State.SPAM),
        ("<blogger:status>EMPTIED</blogger:status>", State.DELETED), ("<trashed>2026-01-01</trashed>", State.DELETED),
        ("<app:control xmlns:app='x'><app:draft>yes</app:draft></app:control>", State.HELD),
        ("<gd:extendedProperty name='blogger.contentRemoved' value='true'/>", State.DELETED),
        ("<gd:extendedProperty name='blogger.contentRemoved' value='true'/>"
         "<content>This comment has been removed by a blog administrator.</content>", State.REMOVED),
    ],
)  # fmt: skip
def test_states_are_told(fields: str, state: State, write: Write) -> None:
    assert only_comment(write(f"{fields}<author><name>Ann</name></author>")).state is state


def test_an_unknown_status_waits_for_a_moderator(write: Write) -> None:
    records = read(write("<blogger:status>ODD</blogger:status>"))
    assert comments(records)[0].state is State.HELD
    assert [problem.where for problem in problems(records)] == ["comment 1"]


def test_comments_on_a_draft_arent_published(write: Write) -> None:
    path = write("")
    path.write_text(path.read_text().replace("LIVE", "DRAFT"))
    assert only_comment(path).state is State.HELD


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ("<name>Anonymous</name><email>noreply@blogger.com</email>", ""),
        ("<name>Anonymous</name><uri></uri><blogger:type>ANONYMOUS</blogger:type>", ""),
        ("<name>Ann</name><uri></uri><blogger:type>ANONYMOUS</blogger:type>", "Ann"),
        ("<name>Anonymous</name><uri></uri><blogger:type>BLOGGER</blogger:type>", "Anonymous"),
        ("<name>Anonymous</name><uri>http://www.blogger.com/profile/7</uri>", "Anonymous"),
    ],
)
def test_whoever_wrote_without_a_name_is_nobody_and_has_lost_none(fields: str, author: str, write: Write) -> None:
    found = only_comment(write(f"<author>{fields}</author>"))
    assert (found.author, found.lost) == (author, ())


def test_nothing_private_enters(write: Write) -> None:
    author = "<author><name>ann@example.org</name><email>a@example.org</email><uri>mailto:a@example.org</uri></author>"
    found = only_comment(write(author))
    assert (found.author, found.author_source, found.lost) == ("", None, ("author",))
    assert "@" not in repr(found)


def test_what_cant_be_placed_is_reported(write: Write) -> None:
    path = write("")
    whole = path.read_text()
    for broken in (whole.replace("post-1<", "x<"), whole.replace("<blogger:parent>post-9", "<blogger:parent>"),
                   whole.replace("<id>post-9", "<id>x")):  # fmt: skip
        path.write_text(broken)
        assert any(isinstance(record, Problem) for record in read(path))


def test_a_blogs_public_feed_of_comments_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "default.xml"
    path.write_text(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='t'><id>tag:blogger.com,1999:blog-1.comments</id>"
        "<entry><id>tag:blogger.com,1999:blog-1.post-5</id><content type='html'>Hello</content>"
        "<thr:in-reply-to href='https://a.example/b.html' ref='tag:blogger.com,1999:blog-1.post-9'/></entry></feed>"
    )
    assert recognise(path) is IMPORTER
    assert (only_comment(path).story, stories(read(path))["9"].url) == ("9", "https://a.example/b.html")


def test_a_backup_cut_off_anywhere_is_refused(samples: Path, tmp_path: Path) -> None:
    content = (samples / "synthetic-classic.xml").read_bytes()
    dice = random.Random(3)
    path = tmp_path / "cut.xml"
    for cut in [0, 1, *(dice.randrange(len(content) - 7) for _ in range(20))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(path)


@settings(max_examples=40)
@given(made=discussions(), is_takeout=st.booleans())
def test_any_tree_in_any_order_is_read_back(tmp_path: Path, made: list[Made], is_takeout: bool) -> None:
    path = tmp_path / "made.xml"
    path.write_bytes((takeout if is_takeout else blogger)(made))
    assert IMPORTER.recognises(path.read_bytes())
    records = read(path)
    pages = stories(records)
    assert {c.source: (c.parent, c.author, c.body) for c in comments(records)} == {
        str(c.number): (str(c.parent) if c.parent else None, c.author, html.escape(c.text))
        if c.state is State.PUBLISHED or (is_takeout and c.is_shown)
        else (str(c.parent) if c.parent else None, "", "")
        for c in made
    }
    assert not problems(records)
    for comment in made:
        page = pages[str(90 + comment.page)]
        assert (page.identifier == f"/2012/{comment.page}.html") if is_takeout else (page.url == address(comment.page))
