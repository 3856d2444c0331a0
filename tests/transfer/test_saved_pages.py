"""Reading saved pages: the sample layouts, the embed, made-up trees in every layout, and what pages go through."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from outspoken.transfer.importers.captures import IMPORTER
from outspoken.transfer.records import Problem, Record, SourceComment, SourceStory
from tests.transfer import test_flattened_generated as made
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


def comments(records: list[Record]) -> list[SourceComment]:
    return [record for record in records if isinstance(record, SourceComment)]


def problems(records: list[Record]) -> list[Problem]:
    return [record for record in records if isinstance(record, Problem)]


def story(records: list[Record]) -> SourceStory:
    (found,) = (record for record in records if isinstance(record, SourceStory))
    return found


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
