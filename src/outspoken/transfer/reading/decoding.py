"""From bytes to text that XML can hold: by the encoding that a file declares, and by what it holds all the same."""

import codecs
import re
from collections.abc import Iterator

from outspoken.transfer.reading.opening import Source
from outspoken.transfer.records import Problem, Unreadable

_PIECE = 64 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MARKS_OF_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""UTF-32 in the other order of bytes begins as UTF-16 does."""
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,60})["']""")
# Not every codec is an encoding of text: some unpack, some run what they are given through an alphabet of escapes.
_ENCODINGS = re.compile(
    r"utf-8|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|big5\w*|gb\w+|euc_\w+|shift_jis\w*|iso2022_\w+|"
    r"hz|johab|tis-620|ascii"
)
_READ_AS = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030"}
"""What files that declare these hold in truth, as every browser knows."""
_FIT = " -\ud7ff\t\n\r\ue000-\ufffd\U00010000-\U0010ffff"
_ALL_FIT = re.compile(f"[{_FIT}]*")
_UNFIT = re.compile(f"[^{_FIT}]")


class Text:
    """The text of a file, piece by piece.

    Bytes that the encoding doesn't have are read as Windows-1252, of which they nearly always are; characters that XML
    doesn't have are dropped. Both are counted.
    """

    def __init__(self, source: Source, encoding: str | None = None) -> None:
        self._source = source
        self._first = source.read(_PIECE)
        self.encoding = encoding or encoding_of(self._first)
        self._foreign = 0
        self._unfit = 0

    def __iter__(self) -> Iterator[str]:
        """Yield the pieces; none is empty.

        Raises:
            Unreadable: if the bytes can't be of the encoding that the file declares.
        """
        decoder = codecs.getincrementaldecoder(self.encoding)("surrogateescape")
        piece = self._first
        for mark, _ in _MARKS:
            piece = piece.removeprefix(mark)
        try:
            while piece:
                if text := self._fit(decoder.decode(piece)):
                    yield text
                piece = self._source.read(_PIECE)
            if text := self._fit(decoder.decode(b"", final=True)):
                yield text
        except UnicodeError as fault:
            raise Unreadable(f"The file isn't in the encoding it declares, {self.encoding}.") from fault

    def _fit(self, text: str) -> str:
        return text if _ALL_FIT.fullmatch(text) else _UNFIT.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        byte = ord(found[0]) - 0xDC00
        if not 0x80 <= byte <= 0xFF:
            self._unfit += 1
            return ""
        self._foreign += 1
        return bytes([byte]).decode("cp1252", "replace")

    def problems(self) -> Iterator[Problem]:
        """Yield what had to be mended in what was read so far."""
        if self._foreign:
            what = f"{self._foreign} bytes aren't {self.encoding}; they were read as Windows-1252"
            yield Problem("the whole file", what)
        if self._unfit:
            yield Problem("the whole file", f"{self._unfit} control characters were left out")


def refuse_wide(beginning: bytes) -> None:
    """Refuse what begins with the mark of an encoding that is wider than UTF-8, where that alone is read.

    Raises:
        Unreadable: if it does.
    """
    if beginning.startswith(_MARKS_OF_WIDE):
        raise Unreadable("The file is in UTF-16 or UTF-32. Save it as UTF-8 and try again.")


def encoding_of(head: bytes) -> str:
    """Return the codec for a file that begins with `head`: by its mark, its XML declaration, else UTF-8.

    Raises:
        Unreadable: if it declares an encoding that nobody knows.
    """
    for mark, encoding in (*_MARKS, *_UNMARKED):
        if head.startswith(mark):
            return encoding
    declared = _DECLARED.match(head.lstrip())
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii", "replace")
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError) as fault:
        raise Unreadable(f"The file declares an unknown encoding, “{name}”.") from fault
    if known.startswith(("utf-16", "utf-32")):
        # A declaration that could be read byte by byte isn't in one of these.
        return "utf-8"
    if not _ENCODINGS.fullmatch(known):
        raise Unreadable(f"The file declares an encoding that isn't one of text, “{name}”.")
    return _READ_AS.get(known, known)
