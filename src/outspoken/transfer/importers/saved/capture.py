"""One capture of a page: the story, and the comments by whichever layout shows the most of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outspoken.transfer.importers.saved import (
    blogger,
    disqus_embed,
    disqus_list,
    linked_data,
    microdata,
    movable_type,
    nested_lists,
    own,
    wordpress,
)
from outspoken.transfer.importers.saved.found import Discussion, Found
from outspoken.transfer.importers.saved.page import Page
from outspoken.transfer.importers.saved.story import Told, story_on, whole_page
from outspoken.transfer.records import Problem, Skipped, Unreadable


class Layout(Protocol):
    """How one system writes its comments into pages. Each module here of that kind is one."""

    def count(self, page: Page) -> int:
        """Return how many comments of this layout the page has; changes nothing."""
        ...

    def read(self, page: Page) -> Discussion:
        """Return the discussion, cutting it out of the page."""
        ...


MOST_COMMENTS = 20_000
"""On one page. Systems show some hundred; somebody may have had them all shown."""
LAYOUTS: tuple[Layout, ...] = (
    disqus_embed,
    own,
    disqus_list,
    blogger,
    wordpress,
    movable_type,
    microdata,
    linked_data,
)
"""Of two that show equally many comments the first counts: it knows more of its system."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What a page showed when it was saved."""

    name: str
    """Its file's name, without ending."""
    url: str | None
    also: str | None
    identifier: str | None
    headline: str
    attribution: str
    excerpt: str
    published: datetime | None
    saved: datetime | None
    comments: list[Found]


def capture_of(page: Page) -> tuple[Capture, list[Problem | Skipped]]:
    """Return what a page shows, and what of it could not be placed. The page is taken apart.

    Raises:
        Unreadable: if it shows more comments than any page.
    """
    layout = layout_of(page)
    discussion = layout.read(page) if layout else Discussion()
    story = story_on(page) if discussion.has_story else Told()
    capture = Capture(
        name=page.name,
        url=whole_page(discussion.url) if discussion.url else story.url,
        also=discussion.also,
        identifier=discussion.identifier,
        headline=discussion.headline or story.headline,
        attribution=story.attribution,
        excerpt=story.excerpt,
        published=story.published,
        saved=page.saved,
        comments=discussion.comments,
    )
    return capture, discussion.notes


def layout_of(page: Page) -> Layout | None:
    """Return the layout that shows the most comments; lists that only look like a discussion are the last resort.

    Raises:
        Unreadable: if there are more than any page shows.
    """
    counts: list[tuple[int, Layout]] = [(layout.count(page), layout) for layout in LAYOUTS]
    best = max(counts, key=lambda counted: counted[0])
    if not best[0]:
        best = (nested_lists.count(page), nested_lists)
    if best[0] > MOST_COMMENTS:
        raise Unreadable(
            f"The page shows more than {MOST_COMMENTS:,} comments, which are more than are read of one page. "
            "Save the discussion in several pages, or ask its system for an export."
        )
    return best[1] if best[0] else None
