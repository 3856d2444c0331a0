"""Cutting XML into records before it is parsed, so that what is broken in one record stays in that record.

Exports are often not quite XML, and every parser either stops at the first fault or, told to go on, silently loses what
comes after some of them. So the text is cut by the tags of its records, past CDATA and comments, and each record is
parsed by itself. Memory holds one record.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from outspoken.transfer.records import Problem, Unreadable

LONGEST_RECORD = 10_000_000
"""In characters. No export has a comment of that length, nor an article."""

_LONGEST_TAG = 64 * 1024
_LONGEST_NAME = 200
_TORN_FROM = 4096
_CLOSINGS = {"<![CDATA[": re.compile("]]>"), "<!--": re.compile("-->"), "<?": re.compile(r"\?>")}
_REST_OF_TAG = re.compile(r"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""")
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]{1,40})")


class Cut(NamedTuple):
    """A record as it stands in the file, without the records within it."""

    name: str
    """Local name of its element."""
    text: str
    line: int
    """Where it begins, counted from 1."""
    number: int
    """Counts the records of the file by their beginnings, from 1."""
    within: int = 0
    """Number of the record it lies in, 0 for none."""
    around: str = ""
    """What stands in that record before the first of the records within it."""


@dataclass(slots=True)
class _Open:
    """A record whose end hasn't come yet."""

    name: str
    line: int
    number: int
    around: "_Open | None"
    begun: str = ""
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        self.length += len(text)
        if self.length > LONGEST_RECORD:
            raise Unreadable(f"The record at line {self.line} is longer than {LONGEST_RECORD // 1_000_000} MB.")
        self.pieces.append(text)

    def closed(self) -> Cut:
        return self.cut("".join(self.pieces))

    def cut(self, whole: str) -> Cut:
        if self.around is None:
            return Cut(self.name, whole, self.line, self.number)
        return Cut(self.name, whole, self.line, self.number, self.around.number, self.around.begun)


def _tags_of(name: str) -> re.Pattern[str]:
    """Find the tags of an element, by its name first: an expression that begins with letters finds them fastest."""
    return re.compile(rf"{re.escape(name)}(?<=[</:]{re.escape(name)})[\s/>]")


def cut(pieces: Iterable[str], root: str, records: Mapping[str, str | None]) -> Iterator[Cut | Problem]:
    """Yield the records in the text of an XML file, inner ones before the one they lie in.

    `records` gives the local name of each kind of record, and that of the record it lies in, or None where it lies
    anywhere else below the root. A record that isn't closed before the next of its kind ends there and is told of.

    Raises:
        Unreadable: if the outermost element isn't `root`, there is a DOCTYPE, a record is too long, or the file is cut
            off.
    """
    return _Cutter(root, records).cuts(pieces)


