"""Pages to be kept: every thread as files that lead to each other, readable from a disk with no server and no script.

They hold what readers see and nothing of when, where or by what address they were made, so that the same discussion
always gives the same bytes.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice

from outspoken.discussion.comment import Comment
from outspoken.discussion.thread import Site, Thread
from outspoken.pages import links, static, views
from outspoken.pages.comments import CommentView, Item, Reference, Shown
from outspoken.pages.doors import PLAIN
from outspoken.pages.environment import environment
from outspoken.pages.rendering import PRINT_DEPTH
from outspoken.pages.translations import language
from outspoken.transfer.archive.writing import Threads

COMMENTS_ON_A_PAGE = 1_000
"""Some 700 kB: what a telephone still shows at once."""
THREADS_ON_A_PAGE = 500
INDEX = "index"

File = tuple[str, bytes]


class KeptPages:
    """Renders them. Names are relative to one folder, and so are all links."""

    def assets(self) -> Iterator[File]:
        """Yield the style sheet."""
        yield _STYLE, static.assets()[static.address(_STYLE).rpartition("/")[2]].content

    def thread(self, site: Site, thread: Thread, comments: Iterable[Comment]) -> Iterator[File]:
        """Yield the pages of a thread; `comments` are in reading order, as readers see them."""
        spoken = language(site.language)
        shown = Shown(spoken, thread, is_still=True, is_whole=True)
        pages = _Pages(thread.id)
        items = pages.items(shown, comments)
        page = 1
        waiting = next(items, None)
        while page == 1 or waiting is not None:
            here = [] if waiting is None else list(islice(chain([waiting], items), COMMENTS_ON_A_PAGE))
            # Looked at before it is written: only then does a page know whether another one follows.
            waiting = next(items, None)
            yield (
                _file(thread.id, page),
                _page(
                    site,
                    "kept.html",
                    thread.story.headline,
                    story=views.story_view(spoken, thread.story),
                    heading=views.comment_count(spoken, thread.comments),
                    thread=thread,
                    items=_levelled(here, pages, page),
                    before_href=_file(thread.id, page - 1) if page > 1 else "",
                    after_href=_file(thread.id, page + 1) if waiting is not None else "",
                ),
            )
            page += 1

    def index(self, site: Site, threads: Threads) -> Iterator[File]:
        """Yield the pages that list the threads, newest story first."""
        spoken = language(site.language)
        newest = _newest_first(threads)
        for page, start in enumerate(range(0, max(1, len(newest)), THREADS_ON_A_PAGE), start=1):
            here = [threads[at] for at in newest[start : start + THREADS_ON_A_PAGE]]
            yield (
                _file(INDEX, page),
                _page(
                    site,
                    "kept-index.html",
                    site.title,
                    stories=[replace(views.teaser(spoken, thread), href=_file(thread.id, 1)) for thread in here],
                    latest=(),
                    before_href=_file(INDEX, page - 1) if page > 1 else "",
                    after_href=_file(INDEX, page + 1) if start + THREADS_ON_A_PAGE < len(newest) else "",
                ),
            )


_STYLE = "outspoken.css"


def _newest_first(threads: Threads) -> "array[int]":
    """Return the places of threads by date of story; of two of one moment the later id comes first."""
    moments = array("d")
    for at in range(len(threads)):
        thread = threads[at]
        moments.append((thread.story.published or thread.opened).timestamp())
    return array("L", sorted(range(len(moments) - 1, -1, -1), key=moments.__getitem__, reverse=True))


class _Pages:
    """On which page of a thread each comment stands, as far as they were read: four bytes a comment."""

    def __init__(self, thread: str) -> None:
        self._thread = thread
        self._page_of = array("I")
        self._read = 0

    def items(self, shown: Shown, comments: Iterable[Comment]) -> Iterator[Item]:
        """Yield the comments as items of one list, and note where each of them stands."""
        for item in shown.items(comments, PRINT_DEPTH - 1):
            number = item.comment.number
            self._page_of.extend([0] * (number + 1 - len(self._page_of)))
            self._page_of[number] = self._read // COMMENTS_ON_A_PAGE + 1
            self._read += 1
            yield item

    def within(self, view: CommentView, page: int) -> CommentView:
        """Return a comment whose links lead to these pages."""
        return replace(
            view,
            href=links.anchor(view.number),
            parent=self._here(view.parent, page) if view.parent else None,
            quotes=tuple(self._here(quote, page) for quote in view.quotes),
        )

    def _here(self, to: Reference, page: int) -> Reference:
        if not to.number:
            return replace(to, href="#story")
        known = self._page_of[to.number] if to.number < len(self._page_of) else 0
        there = _file(self._thread, known) if known and known != page else ""
        return replace(to, href=there + links.anchor(to.number))


def _levelled(items: Sequence[Item], pages: _Pages, page: int) -> Iterator[Item]:
    """Yield items as one list of their own, in which the first one, and whatever is as far out, stands outermost."""
    level, lowest = -1, items[0].level if items else 0
    for item in items:
        lowest = min(lowest, item.level)
        next_level = min(item.level - lowest, level + 1)
        yield Item(
            pages.within(item.comment, page),
            opens=next_level > level,
            closes=max(0, level - next_level),
            level=next_level,
        )
        level = next_level


def _file(name: str, page: int) -> str:
    return f"{name}.html" if page == 1 else f"{name}.{page}.html"


def _page(site: Site, template: str, title: str, **content: object) -> bytes:
    spoken = language(site.language)
    frame = views.Frame(
        title=title,
        language=spoken,
        stylesheet=_STYLE,
        icon="data:,",
        content_language=site.language if site.language != spoken.tag else "",
        site=site,
        site_href=_file(INDEX, 1),
    )
    return environment(spoken.tag).get_template(template).render(frame=frame, door=PLAIN, **content).encode()
