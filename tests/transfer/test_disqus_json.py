"""Reading what the API of Disqus answered, in the shapes that people kept it in."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from outspoken.discussion.state import State
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.records import Problem, Record, SourceComment, SourceStory, Unreadable
from tests.transfer.among import comments, problems, stories
from tests.transfer.made_up_blogs import Made, discussions
from tests.transfer.writing_disqus import SHAPES, disqus_json

IMPORTER = importer_named("disqus-json")
POST: dict[str, Any] = {
    "id": "7",
    "forum": "harbour",
    "thread": "1",
    "parent": None,
    "createdAt": "2014-05-06T07:08:09",
    "isDeleted": False,
    "isSpam": False,
    "isApproved": True,
    "raw_message": "Hello",
    "message": "<p>Hello</p>",
    "media": [],
    "likes": 3,
    "dislikes": 1,
    "author": {"name": "Ann", "username": "ann"},
}
Write = Callable[[Any], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(whole: Any) -> Path:
        path = tmp_path / "posts.json"
        path.write_text(json.dumps(whole), "utf-8")
        return path

    return written


def read(path: Path) -> list[Record]:
    return list(IMPORTER.read(path, lambda _: None))


def only_comment(path: Path) -> SourceComment:
    (found,) = comments(read(path))
    return found


def test_the_data_in_a_saved_embed_is_recognised_by_itself(shared_data: Path, write: Write) -> None:
    page = (shared_data / "import" / "disqus" / "synthetic-embed.html").read_text("utf-8")
    whole = json.loads(page.partition('id="disqus-threadData">')[2].partition("</script>")[0])
    path = write(whole)
    assert recognise(path) is IMPORTER
    assert [c.source for c in comments(read(path))] == [post["id"] for post in whole["response"]["posts"]]
    (story,) = stories(read(path))
    assert story.url == whole["response"]["thread"]["link"]


def test_a_post_is_read_with_votes_and_date_and_knows_its_export(write: Write) -> None:
    found = only_comment(write([POST]))
    assert (found.author, found.author_source, found.body, found.up, found.down) == ("Ann", "ann", "<p>Hello</p>", 3, 1)
    assert found.created is not None
    assert found.created.isoformat() == "2014-05-06T07:08:09+00:00"
    assert found.same_as == (("disqus", "7"),)


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({"isDeleted": True}, State.DELETED), ({"isSpam": True}, State.SPAM), ({"isApproved": False}, State.HELD),
        ({"isDeleted": True, "isSpam": True}, State.DELETED), ({"isApproved": None}, State.PUBLISHED),
    ],
)  # fmt: skip
def test_what_is_gone_leaves_its_place_alone(flags: dict[str, Any], state: State, write: Write) -> None:
    found = only_comment(write([POST | flags]))
    assert found.state is state
    if state in (State.DELETED, State.SPAM):
        assert (found.author, found.author_source, found.body, found.up, found.down) == ("", None, "", 0, 0)


def test_pictures_become_links_and_raw_text_stands_in_for_html(write: Write) -> None:
    media = [{"url": "https://img.example/a?b=1&c=2"}, {"url": "//img.example/d"}, {"url": "javascript:x"}, {}, None, 5]
    found = only_comment(write([POST | {"message": "", "raw_message": "one\n\ntwo", "media": media}]))
    link = '<p><a href="{0}">{0}</a></p>'.format
    assert found.body == "<p>one</p>\n<p>two</p>" + link("https://img.example/a?b=1&amp;c=2") + link(
        "https://img.example/d"
    )
    named = POST | {"message": 'see <a href="https://img.example/d">d</a>', "media": media[1:2]}
    assert only_comment(write([named])).body == named["message"]


def test_nothing_private_enters(write: Write) -> None:
    author = {"name": "ann@example.org", "username": "ann@example.org", "email": "e@example.org", "emailHash": "f" * 32}
    found = only_comment(write([POST | {"author": author, "ipAddress": "203.0.113.9"}]))
    assert (found.author, found.author_source, found.lost) == ("", None, ("author",))
    assert not any(secret in repr(found) for secret in ("@", "203.0.113.9", "ffff"))


def test_a_page_of_which_only_the_number_is_known_has_that(write: Write) -> None:
    (story,) = stories(read(write([POST])))
    assert (story.source, story.identifier, story.url) == ("1", "harbour/1", None)


@pytest.mark.parametrize(
    "odd",
    [
        {"id": None},
        {"thread": []},
        {"thread": {"id": ""}},
        {"id": {}},
        {"createdAt": 5e300},
        {"author": 5},
        {"media": 5},
    ],
)
def test_odd_values_are_reported_or_empty(odd: dict[str, Any], write: Write) -> None:
    records = read(write([POST | odd]))
    assert len(comments(records)) + len(problems(records)) >= 1


def test_what_is_neither_post_nor_thread_is_reported_and_other_json_isnt_recognised(write: Write) -> None:
    assert [type(record) for record in read(write([POST, {"x": 1}]))] == [SourceComment, Problem, SourceStory]
    for other in ([], {}, [1], {"posts": [{"id": 1}]}, {"response": "Invalid API key"}, {"post_stream": {"posts": []}}):
        assert not IMPORTER.recognises(json.dumps(other).encode())


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    whole = json.dumps([POST] * 3)
    for cut in (1, 10, len(whole) // 2, len(whole) - 1):
        path.write_text(whole[:cut])
        with pytest.raises(Unreadable):
            read(path)


@settings(max_examples=40)
@given(made=discussions(), shape=st.sampled_from(SHAPES), with_threads=st.booleans())
def test_any_tree_in_any_shape_is_read_back(tmp_path: Path, made: list[Made], shape: str, with_threads: bool) -> None:
    # Nothing on no line is no file of this kind.
    assume(made or shape != "lines")
    path = tmp_path / "made.json"
    path.write_bytes(disqus_json(made, shape, with_threads=with_threads))
    records = read(path)
    assert {c.source: (c.parent, c.author, c.body, c.up) for c in comments(records)} == {
        str(c.number): (
            str(c.parent) if c.parent else None,
            c.author if c.is_shown else "",
            f"<p>{html.escape(c.text)}</p>" if c.is_shown else "",
            c.number % 3 if c.is_shown else 0,
        )
        for c in made
    }
    assert {c.story for c in comments(records)} <= {s.source for s in stories(records)}
    assert not problems(records)
    if made:
        assert IMPORTER.recognises(path.read_bytes())
