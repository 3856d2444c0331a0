"""From the captures of a page to records: ids that stay, what a comment may have come as before, and its provenance."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from outspoken.discussion.state import State
from outspoken.transfer.importers.saved.capture import Capture
from outspoken.transfer.importers.saved.found import Found
from outspoken.transfer.importers.saved.merging import Merged, in_order, merged, page_of
from outspoken.transfer.reading.sameness import Names, answered, page_key
from outspoken.transfer.records import Record, SourceComment, SourceStory

FORMAT = "saved"

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def records_of(captures: Sequence[Capture]) -> Iterator[Record]:
    """Yield the story and the comments of a page of which there are one or several captures."""
    captures = in_order(captures)
    page = page_of(captures[-1])
    comments = merged(page, captures)
    yield _story(page, captures)
    flattened = _flattened(captures[-1], comments)
    for one, names in zip(comments, flattened, strict=True):
        yield _comment(page, one, names)


def _story(page: str, captures: Sequence[Capture]) -> SourceStory:
    """Return the story as it was last, with what earlier captures know more."""

    def last(name: str) -> str:
        return next((told for capture in reversed(captures) if (told := getattr(capture, name))), "")

    url = last("url") or None
    addresses = [address for capture in captures for address in (capture.url, capture.also)]
    return SourceStory(
        source=page,
        url=url,
        identifier=last("identifier") or (None if url else f"saved:{page}"),
        headline=last("headline"),
        attribution=last("attribution"),
        excerpt=last("excerpt"),
        published=next((capture.published for capture in captures if capture.published), None),
        also=tuple(dict.fromkeys(known for known in addresses if known and known != url)),
    )


def _comment(page: str, merged: Merged, flattened: Sequence[str]) -> SourceComment:
    comment = merged.comment
    is_gone = comment.state not in (State.PUBLISHED, State.HELD)
    same_as = [(comment.system, comment.id)] if comment.system and comment.id else []
    same_as += [(FORMAT, name) for name in sorted(merged.also)]
    same_as += [("flattened", name) for name in flattened]
    return SourceComment(
        source=merged.source,
        story=page,
        parent=merged.parent,
        author="" if is_gone else comment.author,
        author_source=None if is_gone else comment.author_source,
        body="" if is_gone else comment.body,
        created=comment.created,
        edited=comment.edited,
        state=comment.state,
        up=comment.up,
        down=comment.down,
        line=comment.line,
        lost=() if is_gone else comment.lost,
        same_as=tuple(same_as),
        provenance=_provenance(merged.dates),
    )


def _provenance(dates: Sequence[datetime]) -> str:
    days = sorted({moment.date() for moment in dates})
    told = [f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in days]
    if not told:
        return "a saved page"
    if len(told) == 1:
        return f"a page saved on {told[0]}"
    return f"pages saved between {told[0]} and {told[-1]}"


def _flattened(capture: Capture, comments: Sequence[Merged]) -> list[list[str]]:
    """Return what each comment is called if the same page was flattened to text and restored from that before.

    Extractors keep the words of links, drop those that are addresses, or drop all, and then linked names too.
    """
    page = page_key(capture.headline, f"flattened:{capture.name}")
    ways: tuple[Callable[[Found], tuple[str, str]], ...] = (
        lambda comment: (comment.author, comment.text),
        lambda comment: (comment.author, comment.text_without_addresses),
        lambda comment: (comment.author, comment.text_without_links),
        lambda comment: ("" if comment.is_author_linked else comment.author, comment.text_without_links),
    )
    named: list[list[str]] = [[] for _ in comments]
    for way in ways:
        names = Names(page)
        told: dict[str, str] = {}
        for place, one in enumerate(comments):
            author, text = way(one.comment)
            told[one.source] = answered(author, text)
            name = names.name(told[one.parent] if one.parent else "", author, text)
            if name not in named[place]:
                named[place].append(name)
    return named
