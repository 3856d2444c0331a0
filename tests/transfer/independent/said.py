"""What a file says, read by readers that share nothing with the importers, and what has to come of it in a database."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

Words = tuple[str, ...]
Branch = tuple[Words, str, str, datetime | None, tuple[int, int], tuple[Words, ...]]
"""Words, author, state, minute, votes, and the words of what stands above, the nearest first."""

GONE = ("deleted", "removed", "spam")
_BLOCK = re.compile(r"</?(?:p|br|ul|ol|li|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?\w+)[^<>]*?(?:\shref=[\"']([^\"']*)[^<>]*)?>")
_E_MAIL = re.compile(r"\S+@\S+")


class Refused(Exception):
    """Nothing of the file may be brought in."""


@dataclass(frozen=True)
class Said:
    """A comment of the file."""

    source: str
    page: str
    parent: str | None = None
    author: str = ""
    text: str = ""
    created: datetime | None = None
    state: str = "published"
    votes: tuple[int, int] = (0, 0)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a file holds."""

    said: list[Said]
    left_out: Counter[str] = field(default_factory=Counter)
    """By reason, what isn't a comment or has no place."""


@dataclass(frozen=True)
class Row:
    """What of a file is in a database, or has to be there."""

    pages: int
    """On which something is said."""
    comments: int
    live: int
    depths: tuple[int, ...]
    """How many stand at each depth, tombstones among them."""
    lost: Counter[str]
    """How many miss what."""
    orphans: int
    left_out: Counter[str]
    branches: Counter[Branch]

    @property
    def tombstones(self) -> int:
        """How many have neither text nor author."""
        return self.comments - self.live

    def as_cells(self) -> list[str]:
        """Return the numbers for people."""
        told = (_told(self.lost), str(self.orphans or ""), _told(self.left_out))
        numbers = (self.pages, self.comments, self.live, self.tombstones)
        return [*map(str, numbers), " ".join(map(str, self.depths)), *told]


def words(text: str) -> Words:
    """Return the words of a text, the tags that are more than its paragraphs and lists, and where links lead."""
    apart = _TAG.sub(lambda tag: f" <{tag[1]}> {tag[2] or ''} ", _BLOCK.sub(" ", text))
    return tuple(html.unescape(apart).replace("•", " ").split())


def one_line(name: str) -> str:
    """Return a name as it may be shown: without an e-mail address."""
    return " ".join(_E_MAIL.sub("", name).split())


def moment(written: str) -> datetime | None:
    """Return a date of ISO 8601, in UTC where it names no zone; None where there is none."""
    if not written or written.startswith("0000"):
        return None
    found = datetime.fromisoformat(written)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def score(number: int) -> tuple[int, int]:
    """Return votes of which only the difference is known."""
    return max(number, 0), max(-number, 0)


def minute(moment: datetime | None) -> datetime | None:
    """Return a date as exactly as it is kept."""
    return moment and moment.replace(second=0, microsecond=0)


def expected(reading: Reading) -> Row:
    """Return what has to come of a reading.

    The first of several with one id counts. Who replies to what isn't on the page, or round in a circle, is a root.
    What is gone keeps its place where something that isn't stands below it.
    """
    left_out = Counter(reading.left_out)
    said: dict[str, Said] = {}
    for each in reading.said:
        if each.source in said:
            left_out["same id twice in the file"] += 1
        said.setdefault(each.source, each)
    orphans = 0
    for each in list(said.values()):
        above = said.get(each.parent or "")
        if each.parent and (above is None or above.page != each.page):
            said[each.source] = replace(each, parent=None)
            orphans += 1
    for each in list(said.values()):
        if each.source in _above(each, said):
            said[each.source] = replace(each, parent=None)
    needed = {
        source for each in said.values() if each.state not in GONE for source in (each.source, *_above(each, said))
    }
    left_out.update(each.state for each in said.values() if each.source not in needed)
    kept = {source: each for source, each in said.items() if source in needed}
    return row(kept, orphans, left_out)


def row(said: Mapping[str, Said], orphans: int, left_out: Counter[str]) -> Row:
    """Count comments that all have their place."""
    above = {source: [said[other] for other in _above(each, said)] for source, each in said.items()}
    depths = Counter(map(len, above.values()))
    live = [each for each in said.values() if each.state not in GONE]
    return Row(
        pages=len({each.page for each in said.values()}),
        comments=len(said),
        live=len(live),
        depths=tuple(depths[depth] for depth in range(len(depths))),
        lost=Counter(what for each in live for what in each.lost),
        orphans=orphans,
        left_out=+left_out,
        branches=Counter(_branch(each, above[source]) for source, each in said.items()),
    )


def _above(each: Said, said: Mapping[str, Said]) -> list[str]:
    """Return who stands above a comment, its parent first, until there is nobody or somebody for the second time."""
    found: list[str] = []
    while each.parent and each.parent not in found:
        found.append(each.parent)
        each = said[each.parent]
    return found


def _branch(each: Said, above: Iterable[Said]) -> Branch:
    line = tuple(_words_of(other) for other in above)
    if each.state in GONE:
        return (), "", each.state, None, (0, 0), line
    return _words_of(each), one_line(each.author), each.state, minute(each.created), each.votes, line


def _words_of(each: Said) -> Words:
    return (each.state,) if each.state in GONE else words(each.text)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
