"""A text of others in what is told to people: nothing in it makes a terminal do something, or breaks a line."""

import re

_NOT_FOR_TERMINALS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LONGEST = 1_200
"""Characters of a message. The longest of our own lists all formats."""


def legible(text: str) -> str:
    """Return a text without what would make a terminal do something, or what no encoding can hold."""
    return _NOT_FOR_TERMINALS.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return the beginning of a text, legible and on one line."""
    # What is cut away first needn't be split into words.
    line = legible(" ".join(text[: 2 * longest].split()))
    return line if len(line) <= longest and len(text) <= 2 * longest else line[:longest] + "…"
