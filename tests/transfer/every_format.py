"""One way to write comments as any format that is read: what is done to all of them is done to each alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.transfer import exported, printing
from tests.transfer.exported import Files
from tests.transfer.made_up import PAGES, MadeUp
from tests.transfer.scoring import Node
from tests.transfer.systems import SYSTEMS, System
from tests.transfer.writing_pages import page
from tests.transfer.writing_warcs import Answer, warc

Write = Callable[[Sequence["Told"]], Files]

_MOMENT = datetime(2012, 3, 1, 8, 0, tzinfo=UTC)
_URL = "https://harbour.example/2012/1/"


@dataclass(frozen=True)
class Told:
    """A comment, as every format can tell it."""

    number: int
    parent: int | None = None
    text: str = "The ferry was late again."
    author: str = "Ann"
    created: datetime = _MOMENT


@dataclass(frozen=True)
class _Dated(MadeUp):
    """One whose date isn't told by its number."""

    moment: datetime = field(default=_MOMENT, kw_only=True)

    @property
    def created(self) -> datetime:
        return self.moment


def _system(system: System) -> Write:
    def written(told: Sequence[Told]) -> Files:
        made = [_Dated(c.number, PAGES[0], c.parent, c.author, c.text, moment=c.created) for c in told]
        return exported.written(system.write, made)

    return written


def _page(write: Callable[[list[Node]], bytes]) -> Write:
    """Return a writer of what has no ids: what replies to what is told by what stands in what."""

    def written(told: Sequence[Told]) -> Files:
        nodes = {c.number: Node(c.author, [("p", c.text)], f"{c.created:%Y-%m-%dT%H:%M:%S}") for c in told}
        above = {c.number: c.parent for c in told}
        roots = [nodes[number] for number, parent in above.items() if parent not in nodes or parent == number]
        for number, parent in above.items():
            if parent in nodes and parent != number:
                nodes[parent].replies.append(nodes[number])
        return {"export": write(roots)}

    return written


_OF_PAGES: dict[str, Write] = {
    "flattened": _page(lambda roots: printing.page("wp_ol_says", roots, len(roots), ["A title."]).encode()),
    "saved": _page(lambda roots: page("wordpress", roots, url=_URL).encode()),
    "saved-warc": _page(lambda roots: warc([Answer(_URL, page("wordpress", roots, url=_URL))])),
}
WRITERS: dict[str, Write] = {system.name: _system(system) for system in SYSTEMS} | _OF_PAGES
FORMATS = {system.name: system.format for system in SYSTEMS} | {name: name.partition("-")[0] for name in _OF_PAGES}
"""What the importer of each is called."""

FLAT = frozenset(system.name for system in SYSTEMS if system.depth == 0)
"""They don't tell what replies to what."""
WITHOUT_IDS = frozenset(_OF_PAGES)
FOLDERS = {
    "artalk-yaml": "atk_comments.yml",
    "coral": "comments.csv",
    "coral-legacy": "comments.json",
    "staticman": "harbour-ferry/comment-1392005320001.yml",
}
"""Those whose exports are several files, and one of these."""
