"""Reading flattened pages: the model page, the sample layouts, and what each rule of the grammar is there for."""

import json
from pathlib import Path
from typing import Any

import pytest

from outspoken.discussion.state import State
from outspoken.text.markup import Markup
from outspoken.transfer.importers.flattened import IMPORTER
from outspoken.transfer.records import Problem, Record, Skipped, Unreadable
from tests.transfer.among import comments, problems, story
from tests.transfer.printing import LAYOUTS, page
from tests.transfer.scoring import nodes_of

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SAMPLES = SHARED / "import" / "flattened"
MODEL = SHARED / "stories" / "chechnya-reports-2017.txt"
needs_samples = pytest.mark.skipif(not SHARED.exists(), reason="the shared sample data isn't here")

ARTICLE = "A headline\n\nA paragraph of the story.\n\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Read a text as if it were a file named page.txt."""

    def reading(text: str | bytes, name: str = "page.txt") -> list[Record]:
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return list(IMPORTER.read(path, lambda _: None))

    return reading


def tree(records: list[Record]) -> list[tuple[str, str, str]]:
    """Return author, parent's author and body of every comment."""
    by_source = {comment.source: comment for comment in comments(records)}
    return [(c.author, by_source[c.parent].author if c.parent else "-", c.body) for c in by_source.values()]


def depths(records: list[Record]) -> list[int]:
    depth: dict[str | None, int] = {None: -1}
    for comment in comments(records):
        depth[comment.source] = depth[comment.parent] + 1
    return [depth[comment.source] for comment in comments(records)]


# --- the model page


@needs_samples
def test_the_model_page_has_its_35_comments_in_their_places() -> None:
    records = list(IMPORTER.read(MODEL, lambda _: None))
    found = comments(records)
    assert [depths(records).count(depth) for depth in range(5)] == [22, 7, 4, 2, 0]
    assert len({comment.author for comment in found}) == 29
    assert [comment.line for comment in found if not comment.body] == [9, 53, 128, 145, 146, 151]
    assert all(comment.lost == (("link",) if comment.body else ("body",)) for comment in found)
    assert all(comment.created is None and comment.guessed == () for comment in found)
    assert all(comment.markup is Markup.TEXT for comment in found)
    assert not problems(records)


@needs_samples
def test_the_model_page_keeps_hard_wrapped_lines_as_one_paragraph() -> None:
    records = list(IMPORTER.read(MODEL, lambda _: None))
    lines = MODEL.read_text("utf-8").split("\n")
    (quoting,) = (comment for comment in comments(records) if comment.line == 112)
    assert quoting.body.split("\n\n")[0] == "\n".join(line.strip() for line in lines[113:116])
    (two_lines,) = (comment for comment in comments(records) if comment.line == 26)
    assert two_lines.body.split("\n\n")[0] == "\n".join(line.strip() for line in lines[27:29])


@needs_samples
def test_the_model_pages_story_names_its_source_and_quotes_it() -> None:
    found = story(list(IMPORTER.read(MODEL, lambda _: None)))
    lines = MODEL.read_text("utf-8").split("\n")
    assert found.headline == lines[0]
    assert found.attribution == "Radio Free Europe"
    assert found.excerpt == f"{lines[4]}\n\n{lines[6]}"
    assert (found.identifier, found.url, found.published) == ("flattened:chechnya-reports-2017", None, None)


@needs_samples
def test_no_word_of_the_model_page_is_lost() -> None:
    records = list(IMPORTER.read(MODEL, lambda _: None))
    told = [story(records).headline, "Radio Free Europe reports:", story(records).excerpt]
    for comment in comments(records):
        told += [comment.author, comment.body]
    assert " ".join(told).split() == MODEL.read_text("utf-8").replace("•", " ").split()


# --- the sample layouts


@needs_samples
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_is_wrong_with_a_sample_and_the_articles_own_list_stays_with_it(layout: str) -> None:
    records = list(IMPORTER.read(SAMPLES / f"{layout}.txt", lambda _: None))
    assert not problems(records)
    assert story(records).excerpt.count("\n• ") == 2


