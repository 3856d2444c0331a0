"""Discussions printed as lists with markers, whatever their headlines: depth comes from the markers' columns."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from outspoken.transfer.importers.flattened.bare import comments_among
from outspoken.transfer.importers.flattened.found import Discussion, Found
from outspoken.transfer.importers.flattened.geometry import FIRST_MARKER, Item, Line, grow, walk
from outspoken.transfer.importers.flattened.headlines import LONGEST_NAME, Headline, headline, is_namelike
from outspoken.transfer.importers.flattened.regions import discussion_region
from outspoken.transfer.importers.flattened.words import is_button, is_ping, is_tail
from outspoken.transfer.records import Problem, Skipped


@dataclass(frozen=True, slots=True)
class _Top:
    """The headline of an item that is a comment."""

    head: Headline
    lines: int = 0
    """How many lines below the marker's line belong to it."""
    text: str = ""
    """What of the marker's line is body: all of it where no name is."""
    guessed: bool = False


def read_lists(lines: list[Line]) -> Discussion | None:
    """Return the discussion of a page with list markers, None if it has none."""
    region = discussion_region(lines)
    if region is None:
        return None
    roots = grow(lines[region.start : region.end], is_button)
    tops = _tops(roots)
    discussion = Discussion(region.start if region.heading is None else region.heading)
    _Gathering(discussion, tops).gather(roots)
    discussion.notes += _left_out(lines[region.end :])
    return discussion


def _tops(roots: list[Item]) -> dict[Item, _Top]:
    """Return the items that are comments, with their headlines, by the form that is usual on the page."""
    two_lines = _has_name_below_time(roots)
    read = {item: _top(item, two_lines) for item in walk(roots)}
    forms = Counter((top.head.says, top.head.timed) for top in read.values() if top.head.says or top.head.timed)
    bare = sum(
        item.has_block() and is_namelike(item.line.text) and not (top.head.says or top.head.timed)
        for item, top in read.items()
    )
    if forms.total() == 0 or forms.total() < bare:
        return {
            item: _Top(Headline(named.author), 0, "" if named.author else item.line.text, named.guessed)
            for item, named in comments_among(roots).items()
        }
    says, timed = forms.most_common(1)[0][0]
    comments = {item: top for item, top in read.items() if top.head.says >= says and top.head.timed >= timed}
    return _without_places(_with_known_names(comments)) if says else _with_known_names(comments)


def _has_name_below_time(roots: list[Item]) -> bool:
    """Tell whether the page prints the time first and the name on the next line."""
    below = above = 0
    for item in walk(roots):
        head = headline(item.line.text)
        if head.timed and head.author:
            above += 1
        elif head.timed and not head.says and _name_below(item):
            below += 1
    return below > above


def _name_below(item: Item) -> str:
    stem = item.stem()
    return stem[0].text if stem and not is_button(stem[0].text) and len(stem[0].text) <= LONGEST_NAME else ""


def _top(item: Item, two_lines: bool) -> _Top:
    head = headline(item.line.text)
    if head.timed and not head.author and not head.says and two_lines and (name := _name_below(item)):
        below = headline(name)
        return _Top(replace(head, author=below.author, says=below.says), 1)
    if not head.timed and (head.says or is_namelike(head.author)) and (stem := item.stem()):
        below = headline(stem[0].text)
        if below.timed and not below.author and not below.says:
            return _Top(replace(head, moment=below.moment, timed=True), 1)
    return _Top(head)


def _with_known_names(comments: dict[Item, _Top]) -> dict[Item, _Top]:
    """Decide where a clock is glued to a name that may end in a digit: for the name that stands elsewhere too."""
    known = {top.head.author for top in comments.values() if not top.head.other_author}
    decided = {}
    for item, top in comments.items():
        head = top.head
        if head.other_author in known and head.author not in known:
            head = replace(head, author=head.other_author)
        unsure = bool(head.other_author) and (head.author in known) == (top.head.other_author in known)
        decided[item] = replace(top, head=head, guessed=unsure)
    return decided


def _without_places(comments: dict[Item, _Top]) -> dict[Item, _Top]:
    """Cut " from PLACE" off if every headline has it. Otherwise "from" belongs to a name."""
    named = [top.head.author for top in comments.values() if top.head.author]
    if len(named) < 2 or not all(" from " in name for name in named):
        return comments
    return {
        item: replace(top, head=replace(top.head, author=top.head.author.rpartition(" from ")[0] or top.head.author))
        for item, top in comments.items()
    }


class _Gathering:
    """Walks the items in the order of the page and puts every line into a comment."""

    def __init__(self, discussion: Discussion, tops: dict[Item, _Top]) -> None:
        self._discussion = discussion
        self._tops = tops
        self._answered: set[int] = set()
        """Positions of comments to which a reply was gathered: what follows on their level isn't their text."""

    def gather(self, roots: list[Item]) -> None:
        waiting: list[tuple[Iterator[Line | Item], int | None, int]] = [(iter(roots), None, 0)]
        while waiting:
            parts, owner, column = waiting[-1]
            part = next(parts, None)
            if part is None:
                waiting.pop()
            elif isinstance(part, Line):
                self._keep(part, owner, " " * max(0, part.column - column) + part.text)
            elif owner is None and part not in self._tops and is_ping(part.line.text):
                self._discussion.notes.append(Skipped("pingback", f"line {part.line.number}"))
            elif part in self._tops or owner is None:
                skipped = part.line.column > (FIRST_MARKER if owner is None else column)
                waiting.append(self._begin(part, owner, skipped))
            else:
                marker = part.line.marker if part.line.marker.endswith(".") else "•"
                self._keep(part.line, owner, f"{marker} {part.line.text}")
                waiting.append((iter(part.parts), owner, part.body_column))

    def _begin(self, item: Item, owner: int | None, skipped: bool) -> tuple[Iterator[Line | Item], int, int]:
        top = self._tops.get(item, _Top(Headline(""), 0, item.line.text, guessed=True))
        comment = Found(item.line.number, top.head.author, owner, top.head.moment)
        if top.guessed:
            comment.guessed.add("author")
        if skipped:
            # What it answers lost its name and its text, and with them its line.
            comment.guessed.add("parent")
        if top.text:
            comment.add(top.text, gap=False)
        if owner is not None:
            self._answered.add(owner)
        self._discussion.comments.append(comment)
        return iter(item.parts[top.lines :]), len(self._discussion.comments) - 1, item.body_column

    def _keep(self, line: Line, owner: int | None, text: str) -> None:
        comments = self._discussion.comments
        if owner is not None and owner not in self._answered:
            comments[owner].add(text, line.gap)
        elif not is_button(line.text):
            comments[-1].add(text, gap=True)
            self._discussion.notes.append(
                Problem(f"line {line.number}", "text at an unexpected place was left with the comment above it")
            )


def _left_out(lines: list[Line]) -> list[Problem]:
    """Return a Problem for text below the discussion that isn't known to belong to the page's frame."""
    if not lines or any(is_tail(line.text) for line in lines[:3]):
        return []
    return [Problem(f"line {lines[0].number}", "the text from here on stands below the discussion and was left out")]
