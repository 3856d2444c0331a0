"""Printing made-up trees the way plain-text extractors print the pages of the common blog systems.

The counterpart of the importer for flattened pages, written from the description of the layouts and kept simple.
"""

from collections.abc import Callable
from datetime import datetime

from tests.transfer.scoring import Node


class Paper:
    """Lines of text; knows where a blank line is due."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._due = False

    def block(self, column: int, text: str) -> None:
        """Print a paragraph, with a blank line around it."""
        self._due = True
        for line in text.split("\n"):
            self.line(column, line)
        self._due = True

    def line(self, column: int, text: str) -> None:
        """Print a line right below the last."""
        if self._due and self.lines:
            self.lines.append("")
        self._due = False
        self.lines.append(" " * column + text)

    def gap(self) -> None:
        """Let a blank line come, as an empty paragraph does."""
        self._due = True

    def text(self) -> str:
        """Return the page, without a newline at its end."""
        return "\n".join(self.lines)


def body(paper: Paper, column: int, node: Node) -> None:
    """Print the blocks of a comment."""
    for kind, text in node.blocks:
        if kind == "ul":
            for entry in text:
                paper.line(column, f"• {entry}")
        else:
            paper.block(column, text)


def long_time(node: Node, between: str = " at ") -> str:
    moment = datetime.fromisoformat(node.time or "")
    return f"{moment:%B} {moment.day}, {moment.year}{between}{clock(node).lower()}"


def clock(node: Node) -> str:
    moment = datetime.fromisoformat(node.time or "")
    return f"{moment.hour % 12 or 12}:{moment:%M} {moment:%p}"


def disqus(paper: Paper, thread: list[Node], column: int = 2) -> None:
    """Names alone; a lost name leaves the text on the marker's line."""
    for node in thread:
        if node.author:
            paper.line(column, f"• {node.author}")
            body(paper, column + 2, node)
        elif node.blocks:
            first, *rest = node.blocks[0][1].split("\n")
            paper.block(column, f"• {first}")
            if rest:
                paper._due = False
                for line in rest:
                    paper.line(column + 2, line)
                paper.gap()
            body(paper, column + 2, Node(None, node.blocks[1:]))
        disqus(paper, node.replies, column + 2)


def wordpress(paper: Paper, thread: list[Node], column: int = 2) -> None:
    """The name and "says:" above the time; "Reply" below the text; numbers for roots, bullets for replies."""
    for number, node in enumerate(thread, 1):
        paper.line(column, f"{f'{number}.' if column == 2 else '•'} {f'{node.author} ' if node.author else ''}says:")
        paper.line(column + 2, long_time(node))
        body(paper, column + 2, node)
        paper.line(column + 2, "Reply")
        wordpress(paper, node.replies, column + 2)


def nested(paper: Paper, thread: list[Node], column: int = 2) -> None:
    """Name and time on one line, with numbers at every level."""
    for number, node in enumerate(thread, 1):
        paper.line(column, f"{number}. {f'{node.author} ' if node.author else ''}on {long_time(node)}")
        paper.gap()
        body(paper, column + 2, node)
        nested(paper, node.replies, column + 2)
        paper.gap()


def blogger(paper: Paper, thread: list[Node], column: int = 2) -> None:
    """Clocks glued to names; "Replies" above and "Reply" below the replies."""
    for number, node in enumerate(thread, 1):
        paper.line(column, f"{number}. {node.author or ''}{clock(node)}")
        body(paper, column + 2, node)
        paper.line(column + 2, "ReplyDelete")
        if node.replies:
            paper.line(column + 2, "Replies")
            blogger(paper, node.replies, column + 2)
            paper.line(column + 2, "Reply")


def dated(paper: Paper, thread: list[Node], column: int = 2) -> None:
    """The time above the name."""
    for node in thread:
        paper.line(column, f"• {long_time(node)}")
        if node.author:
            paper.line(column + 2, node.author)
        body(paper, column + 2, node)
        paper.block(column + 2, "REPLY")
        dated(paper, node.replies, column + 2)


def said(paper: Paper, thread: list[Node]) -> None:
    """The name and "said..." above, the clock below, everything at the edge."""
    for node in thread:
        paper.line(0, f"{node.author} said...")
        body(paper, 0, node)
        paper.line(0, clock(node))


def posted(paper: Paper, thread: list[Node]) -> None:
    """The line "Posted by: N at T" below the text, everything at the edge."""
    for node in thread:
        body(paper, 0, node)
        moment = datetime.fromisoformat(node.time or "")
        paper.block(0, f"Posted by: {node.author} at {moment:%B} {moment.day}, {moment.year} {moment:%I:%M %p}")


LAYOUTS: dict[str, Callable[[Paper, list[Node]], None]] = {
    "disqus_ul": disqus,
    "disqus_ul_nolinks": disqus,
    "wp_ol_says": wordpress,
    "wp_ol_says_nolinks": wordpress,
    "wp_ol_nested": nested,
    "blogger_threaded": blogger,
    "date_first_ul": dated,
    "blogger_said": said,
    "mt_posted_by": posted,
}
FLAT = {"blogger_said", "mt_posted_by"}
HEADED = {"blogger_said": "{} comments:", "blogger_threaded": "{} comments:", "mt_posted_by": "Comments"}


def page(layout: str, thread: list[Node], count: int, article: list[str], heading: str | None = None) -> str:
    """Return the text of a whole page."""
    paper = Paper()
    for paragraph in article:
        paper.block(0, paragraph)
    heading = heading if heading is not None else HEADED.get(layout)
    if heading:
        paper.block(0, heading.format(count))
    LAYOUTS[layout](paper, thread)
    return paper.text()
