"""What a layout hands over: comments in reading order, before they get their ids."""

from dataclasses import dataclass, field
from datetime import datetime

from outspoken.transfer.importers.flattened.words import is_button, is_nothing_but_button
from outspoken.transfer.records import Problem, Skipped


@dataclass(slots=True, eq=False)
class Found:
    """A comment being gathered."""

    line: int
    """Where it begins, counted from 1."""
    author: str
    parent: int | None = None
    """Position of the comment it replies to among those found."""
    moment: datetime | None = None
    guessed: set[str] = field(default_factory=set)
    texts: list[tuple[bool, str]] = field(default_factory=list)
    """Lines of the body, each with whether it begins a paragraph."""

    def add(self, text: str, gap: bool) -> None:
        """Append a line of the body."""
        self.texts.append((gap, text))

    def ends_with_button(self) -> bool:
        """Tell whether the last line is a button, or a word that looks like one."""
        return bool(self.texts) and is_button(self.texts[-1][1])

    def drop_buttons(self, *, surely: bool) -> None:
        """Take the buttons off the end. Words such as "Reply" count as buttons only if `surely`."""
        dropped = is_button if surely else is_nothing_but_button
        while self.texts and dropped(self.texts[-1][1]):
            self.texts.pop()


@dataclass(slots=True, eq=False)
class Discussion:
    """What one layout makes of a page."""

    begins: int
    """Index of the first line that isn't the article's any more."""
    comments: list[Found] = field(default_factory=list)
    notes: list[Problem | Skipped] = field(default_factory=list)

    def drop_buttons(self) -> None:
        """Take "Reply" and the like off the bodies if it is the page that prints them and not one of its readers."""
        ending = sum(comment.ends_with_button() for comment in self.comments)
        for comment in self.comments:
            comment.drop_buttons(surely=4 * ending >= len(self.comments))


def joined(texts: list[tuple[bool, str]]) -> str:
    """Return lines as paragraphs parted by a blank line; a line that begins none follows after a newline."""
    pieces: list[str] = []
    for gap, text in texts:
        if pieces:
            pieces.append("\n\n" if gap else "\n")
        pieces.append(text)
    return "".join(pieces)