@needs_samples
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_tests_own_printer_prints_the_samples(layout: str) -> None:
    expected = json.loads((SAMPLES / f"{layout}.expected.json").read_text("utf-8"))
    printed = page(layout, nodes_of(expected["thread"]), expected["comments"], [])
    sample = (SAMPLES / f"{layout}.txt").read_text("utf-8")
    lines = [line for line in printed.split("\n") if line]
    assert lines == [line for line in sample.split("\n") if line][-len(lines) :]


@needs_samples
@pytest.mark.parametrize("layout", LAYOUTS)
def test_dates_come_from_the_page_and_never_from_a_clock_alone(layout: str) -> None:
    found = comments(list(IMPORTER.read(SAMPLES / f"{layout}.txt", lambda _: None)))
    dated = sum(comment.created is not None for comment in found)
    assert dated == (0 if layout.startswith(("disqus", "blogger")) else len(found))


@needs_samples
@pytest.mark.parametrize("path", [MODEL, *sorted(SAMPLES.glob("*.txt"))], ids=lambda path: path.stem)
def test_ids_are_distinct_and_the_same_at_every_reading_wherever_the_lines_are(path: Path, read: Any) -> None:
    ids = [comment.source for comment in comments(list(IMPORTER.read(path, lambda _: None)))]
    assert len(set(ids)) == len(ids)
    text = path.read_text("utf-8").replace("\n\n", "\n\n\n") + "\n\n"
    assert [comment.source for comment in comments(read(text, path.name))] == ids


@needs_samples
@pytest.mark.parametrize("path", [MODEL, *sorted(SAMPLES.glob("*.txt"))], ids=lambda path: path.stem)
@pytest.mark.parametrize("damage", ["crlf", "bom", "trailing spaces", "no-break spaces", "mojibake", "newline at end"])
def test_a_page_is_read_the_same_after_what_files_go_through(path: Path, damage: str, read: Any) -> None:
    text = path.read_text("utf-8")
    damaged: bytes | str = {
        "crlf": text.replace("\n", "\r\n"),
        "bom": "\ufeff" + text,
        "trailing spaces": text.replace("\n", "  \n"),
        "no-break spaces": "\n".join(
            line.replace(" ", "\xa0", len(line) - len(line.lstrip())) or "\xa0" for line in text.split("\n")
        ),
        "mojibake": text.encode("utf-8").decode("latin-1"),
        "newline at end": text + "\n",
    }[damage]
    whole = list(IMPORTER.read(path, lambda _: None))
    records = read(damaged, path.name)
    assert depths(records) == depths(whole)
    if damage != "mojibake":
        assert tree(records) == tree(whole)


# --- geometry


