"""What scripts say: every text of theirs, in the page's language, handed to them with the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from outspoken.pages.translations import Language, language, marked

_SAMPLES = range(201)
"""Every form that a language has for numbers is met among these; the last of a kind is not needed."""

_READING = {
    "fresh": marked("new"),
    "next": marked("Next new comment"),
    "hide": marked("Hide this author"),
    "hidden": marked("You hid this author. Show again"),
    "title": marked("Keys and what this browser keeps"),
    "kept": marked("Only this browser keeps what you folded, whom you hid and how far you have read."),
    "forget": marked("Forget it"),
    "forgotten": marked("This browser has forgotten it."),
    "close": marked("Close"),
}
_KEYS = {
    "j": marked("Next comment"),
    "k": marked("Comment before"),
    "p": marked("What it answers"),
    "r": marked("Next conversation"),
    "n": marked("Next new comment"),
    "x": marked("Fold or unfold the replies"),
    "?": marked("Show this"),
}
"""What is said of each key; the script gives it its meaning."""
_WRITING = {
    "tools": marked("Formatting"),
    "b": marked("Strong"),
    "i": marked("Emphasis"),
    "q": marked("Quotation"),
    "k": marked("Link"),
}


@dataclass(frozen=True, slots=True)
class Sayings:
    """JSON for scripts that help with reading, and for those that help with writing."""

    reading: str
    writing: str


@cache
def sayings(tag: str) -> Sayings:
    """Return what scripts say in the language called `tag`."""
    spoken = language(tag)
    reading = {
        **_said(spoken, _READING),
        "keys": _said(spoken, _KEYS),
        "arrived": _forms(spoken),
    }
    return Sayings(_json(reading), _json(_said(spoken, _WRITING)))


def _said(spoken: Language, texts: dict[str, str]) -> dict[str, str]:
    return {name: spoken.gettext(text) for name, text in texts.items()}


def _forms(spoken: Language) -> dict[str, str]:
    """Return how many comments have come, for each kind of number that the language tells apart.

    The kinds have the names that browsers give them; `other` is there in every language.
    """
    forms: dict[str, str] = {}
    for number in _SAMPLES:
        said = spoken.translations.ngettext("%(num)s new comment", "%(num)s new comments", number)
        forms.setdefault(spoken.locale.plural_form(number), said)
    return {"other": said, **forms}


def _json(said: Mapping[str, object]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
