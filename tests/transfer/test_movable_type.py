"""Reading what Movable Type and TypePad export."""

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.records import Record, Skipped, SourceComment, SourceStory, Unreadable
from tests.transfer.among import comments, problems, stories
from tests.transfer.made_up_blogs import Made, address, discussions
from tests.transfer.writing_movable_type import movable_type

IMPORTER = importer_named("movable-type")
HEAD = "AUTHOR: Editor\nTITLE: Ferry\nBASENAME: ferry\nDATE: 08/08/2007 03:00:00 PM\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an export with one entry and the given sections, and return where it is."""

    def written(sections: str, fields: str = "") -> Path:
        path = tmp_path / "export.txt"
        path.write_text(f"{HEAD}{fields}-----\nBODY:\nText.\n-----\n{sections}--------\n", "utf-8", newline="")
        return path

    return written


def comment(text: str, fields: str = "AUTHOR: Ann\nDATE: 01/31/2002 15:47:06\n") -> str:
    return f"COMMENT:\n{fields}{text}\n-----\n"


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only_comment(path: Path) -> SourceComment:
    (found,) = comments(read(path))
    return found


def test_a_real_export_is_read_with_its_entries_and_nothing_private(shared_data: Path) -> None:
    path = shared_data / "import" / "movabletype" / "mt8-ok.txt"
    records = read(path)
    assert not re.search(r"@|192\.0\.2|quux\.com", repr(records))
    assert len({story.identifier for story in stories(records)}) == 2, "two entries with the same name and month"
    assert recognise(path) is IMPORTER


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("01/31/2002 12:00:00 AM", "2002-01-31T00:00:00+00:00"),
        ("01/31/2002 12:00:00 PM", "2002-01-31T12:00:00+00:00"),
        ("01/31/2002 03:04:05 pm", "2002-01-31T15:04:05+00:00"), ("1/2/2002 15:04", "2002-01-02T15:04:00+00:00"),
        ("2002-01-31 15:04:05", "2002-01-31T15:04:05+00:00"), ("", None), ("02/30/2002 10:00:00", None),
        ("01/31/2002 25:00:00", None), ("01/31/9999 10:00:00", None), ("yesterday", None),
    ],
)  # fmt: skip
def test_dates_are_read_in_all_their_forms(date: str, moment: str | None, write: Write) -> None:
    records = read(write(comment("x", f"AUTHOR: Ann\nDATE: {date}\n")))
    created = comments(records)[0].created
    assert (created and created.isoformat()) == moment
    assert comments(records)[0].lost == (("zone",) if moment else ())
    assert len(problems(records)) == (moment is None and date != "")


def test_the_form_of_dates_may_change_from_one_export_to_the_next(write: Write) -> None:
    forms = ("03/01/2012 10:00:00 PM", "03/01/2012 22:00:00")
    (first,), (second,) = (comments(read(write(comment("x", f"AUTHOR: Ann\nDATE: {date}\n")))) for date in forms)
    assert first.source == second.source


def test_dashes_that_people_write_end_nothing(write: Write) -> None:
    text = "one\n-----\ntwo\n--------\nthree\n-----\n--------\n\nfour"
    first, second = comments(read(write(comment(text) + comment("x"))))
    assert re.findall(r"\w+|-+", re.sub(r"<.*?>", "", first.body)) == [
        "one", "-----", "two", "--------", "three", "-----", "--------", "four",
    ]  # fmt: skip
    assert second.body == "<p>x</p>"


def test_an_entry_begins_with_nothing_but_its_fields(write: Write) -> None:
    first, second = comments(read(write(comment("one\n--------\nUPDATE: it works now") + comment("x"))))
    assert first.body == "<p>one<br>\n--------<br>\nUPDATE: it works now</p>"
    assert (second.body, second.story) == ("<p>x</p>", first.story)


def test_text_that_looks_like_a_field_is_text(write: Write) -> None:
    found = only_comment(write(comment("AUTHOR: is a word\nNOTE: too\nDATE: x")))
    assert (found.author, found.body) == ("Ann", "<p>AUTHOR: is a word<br>\nNOTE: too<br>\nDATE: x</p>")


