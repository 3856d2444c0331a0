"""Movable Type's text of entries and comments, which TypePad gives out too. It is flat, and comments have no numbers.

IP addresses and links of names are never read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.reading.cutting import LONGEST_RECORD
from outspoken.transfer.reading.decoding import Text
from outspoken.transfer.reading.digests import Digests
from outspoken.transfer.reading.fields import email, moment, name
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.reading.paragraphs import paragraphed
from outspoken.transfer.records import (
    Importer,
    Problem,
    Progress,
    Record,
    Skipped,
    SourceComment,
    SourceStory,
    Unreadable,
)

_END_OF_SECTION = "-----"
_END_OF_ENTRY = "--------"
_BLANK_LINES = 1_000
"""That may stand behind an entry."""
_BEGIN = re.compile(r"(BODY|EXTENDED BODY|EXCERPT|KEYWORDS|COMMENT|PING):\s*")
_BEGIN_ENTRY = re.compile(
    r"(?:AUTHOR|TITLE|BASENAME|UNIQUE URL|STATUS|DATE|ALLOW COMMENTS|ALLOW PINGS|CONVERT BREAKS|PRIMARY CATEGORY"
    r"|CATEGORY|TAGS|NO ENTRY):"
)
_FIELD = re.compile(r"([A-Z][A-Z0-9_ ]{0,40}):(?: (.*)|)")
_OF_COMMENTS = frozenset({"AUTHOR", "EMAIL", "IP", "URL", "DATE", "TITLE"})
_HEAD = re.compile(r"\s*(?:[A-Z][A-Z0-9_ ]{0,40}:[^\r\n]*\r?\n){2,}-----\r?\n(?:[A-Z ]{3,20}):\s*\r?\n")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.?[Mm]\.?)?")


class MovableType:
    """The file under Tools → Export."""

    name = "movable-type"
    title = "Movable Type or TypePad export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this begins with the fields of an entry, a line of five dashes, and a section."""
        return _HEAD.match(head.decode("utf-8", "replace").lstrip("\ufeff")) is not None

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream stories, each before its comments.

        Raises:
            Unreadable: if it isn't such a file, is cut off, or has a section or line beyond bounds.
        """
        with opened(path, progress) as source:
            text = Text(source)
            reading = _Reading()
            for section in _sections(_lines(text)):
                yield from reading.section(section)
            yield from text.problems()


IMPORTER: Importer = MovableType()


@dataclass(slots=True)
class _Section:
    """The fields of an entry (then it has no name), or what stands between a name and five dashes."""

    name: str
    line: int
    lines: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, line: str) -> None:
        self.length += len(line) + 1
        if self.length > LONGEST_RECORD:
            raise Unreadable(f"The section at line {self.line} is longer than {LONGEST_RECORD // 1_000_000} MB.")
        self.lines.append(line)


def _lines(text: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in text:
        *whole, rest = (rest + piece).split("\n")
        yield from (line.removesuffix("\r") for line in whole)
        if len(rest) > LONGEST_RECORD:
            raise Unreadable(f"A line is longer than {LONGEST_RECORD // 1_000_000} MB.")
    yield rest.removesuffix("\r")


def _sections(lines: Iterable[str]) -> Iterator[_Section]:
    """Yield the sections in their order.

    Dashes end a section only where one begins next, and an entry only where one begins, with a field that entries have,
    or the file ends: people write lines of dashes, and something like “UPDATE: …” below them.
    """
    section = _Section("", 1)
    held: list[str] = []
    is_any = False
    for number, line in enumerate(lines, start=1):
        if held:
            is_entry_over = _END_OF_ENTRY in held
            is_blank = is_entry_over and not line.strip() and len(held) < _BLANK_LINES
            if is_blank or (held == [_END_OF_SECTION] and line == _END_OF_ENTRY):
                held.append(line)
                continue
            begun = _BEGIN_ENTRY.match(line) if is_entry_over else _BEGIN.fullmatch(line)
            if begun:
                yield section
                section, held = _Section("" if is_entry_over else begun[1], number), []
                if not is_entry_over:
                    continue
            for dashes in held:
                section.add(dashes)
            held = []
        if line in (_END_OF_SECTION, _END_OF_ENTRY):
            held = [line]
        else:
            section.add(line)
        is_any |= bool(line.strip())
    if _END_OF_ENTRY not in held or not is_any:
        raise Unreadable("The file is cut off, or is no export of Movable Type: it doesn't end with eight dashes.")
    yield section


class _Reading:
    """The entry we are in, and what must be told apart."""

    def __init__(self) -> None:
        self._digests = Digests()
        self._seen = Names()
        self._number = 0
        self._entry = ""
        self._is_public = True

    def section(self, section: _Section) -> Iterator[Record]:
        """Yield what a section holds."""
        if section.name == "":
            yield from self._story(section)
        elif section.name == "COMMENT":
            yield from self._comment(section)
        elif section.name == "PING":
            yield Skipped("trackback", f"line {section.line}")

    def _story(self, section: _Section) -> Iterator[Record]:
        fields: dict[str, str] = {}
        for line in section.lines:
            if known := _FIELD.fullmatch(line):
                fields.setdefault(known[1], (known[2] or "").strip())
        self._number += 1
        published, problems = _moment(fields.get("DATE", ""), f"line {section.line}")
        yield from problems
        headline = " ".join(fields.get("TITLE", "").split())
        url = fields.get("UNIQUE URL", "")
        self._entry = url or self._named(fields.get("BASENAME", ""), headline, published)
        self._is_public = fields.get("STATUS", "Publish").lower() in ("publish", "")
        yield SourceStory(
            source=str(self._number),
            url=url if url.startswith(("http://", "https://")) else None,
            identifier=None if url.startswith(("http://", "https://")) else self._entry,
            # Of a page that isn't shown to everybody not even the title is.
            headline=headline if self._is_public else "",
            published=published,
            closed=fields.get("ALLOW COMMENTS", "1") != "1" or not self._is_public,
        )

    def _named(self, basename: str, headline: str, published: datetime | None) -> str:
        """Return the name of a page by what its address is made of, and by its title where that isn't enough."""
        path = "/".join(filter(None, (f"{published:%Y/%m}" if published else "", basename or headline)))
        known = path if path and path not in self._seen else f"{path} {headline}".strip()
        self._seen.add(known)
        return known or f"entry {self._number}"

    def _comment(self, section: _Section) -> Iterator[Record]:
        fields: dict[str, str] = {}
        body = list(section.lines)
        while body and (known := _FIELD.fullmatch(body[0])) and known[1] in _OF_COMMENTS - fields.keys():
            fields[known[1]] = (known[2] or "").strip()
            del body[0]
        where = f"line {section.line}"
        created, problems = _moment(fields.get("DATE", ""), where)
        yield from problems
        author = name(fields.get("AUTHOR", ""))
        said = "\n".join(body).strip()
        yield SourceComment(
            # How a date is written is a setting: the next export may have it in the other form.
            source=self._digests.id(
                self._entry, author, created.isoformat() if created else fields.get("DATE", ""), said
            ),
            story=str(self._number),
            author=author,
            body=paragraphed(said),
            markup=Markup.HTML,
            created=created,
            state=State.PUBLISHED if self._is_public else State.HELD,
            line=section.line,
            lost=(*(() if author else ("author",)), *(("zone",) if created else ())),
            email=email(fields.get("EMAIL", "")),
        )


def _moment(written: str, where: str) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Return a date; only the blog's own time is known, so it is taken as if the blog stood in Greenwich."""
    found = _DATE.fullmatch(written.strip())
    if found is None:
        return moment(written, where)
    month, day, year, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if found[7] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[7] in "Pp" else 0)
    try:
        return moment(datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat(), where)
    except ValueError:
        return None, (Problem(where, f"“{written[:40]}” isn't a date"),)
