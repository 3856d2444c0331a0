"""A blog that went from WordPress to Disqus, imported by way of either: it is one blog."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings

from outspoken.discussion.state import State
from outspoken.store.database import Database
from outspoken.store.tables import threads
from outspoken.store.windows import in_reading_order
from outspoken.transfer.importers import importer_named
from outspoken.transfer.job import run_import
from outspoken.transfer.report import Report
from tests.transfer.made_up_blogs import Made, discussions
from tests.transfer.writing_disqus import disqus
from tests.transfer.writing_wxr import wxr

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
ROUNDS = itertools.count()
Bring = Callable[[str, bytes, str], Report]


@pytest.fixture
def bring(sqlite: Database, tmp_path: Path, entropy: Callable[[int], bytes]) -> Bring:
    """Import a file of the given content into a site."""

    def bringing(format: str, content: bytes, site: str) -> Report:
        path = tmp_path / "export"
        path.write_bytes(content)
        return run_import(
            importer_named(format),
            path,
            database=sqlite,
            site=site,
            scratch_folder=tmp_path,
            entropy=entropy,
            now=lambda: NOW,
        )

    return bringing


def shown(database: Database, site: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return each text that is shown, with the texts above it: a tree told by its branches."""
    found = set()
    with database.reading() as connection:
        for thread in connection.execute(sa.select(threads.c.id).where(threads.c.site == site)).scalars().all():
            comments = list(in_reading_order(connection, thread))
            by_number = {comment.number: comment for comment in comments}
            for comment in comments:
                if comment.state is State.PUBLISHED and comment.body:
                    above = []
                    at = comment.parent
                    while at:
                        parent = by_number[at]
                        above.append(parent.body.html if parent.body and parent.state is State.PUBLISHED else "")
                        at = parent.parent
                    found.add((comment.body.html, tuple(above)))
    return found


def expected(made: Sequence[Made]) -> set[tuple[int, tuple[int, ...]]]:
    """Return the same of what was made up, by numbers; 0 stands for what isn't shown."""
    by_number = {comment.number: comment for comment in made}

    def seen(comment: Made) -> int:
        return comment.number if comment.state is State.PUBLISHED else 0

    branches = set()
    for comment in made:
        above, at = [], comment.parent
        while at is not None:
            above.append(seen(by_number[at]))
            at = by_number[at].parent
        if seen(comment):
            branches.add((comment.number, tuple(above)))
    return branches


def numbers(branches: set[tuple[str, tuple[str, ...]]]) -> set[tuple[int, tuple[int, ...]]]:
    def number(html: str) -> int:
        return int("".join(filter(str.isdigit, html)) or 0)

    return {(number(html), tuple(number(text) for text in above)) for html, above in branches}


def with_names_elsewhere(made: Sequence[Made]) -> tuple[bytes, bytes]:
    """Return the export of a blog that went from WordPress to Disqus, and WordPress's own, noting Disqus's numbers."""
    at_disqus = disqus(made)
    at_wordpress = wxr(made)
    for comment in made:
        own, other = f'<post dsq:id="{comment.number}"><id />', f"<wp:comment_id>{comment.number}</wp:comment_id>"
        at_disqus = at_disqus.replace(
            own.encode(), f'<post dsq:id="{comment.number + 5000}"><id>wp_id={comment.number}</id>'.encode()
        ).replace(
            f'<parent dsq:id="{comment.number}" />'.encode(), f'<parent dsq:id="{comment.number + 5000}" />'.encode()
        )
        meta = (
            "<wp:commentmeta><wp:meta_key>dsq_post_id</wp:meta_key>"
            f"<wp:meta_value>{comment.number + 5000}</wp:meta_value></wp:commentmeta>"
        )
        at_wordpress = at_wordpress.replace(other.encode(), (other + meta).encode())
    return at_disqus, at_wordpress


@settings(max_examples=5, phases=[Phase.generate])
@given(made=discussions([State.PUBLISHED]))
def test_a_blog_that_went_to_disqus_is_the_same_blog_by_either_way(
    bring: Bring, sqlite: Database, made: list[Made]
) -> None:
    made = [replace(comment, text=f"text {comment.number}") for comment in made]
    at_disqus, at_wordpress = with_names_elsewhere(made)
    site, other = f"one-{next(ROUNDS)}", f"other-{next(ROUNDS)}"

    bring("disqus", at_disqus, site)
    assert bring("wordpress", at_wordpress, site).comments == 0
    bring("wordpress", at_wordpress, other)
    assert bring("disqus", at_disqus, other).comments == 0

    assert numbers(shown(sqlite, site)) == numbers(shown(sqlite, other)) == expected(made)
