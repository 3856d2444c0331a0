"""Where lines stand: flattened text back into the tree of list items it was made from.

A page that goes through a plain-text extractor keeps its lists: the marker of an item at depth d stands at column
2 + 2·d ("•" or a number with a full stop), the blocks of the item at column 4 + 2·d, parted by blank lines. So depth
is told by the column of the marker and by nothing else: a level is skipped where an item had nothing left to print.
Text in `<pre>` keeps its own columns or falls to column 0. Nothing here knows what the words mean.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# The last two are a bullet of UTF-8 that was read as windows-1252 or as Latin-1.
_MARKER = re.compile(r"(•|◦|▪|‣|●|â€¢|â\x80¢|\d{1,6}\.)(?:\s+(\S.*))?")
FIRST_MARKER = 2
"""Column of the outermost markers. What stands left of it belongs to no item."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that isn't blank."""

    number: int
    """Counted from 1."""
    column: int
    text: str
    """Without white space at either end."""
    gap: bool
    """Whether a blank line stands before it."""
    marker: str = ""
    """The bullet or number, if the line begins an item; `text` is then what follows it."""


@dataclass(slots=True, eq=False)
class Item:
    """A list item with all that stands in it, in the order of the page."""

    line: Line
    parts: list["Line | Item"] = field(default_factory=list)
    closing_gap: bool = False
    """Whether a blank line follows the item's last line."""

    @property
    def body_column(self) -> int:
        """Where its blocks stand."""
        return self.line.column + 2

    def stem(self) -> list[Line]:
        """Return the lines that follow the marker's line at once, without a blank line or an item between."""
        lines: list[Line] = []
        for part in self.parts:
            if isinstance(part, Item) or part.gap:
                break
            lines.append(part)
        return lines

    def has_block(self) -> bool:
        """Tell whether, below its stem, a block stands at its own column after a blank line.

        A list may come first if it follows the stem at once; below a paragraph there would be a blank line.
        """
        for part in self.parts:
            line = part.line if isinstance(part, Item) else part
            if line.gap:
                return line is part and line.column == self.body_column
        return False


def lines_of(text: str) -> list[Line]:
    """Return the lines of `text` that aren't blank. A line of no-break spaces is blank."""
    lines = []
    gap = False
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        if not stripped:
            gap = True
            continue
        column = len(raw) - len(raw.lstrip())
        marked = _MARKER.fullmatch(stripped) if column else None
        if marked:
            lines.append(Line(number, column, marked[2] or "", gap, marked[1]))
        else:
            lines.append(Line(number, column, stripped, gap))
        gap = False
    return lines


def is_outside(line: Line) -> bool:
    """Tell whether `line` stands where no item can hold it, unless it is text that fell to the edge."""
    return line.column < FIRST_MARKER


def grow(lines: list[Line], is_button: Callable[[str], bool]) -> list[Item]:
    """Return the outermost items of `lines`, of which the first must have a marker.

    A line goes to the innermost open item whose column it reaches. A line that directly follows text goes where that
    text is, whatever its column: it is preformatted, because only a blank line ends a block. `is_button` tells the
    exception, words such as "Reply" that are printed right below the replies to an outer comment.
    """
    roots: list[Item] = []
    open_items: list[Item] = []
    last = None
    for line in lines:
        if last is not None:
            last.closing_gap = line.gap
        if line.marker:
            while open_items and open_items[-1].line.column >= line.column:
                open_items.pop()
            last = Item(line)
            (open_items[-1].parts if open_items else roots).append(last)
            open_items.append(last)
            continue
        if line.gap or _returns(open_items[-1], line, is_button):
            while len(open_items) > 1 and open_items[-1].body_column > line.column >= FIRST_MARKER:
                open_items.pop()
        last = open_items[-1]
        last.parts.append(line)
    return roots


def _returns(inner: Item, line: Line, is_button: Callable[[str], bool]) -> bool:
    """Tell whether a line without a blank before it goes back to an outer item."""
    return line.column < inner.body_column and (not inner.parts or is_button(line.text))


def walk(roots: list[Item]) -> Iterator[Item]:
    """Yield every item, outer before inner, in the order of the page."""
    waiting = roots[::-1]
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(part for part in reversed(item.parts) if isinstance(part, Item))
