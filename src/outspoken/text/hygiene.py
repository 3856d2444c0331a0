"""Unicode hygiene: what is taken out of a text because it is invisible, and what must stay although it is.

Pasted text can carry invisible marks that trace a leak, controls that make a line read backwards, and towers of
accents. But joiners also hold the pride and trans flags together and are letters' glue in Persian and Hindi, so each
is judged by its neighbours.
"""

import re
import unicodedata

_SUSPICIOUS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u0300-\u036f\u0483-\u0489\u0591-\u05bd"
    "\u0610-\u061a\u064b-\u065f\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\U000e0000-\U0010ffff]"
)
_MARKS_AT_MOST = 4
_RUN_AT_MOST = 30
"""Marks in a row before a text is composed. Source: Unicode Standard Annex 15, "Stream-Safe Text Format"."""


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me") or unicodedata.combining(char) != 0


_MARKS = "".join(filter(_is_mark, map(chr, range(0x300, 0x1F000))))
# A class in which marks beyond U+FFFF stand one by one takes a hundred times as long as one with all that is there.
_MAY_BE_MARK = "[" + "".join(mark for mark in _MARKS if mark <= "\uffff") + "\uff9e\uff9f\U00010000-\U0001efff]"
_MAY_BE_TOWER = re.compile(f"{_MAY_BE_MARK}{{{_MARKS_AT_MOST + 1}}}")
# The voicing marks of halfwidth Katakana become marks only where compatible characters are composed (NFKC).
_RUN = re.compile(f"[{_MARKS}\uff9e\uff9f]+")
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_JOINING_SCRIPTS = (
    "ARABIC", "SYRIAC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL",
    "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip
_BLACK_FLAG, _CANCEL_TAG = "\U0001f3f4", "\U000e007f"
_EMOJI_STYLE = "\ufe0f"
_EMOJI_TEXT = "#*0123456789©®‼⁉ℹ〰〽"
_MONGOLIAN_SELECTORS = "\u180b\u180c\u180d\u180f"
_VARIANT_SCRIPTS = ("MYANMAR", "PHAGS-PA", "MANICHAEAN")
_INVISIBLE_LETTERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"


def clean(text: str) -> str:
    """Return `text` composed (NFC), with `\\n` line ends and without invisible or disfiguring characters.

    Kept: tab, newline, joiners inside emoji sequences and between letters of scripts that need them, a variation
    selector after a character that has variants, the tags of regional flags, four combining marks a letter. Idempotent.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    text = unicodedata.normalize("NFC", in_short_runs(text.encode("utf-8", "replace").decode()))
    # Taking something out can bring neighbours together that compose.
    while (cleaned := unicodedata.normalize("NFC", without_invisible(text))) != text:
        text = cleaned
    return text


def in_short_runs(text: str) -> str:
    """Return `text` with at most 30 marks in a row, for `unicodedata.normalize`, which sorts them by insertion."""
    return _RUN.sub(lambda run: run[0][:_RUN_AT_MOST], text) if _MAY_BE_TOWER.search(text) else text


def without_invisible(text: str) -> str:
    """Return `text` without those characters, and else as it is: in HTML a mark could be composed with a tag's end."""
    if not _SUSPICIOUS.search(text) and not _MAY_BE_TOWER.search(text):
        return text
    # What is taken out may have been a neighbour for whose sake something stayed.
    while (visible := _without_invisible(text)) != text:
        text = visible
    return text


def _without_invisible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    at = 0
    while at < len(text):
        if text[at] == _BLACK_FLAG and (end := _end_of_flag(text, at)) is not None:
            kept.append(text[at:end])
            at = end
            continue
        char = text[at]
        marks = marks + 1 if _is_mark(char) else 0
        following = text[at + 1 : at + 2]
        if marks <= _MARKS_AT_MOST and _belongs(char, kept[-1][-1] if kept else "", following):
            kept.append(char)
        at += 1
    return "".join(kept)


def _end_of_flag(text: str, start: int) -> int | None:
    """Return where the tag sequence of a regional flag ends (England, Scotland, ...), None if it isn't one."""
    at = start + 1
    while at < len(text) and at - start <= 8 and "\U000e0061" <= text[at] <= "\U000e007a":
        at += 1
    return at + 1 if at > start + 1 and text[at : at + 1] == _CANCEL_TAG else None


def _belongs(char: str, before: str, following: str) -> bool:
    if not _SUSPICIOUS.match(char):
        return True
    if char in (_ZWNJ, _ZWJ):
        return _joins_letters(before, following) or (char == _ZWJ and _joins_emoji(before, following))
    if _is_selector(char):
        return _selects(before, char)
    return unicodedata.category(char) in ("Mn", "Mc", "Me", "Lo") and char not in _INVISIBLE_LETTERS


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or char in _MONGOLIAN_SELECTORS


def _selects(before: str, selector: str) -> bool:
    """Tell whether a character has variants to select from. After any other, selectors only carry hidden bits."""
    name = unicodedata.name(before, "") if before and not _is_selector(before) else ""
    if selector in ("\ufe0e", _EMOJI_STYLE):
        return bool(name) and (before in _EMOJI_TEXT or _is_emoji_part(before))
    if selector in _MONGOLIAN_SELECTORS:
        return name.startswith("MONGOLIAN")
    return name.startswith("CJK") or (selector <= "\ufe02" and name.startswith(_VARIANT_SCRIPTS))


def _joins_letters(before: str, following: str) -> bool:
    return _needs_joiners(before) and _needs_joiners(following)


def _needs_joiners(char: str) -> bool:
    return bool(char) and unicodedata.name(char, "").startswith(_JOINING_SCRIPTS)


def _joins_emoji(before: str, following: str) -> bool:
    return _is_emoji_part(before) and _is_emoji_part(following)


def _is_emoji_part(char: str) -> bool:
    return bool(char) and (
        char == _EMOJI_STYLE or (ord(char) > 0x2000 and unicodedata.category(char) in ("So", "Sk", "Sm"))
    )
