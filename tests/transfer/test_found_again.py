"""A discussion restored from the text of its page, then found again as HTML: one thread, with what was lost back."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.tables import threads
from outspoken.store.windows import in_reading_order
from outspoken.transfer.importers import recognise
from outspoken.transfer.importers.flattened import IMPORTER as FLATTENED
from outspoken.transfer.job import run_import
from outspoken.transfer.records import SourceComment, SourceStory
from outspoken.transfer.report import Report
from tests.transfer.scoring import Node
from tests.transfer.test_saved_pages import MODEL, comments, needs_samples, story
from tests.transfer.writing_pages import page
from tests.transfer.writing_warcs import Answer, warc

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
URL = "https://news.example/2017/04/reports/"
PICTURE = "https://media.example/{}.gif"
LINK = "https://rainbow.example/donate"
Run = Callable[[Path], Report]


@pytest.fixture
def run(database: Database, tmp_path: Path, entropy: Callable[[int], bytes]) -> Run:
    """Import a file into the site "harbour"."""

    def running(path: Path) -> Report:
        return run_import(
            recognise(path),
            path,
            database=database,
            site="harbour",
            scratch_folder=tmp_path,
            entropy=entropy,
            now=lambda: NOW,
        )

    return running


def model_as_html(layout: str = "disqus_list") -> str:
    """Return the model page as it may have been: with its pictures, and the link of which only "More at:" is left."""
    records = list(FLATTENED.read(MODEL, lambda _: None))
    pictures = itertools.count(1)
    nodes: dict[str, Node] = {}
    roots: list[Node] = []
    for comment in comments(records):
        blocks: list[tuple[str, Any]] = [
            ("br" if "\n" in text else "p", text) for text in comment.body.split("\n\n") if text
        ]
        if not blocks:
            blocks = [("image", PICTURE.format(next(pictures)))]
        if comment.body.endswith("More at:"):
            blocks.append(("link", LINK))
        node = nodes[comment.source] = Node(comment.author, blocks, "2017-04-20T08:13:00")
        (nodes[comment.parent].replies if comment.parent else roots).append(node)
    return page(layout, roots, headline=story(records).headline, url=URL)


@needs_samples
@pytest.mark.parametrize("layout", ["disqus_list", "wordpress_now", "nested", "dated"])
def test_the_html_names_every_comment_as_the_text_did(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "found again.html"
    path.write_text(model_as_html(layout), "utf-8")
    before = comments(list(FLATTENED.read(MODEL, lambda _: None)))
    again = [record for record in recognise(path).read(path, lambda _: None) if isinstance(record, SourceComment)]
    assert len(again) == 35
    for text, html in zip(before, again, strict=True):
        assert ("flattened", text.source) in html.same_as


@needs_samples
@pytest.mark.parametrize("kind", ["html", "warc"])
@pytest.mark.parametrize("order", ["text first", "html first"])
def test_the_model_page_found_again_is_one_thread_of_35(
    order: str, kind: str, run: Run, database: Database, tmp_path: Path
) -> None:
    found = tmp_path / f"found.{kind}"
    html = model_as_html()
    found.write_bytes(html.encode("utf-8") if kind == "html" else warc([Answer(URL, html)]))
    paths = [MODEL, found] if order == "text first" else [found, MODEL]
    first, second = run(paths[0]), run(paths[1])
    assert (first.comments, second.comments) == (35, 0)
    with database.reading() as connection:
        (id,) = connection.execute(sa.select(threads.c.id)).scalars()
        shown = list(in_reading_order(connection, id))
    assert len(shown) == 35
    assert [sum(comment.depth == depth for comment in shown) for depth in range(4)] == [22, 7, 4, 2]
    assert not list(check(database))
    # Six pictures and a link.
    assert (second.completed, second.duplicates) == ((7, 28) if order == "text first" else (0, 35))
    bodies = [comment.body.html if comment.body else "" for comment in shown]
    assert sum(f'href="{LINK}"' in body for body in bodies) == 1
    assert [sum(PICTURE.format(n) in body for body in bodies) for n in range(1, 7)] == [1] * 6
    assert not any("body" in comment.origin.lost for comment in shown if comment.origin)
    assert run(found).comments == run(MODEL).comments == 0


def test_texts_of_two_pages_with_one_short_headline_stay_apart(run: Run, database: Database, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text(f"News\n\nStory {name}.\n\n  • Ann\n\n    Thanks!\n", "utf-8")
    assert [run(tmp_path / f"{name}.txt").comments for name in "ab"] == [1, 1]


def test_two_blogs_with_comments_of_the_same_numbers_stay_apart(run: Run, tmp_path: Path) -> None:
    for name, host in (("Ann", "a.example"), ("Bob", "b.example")):
        html = page("wordpress", [Node(name, [("p", "So.")], "2017-04-20T08:13:00")], url=f"https://{host}/x/")
        (tmp_path / f"{name}.html").write_text(html, "utf-8")
    assert [run(tmp_path / f"{name}.html").comments for name in ("Ann", "Bob")] == [1, 1]


def test_a_page_tells_its_story(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page("wordpress", [Node("Ann", [("p", "So.")], "2017-04-20T08:13:00")], url=URL), "utf-8")
    found = next(r for r in recognise(path).read(path, lambda _: None) if isinstance(r, SourceStory))
    assert (found.url, found.headline) == (URL, "A headline that is long enough")
    assert (found.attribution, found.excerpt) == (
        "The Example Wire",
        "A paragraph of the story.\n\n• A point.\n• Another.",
    )
