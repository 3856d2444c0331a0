"""Languages: texts from gettext catalogues, compiled in memory at first use, and dates and numbers as each writes them.

English is the language the texts are written in and needs no catalogue. Each of the others has a folder, named as in
`pt` or `zh_Hans`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from outspoken.discussion.errors import Refusal

SOURCE = "en"
"""The language the texts are written in."""
DOMAIN = "outspoken"
Said = str | Refusal
"""Something to be told in the reader's language: a marked text, or a refusal with its values."""
_TAG = re.compile("[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}")
"""As much of a language tag as anybody needs. Source: RFC 5646, section 2.1."""


def marked(text: str) -> str:
    """Return `text` as it is, marked for the catalogues: it is translated where the language is known."""
    return text


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language: what it says, how it writes dates and numbers, in which direction it is read."""

    tag: str
    """As in the `lang` attribute, such as `de` or `pt-BR`."""
    direction: str
    """`ltr` or `rtl`."""
    locale: Locale
    catalogue: str
    """The name of its catalogue's folder; `en` has none."""
    translations: NullTranslations

    def gettext(self, text: str) -> str:
        """Return the translation of `text`, or `text` itself where there is none."""
        # The empty text is the key of the catalogue's header.
        return self.translations.gettext(text) if text else ""

    def tell(self, said: Said) -> str:
        """Return what is said, with its values written as the language writes them."""
        if isinstance(said, str):
            return self.gettext(said)
        values = {name: self.number(value) if isinstance(value, int) else value for name, value in said.values.items()}
        return self.gettext(said.text) % values if values else self.gettext(said.text)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the form for `count`, with `%(num)s` in it written as the language writes numbers."""
        return self.translations.ngettext(singular, plural, count) % {"num": self.number(count)}

    def number(self, value: int) -> str:
        """Return a whole number with its digits grouped."""
        return str(value) if -1000 < value < 1000 else format_decimal(value, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Return day and minute, in UTC."""
        return _moment(at, self.locale)

    def day(self, at: datetime) -> str:
        """Return the day, in UTC."""
        return _day(at.astimezone(UTC).date(), self.locale)


@lru_cache(maxsize=64)
def language(tag: str) -> Language:
    """Return the language called `tag`; one without a catalogue is answered in English.

    Tag, direction and dates are then English too: half a page each would be read aloud, and laid out, wrongly.
    """
    locale = _locale(tag)
    name = _catalogue(locale) if locale else None
    if locale is None or name is None:
        return language(SOURCE)
    return Language(tag.replace("_", "-"), locale.text_direction, locale, name, _translations(name))


@lru_cache(maxsize=256)
def spoken_tag(asked: str) -> str:
    """Return the tag of the language that answers to `asked`, any words at all; empty if none does.

    It is one tag for all countries, so that a page is made and kept for each language there is, not for each way to
    ask for it.
    """
    locale = _locale(asked)
    name = _catalogue(locale) if locale else None
    return name.replace("_", "-") if name else ""


@cache
def catalogues() -> tuple[str, ...]:
    """Return the languages that have a catalogue, as their folders are called."""
    return tuple(
        sorted(folder.name for folder in files("outspoken.pages").joinpath("locale").iterdir() if folder.is_dir())
    )


def _locale(tag: str) -> Locale | None:
    """Return what is known of a language; None if it has no catalogue, however much of a tag was asked for."""
    if not _TAG.fullmatch(tag):
        return None
    tag = tag.replace("_", "-")
    spoken = tag.partition("-")[0].lower()
    # Strangers may name any of a thousand languages. What isn't spoken here needn't be looked for on the disk.
    if spoken not in {name.partition("_")[0] for name in (SOURCE, *catalogues())}:
        return None
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        # Of a country that is not known, or a way to write it, the language is left.
        return Locale.parse(spoken)


def _catalogue(locale: Locale) -> str | None:
    """Return the folder whose texts a language takes; None if there is none in its script."""
    script = locale.script or get_global("likely_subtags")[locale.language].split("_")[1]
    for name in (f"{locale.language}_{script}", locale.language):
        if name == SOURCE or name in catalogues():
            return name
    return None


@cache
def _translations(name: str) -> NullTranslations:
    if name == SOURCE:
        return NullTranslations()
    catalogue = files("outspoken.pages").joinpath("locale", name, "LC_MESSAGES", f"{DOMAIN}.po")
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalogue.read_bytes()), locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


# Babel takes as long for one date as a template takes for a whole comment, and a page repeats its minutes.
@lru_cache(maxsize=8192)
def _moment(at: datetime, locale: Locale) -> str:
    pattern: str = locale.datetime_formats["medium"]
    time = format_time(at, "short", tzinfo=UTC, locale=locale)
    day = format_date(at.astimezone(UTC).date(), "medium", locale=locale)
    return pattern.replace("{0}", time).replace("{1}", day)


@lru_cache(maxsize=1024)
def _day(day: date, locale: Locale) -> str:
    return format_date(day, "long", locale=locale)
