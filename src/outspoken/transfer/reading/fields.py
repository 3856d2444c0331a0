"""The fields of a record whose values may be anything: texts, names, ids, dates and counts, or nothing.

Nothing here raises. What can't be used is empty; of dates, which people miss, it is also said.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from outspoken.text.markup import Markup
from outspoken.transfer.records import Problem, SourceStory

LONGEST_REFERENCE = 200
"""Characters of an id."""
EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Outside of these a date is a fault: a clock that wasn't set, or a field with another meaning."""

_LONGEST_NAME = 1_000
"""Characters of a name that are looked at, e-mail addresses in it included."""
_NEVER = ("", "0000-00-00", "0001-01-01", "1970-01-01T00:00:00")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_E_MAIL = re.compile(
    r"(?<![^\s<(\[,;])[<(\[]?[^\s@<>()\[\]]{1,80}@[^\s@<>()\[\]]{1,200}\.[^\s@<>()\[\].,;]{1,40}[>)\]]?"
)
_ADDRESS = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,189}")
_LONGEST_E_MAIL = 254
"""Characters. Source: RFC 5321, 4.5.3.1.3, less the brackets."""
_NOBODYS = ("noreply@", "no-reply@", "anonymous@")
_NOWHERE = ".invalid"
"""Where no mail arrives, so that it can stand for people without an address. Source: RFC 2606, 2."""
_SPACE_BEFORE_ZONE = re.compile(r"\s+(?:UTC|GMT|(?=[+-]\d\d:?\d\d$))")
_BEHIND_ZONE = re.compile(r"(?<=[+-]\d{4}) (?:[A-Za-z]{1,8}|[+-]\d{2,4})(?: m=[+-][\d.]{1,40})?$")
"""What Go's own form of a time has behind its offset: the name of the zone or the offset again, and a stop-watch."""
_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|code|del|div|em|h[1-6]|i|iframe|img|li|ol|p|pre|q|s|span|strike|strong|su[bp]|table|u|ul)"
    r"\b[^<>]*>",
    re.IGNORECASE,
)
_MILLISECONDS_FROM = 631_152 * 10**6
"""1990, before which nobody wrote below a page: a smaller number counts seconds, if of a day that is far away."""
_SECONDS_OR_MILLISECONDS = re.compile(r"[0-9]{9,13}")
_MOST = 10**9


def text(value: Any) -> str:
    """Return a text as it stands, or a number as text; what a database can't keep becomes a replacement character."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return ""


def kind_of_markdown(source: str) -> Markup:
    """Tell how the text of a system that takes Markdown is to be read: with HTML in it, if there is any.

    What such a system took in itself from another one is HTML through and through.
    """
    return Markup.MIXED if _TAG.search(source) else Markup.MARKDOWN


def markdown_or_html(markdown: str, html: str) -> tuple[str, Markup]:
    """Return the text that was written, or else what became of it, and how it is to be read."""
    return (html, Markup.HTML) if html and not markdown else (markdown, kind_of_markdown(markdown))


def reference(value: Any) -> str:
    """Return an id, or nothing for what is none or longer than any."""
    found = text(value).strip()
    return found if len(found) <= LONGEST_REFERENCE else ""


def public_id(value: Any) -> str | None:
    """Return the id of a person, or None for none and for one in which there may be an e-mail address."""
    found = reference(value)
    return found if found and "@" not in found else None


def name(value: Any) -> str:
    """Return a person's name on one line, without e-mail addresses in it or for it."""
    written = text(value)[:_LONGEST_NAME]
    return " ".join((_E_MAIL.sub("", written) if "@" in written else written).split())


def email(value: Any) -> str:
    """Return an e-mail address, or nothing for what is none, such as the "undefined" and "noreply" of some systems."""
    written = text(value).strip()
    is_one = len(written) <= _LONGEST_E_MAIL and _ADDRESS.fullmatch(written)
    is_nobodys = written.lower().startswith(_NOBODYS) or written.lower().endswith(_NOWHERE)
    return written if is_one and not is_nobodys else ""


def flag(value: Any) -> bool:
    """Return a yes or no, however it is written. Missing means no."""
    return value is True or text(value).strip().lower() in ("1", "true", "yes")


def count(value: Any) -> int:
    """Return a number from 0 to a milliard, also where it is written as a text; 0 for anything else."""
    written = text(value).strip()
    number = int(written) if re.fullmatch(r"\+?\d{1,10}", written) else 0
    return min(number, _MOST)


def score(value: Any) -> tuple[int, int]:
    """Return (up, down) of which only the difference is known."""
    written = text(value).strip()
    return (0, count(written[1:])) if written.startswith("-") else (count(written), 0)


def member(value: Any, key: str) -> Any:
    """Return what an object has under `key`, or None if it is no object or has nothing there."""
    return value.get(key) if isinstance(value, dict) else None


def moment(value: Any, where: str, zone: tzinfo = UTC) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Return a date in UTC; or None, and a Problem if what stands there can't be one.

    Texts are read as ISO 8601, in `zone` where they name none; numbers (also as texts) as seconds or
    milliseconds since 1970. The zero of Go, of MySQL and of Unix mean that there is no date.
    """
    if value is None or value == 0:
        return None, ()
    if isinstance(value, int | float) and not isinstance(value, bool):
        found = _since_1970(value)
    else:
        written = text(value).strip()
        if written.startswith(_NEVER[1:]) or (not written and isinstance(value, str)):
            return None, ()
        found = _since_1970(int(written)) if _SECONDS_OR_MILLISECONDS.fullmatch(written) else _from_iso(written, zone)
    if found is None or not EARLIEST <= found < LATEST:
        return None, (Problem(where, f"“{str(value)[:40]}” isn't a date on which somebody could write"),)
    return found, ()


def _since_1970(number: float) -> datetime | None:
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    if not abs(seconds) < _MILLISECONDS_FROM:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _from_iso(written: str, zone: tzinfo) -> datetime | None:
    written = _BEHIND_ZONE.sub("", written)
    try:
        found = datetime.fromisoformat(written if written.endswith("Z") else _SPACE_BEFORE_ZONE.sub("", written))
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def page(source: str, address: str, headline: str = "", *, closed: bool = False) -> SourceStory:
    """Return the story at `address`: a URL, or a path or any other name by which its system knows the page."""
    is_url = address.startswith(("http://", "https://", "//"))
    return SourceStory(
        source=source,
        url=address if is_url else None,
        identifier=None if is_url else address or None,
        headline=" ".join(headline.split()),
        closed=closed,
    )
