"""Comments as they were written into a page, for the next time: when one more has come, the others are as they were.

Making the HTML of fifty comments is most of what rendering a thread costs. What is kept is found again by all that can
be seen of it, so that nothing has to be told when a vote or an edit changes it; but whoever hides or erases something
has what is kept of the thread forgotten.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from markupsafe import Markup

from outspoken.pages.comments import CommentView

MOST = 4_000
"""Comments in all, five kilobytes each with what they are found by; one read in two languages counts twice."""
MOST_IN_THREAD = 150
"""Three windows of fifty."""

Write = Callable[[CommentView], Markup]
"""Writes a comment anew."""


class Written:
    """The comments of one thread in one language, written before."""

    def __init__(self) -> None:
        self._kept: OrderedDict[CommentView, Markup] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def show(self, comment: CommentView, write: Write) -> Markup:
        """Return a comment as it was written before, or write it."""
        # Two may render the same thread at once, so nothing here relies on what was true a line before.
        html = self._kept.get(comment)
        if html is None:
            html = write(comment)
            self._kept[comment] = html
            while len(self._kept) > MOST_IN_THREAD:
                self._kept.popitem(last=False)
        return html


class Articles:
    """What was written of all threads; those that weren't rendered lately go first."""

    def __init__(self) -> None:
        self._threads: OrderedDict[str, dict[str, Written]] = OrderedDict()
        self._door = threading.Lock()

    def of(self, thread: str, language: str) -> Written:
        """Return what was written of a thread in a language."""
        with self._door:
            written = self._threads.setdefault(thread, {}).setdefault(language, Written())
            self._threads.move_to_end(thread)
            while len(self._threads) > 1 and self._size() > MOST:
                self._threads.popitem(last=False)
            return written

    def forget(self, threads: Iterable[str]) -> None:
        """Forget what was written of threads."""
        with self._door:
            for thread in threads:
                self._threads.pop(thread, None)

    def forget_all(self) -> None:
        """Forget everything: something may have been hidden of which nobody told us."""
        with self._door:
            self._threads.clear()

    def _size(self) -> int:
        return sum(len(written) for thread in self._threads.values() for written in thread.values())