def test_pages_are_known_by_their_address_or_by_what_it_is_made_of(write: Write) -> None:
    (story,) = stories(read(write("", "UNIQUE URL: https://blog.example/2007/08/ferry.html\nALLOW COMMENTS: 2\n")))
    assert (story.url, story.identifier, story.closed) == ("https://blog.example/2007/08/ferry.html", None, True)
    (story,) = stories(read(write("")))
    assert (story.url, story.identifier, story.headline, story.closed) == (None, "2007/08/ferry", "Ferry", False)


def test_comments_on_a_draft_arent_published(write: Write) -> None:
    story, found = read(write(comment("x"), "STATUS: Draft\n"))
    assert isinstance(story, SourceStory)
    assert isinstance(found, SourceComment)
    assert (found.state, story.headline, story.closed) == (State.HELD, "", True)


def test_pings_are_counted_and_equal_comments_are_two(write: Write) -> None:
    records = read(write("PING:\nTITLE: x\n-----\n" + comment("same") * 2))
    assert [record.reason for record in records if isinstance(record, Skipped)] == ["trackback"]
    assert len({c.source for c in comments(records)}) == 2


def test_nothing_private_enters(write: Write) -> None:
    fields = "EMAIL: ann@example.org\nAUTHOR: ann@example.org\nIP: 203.0.113.9\nURL: https://ann.example\n"
    found = only_comment(write(comment("x", fields)))
    assert (found.author, found.lost) == ("", ("author",))
    assert not any(secret in repr(found) for secret in ("@", "203.0.113.9", "ann.example"))


def test_other_encodings_are_read_and_told_of(write: Write, tmp_path: Path) -> None:
    path = write(comment("äé"))
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    records = read(path)
    assert comments(records)[0].body == "<p>äé</p>"
    assert [problem.where for problem in problems(records)] == ["the whole file"]


def test_an_export_cut_off_anywhere_is_refused(shared_data: Path, tmp_path: Path) -> None:
    content = (shared_data / "import" / "movabletype" / "mt8-ok.txt").read_bytes()
    dice = random.Random(3)
    path = tmp_path / "cut.txt"
    whole_entry = content.index(b"\n--------\n") + 10
    for cut in [0, 1, *(dice.randrange(len(content) - 9) for _ in range(40))]:
        if cut in (whole_entry, whole_entry - 1):
            continue
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(path)


def test_sections_and_lines_without_end_are_refused_within_bounds(write: Write) -> None:
    with pytest.raises(Unreadable, match="line is longer"):
        read(write(comment("a" * 11_000_000)))
    with pytest.raises(Unreadable, match="section at line 9 is longer"):
        read(write(comment("ab\n" * 4_000_000)))


@pytest.mark.parametrize(
    "head", ["", "x", "TITLE: x\n", "Dear all,\n-----\nBODY:\n", "A: b\n\n-----\nBODY:\n", "<rss>"]
)
def test_other_text_isnt_recognised(head: str) -> None:
    assert not IMPORTER.recognises(head.encode())


@settings(max_examples=40)
@given(made=discussions(has_replies=False), seed=st.integers(0, 99), newline=st.sampled_from(["\n", "\r\n"]))
def test_any_comments_are_read_back(tmp_path: Path, made: list[Made], seed: int, newline: str) -> None:
    path = tmp_path / "made.txt"
    path.write_bytes(movable_type(made, seed, newline))
    if not made:
        return
    assert recognise(path) is IMPORTER
    records = read(path)
    pages = {story.source: story.url for story in stories(records)}
    found = Counter((pages[c.story], c.author, c.body, c.created) for c in comments(records))
    assert found == Counter((address(c.page), c.author, f"<p>{c.text}</p>", c.created) for c in made)
    assert not problems(records)
    assert {c.source for c in comments(records)} == {c.source for c in comments(read(path))}
