"""Several captures of one page as one discussion: later ones add, earlier ones fill what was lost later.

Two captured comments are the same if the old system's number says so; without one, if they answer the same comment,
have the same author and the same words, and are the same in order of those that do. A comment that lost its whole text
is the same as the only one of that author at that place that isn't accounted for otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from outspoken.discussion.state import State
from outspoken.transfer.addresses import fold_url
from outspoken.transfer.importers.saved.capture import Capture
from outspoken.transfer.importers.saved.found import Found
from outspoken.transfer.reading.sameness import Names, page_key, words

_GONE = frozenset({State.DELETED, State.REMOVED, State.SPAM})
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Merged:
    """A comment as all captures together show it."""

    source: str
    parent: str | None
    comment: Found
    dates: list[datetime] = field(default_factory=list)
    """When the pages were saved that show it."""
    also: set[str] = field(default_factory=set)
    """What else it is called, where it lost what it is called by."""


def page_of(capture: Capture) -> str:
    """Return what tells one page from all others: its address, else its headline, else the file's name."""
    if capture.url:
        try:
            return fold_url(capture.url)
        except ValueError:
            pass
    return page_key(capture.headline, capture.name)


def merged(page: str, captures: Sequence[Capture]) -> list[Merged]:
    """Return the comments of all captures of a page, parents before replies."""
    together: dict[str, Merged] = {}
    for capture in in_order(captures):
        _Adding(page, capture, together).add()
    return list(together.values())


def in_order(captures: Sequence[Capture]) -> list[Capture]:
    """Return captures from the earliest on; one without a date counts as the latest, being whatever is there now."""
    return sorted(captures, key=lambda capture: capture.saved or _EVER)


class _Adding:
    """Adds one more capture to those that are there."""

    def __init__(self, page: str, capture: Capture, together: dict[str, Merged]) -> None:
        self._page = page
        self._capture = capture
        self._together = together
        self._before = _by_place(together.values())
        self._accounted = self._names_alone()

    def add(self) -> None:
        names = Names(self._page)
        sources: list[str] = []
        for comment in self._capture.comments:
            parent = None if comment.parent is None else sources[comment.parent]
            called = self._name(names, parent, comment)
            known = self._together.get(called) or self._at_a_loss(parent, comment)
            if known is None:
                known = self._together[called] = Merged(called, parent, comment)
            else:
                known.comment = completed(known.comment, comment)
                known.also |= {called} - {known.source}
            if self._capture.saved:
                known.dates.append(self._capture.saved)
            sources.append(known.source)

    def _name(self, names: Names, parent: str | None, comment: Found) -> str:
        if comment.id:
            return f"{self._page}#{comment.id}"
        return names.name(parent or "", comment.author, comment.text_without_links)

    def _names_alone(self) -> set[str]:
        """Return what the capture's comments are called, as far as none of them is at a loss."""
        names = Names(self._page)
        sources: list[str] = []
        for comment in self._capture.comments:
            parent = None if comment.parent is None else sources[comment.parent]
            sources.append(self._name(names, parent, comment))
        return set(sources)

    def _at_a_loss(self, parent: str | None, comment: Found) -> Merged | None:
        """Return the comment that this is, where one of the two lost its text."""
        if comment.id or comment.state is not State.PUBLISHED:
            return None
        there = [
            known
            for known in self._before.get((parent, words(comment.author)), ())
            if known.source not in self._accounted and not (known.comment.text and comment.text)
        ]
        if len(there) != 1:
            return None
        self._accounted.add(there[0].source)
        return there[0]


def _by_place(comments: Iterable[Merged]) -> dict[tuple[str | None, str], list[Merged]]:
    places: dict[tuple[str | None, str], list[Merged]] = {}
    for merged in comments:
        places.setdefault((merged.parent, words(merged.comment.author)), []).append(merged)
    return places


def completed(earlier: Found, later: Found) -> Found:
    """Return a comment as it was last, with what had been lost of it by then. What was taken back stays so."""
    if later.state in _GONE:
        return later
    body = earlier if _has_lost(earlier, later) else later
    author = later.author or earlier.author
    lost = [name for name in body.lost if name != "author"] + ([] if author else ["author"])
    return replace(
        body,
        line=later.line,
        author=author,
        is_author_linked=later.is_author_linked or earlier.is_author_linked,
        author_source=later.author_source or earlier.author_source,
        created=later.created or earlier.created,
        edited=later.edited or earlier.edited,
        state=State.PUBLISHED if State.PUBLISHED in (earlier.state, later.state) else later.state,
        up=later.up,
        down=later.down,
        lost=tuple(lost),
    )


def _has_lost(earlier: Found, later: Found) -> bool:
    """Tell whether the later text is the earlier one with something missing, and not another text."""
    if not later.body:
        return bool(earlier.body)
    is_same = words(earlier.text_without_links) == words(later.text_without_links)
    return is_same and earlier.links > later.links
