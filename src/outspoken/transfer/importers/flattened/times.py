"""Times as pages print them. Only what is printed is read: a clock without a day gives no date."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_MONTHS = (
    "january jan janvier janeiro enero ene januar gennaio gen januari",
    "february feb février fevereiro fev febrero februar febbraio februari",
    "march mar mars março marzo märz maart mrt",
    "april apr avril abril abr aprile avr",
    "may mai maio mayo maggio mei",
    "june jun juin junho junio juni giugno",
    "july jul juillet julho julio juli luglio",
    "august aug août agosto ago augustus",
    "september sep sept septembre setembro septiembre settembre set",
    "october oct octobre outubro out octubre oktober okt ottobre",
    "november nov novembre novembro noviembre",
    "december dec décembre dezembro dez diciembre dic dezember dicembre déc",
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_MONTH = "(?:" + "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)) + r")\.?"
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|lunes|martes|miércoles|jueves|viernes|"
    r"sábado|domingo|(?:segunda|terça|quarta|quinta|sexta)-feira|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)[.,]?\s*"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = re.compile(
    rf"""(?:{_WEEKDAY})?(?:
      (?P<month1>{_MONTH})\s*(?P<day1>[0-3]?\d)(?:st|nd|rd|th)?,?\s+(?P<year1>{_YEAR})
    | (?P<day2>[0-3]?\d)(?:st|nd|rd|th|º|\.)?\s+(?:(?:de|of)\s+)?(?P<month2>{_MONTH}),?
      \s+(?:(?:de|del)\s+)?(?P<year2>{_YEAR})
    | (?P<year3>{_YEAR})[-/.](?P<month3>[01]?\d)[-/.](?P<day3>[0-3]?\d)
    | (?P<first>[0-3]?\d)(?P<mark>[-/.])(?P<second>[0-3]?\d)(?P=mark)(?P<year4>{_YEAR})
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOCK = re.compile(
    r"(?:(?P<hour12>1[0-2]|0?[1-9])[:h.](?P<minute12>[0-5]\d)(?::[0-5]\d)?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?P<hour24>2[0-3]|1\d|0?\d)[:h](?P<minute24>[0-5]\d)(?::[0-5]\d)?(?!\d|\s?[ap]\.?m\b))(?:\s(?:UTC|GMT)\b)?",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"\s*(?:,|@|/|\||-|–|—|·|•|at\b|on\b|um\b|a las\b|a la\b|às\b|as\b|à\b|alle\b|T(?=\d))?\s*", re.IGNORECASE
)
_RELATIVE = re.compile(r"(?:\ban?|\d{1,3})\s+(?:second|minute|min|hour|day|week|month|year)s?\s+ago\b", re.IGNORECASE)
_LONGEST = 200
"""In characters. A headline is shorter; longer lines are prose and aren't searched."""


@dataclass(frozen=True, slots=True)
class PrintedTime:
    """A time within a line, from `start` to `end`."""

    start: int
    end: int
    moment: datetime | None
    """UTC, because no page prints a zone that could be relied on. None where no day is printed, or where day and
    month can't be told apart. Midnight where there is a day but no clock."""
    later_start: int | None = None
    """The other reading of a clock glued to a name: "agent11:30 AM" is agent at 11:30 or agent1 at 1:30."""


def find_time(line: str) -> PrintedTime | None:
    """Return the first time printed in `line`: day and clock in either order, a clock alone, or "3 days ago"."""
    if len(line) > _LONGEST:
        return None
    day = _DAY.search(line)
    if day:
        return _around(line, day)
    clock = _CLOCK.search(line)
    if clock:
        return PrintedTime(clock.start(), clock.end(), None, _later_start(line, clock))
    relative = _RELATIVE.search(line)
    return PrintedTime(relative.start(), relative.end(), None) if relative else None


def is_time(line: str) -> bool:
    """Tell whether `line` is nothing but a time."""
    found = find_time(line.strip())
    return found is not None and found.start == 0 and found.end == len(line.strip())


def _around(line: str, day: re.Match[str]) -> PrintedTime:
    joint = _JOINT.match(line, day.end())
    clock = _CLOCK.match(line, joint.end() if joint else day.end())
    if clock:
        return PrintedTime(day.start(), clock.end(), _moment(day, clock))
    before = _CLOCK.search(line, 0, day.start())
    if before:
        joint = _JOINT.match(line, before.end())
        if joint and joint.end() == day.start():
            return PrintedTime(before.start(), day.end(), _moment(day, before))
    return PrintedTime(day.start(), day.end(), _moment(day, None))


def _later_start(line: str, clock: re.Match[str]) -> int | None:
    hour = clock["hour12"] or clock["hour24"]
    glued = clock.start() > 0 and not line[clock.start() - 1].isspace()
    return clock.start() + 1 if glued and len(hour) == 2 and hour[0] != "0" and hour[1] != "0" else None


def _moment(day: re.Match[str], clock: re.Match[str] | None) -> datetime | None:
    date = _date(day)
    if date is None:
        return None
    hour, minute = 0, 0
    if clock and clock["half"]:
        hour = int(clock["hour12"]) % 12 + (12 if clock["half"].lower() == "p" else 0)
        minute = int(clock["minute12"])
    elif clock:
        hour, minute = int(clock["hour24"]), int(clock["minute24"])
    try:
        return datetime(*date, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _date(day: re.Match[str]) -> tuple[int, int, int] | None:
    """Return year, month, day; None where "5/6/2017" could be either."""
    if day["year1"]:
        return int(day["year1"]), _month(day["month1"]), int(day["day1"])
    if day["year2"]:
        return int(day["year2"]), _month(day["month2"]), int(day["day2"])
    if day["year3"]:
        return int(day["year3"]), int(day["month3"]), int(day["day3"])
    first, second, year = int(day["first"]), int(day["second"]), int(day["year4"])
    if day["mark"] == "." or first > 12 or first == second:
        return year, second, first
    return (year, first, second) if second > 12 else None


def _month(name: str) -> int:
    return _MONTH_NUMBERS[name.lower().rstrip(".")]
