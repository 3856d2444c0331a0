"""Discussions printed without list markers, all at the left edge: no replies can be told, every comment is a root.

Two kinds: the author's line stands above the text ("N said...", with the time below it), or below it ("Posted by: N").
"""

import re
from dataclasses import dataclass, replace

from outspoken.transfer.importers.flattened.found import Discussion, Found
from outspoken.transfer.importers.flattened.geometry import Line
from outspoken.transfer.importers.flattened.headlines import LONGEST_NAME, Headline, headline, trailer
from outspoken.transfer.importers.flattened.times import is_time
from outspoken.transfer.importers.flattened.words import is_button, is_heading, is_tail
from outspoken.transfer.records import Problem, Skipped

_PROVIDER = re.compile(r"(Blogger|OpenID|Anonymous|Google) (?=\S)")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that begins or ends a comment."""

    index: int
    head: Headline


def read_said(lines: list[Line]) -> Discussion | None:
    """Return a discussion in which "N said..." stands above every text, None if the page has none."""
    marks = _said_marks(lines)
    if not marks:
        return None
    heading = _heading_above(lines, marks[0].index)
    if heading is None and len(marks) < 2 and not lines[marks[0].index].text.endswith(("...", "…")):
        return None
    discussion = Discussion(marks[0].index if heading is None else heading)
    ends = [mark.index for mark in marks[1:]] + [_tail(lines, marks[-1].index)]
    times = [_last_time(lines, mark.index + 1, end) for mark, end in zip(marks, ends, strict=True)]
    if 2 * sum(time is not None for time in times) < len(marks):
        times = [None] * len(marks)
    if times[-1] is not None:
        ends[-1] = times[-1] + 1
    for mark, end, time in zip(marks, ends, times, strict=True):
        moment = mark.head.moment if time is None else headline(lines[time].text).moment
        comment = Found(lines[mark.index].number, mark.head.author, moment=moment)
        _fill(comment, [line for line in lines[mark.index + 1 : end] if time is None or line is not lines[time]])
        discussion.comments.append(comment)
    discussion.notes += _left_out(lines, ends[-1])
    return discussion


def read_trailers(lines: list[Line]) -> Discussion | None:
    """Return a discussion in which the author's line stands below every text, None if the page has none."""
    marks = [
        _Mark(index, head) for index, line in enumerate(lines) if line.column == 0 and (head := trailer(line.text))
    ]
    if not marks:
        return None
    heading = _heading_above(lines, marks[0].index)
    if heading is None:
        heading = _heading_above(lines, marks[-1].index)
    notes: list[Problem | Skipped] = []
    start = marks[0].index + 1 if heading is None else heading + 1
    if heading is None:
        byline = f"line {lines[marks[0].index].number}"
        notes.append(Problem(byline, "was taken for the story's own byline: no heading stands above it"))
    discussion = Discussion(start if heading is None else heading, notes=notes)
    for mark in marks:
        if mark.index < start:
            continue
        body = lines[start : mark.index]
        comment = Found((body or [lines[mark.index]])[0].number, mark.head.author, moment=mark.head.moment)
        _fill(comment, body)
        discussion.comments.append(comment)
        start = mark.index + 1
    discussion.notes += _left_out(lines, start)
    return discussion if discussion.comments else None


def _said_marks(lines: list[Line]) -> list[_Mark]:
    marks = []
    for index, line in enumerate(lines):
        if line.column or line.marker or not _stands_alone(lines, index):
            continue
        head = headline(line.text)
        if head.says and len(head.author) <= LONGEST_NAME and line.text.endswith(("...", "…", ":")):
            marks.append(_Mark(index, head))
    below_times = [is_time(lines[mark.index - 1].text) for mark in marks]
    if len(marks) > 2 and 2 * sum(below_times) >= len(marks):
        # Where a time ends every comment, "N said:" anywhere else is what somebody quotes.
        marks = [marks[0]] + [mark for mark, below in zip(marks[1:], below_times[1:], strict=True) if below]
    if marks and all(_PROVIDER.match(mark.head.author) for mark in marks):
        marks = [
            _Mark(mark.index, replace(mark.head, author=_PROVIDER.sub("", mark.head.author, count=1))) for mark in marks
        ]
    return marks


def _stands_alone(lines: list[Line], index: int) -> bool:
    """Tell whether a line is a paragraph of its own, as a headline is; a time may stand right above or below it."""
    previous = lines[index - 1].text if index else ""
    above = lines[index].gap or index == 0 or is_time(previous) or is_button(previous) or is_heading(previous)
    below = index + 1 == len(lines) or lines[index + 1].gap or is_time(lines[index + 1].text)
    return above and below


def _heading_above(lines: list[Line], index: int) -> int | None:
    """Return the index of the last heading at the edge above `index`."""
    above = (at for at in range(index - 1, -1, -1) if lines[at].column == 0 and is_heading(lines[at].text))
    return next(above, None)


def _tail(lines: list[Line], index: int) -> int:
    return next((at for at in range(index + 1, len(lines)) if is_tail(lines[at].text)), len(lines))


def _last_time(lines: list[Line], start: int, end: int) -> int | None:
    return next((at for at in range(end - 1, start - 1, -1) if lines[at].column == 0 and is_time(lines[at].text)), None)


def _fill(comment: Found, body: list[Line]) -> None:
    for line in body:
        comment.add(f"{line.marker} {line.text}" if line.marker else line.text, line.gap)


def _left_out(lines: list[Line], end: int) -> list[Problem]:
    if end >= len(lines) or any(is_tail(line.text) for line in lines[end : end + 3]):
        return []
    return [Problem(f"line {lines[end].number}", "the text from here on stands below the discussion and was left out")]
