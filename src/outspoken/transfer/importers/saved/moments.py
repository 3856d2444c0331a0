"""Dates as markup tells them: in an attribute for machines, else as they are printed."""

from datetime import UTC, datetime

from outspoken.transfer.importers.flattened.times import find_time
from outspoken.transfer.importers.saved.elements import Element, text_of
from outspoken.transfer.reading.fields import EARLIEST, LATEST

_LONGEST = 100


def moment_of(element: Element | None) -> datetime | None:
    """Return the time an element tells, in UTC; None for "3 days ago", a clock without a day, or no time at all."""
    if element is None:
        return None
    for inner in (element, *element):
        for name in ("datetime", "content", "title"):
            moment = moment_in(inner.get(name) or "")
            if moment:
                return moment
    return printed_moment(text_of(element))


def moment_in(written: str) -> datetime | None:
    """Return the time that is written as ISO 8601 or as pages print it; None for one at which nobody could write."""
    if not written or len(written) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        return printed_moment(written)
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None
    return moment if EARLIEST <= moment < LATEST else None


def printed_moment(text: str) -> datetime | None:
    """Return the time printed somewhere in a line."""
    printed = find_time(text)
    return printed.moment if printed else None
