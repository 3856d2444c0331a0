"""One way to write comments as any format that is read: what is done to all of them is done to each alike."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from outspoken.discussion.state import State
from tests.transfer import printing
from tests.transfer.made_up import PAGES, MadeUp
from tests.transfer.made_up_blogs import Made
from tests.transfer.scoring import Node
from tests.transfer.writing_artalk import write_artalk_yaml, write_artrans
from tests.transfer.writing_blogger import blogger, takeout
from tests.transfer.writing_commento import write_comentario, write_commento
from tests.transfer.writing_coral import write_coral, write_coral_legacy
from tests.transfer.writing_disqus import disqus, disqus_json
from tests.transfer.writing_feeds import atom, rss
from tests.transfer.writing_isso import write_isso, write_isso_json
from tests.transfer.writing_movable_type import movable_type
from tests.transfer.writing_pages import page
from tests.transfer.writing_remark42 import write_remark42
from tests.transfer.writing_staticman import write_staticman
from tests.transfer.writing_topics import write_discourse, write_hypothesis
from tests.transfer.writing_valine import write_twikoo, write_valine, write_valine_lines, write_waline
from tests.transfer.writing_warcs import Answer, warc
from tests.transfer.writing_wxr import wxr

Files = dict[str, bytes]
"""The files of an export by name; most have one."""
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


def _blog(write: Callable[[Sequence[Made]], bytes]) -> Write:
    def written(told: Sequence[Told]) -> Files:
        return {
            "export": write([Made(c.number, 1, c.parent, c.author, c.text, State.PUBLISHED, c.created) for c in told])
        }

    return written


def _system(write: Callable[[Path, Sequence[MadeUp]], None]) -> Write:
    def written(told: Sequence[Told]) -> Files:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "export")
            write(path, [_Dated(c.number, PAGES[0], c.parent, c.author, c.text, moment=c.created) for c in told])
            if path.is_file():
                return {"export": path.read_bytes()}
            return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}

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


WRITERS: dict[str, Write] = {
    "artalk": _system(write_artrans),
    "artalk-yaml": _system(write_artalk_yaml),
    "blogger": _blog(blogger),
    "blogger-takeout": _blog(takeout),
    "comentario": _system(write_comentario),
    "commento": _system(write_commento),
    "coral": _system(write_coral),
    "coral-legacy": _system(write_coral_legacy),
    "discourse": _system(write_discourse),
    "disqus": _blog(disqus),
    "disqus-json": _blog(disqus_json),
    "feed-atom": _blog(atom),
    "feed-rss": _blog(rss),
    "flattened": _page(lambda roots: printing.page("wp_ol_says", roots, len(roots), ["A title."]).encode()),
    "hypothesis": _system(write_hypothesis),
    "isso": _system(write_isso),
    "isso-json": _system(write_isso_json),
    "movable-type": _blog(movable_type),
    "remark42": _system(write_remark42),
    "saved": _page(lambda roots: page("wordpress", roots, url=_URL).encode()),
    "saved-warc": _page(lambda roots: warc([Answer(_URL, page("wordpress", roots, url=_URL))])),
    "staticman": _system(write_staticman),
    "valine": _system(write_valine),
    "valine-lines": _system(write_valine_lines),
    "valine-twikoo": _system(write_twikoo),
    "valine-waline": _system(write_waline),
    "wordpress": _blog(wxr),
}
"""By a name that begins with the format's, of which some have several."""

FLAT = frozenset({"feed-rss", "isso-json", "movable-type"})
"""They don't tell what replies to what."""
WITHOUT_IDS = frozenset({"flattened", "saved", "saved-warc"})
FOLDERS = {
    "artalk-yaml": "atk_comments.yml",
    "coral": "comments.csv",
    "coral-legacy": "comments.json",
    "staticman": "harbour-ferry/comment-1392005320001.yml",
}
"""Those whose exports are several files, and one of these."""


def place(folder: Path, files: Files) -> Path:
    """Write files into an empty folder and return what is to be read: the only one, or the folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / next(iter(files)) if len(files) == 1 and "/" not in next(iter(files)) else folder
