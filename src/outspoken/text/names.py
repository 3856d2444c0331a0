"""Names people give themselves: what one may look like, and when two look alike."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from outspoken.discussion.errors import Invalid
from outspoken.text.hygiene import clean

LONGEST_NAME = 60
"""Characters."""

_SPACES = re.compile(r"\s+")
_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "!": "l", "0": "o", "5": "s", "$": "s", "@": "a"})
_SMALL_CAPITAL = re.compile("LATIN LETTER SMALL CAPITAL ([A-Z])")
_BLANK = "\u2800"
"""A Braille cell without dots: to Unicode a symbol, to the eye nothing."""


def clean_name(raw: str) -> str:
    """Return the name as it will be shown; empty if none was given.

    Raises:
        Invalid: if it is too long, or nothing of it can be seen.
    """
    name = _SPACES.sub(" ", clean(raw)).strip()
    if len(name) > LONGEST_NAME:
        raise Invalid(
            "name", "A name can have %(most)s characters; yours has %(size)s.", most=LONGEST_NAME, size=len(name)
        )
    if raw.strip() and not skeleton(name):
        raise Invalid("name", "Nothing of this name can be seen. Use letters or digits, or leave it empty.")
    return name


@lru_cache(maxsize=8192)
def skeleton(name: str) -> str:
    """Return what is left of a name for the eye: two names with equal skeletons look alike.

    Case, accents, spaces and punctuation fall away; look-alike letters of all scripts fall together.
    Source: Unicode Technical Standard 39, section 4, with case folding, and with l, i, 1 as one letter.
    """
    letters = (_prototype(char) for char in unicodedata.normalize("NFKD", name))
    folded = "".join(letters).casefold().translate(_ALIKE).replace("rn", "m").replace("vv", "w")
    visible = "".join(char for char in folded if char.isalnum())
    return visible or folded


@cache
def _prototype(char: str) -> str:
    """Return the plainest character that looks like `char`: an ASCII letter or digit, or else the first of its kind.

    What the eye passes over (marks, spaces, controls) gives an empty text.
    """
    category = unicodedata.category(char)
    if category in ("Mn", "Me") or category[0] in ("Z", "C") or char == _BLANK:
        return ""
    if char.isascii():
        return char
    for form in (char, char.lower(), char.upper()):
        plain = sorted(other for other in _alike(form) if other.isascii() and other.isalnum())
        if plain:
            return plain[-1]
    if small := _SMALL_CAPITAL.fullmatch(unicodedata.name(char, "")):
        return small[1]
    return "" if category == "Mc" else min([char, *_alike(char)])


def _alike(char: str) -> str:
    # The table wraps what is written from right to left in marks of direction.
    return _TABLE.get(char) or _TABLE.get(f"\u200e{char}\u200e", "")


class _Entry(msgspec.Struct):
    """One look-alike in the library's table, without its name."""

    c: str


def _table() -> dict[str, str]:
    """Return single characters that look like others, by those others: a tenth of what the whole table takes."""
    content = files("confusable_homoglyphs").joinpath("confusables.json").read_bytes()
    whole = msgspec.json.decode(content, type=dict[str, list[_Entry]])
    alike = {
        char: "".join(other for entry in entries if len(other := entry.c.strip("\u200e")) == 1)
        for char, entries in whole.items()
    }
    return {char: others for char, others in alike.items() if others}


_TABLE = _table()
