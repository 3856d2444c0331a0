"""What is written down of what happens: one JSON object a line, of a closed list of parts, to the minute.

A line is made of what this file names and of nothing else. No text of a request, an exception or another library's
message gets in: they may hold an address, a path or what somebody wrote. Instead a line says which place in which code
spoke, which is enough to look it up.
"""

import logging
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from types import TracebackType

import msgspec

from outspoken.figures import BOUNDS
from outspoken.settings import Log

OURS = "outspoken"
_FRAMES = 12
_ALIKE = 10
_PERIOD = 60.0
_KINDS = 1_000


class Told(msgspec.Struct, frozen=True):
    """What is said of one request."""

    request: str
    """Its id, which is random and stands in the answer too."""
    method: str
    route: str
    """A template, never a path."""
    status: int
    took: str
    """In which of the histogram's buckets the time until the answer began lies."""


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    time: str
    level: str
    logger: str
    event: str = ""
    request: str = ""
    method: str = ""
    route: str = ""
    status: int = 0
    took: str = ""
    error: str = ""
    """Kinds of exceptions, the last met first; what they say stays unsaid."""
    at: tuple[str, ...] = ()
    """Places in the code, the innermost first."""


def write_logs(settings: Log) -> None:
    """Write what is logged, by us or by any library, to the file that is set or to standard error.

    Raises:
        OSError: if the file can't be written.
    """
    handler = WatchedFileHandler(settings.file, encoding="utf-8") if settings.file else logging.StreamHandler()
    handler.setFormatter(Lines())
    handler.addFilter(Sparing(time.monotonic))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    logging.captureWarnings(True)
    # A line that can't be written would else be printed with all it holds.
    logging.raiseExceptions = False


def bucket(seconds: float) -> str:
    """Return about how long something took, such as `<0.025`."""
    place = bisect_left(BOUNDS, seconds)
    return f"<{BOUNDS[place]}" if place < len(BOUNDS) else f">{BOUNDS[-1]}"


class Lines(logging.Formatter):
    """Makes a line of a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = getattr(record, "told", None)
        error = record.exc_info[1] if record.exc_info else None
        line = _Line(
            time=datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%MZ"),
            level=record.levelname.lower(),
            logger=record.name,
            event=record.msg if _is_ours(record) else "",
            error=" from ".join(_kinds(error)),
            at=_places(error.__traceback__) if error else (f"{record.module}.{record.funcName} line {record.lineno}",),
        )
        if isinstance(told, Told):
            at = line.at if error else ()
            line = msgspec.structs.replace(line, at=at, **msgspec.structs.asdict(told))
        return msgspec.json.encode(line).decode()


class Sparing(logging.Filter):
    """Lets a warning pass ten times a minute: a full disk or a flood must not fill the log as well."""

    def __init__(self, steady: Callable[[], float]) -> None:
        super().__init__()
        self._steady = steady
        self._began = steady()
        self._counts: dict[tuple[object, ...], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to write a record. What is no warning always is: an error's id may be looked for."""
        if record.levelno != logging.WARNING:
            return True
        now = self._steady()
        if now - self._began >= _PERIOD or len(self._counts) >= _KINDS:
            self._began = now
            self._counts.clear()
        told = getattr(record, "told", None)
        what = (told.route, told.status) if isinstance(told, Told) else (record.module, record.lineno)
        count = self._counts[what] = self._counts.get(what, 0) + 1
        return count <= _ALIKE


def _is_ours(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, str) and (record.name == OURS or record.name.startswith(f"{OURS}."))


def _kinds(error: BaseException | None) -> list[str]:
    kinds: list[str] = []
    while error is not None and len(kinds) < _FRAMES:
        kinds.append(type(error).__name__)
        error = error.__cause__
    return kinds


def _places(trace: TracebackType | None) -> tuple[str, ...]:
    places: list[str] = []
    while trace is not None:
        frame = trace.tb_frame
        module = frame.f_globals.get("__name__", "?")
        places.append(f"{module}.{frame.f_code.co_qualname} line {trace.tb_lineno}")
        trace = trace.tb_next
    return tuple(places[: -_FRAMES - 1 : -1])