def test_depth_comes_from_the_column_and_a_skipped_level_is_marked(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    One.\n\n      • Bob\n\n        Two.\n\n    • Cyd\n\n      Three.\n")
    assert tree(records) == [("Ann", "-", "One."), ("Bob", "Ann", "Two."), ("Cyd", "Ann", "Three.")]
    assert [comment.guessed for comment in comments(records)] == [(), ("parent",), ()]


def test_a_discussion_may_begin_with_a_reply_whose_parent_left_nothing(read: Any) -> None:
    records = read(ARTICLE + "    • Bob\n\n      Two.\n\n  • Cyd\n\n    Three.\n")
    assert tree(records) == [("Bob", "-", "Two."), ("Cyd", "-", "Three.")]
    assert comments(records)[0].guessed == ("parent",)


def test_thousands_of_levels_are_no_trouble(read: Any) -> None:
    deep = "".join(f"{' ' * (2 + 2 * level)}• N{level}\n\n{' ' * (4 + 2 * level)}Text\n\n" for level in range(1500))
    assert depths(read(ARTICLE + deep)) == list(range(1500))


def test_preformatted_text_at_column_zero_does_not_end_the_discussion(read: Any) -> None:
    text = (
        "  • Ann\n\n    Try:\n\n    if x:\n    y\nz\n\n    after\n\n  • Bob\n\n    Or:\n\nall of it\n"
        "  here\n\n    end\n\n  • Cyd\n\n    No.\n"
    )
    records = read(ARTICLE + text)
    assert [(author, " ".join(body.split())) for author, _, body in tree(records)] == [
        ("Ann", "Try: if x: y z after"), ("Bob", "Or: all of it here end"), ("Cyd", "No."),
    ]  # fmt: skip


def test_a_list_inside_a_comment_is_text_of_that_comment(read: Any) -> None:
    records = read(
        ARTICLE + "  • Ann\n\n    I like:\n\n    • red apples\n    • pears\n    • plums\n\n"
        "    And you?\n\n    • Bob\n\n      Yes.\n"
    )
    assert tree(records) == [
        ("Ann", "-", "I like:\n\n• red apples\n• pears\n• plums\n\nAnd you?"), ("Bob", "Ann", "Yes."),
    ]  # fmt: skip


def test_a_list_at_the_end_of_a_comment_is_no_row_of_replies(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    I like:\n\n    • apples\n    • pears\n    • plums\n  • Bob\n\n    Yes.\n")
    assert tree(records) == [("Ann", "-", "I like:\n\n• apples\n• pears\n• plums"), ("Bob", "-", "Yes.")]


def test_a_list_of_sentences_before_a_reply_ends_where_the_names_begin(read: Any) -> None:
    records = read(
        ARTICLE + "  • Ann\n\n    Rules.\n\n    • Be kind.\n    • Be brief.\n    • Bob\n    • Cyd\n\n      Yes.\n"
    )
    assert tree(records)[0] == ("Ann", "-", "Rules.\n\n• Be kind.\n• Be brief.")
    assert [author for author, _, _ in tree(records)] == ["Ann", "Bob", "Cyd"]


def test_lists_in_lists_and_numbered_lists_are_text_too(read: Any) -> None:
    records = read(
        ARTICLE + "  • Ann\n\n    So.\n\n    • One thing.\n      • Its part.\n    • Two.\n\n"
        "    1. First.\n    2. Second\n\n    End.\n"
    )
    assert tree(records) == [("Ann", "-", "So.\n\n• One thing.\n• Its part.\n• Two.\n\n1. First.\n2. Second\n\nEnd.")]


def test_two_replies_that_lost_their_text_are_names_if_the_page_knows_one_of_them(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    So.\n\n    • Bob\n    • Cyd\n  • Bob\n\n    Yes.\n")
    assert tree(records) == [("Ann", "-", "So."), ("Bob", "Ann", ""), ("Cyd", "Ann", ""), ("Bob", "-", "Yes.")]


def test_two_bare_entries_that_look_like_pseudonyms_are_guessed_to_be_names(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    So.\n\n    • tin_hat\n    • other\n  • Bob\n\n    Yes.\n")
    assert [comment.guessed for comment in comments(records)] == [(), ("author",), ("author",), ()]


def test_text_that_comes_after_the_replies_is_kept_and_reported(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    One.\n\n    • Bob\n\n      Two.\n\n    Three.\n\n  • Cyd\n\n    Four.\n")
    assert [author for author, _, _ in tree(records)] == ["Ann", "Bob", "Cyd"]
    assert tree(records)[1][2] == "Two.\n\nThree."
    assert problems(records) == [Problem("line 13", "text at an unexpected place was left with the comment above it")]


# --- names


def test_a_lost_name_is_never_made_up_from_the_text(read: Any) -> None:
    named = "".join(f"  • Ann{n}\n\n    Text here.\n\n" for n in range(4))
    records = read(
        ARTICLE + named + "  • I agree with every word of this.\n\n    And more.\n\n  • Short one!\n\n    More.\n"
    )
    assert [(c.author, c.lost) for c in comments(records)][4:] == [("", ("author", "link")), ("", ("author", "link"))]
    assert tree(records)[4][2] == "I agree with every word of this.\n\nAnd more."


def test_on_a_page_of_lost_names_a_short_text_is_text(read: Any) -> None:
    sentences = "".join(f"  • This is what number {n} has to say.\n\n" for n in range(4))
    records = read(ARTICLE + "2 comments\n\n" + sentences + "  • So true\n\n")
    assert [(c.author, c.guessed) for c in comments(records)][-1] == ("", ("author",))
    assert tree(records)[-1][2] == "So true"


def test_a_name_that_looks_like_a_sentence_is_known_by_coming_again(read: Any) -> None:
    records = read(ARTICLE + "  • Who?\n\n    One.\n\n    • Bob\n\n      Two.\n\n  • Who?\n\n    Three.\n")
    assert [author for author, _, _ in tree(records)] == ["Who?", "Bob", "Who?"]


def test_initials_and_other_scripts_are_names(read: Any) -> None:
    names = ["B. O.", "Sammy Davis Jr.", "李雷", "Дмитрий К.", "אבי", "محمد علي", "~x~", "Mr. T", "Ann (not Annie)"]
    records = read(ARTICLE + "".join(f"  • {name}\n\n    Text here.\n\n" for name in names))
    assert [author for author, _, _ in tree(records)] == names


def test_says_alone_is_a_lost_name(read: Any) -> None:
    records = read(ARTICLE + "  1. says:\n    May 3, 2018 at 1:05 pm\n\n    Text.\n\n    Reply\n")
    assert [(c.author, c.lost, c.body) for c in comments(records)] == [("", ("author", "link"), "Text.")]


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Ann says:\n    May 3, 2018 at 1:05 pm", "Ann"),
        ("Ann says", "Ann"),
        ("Ann on May 3, 2018 at 1:05 pm", "Ann"),
        ("Ann May 3, 2018 at 1:05 pm", "Ann"),
        ("Ann 3 May 2018 / 13:05", "Ann"),
        ("Ann, 3. Mai 2018 13:05", "Ann"),
        ("Ann2018-05-03 13:05", "Ann"),
        ("AnnThursday, May 3, 2018 1:05:00 PM", "Ann"),
        ("Ann\n    May 3, 2018 at 1:05 pm", "Ann"),
        ("May 3, 2018 at 1:05 pm\n    Ann", "Ann"),
        ("May 3, 2018 at 1:05 pm Ann said...", "Ann"),
        ("At 1:05 PM, May 3, 2018, Blogger Ann said...", "Ann"),
        ("At May 3, 2018 at 1:05 PM, Anonymous said...", "Anonymous"),
        ("Ann dijo... 3 de mayo de 2018, 13:05", "Ann"),
        ("Ann says: (May 3, 2018 at 1:05 pm)", "Ann"),
        ("on May 3, 2018 at 1:05 pm", ""),
    ],
)
def test_headlines_of_every_form_give_the_name_as_printed(line: str, author: str, read: Any) -> None:
    other = line.replace("Ann", "Bob van der Berg")
    records = read(f"{ARTICLE}2 comments\n\n  1. {line}\n\n    Text one.\n\n  2. {other}\n\n    Text two.\n")
    found = comments(records)
    assert [c.author for c in found] == [author, author.replace("Ann", "Bob van der Berg")]
    assert [c.body for c in found] == ["Text one.", "Text two."]
    if "2018" in line:
        assert {c.created and c.created.isoformat() for c in found} == {"2018-05-03T13:05:00+00:00"}


def test_a_place_is_cut_off_only_if_every_headline_has_one(read: Any) -> None:
    both = "  1. Ann from Rome says:\n\n    One.\n\n  2. Bob from Paris says:\n\n    Two.\n"
    assert [c.author for c in comments(read(ARTICLE + both))] == ["Ann", "Bob"]
    one = both.replace("Ann from Rome", "Ann")
    assert [c.author for c in comments(read(ARTICLE + one))] == ["Ann", "Bob from Paris"]


def test_a_clock_glued_to_a_digit_is_read_for_the_name_that_stands_elsewhere(read: Any) -> None:
    text = (
        "3 comments:\n\n  1. agent11:30 AM\n\n    One.\n\n    ReplyDelete\n  2. agent19:05 AM\n\n"
        "    Two.\n\n    ReplyDelete\n  3. x9912:07 PM\n\n    Three.\n\n    ReplyDelete\n"
    )
    found = comments(read(ARTICLE + text))
    assert [c.author for c in found] == ["agent1", "agent1", "x99"]
    alone = comments(read(ARTICLE + "1 comment:\n\n  1. agent11:30 AM\n\n    One.\n\n    ReplyDelete\n"))
    assert alone[0].guessed == ("author",)


def test_a_date_that_could_be_two_days_is_none(read: Any) -> None:
    shapes = {"5/6/2018": None, "25/6/2018": "2018-06-25", "6/25/2018": "2018-06-25", "5.6.2018": "2018-06-05",
              "6/6/2018": "2018-06-06", "31.2.2018": None, "2018/06/25": "2018-06-25"}  # fmt: skip
    text = "".join(f"  1. Ann on {printed}\n\n    Text.\n\n" for printed in shapes)
    found = comments(read(f"{ARTICLE}7 comments\n\n{text}"))
    assert [c.created and f"{c.created:%Y-%m-%d}" for c in found] == list(shapes.values())
    assert {c.author for c in found} == {"Ann"}


def test_time_ago_is_no_date(read: Any) -> None:
    found = comments(read(ARTICLE + "  • Ann 3 years ago\n\n    One.\n\n  • Bob an hour ago\n\n    Two.\n"))
    assert [(c.author, c.created) for c in found] == [("Ann", None), ("Bob", None)]


# --- what isn't a comment


def test_buttons_are_taken_off_where_the_page_prints_them(read: Any) -> None:
    text = "".join(f"  • {name}\n\n    Text.\n\n    Permalink\n    Reply\n\n" for name in ("Ann", "Bob"))
    assert [body for _, _, body in tree(read(ARTICLE + text))] == ["Text.", "Text."]


def test_a_reader_may_write_the_word_reply(read: Any) -> None:
    text = "".join(f"  • N{n}\n\n    Text.\n\n" for n in range(9)) + "  • Ann\n\n    Please\n\n    Reply\n"
    assert tree(read(ARTICLE + text))[-1][2] == "Please\n\nReply"


def test_a_comment_its_author_took_back_leaves_its_place(read: Any) -> None:
    text = (
        "2 comments:\n\n  1. Ann1:05 PM\n\n    This comment has been removed by the author.\n\n"
        "    ReplyDelete\n    Replies\n    1. Bob1:06 PM\n\n      Why?\n\n      ReplyDelete\n    Reply\n"
    )
    records = read(ARTICLE + text)
    gone, reply = comments(records)
    assert (gone.state, gone.author, gone.body, gone.lost) == (State.DELETED, "", "", ())
    assert reply.parent == gone.source
    taken = comments(read(ARTICLE + text.replace("by the author", "by a blog administrator")))[0]
    assert taken.state is State.REMOVED


def test_the_form_below_the_discussion_is_not_part_of_it(read: Any) -> None:
    text = (
        "  1. Ann says:\n    May 3, 2018 at 1:05 pm\n\n    Text.\n\n    Reply\n\nLeave a Reply\n\n"
        "Your email address will not be published.\n\n  • Recent post\n  • Other post\n"
    )
    records = read(ARTICLE + text)
    assert tree(records) == [("Ann", "-", "Text.")]
    assert not problems(records)


def test_unknown_text_below_the_discussion_is_reported(read: Any) -> None:
    records = read(ARTICLE + "  • Ann\n\n    Text.\n\nAbout this site\n\n  • Imprint\n")
    assert tree(records) == [("Ann", "-", "Text.")]
    assert problems(records) == [
        Problem("line 9", "the text from here on stands below the discussion and was left out")
    ]


def test_pings_are_skipped_with_their_reason(read: Any) -> None:
    text = (
        "3 Responses to “A headline\n\n  1. Ann says:\n    May 3, 2018 at 1:05 pm\n\n    Text.\n\n"
        "    Reply\n  2. Pingback: Another blog\n  3. Bob says:\n    May 4, 2018 at 1:05 pm\n\n"
        "    Text.\n\n    Reply\n"
    )
    records = read(ARTICLE + text)
    assert [record for record in records if isinstance(record, Skipped)] == [Skipped("pingback", "line 13")]
    assert problems(records) == [Problem("line 5", "3 comments announced, 2 found")]


def test_lists_of_the_article_are_not_comments(read: Any) -> None:
    article = ARTICLE + "  • The first point of it all.\n  • The second point of it all.\n"
    records = read(article + "  • Ann\n\n    Text.\n")
    assert tree(records) == [("Ann", "-", "Text.")]
    assert "second point" in story(records).excerpt
    bold = ARTICLE + "  • A point\n\n    Explained here.\n\nMore of the story.\n\n1 comment\n\n  • Ann\n\n    Text.\n"
    assert tree(read(bold)) == [("Ann", "-", "Text.")]


@pytest.mark.parametrize("words", ["No comments:", "No comments yet.", "0 comments:", "Sin comentarios"])
def test_a_page_without_comments_is_a_story(words: str, read: Any) -> None:
    records = read(f"{ARTICLE}{words}\n\nPost a Comment\n")
    assert comments(records) == []
    assert story(records).excerpt == "A paragraph of the story."


@pytest.mark.parametrize(
    "text",
    ["", "Just a story.\n\nWith a paragraph.\n", ARTICLE + "  • A list.\n  • Of sentences.\n", "<html></html>",
     '{"a": 1}',
     '[{"a": 1}]', "\x00\x01\x02", "Bob says:\n\nHe does.\n"],
)  # fmt: skip
def test_a_text_without_a_discussion_is_refused(text: str, read: Any) -> None:
    with pytest.raises(Unreadable, match="no discussion"):
        read(text)


def test_text_that_is_no_utf8_is_read_as_windows_1252_and_reported(read: Any) -> None:
    records = read((ARTICLE + "  • Søren\n\n    Dør.\n").encode("cp1252").replace(b"  \x95", "  •".encode()))
    assert problems(records) == [Problem("line 5", "isn't UTF-8; the file was read as windows-1252")]
    assert comments(records)[0].author == "Søren"


# --- pages without markers


def test_said_stands_above_and_the_clock_below(read: Any) -> None:
    text = "2 comments:\n\nAnn said...\n\nOne.\n\n1:05 PM\nBob disse...\n2:05 PM\n\nPost a Comment\n\nHome\n"
    assert tree(read(ARTICLE + text)) == [("Ann", "-", "One."), ("Bob", "-", "")]
    quoted = (
        "3 comments:\n\nAnn said...\n\nOne.\n\n1:05 PM\nBob said...\n\nAnn said...\n\nSo she did.\n\n"
        "2:05 PM\nCyd said...\n\n3:05 PM\n"
    )
    assert tree(read(ARTICLE + quoted)) == [
        ("Ann", "-", "One."), ("Bob", "-", "Ann said...\n\nSo she did."), ("Cyd", "-", ""),
    ]  # fmt: skip


def test_the_providers_picture_is_no_part_of_a_name_if_every_name_has_one(read: Any) -> None:
    text = (
        "2 comments:\n\nBlogger Ann said...\n\nOne.\n\nMay 3, 2018 at 1:05 PM\n"
        "Anonymous Anonymous said...\n\nTwo.\n\nMay 4, 2018 at 1:05 PM\n"
    )
    records = read(ARTICLE + text)
    assert [(c.author, f"{c.created:%d %H:%M}") for c in comments(records)] == [
        ("Ann", "03 13:05"),
        ("Anonymous", "04 13:05"),
    ]


def test_what_follows_the_last_clock_is_not_the_last_comment(read: Any) -> None:
    text = "2 comments:\n\nAnn said...\n\nOne.\n\n1:05 PM\nBob said...\n\nTwo.\n\n2:05 PM\n\nAbout me\n"
    records = read(ARTICLE + text)
    assert [body for _, _, body in tree(records)] == ["One.", "Two."]
    assert [problem.where for problem in problems(records)] == ["line 18"]


def test_said_without_any_times_needs_no_clock(read: Any) -> None:
    text = "Comments\n\nAnn said...\n\nOne.\n\nBob said...\n\nAt 5:00 he left.\n\n  • a list.\n"
    assert tree(read(ARTICLE + text)) == [("Ann", "-", "One."), ("Bob", "-", "At 5:00 he left.\n\n• a list.")]


@pytest.mark.parametrize(
    "line",
    ["Posted by: Ann at May 3, 2018 01:05 PM", "Posted by Ann on May 3, 2018 1:05 PM",
     "posted by Ann at 1:05 PM on May 3, 2018",
     "By Ann (not verified) on 3 May 2018 13:05 #permalink", "Comment posted by Ann | May 3, 2018 1:05 PM",
     "Posted by Ann at 1:05 PM on May 3, 2018 [3 favorites]"],
)  # fmt: skip
def test_the_authors_line_below_the_text(line: str, read: Any) -> None:
    text = (
        f"Comments\n\nOne,\nand more.\n\nTwo.\n\n{line}\n\nThree.\n\n{line.replace('Ann', 'Bob')}\n\nPost a comment\n"
    )
    records = read(ARTICLE + text)
    assert tree(records) == [("Ann", "-", "One,\nand more.\n\nTwo."), ("Bob", "-", "Three.")]
    assert {c.created and c.created.isoformat() for c in comments(records)} == {"2018-05-03T13:05:00+00:00"}
    assert not problems(records)


def test_an_authors_line_without_time_needs_the_word_posted(read: Any) -> None:
    text = "Comments\n\nBy the way, hello.\n\nPosted by Ann\n\nPosted by\n"
    assert tree(read(ARTICLE + text))[0] == ("Ann", "-", "By the way, hello.")


def test_without_a_heading_the_first_authors_line_is_the_storys(read: Any) -> None:
    line = "Posted by: {} at May 3, 2018 01:05 PM"
    text = f"{ARTICLE}{line.format('Editor')}\n\nOne.\n\n{line.format('Ann')}\n\nTwo.\n\n{line.format('Bob')}\n"
    records = read(text)
    assert [c.author for c in comments(records)] == ["Ann", "Bob"]
    assert problems(records)[0].where == "line 5"
    headed = text.replace("One.", "2 comments\n\nOne.")
    assert [c.author for c in comments(read(headed))] == ["Ann", "Bob"]
    assert not problems(read(headed))
    with pytest.raises(Unreadable):
        read(f"{ARTICLE}{line.format('Editor')}\n")


# --- the story


@pytest.mark.parametrize(
    ("line", "source"),
    [("The Example Wire reports:", "The Example Wire"), ("Via The Wire:", "The Wire"),
     ("From the Example Post", "the Example Post"),
     ("Something else:", ""), ("A paragraph that reports: and goes on", "")],
)  # fmt: skip
def test_a_story_that_quotes_another_names_it(line: str, source: str, read: Any) -> None:
    found = story(read(f"Headline\n\n{line}\n\nQuoted.\n\n  • Ann\n\n    Text.\n"))
    assert found.attribution == source
    assert found.excerpt == ("Quoted." if source else f"{line}\n\nQuoted.")


def test_a_page_may_have_no_story_above_its_discussion(read: Any) -> None:
    assert story(read("  • Ann\n\n    Text.\n")).headline == ""


# --- recognition


@pytest.mark.parametrize(
    ("head", "known"),
    [(b"Title\n\n  \xe2\x80\xa2 Ann\n", True), (b"Title\n\n3 comments:\n", True), (b"Title\n\nNo comments:\n", True),
     (b"Title\n\nAnn said...\n", True), (b"Title\n\nPosted by: Ann at May 3, 2018 01:05 PM\n", True),
     (b"Title\n\nText.\n", False), (b"  <?xml version='1.0'?>\n  1. x", False), (b"\x00\x01  1. x", False),
     (b'{"a": "\n  1. x"}', False),
     ("Title\n\n3 comments:\n\n  • é".encode()[:-1], True)],
)  # fmt: skip
def test_a_flattened_page_is_recognised_by_a_sign_of_discussion(head: bytes, known: bool) -> None:
    assert IMPORTER.recognises(head) is known
