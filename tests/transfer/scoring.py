"""How well a reading of a flattened page matches the true tree, by the scoring of the sample data's README.

Lenient where the layout keeps no trace: a quote looks like a paragraph, an author that was a lost link is None, a
time that isn't printed is None, a list inside a comment is told by its text alone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from outspoken.transfer.records import Record, SourceComment


@dataclass
class Node:
    """A comment as it truly was."""

    author: str | None
    blocks: list[tuple[str, Any]] = field(default_factory=list)
    time: str | None = None
    replies: list["Node"] = field(default_factory=list)


@dataclass(frozen=True)
class Score:
    """Counts over one page or, added up, over many."""

    comments: int = 0
    found: int = 0
    names: int = 0
    names_right: int = 0
    parents_right: int = 0
    invented: int = 0
    times_wrong: int = 0
    texts_lost: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def nodes_of(thread: list[dict[str, Any]]) -> list[Node]:
    """Return the true tree that an expected.json holds."""
    return [
        Node(entry["author"], [(kind, text) for kind, text in entry["body"]], entry["time"], nodes_of(entry["replies"]))
        for entry in thread
    ]


def score(thread: list[Node], records: Sequence[Record]) -> Score:
    """Compare the comments among `records`, in reading order, with `thread`."""
    truth = flat(thread)
    comments = [record for record in records if isinstance(record, SourceComment)]
    places = {comment.source: place for place, comment in enumerate(comments)}
    names = Counter(node.author for node, _ in truth if node.author)
    read = Counter(comment.author for comment in comments if comment.author)
    pairs = list(zip(truth, comments, strict=False))
    return Score(
        comments=len(truth),
        found=len(comments),
        names=names.total(),
        names_right=sum(node.author is not None and node.author == comment.author for (node, _), comment in pairs),
        parents_right=sum(
            (None if comment.parent is None else places[comment.parent]) == parent for (_, parent), comment in pairs
        ),
        invented=(read - names).total(),
        times_wrong=sum(_is_wrong_time(node, comment) for (node, _), comment in pairs),
        texts_lost=sum(_squeezed(_text(node)) != _squeezed(comment.body) for (node, _), comment in pairs)
        + max(0, len(truth) - len(comments)),
    )


def flat(thread: list[Node]) -> list[tuple[Node, int | None]]:
    """Return the comments in reading order, each with the position of what it replies to."""
    flat: list[tuple[Node, int | None]] = []

    def add(node: Node, parent: int | None) -> None:
        place = len(flat)
        flat.append((node, parent))
        for reply in node.replies:
            add(reply, place)

    for root in thread:
        add(root, None)
    return flat


def _text(node: Node) -> str:
    return " ".join(" ".join(text) if kind == "ul" else text for kind, text in node.blocks)


def _squeezed(text: str) -> str:
    return "".join(text.replace("•", "").split())


def _is_wrong_time(node: Node, comment: SourceComment) -> bool:
    """A clock without a day gives no date; a date that is given has to be the true one."""
    return comment.created is not None and comment.created.strftime("%Y-%m-%dT%H:%M:%S") != node.time
