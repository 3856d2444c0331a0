"""Passages that stand word for word elsewhere in the discussion: in the story, or in a comment further up."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from outspoken.discussion.comment import Quotation
from outspoken.text.render import plain_text

SHORTEST = 40
"""Characters: what is shorter is said by chance."""

_MARKS = "\"'“”„‟«»‹›‘’‚‛`´"
_SAME = str.maketrans({**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛`´‹›", "'"), "…": "...", "\u00a0": " "})
_BLOCK = re.compile(r"<(?:p|li)>([^<]*(?:<(?!/(?:p|li)>)[^<]*)*)</(?:p|li)>")


def find_quotations(html: str, story: str, comments: Mapping[int, str]) -> tuple[Quotation, ...]:
    """Return what the blocks of a rendered comment quote: of `story` (plain text) and of `comments` (number to HTML).

    A block quotes if the whole of it, or of its lines joined, is found; quotation marks, case, spaces and line breaks
    don't matter. Each source is named once, the story first.
    """
    passages = passages_of(html, words_of(html))
    if not passages:
        return ()
    return quotations_among(passages, story, {number: words_of(text) for number, text in comments.items()})


def passages_of(html: str, words: str) -> list[str]:
    """Return the blocks of a rendered comment, of which `words` count, that are long enough to be quotations."""
    if len(words) < SHORTEST:
        return []
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1 and "<li>" not in html:
        return [words]
    return [passage for block in _BLOCK.findall(html) if len(passage := words_of(block)) >= SHORTEST]


def words_of(html: str) -> str:
    """Return what of a rendered text counts in comparisons."""
    # Nearly every text is paragraphs without anything in them; only others need what is known of tags and entities.
    text = html.replace("<p>", "").replace("</p>", "\n").replace("<br>", "\n")
    return _folded(plain_text(html) if "<" in text or "&" in text else text)


def quotations_among(passages: Sequence[str], story: str, comments: Mapping[int, str]) -> tuple[Quotation, ...]:
    """Return which of these passages are in `story` (plain text) and in `comments` (number to its `words_of`)."""
    found: list[Quotation] = []
    folded_story, positions = _folded_with_positions(story)
    for passage in passages:
        at = folded_story.find(passage)
        if at >= 0:
            start, end = positions[at], positions[at + len(passage) - 1] + 1
            found.append(Quotation(0, start, end - start))
            break
    for number, words in comments.items():
        if any(passage in words for passage in passages):
            found.append(Quotation(number, 0, 0))
    return tuple(found)


def _folded(text: str) -> str:
    same = text.replace("`", "'") if text.isascii() else text.translate(_SAME)
    line = same.casefold().replace("\n", " ")
    # Between nearly all words stands one space: only where there may be others is it worth taking the words apart.
    if "  " in line or not line.isprintable():
        line = " ".join(line.split())
    return line.strip(_MARKS + " .")


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
