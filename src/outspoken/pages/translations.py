"""Languages: texts from gettext catalogues, compiled in memory at first use, and dates and numbers as each writes them.

English is the language the texts are written in and needs no catalogue.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE = "en"
"""The language the texts are written in."""
DOMAIN = "outspoken"


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
    translations: NullTranslations

    def gettext(self, text: str) -> str:
        """Return the translation of `text`, or `text` itself where there is none."""
        # The empty text is the key of the catalogue's header.
        return self.translations.gettext(text) if text else ""

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
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return language(SOURCE)
    for name in (str(locale), locale.language):
        if name in catalogues():
            return Language(tag, locale.text_direction, locale, _read(name))
    if locale.language != SOURCE:
        return language(SOURCE)
    return Language(tag, locale.text_direction, locale, NullTranslations())


@lru_cache(maxsize=1024)
def spoken_tag(asked: str) -> str:
    """Return the tag of the language that answers to `asked`, in one spelling for all of its; empty if none does."""
    try:
        locale = Locale.parse(asked, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return ""
    for name in (str(locale), locale.language):
        if name == SOURCE or name in catalogues():
            return name.replace("_", "-")
    return ""


def catalogues() -> tuple[str, ...]:
    """Return the languages that have a catalogue, as their folders are called."""
    return tuple(
        sorted(folder.name for folder in files("outspoken.pages").joinpath("locale").iterdir() if folder.is_dir())
    )


def _read(name: str) -> GNUTranslations:
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
