"""The line above a comment that says who spoke and when, in the forms blog software prints.

"N", "N says:", "N on T", "N T", "NT" (glued), "T" over "N", "At T, Blogger N said...", and below a comment
"Posted by: N at T". Whether such a line really is a headline is decided by the layout, which sees the whole page.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from outspoken.transfer.importers.flattened.times import find_time
from outspoken.transfer.importers.flattened.words import SAYS, is_button

LONGEST_NAME = 60
"""In characters; a longer line is prose."""
_LONGEST_HEADLINE = 200

_PROSE_END = re.compile(r"""[.!?…:;,。！？؟।۔][\"'”’»)\]]*$""")
_INITIALS_END = re.compile(r"(?:^|[\s.])(?:[A-ZÀ-ÞΑ-ΩА-Я]|[JS]r|Esq|Dr|Ph\.?D|et al)\.$")
_ADDRESS = re.compile(r"://|^www\.|^@?\S+@\S+\.\S+$", re.IGNORECASE)
_MOST_WORDS = 8
_CONNECTOR = re.compile(
    r"(?:^|\s+)(?:on|at|am|um|el|em|le|il|op|the)\s*$|\s+[-–—|/•·@]\s*$|\s*[,|(\[]\s*$", re.IGNORECASE
)
_LEADING_CONNECTOR = re.compile(r"^\s*(?:[-–—|/•·,:]|by\b)\s*", re.IGNORECASE)
_AFTER_TIME = re.compile(
    r"\s*(?:[:.)\]]|#?permalink|#\d*|\(edited\)|\[\d+ favorites?\]|\|.{0,60}|said:?)?\s*", re.IGNORECASE
)
_PROVIDER = re.compile(r"(?:Blogger|OpenID|Anonymous|Google)\s+(?=\S)")
_AT_SAID = re.compile(r"At\s+", re.IGNORECASE)
_TRAILER = re.compile(r"(?:(?P<posted>(?:comment )?posted by\s*:?)|by\s)\s*(?P<rest>\S.*)?", re.IGNORECASE)
_UNVERIFIED = re.compile(r"\s*\((?:not verified|unverified|guest|visitor)\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headline:
    """What a line would say if it is a headline."""

    author: str
    """As printed, "" if the line holds none (a linked name that was lost)."""
    moment: datetime | None = None
    says: bool = False
    timed: bool = False
    """Whether a time is printed at either end, be it only a clock."""
    other_author: str = ""
    """The other reading where a clock is glued to a name that may end in a digit."""


def headline(line: str) -> Headline:
    """Read `line` as a headline. Without "says" and without a time all of it is the name."""
    if len(line) > _LONGEST_HEADLINE:
        return Headline(line)
    printed = find_time(line)
    if printed is None:
        return _said(line, Headline(line))
    before, after = line[: printed.start], line[printed.end :]
    if _AFTER_TIME.fullmatch(after) or is_button(after.strip()):
        other = line[: printed.later_start] if printed.later_start is not None else ""
        return _said(
            _without_connector(before), Headline("", printed.moment, timed=True, other_author=_without_connector(other))
        )
    if before.strip() == "" or _AT_SAID.fullmatch(before):
        name = _LEADING_CONNECTOR.sub("", after)
        name = _PROVIDER.sub("", name, count=1) if before.strip() and not _only_provider(name) else name
        return _said(name, Headline("", printed.moment, timed=True))
    return _said(line, Headline(line))


def trailer(line: str) -> Headline | None:
    """Read `line` as what stands below a comment: "Posted by: N at T", "By N (not verified) on T". None if it isn't."""
    if len(line) > _LONGEST_HEADLINE:
        return None
    found = _TRAILER.fullmatch(line)
    if found is None:
        return None
    read = headline(_UNVERIFIED.sub("", found["rest"] or ""))
    if not read.timed and not (found["posted"] and is_namelike(read.author)):
        return None
    return read if len(read.author) <= LONGEST_NAME else None


def is_namelike(text: str) -> bool:
    """Tell whether `text` could be a name: short, no sentence, no address. Initials may end in a full stop."""
    if not 0 < len(text) <= LONGEST_NAME or len(text.split()) > _MOST_WORDS or _ADDRESS.search(text):
        return False
    return _PROSE_END.search(text) is None or (_INITIALS_END.search(text) is not None and len(text.split()) <= 4)


def _said(text: str, bare: Headline) -> Headline:
    """Return `bare` with the name in `text`, freed of "says:"."""
    says = SAYS.fullmatch(text)
    if says is None:
        return Headline(text.strip(), bare.moment, False, bare.timed, bare.other_author)
    return Headline(says["name"].strip(), bare.moment, True, bare.timed, bare.other_author)


def _without_connector(text: str) -> str:
    """Drop the "on" or the dash that led over to the time. A name keeps its own end."""
    return _CONNECTOR.sub("", text, count=1).strip()


def _only_provider(name: str) -> bool:
    """Tell whether "Anonymous said..." is all: then that is the name."""
    says = SAYS.fullmatch(name)
    return says is not None and " " not in says["name"].strip()
