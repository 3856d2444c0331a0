"""Reading topics of Discourse and annotations of Hypothes.is, with trees that were made up."""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from outspoken.discussion.state import State
from outspoken.text.render import plain_text, render
from outspoken.transfer.importers import discourse, hypothesis, recognise
from outspoken.transfer.records import Importer, Problem, Record, Skipped, SourceStory, Unreadable
from tests.transfer import among
from tests.transfer.made_up import NAMES, MadeUp, as_made, as_read, by_chance, discussions
from tests.transfer.writing_topics import write_discourse, write_hypothesis


def read(importer: Importer, path: Path) -> list[Record]:
    return list(importer.read(path, lambda _: None))


def topic(path: Path, *posts: dict[str, Any], **fields: Any) -> list[Record]:
    path.write_text(json.dumps({"post_stream": {"posts": posts}, "id": 7, "title": "T", "slug": "t", **fields}))
    return read(discourse.IMPORTER, path)


def rows(path: Path, *annotations: dict[str, Any]) -> list[Record]:
    complete = [
        {"id": "a", "uri": "https://harbour.example/", "user": "acct:ann@hypothes.is", **a} for a in annotations
    ]
    path.write_text(json.dumps({"rows": complete}))
    return read(hypothesis.IMPORTER, path)


@given(discussions([State.HELD, State.DELETED]))
@settings(max_examples=40)
def test_any_tree_comes_back_from_a_topic(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "topic.json"
    write_discourse(path, made)
    records = read(discourse.IMPORTER, path)
    assert as_read(records) == as_made(made, lambda number: f"77/{number}")
    assert {c.source: c.up for c in among.comments(records)} == {f"77/{c.number}": c.up for c in made}
    assert not among.problems(records)
    assert "Real Name" not in repr(records)


@given(discussions([State.REMOVED], names=NAMES.filter(bool)))
@settings(max_examples=40)
def test_any_tree_comes_back_from_annotations(tmp_path: Path, made: list[MadeUp]) -> None:
    path = tmp_path / "rows.json"
    write_hypothesis(path, made)
    records = read(hypothesis.IMPORTER, path)
    assert as_read(records) == as_made(made, lambda number: f"an{number}")
    assert not among.problems(records)


def test_a_topic_and_annotations_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    for write, importer in ((write_discourse, discourse.IMPORTER), (write_hypothesis, hypothesis.IMPORTER)):
        write(path, by_chance(1))
        assert recognise(path) is importer


def test_nobody_is_known_by_what_may_be_an_e_mail(tmp_path: Path) -> None:
    posts = [{"post_number": at, "username": said, "cooked": "x"} for at, said in enumerate(["ann", "ann@harbour"], 1)]
    records = topic(tmp_path / "topic.json", *posts)
    assert [c.author_source for c in among.comments(records)] == ["ann", None]


def test_the_notices_of_a_topic_and_the_whispers_in_it_are_left_out(tmp_path: Path) -> None:
    posts = [{"post_number": number, "post_type": kind, "cooked": "x"} for number, kind in enumerate([1, 2, 3, 4], 1)]
    records = topic(tmp_path / "topic.json", *posts)
    assert [c.source for c in among.comments(records)] == ["7/1", "7/2"]
    assert [r.reason for r in records if isinstance(r, Skipped)] == ["notice of the system", "whisper among the staff"]


def test_a_topic_of_which_a_part_is_there_says_so(tmp_path: Path) -> None:
    posts = {"posts": [{"post_number": 1}], "stream": [1, 2, 3]}
    records = topic(tmp_path / "topic.json", post_stream=posts)
    assert among.problems(records) == [
        Problem("topic 7", "only 1 of its 3 posts are in the file; its address with ?print=true has more")
    ]


def test_what_the_staff_took_down_leaves_only_its_place(tmp_path: Path) -> None:
    (comment,) = among.comments(
        topic(
            tmp_path / "topic.json",
            {"post_number": 2, "cooked": "secret", "username": "secret", "deleted_at": "2020-01-01T00:00:00Z"},
        )
    )
    assert comment.state is State.REMOVED
    assert "secret" not in repr(comment)


def test_a_quotation_has_no_portrait_and_emoji_are_words(tmp_path: Path) -> None:
    quote = '<aside class="quote"><div class="title"><img src="/a.png" class="avatar"> sam:</div>Hi</aside>'
    smile = '<p><img src="/smile.png" class="emoji" alt=":smile:"></p>'
    (comment,) = among.comments(topic(tmp_path / "topic.json", {"post_number": 2, "cooked": f"{quote}{smile}"}))
    assert comment.body == '<aside class="quote"><div class="title"> sam:</div>Hi</aside><p>:smile:</p>'


def test_a_topic_is_closed_where_it_is_closed_or_archived(tmp_path: Path) -> None:
    for fields, closed in (({}, False), ({"closed": True, "archived": False}, True), ({"archived": True}, True)):
        (story,) = [r for r in topic(tmp_path / "t.json", **fields) if isinstance(r, SourceStory)]
        assert (story.closed, story.identifier) == (closed, "/t/t/7")


def test_a_file_without_a_topic_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "topic.json"
    path.write_text('{"post_stream": {"posts": []}}')
    with pytest.raises(Unreadable, match="no id of a topic"):
        read(discourse.IMPORTER, path)


def test_private_annotations_stay_private(tmp_path: Path) -> None:
    records = rows(
        tmp_path / "rows.json",
        {"text": "secret", "permissions": {"read": ["acct:ann@hypothes.is"]}},
        {"text": "secret", "permissions": {"read": ["group:harbour"]}},
        {"text": "secret", "permissions": {"read": "group:__world__"}},
    )
    assert [type(record) for record in records] == [Skipped] * 3
    assert "secret" not in repr(records)


def test_the_passage_an_annotation_is_about_stands_above_it(tmp_path: Path) -> None:
    target = [{"selector": [{"type": "RangeSelector"}, {"type": "TextQuoteSelector", "exact": "the ferry\n stops"}]}]
    (comment,) = among.comments(rows(tmp_path / "rows.json", {"text": "Why?", "target": target}))
    assert (comment.body, comment.author, comment.author_source) == (
        *("> the ferry stops\n\nWhy?", "ann", "ann at hypothes.is"),
    )


@pytest.mark.parametrize(
    "words",
    [
        "call f(*args, **kwargs) in my_new_func_ on <div> or [a](b) 2*3*4",
        *(
            "# no heading",
            "1. no list",
            "12) neither",
            "- a - b",
            "+ c",
            "> said",
            "---",
            "***",
            "~~gone~~ &amp; `code`",
        ),
        *("a\\b \\*c*", "![x](y)", "[x]: y", "see https://harbour.example/~ann/a_b_c?x=1&y=2 and _that_"),
    ],
)
def test_a_passage_is_shown_as_it_stands_on_the_page(words: str, tmp_path: Path) -> None:
    target = [{"selector": [{"type": "TextQuoteSelector", "exact": words}]}]
    (comment,) = among.comments(rows(tmp_path / "rows.json", {"text": "Why?", "target": target}))
    shown = render(comment.body, comment.markup)
    assert plain_text(shown) == f"{words}\nWhy?"
    assert re.findall(r"<(\w+)", re.sub(r"<a .*?</a>", "", shown)) == ["blockquote", "p", "p"]
    assert shown.count("<a ") == words.count("https:")


@pytest.mark.parametrize(
    "odd",
    [
        *({"target": 7}, {"target": [7]}, {"target": [{"selector": [7]}]}, {"references": [7, []]}),
        *({"document": {"title": [[]]}}, {"user": 7}, {"user_info": []}, {"uri": None}),
    ],
)
def test_odd_annotations_are_read_or_reported(odd: dict[str, Any], tmp_path: Path) -> None:
    records = rows(tmp_path / "rows.json", odd)
    assert len(among.comments(records)) + len(among.problems(records)) == 1


@pytest.mark.parametrize(
    ("importer", "write"), [(discourse.IMPORTER, write_discourse), (hypothesis.IMPORTER, write_hypothesis)]
)
def test_a_file_cut_off_anywhere_is_refused(
    importer: Importer, write: Callable[[Path, Sequence[MadeUp]], None], tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    write(path, by_chance(2))
    content = path.read_bytes()
    dice = random.Random(3)
    for cut in [0, *(dice.randrange(len(content) - 1) for _ in range(20))]:
        path.write_bytes(content[:cut])
        with pytest.raises(Unreadable, match=r"\A[^\n]+\Z"):
            read(importer, path)