class _Cutter:
    """Goes from mark to mark: the tags of records and of the root, and what begins a stretch without tags."""

    def __init__(self, root: str, records: Mapping[str, str | None]) -> None:
        self._root = root
        self._records = records
        names = "|".join(map(re.escape, (*records, root)))
        self._mark = re.compile(rf"<!\[CDATA\[|<!--|<\?|<!DOCTYPE|<(/?)(?:[\w.-]+:)?({names})(?=[\s/>])")
        self._leaves = {
            name: [(never, _tags_of(never)) for never in (name, around, root) if never is not None]
            for name, around in records.items()
            if name not in records.values()
        }
        """For each kind of record in which there are no others, the names that no tag in it may have."""
        self._awaited = self._mark
        """Marks, or what ends the CDATA section, comment or instruction we are in."""
        self._may_hide_tags = True
        """Whether there is a comment or an instruction in the text at hand."""
        self._open: list[_Open] = []
        self._number = 0
        self._line = 1
        self._is_within_root = False
        self._was_root_seen = False

    def cuts(self, pieces: Iterable[str]) -> Iterator[Cut | Problem]:
        """Yield the records. Between two pieces only what may be a torn mark is kept."""
        rest = ""
        for piece in chain(pieces, ("",)):
            text, place = rest + piece, 0
            self._may_hide_tags = "<!--" in text or "<?" in text
            while mark := self._awaited.search(text, place):
                end = self._end_of(text, mark, is_last=not piece)
                if end is None:
                    break
                self._pass(text[place : mark.start()])
                if leaf := self._leaf(text, mark, end):
                    yield leaf
                    self._line += leaf.text.count("\n")
                    place = mark.start() + len(leaf.text)
                else:
                    yield from self._meet(mark, text[mark.start() : end])
                    place = end
            whole = self._whole(text, place) if mark is None else mark.start()
            self._pass(text[place:whole])
            rest = text[whole:]
        self._pass(rest)
        if self._open or self._is_within_root or not self._was_root_seen:
            raise Unreadable(f"The file is cut off, at line {self._line}: its last element isn't there.")

    def _end_of(self, text: str, mark: re.Match[str], *, is_last: bool) -> int | None:
        """Return where a mark ends, None if that isn't in the text yet."""
        if self._awaited is not self._mark or mark[2] is None:
            return mark.end()
        if found := _REST_OF_TAG.match(text, mark.end()):
            return found.end()
        length = len(text) - mark.start()
        # Quotes that don't match may be torn in two, or just not match.
        if (length > _TORN_FROM or is_last) and (end := text.find(">", mark.end())) >= 0:
            return end + 1
        if length > _LONGEST_TAG:
            raise Unreadable(f"The tag at line {self._line} has no end.")
        return None

    def _leaf(self, text: str, mark: re.Match[str], end: int) -> Cut | None:
        """Return the record that begins here if it can be seen at a glance where it ends: nearly always.

        That is where the next end tag of its name is outside of CDATA, and no other record begins before.
        """
        if self._awaited is not self._mark or mark[1] != "" or not self._is_within_root or mark[2] not in self._leaves:
            return None
        around = self._open[-1] if self._open else None
        if (around.name if around else None) != self._records[mark[2]] or text[end - 2] == "/":
            return None
        closing = f"</{mark[0][1:]}>"
        last = text.find(closing, end)
        if last < 0 or last - end > LONGEST_RECORD:
            return None
        inside = text[end:last]
        if (opening := inside.rfind("<![CDATA[")) >= 0 and inside.find("]]>", opening) < 0:
            return None
        if self._may_hide_tags and ("<!--" in inside or "<?" in inside):
            return None
        for name, tags in self._leaves[mark[2]]:
            if name in inside and tags.search(inside):
                return None
        whole = text[mark.start() : last + len(closing)]
        return self._begun(mark[2]).cut(whole)

    def _whole(self, text: str, place: int) -> int:
        """Return the end of the text that can't be part of a mark."""
        if self._awaited is not self._mark:
            return max(place, len(text) - 2)
        torn = text.rfind("<", max(place, len(text) - _LONGEST_NAME))
        return torn if torn >= 0 else len(text)

    def _pass(self, text: str) -> None:
        self._line += text.count("\n")
        if self._open:
            self._open[-1].add(text)
        elif not self._was_root_seen and self._awaited is self._mark:
            self._refuse_another_root(text)

    def _meet(self, mark: re.Match[str], whole: str) -> Iterator[Cut | Problem]:
        if self._awaited is not self._mark:
            self._pass(whole)
            self._awaited = self._mark
        elif mark[2] is not None:
            yield from self._tag(mark[2], whole, is_end=bool(mark[1]))
            self._line += whole.count("\n")
        else:
            if whole == "<!DOCTYPE" and not self._open:
                raise Unreadable(
                    "The file declares a DOCTYPE; no export has one, and the entities in it can be used to do harm."
                )
            self._pass(whole)
            self._awaited = _CLOSINGS.get(whole, self._mark)

    def _tag(self, name: str, tag: str, *, is_end: bool) -> Iterator[Cut | Problem]:
        if name == self._root:
            yield from self._root_tag(tag, is_end=is_end)
        elif not self._is_within_root:
            self._refuse_another_root(tag)
        elif is_end:
            yield from self._end(name, tag)
        else:
            yield from self._begin(name, tag)

    def _root_tag(self, tag: str, *, is_end: bool) -> Iterator[Cut | Problem]:
        if is_end:
            while self._open:
                yield from self._left_open(self._open.pop())
        elif self._open:
            self._open[-1].add(tag)
            return
        self._was_root_seen = True
        self._is_within_root = not is_end and not tag.endswith("/>")

    def _begin(self, name: str, tag: str) -> Iterator[Cut | Problem]:
        if any(record.name == name for record in self._open):
            left = None
            while left is None or left.name != name:
                left = self._open.pop()
                yield from self._left_open(left)
        around = self._open[-1] if self._open else None
        if around is not None and self._records[name] != around.name:
            # Within another record it isn't a record but a reference to one.
            around.add(tag)
            return
        record = self._begun(name)
        record.add(tag)
        if tag.endswith("/>"):
            yield record.closed()
        else:
            self._open.append(record)

    def _begun(self, name: str) -> _Open:
        self._number += 1
        around = self._open[-1] if self._open else None
        if around is not None and not around.begun:
            around.begun = "".join(around.pieces)
        return _Open(name, self._line, self._number, around)

    def _end(self, name: str, tag: str) -> Iterator[Cut | Problem]:
        if any(record.name == name for record in self._open):
            while (record := self._open.pop()).name != name:
                yield from self._left_open(record)
            record.add(tag)
            yield record.closed()
        elif self._open:
            self._open[-1].add(tag)

    def _left_open(self, record: _Open) -> Iterator[Cut | Problem]:
        yield Problem(f"line {record.line}", f"this {record.name} isn't closed; it was read as far as it can reach")
        yield record.closed()

    def _refuse_another_root(self, text: str) -> None:
        other = _ELEMENT.search(text)
        if other and not self._root.startswith(other[1]):
            raise Unreadable(f"The file isn't what it should be: its outermost element is “{other[1]}”.")
