"""Which part of a page with list markers is its discussion: not the article's lists, not what stands below.

A discussion begins under a heading ("12 comments:"), or without one at the first list that has a sure comment: an item
with a block below its headline. Text that fell to the edge of the page doesn't end it if sure comments follow.
"""

from dataclasses import dataclass

from outspoken.transfer.importers.flattened.geometry import Item, Line, grow, is_outside, walk
from outspoken.transfer.importers.flattened.headlines import headline, is_namelike
from outspoken.transfer.importers.flattened.words import is_button, is_heading, is_tail


@dataclass(frozen=True, slots=True)
class Region:
    """Lines of a page from a marker to before the next text at its edge."""

    start: int
    end: int
    heading: int | None
    """Index of the heading above it, if one stands there."""
    sure: int
    """How many sure comments it has."""


def discussion_region(lines: list[Line]) -> Region | None:
    """Return the lines in which the discussion stands, None where no list looks like one."""
    regions = _regions(lines)
    headed = [region for region in regions if region.heading is not None]
    if headed:
        begin = regions.index(max(headed, key=lambda region: region.sure))
    else:
        begin = next((index for index, region in enumerate(regions) if region.sure), -1)
    if begin < 0:
        return None
    region = regions[begin]
    for following in regions[begin + 1 :]:
        between = lines[region.end : following.start]
        if not following.sure or any(is_tail(line.text) or is_heading(line.text) for line in between):
            break
        region = Region(region.start, following.end, region.heading, region.sure + following.sure)
    return region if region.heading is not None else _without_list_above(lines, region)


def is_sure(item: Item) -> bool:
    """Tell whether `item` is a comment beyond doubt: a name above a block, or "says" or a time above something."""
    head = headline(item.line.text)
    if head.timed or head.says:
        return bool(item.parts)
    return item.has_block() and is_namelike(item.line.text)


def _regions(lines: list[Line]) -> list[Region]:
    regions = []
    start = None
    index = 0
    while index < len(lines):
        line = lines[index]
        if start is None:
            start = index if line.marker else None
        elif is_outside(line) and _leaves(line, lines[index - 1]):
            back = _way_back(lines, index)
            if back < len(lines) and not lines[back].marker and not is_outside(lines[back]):
                index = back
                continue
            regions.append(_region(lines, start, index))
            start = None
            index = back
            continue
        index += 1
    if start is not None:
        regions.append(_region(lines, start, len(lines)))
    return regions


def _leaves(line: Line, previous: Line) -> bool:
    """Tell whether text at the edge is new text. Right below other text it is preformatted text that fell there."""
    return line.gap or bool(previous.marker) or is_button(previous.text) or is_tail(line.text)


def _way_back(lines: list[Line], index: int) -> int:
    """Return the index of the first line from `index` on that isn't at the edge, or below which something begins."""
    while index < len(lines) and is_outside(lines[index]):
        index += 1
        if is_heading(lines[index - 1].text) or is_tail(lines[index - 1].text):
            break
    return index


def _region(lines: list[Line], start: int, end: int) -> Region:
    sure = sum(is_sure(item) for item in walk(grow(lines[start:end], is_button)))
    return Region(start, end, _heading_above(lines, start), sure)


def _heading_above(lines: list[Line], start: int) -> int | None:
    """Return where the heading is, which stands directly above or has only links such as "Leave a reply" below it."""
    for index in range(start - 1, max(start - 4, -1), -1):
        if is_heading(lines[index].text):
            return index
        if not is_tail(lines[index].text) and not is_button(lines[index].text):
            return None
    return None


def _without_list_above(lines: list[Line], region: Region) -> Region:
    """Leave to the article a list of sentences that runs into the discussion without anything between."""
    end = region.start
    while (
        end + 1 < region.end
        and lines[end + 1].marker
        and lines[end].column == lines[region.start].column
        and (end == region.start or not lines[end].gap)
        and _is_sentence(lines[end].text)
    ):
        end += 1
    if end == region.start + 1 and lines[end].gap:
        return region
    return Region(end, region.end, None, region.sure)


def _is_sentence(text: str) -> bool:
    head = headline(text)
    return not is_namelike(text) and not head.timed and not head.says
