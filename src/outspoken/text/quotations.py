"""Passages that stand word for word elsewhere in the discussion: in the story, or in a comment further up."""

import re
from collections.abc import Mapping
from functools import lru_cache

from outspoken.discussion.comment import Quotation
from outspoken.text.render import plain_text

SHORTEST = 40
"""Characters: what is shorter is said by chance."""

_MARKS = "\"'“”„‟«»‹›‘’‚‛`´"
_SAME = str.maketrans({**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛`´‹›", "'"), "…": "...", "\u00a0": " "})
_BLOCK = re.compile(r"<(?:p|li)>(.*?)</(?:p|li)>", re.DOTALL)


def find_quotations(html: str, story: str, comments: Mapping[int, str]) -> tuple[Quotation, ...]:
    """Return what the blocks of a rendered comment quote: of `story` (plain text) and of `comments` (number to HTML).

    A block quotes if the whole of it, or of its lines joined, is found; quotation marks, case, spaces and line breaks
    don't matter. Each source is named once, the story first.
    """
    passages = [passage for block in _BLOCK.findall(html) if len(passage := _folded(plain_text(block))) >= SHORTEST]
    if not passages:
        return ()
    found: list[Quotation] = []
    folded_story, positions = _folded_with_positions(story)
    for passage in passages:
        at = folded_story.find(passage)
        if at >= 0:
            start, end = positions[at], positions[at + len(passage) - 1] + 1
            found.append(Quotation(0, start, end - start))
            break
    for number, text in comments.items():
        folded = _folded(plain_text(text))
        if any(passage in folded for passage in passages):
            found.append(Quotation(number, 0, 0))
    return tuple(found)


def _folded(text: str) -> str:
    return " ".join(text.translate(_SAME).casefold().split()).strip(_MARKS + " .")


@lru_cache(maxsize=256)
def _folded_with_positions(text: str) -> tuple[str, tuple[int, ...]]:
    """Fold as `_folded` does, and tell for every folded character where it came from."""
    folded: list[str] = []
    positions: list[int] = []
    for at, char in enumerate(text):
        if char.isspace():
            if folded and folded[-1] != " ":
                folded.append(" ")
                positions.append(at)
            continue
        for piece in char.translate(_SAME).casefold():
            folded.append(piece)
            positions.append(at)
    return "".join(folded), tuple(positions)
