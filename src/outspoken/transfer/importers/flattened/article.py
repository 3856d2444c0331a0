"""The story above a discussion: its headline, whom it quotes, and the quoted text."""

import re
from dataclasses import dataclass

from outspoken.transfer.importers.flattened.found import joined
from outspoken.transfer.importers.flattened.geometry import Line

_LONGEST_ATTRIBUTION = 120
_ATTRIBUTION = re.compile(
    r"(?:from|via)\s+(?P<source>\S.*?)\s*:?"
    r"|(?P<reporter>\S.*?)\s+"
    r"(?:reports?|reported|writes|wrote|notes|says|has the story|announces|announced|explains)\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Article:
    """What is discussed."""

    headline: str = ""
    attribution: str = ""
    excerpt: str = ""


def article_of(lines: list[Line]) -> Article:
    """Read the lines above a discussion: the first is the headline; "X reports:" right below it names the source."""
    if not lines:
        return Article()
    attribution = _attribution(lines)
    text = lines[2 if attribution else 1 :]
    return Article(
        lines[0].text,
        attribution,
        joined([(line.gap, f"{line.marker} {line.text}" if line.marker else line.text) for line in text]),
    )


def _attribution(lines: list[Line]) -> str:
    if len(lines) < 2 or len(lines[1].text) > _LONGEST_ATTRIBUTION or (len(lines) > 2 and not lines[2].gap):
        return ""
    found = _ATTRIBUTION.fullmatch(lines[1].text)
    return (found["source"] or found["reporter"]) if found else ""
