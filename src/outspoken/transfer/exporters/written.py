"""Sanitised HTML written as Markdown, for systems that make their HTML from Markdown and drop any that stands in it.

Only signs that every dialect knows are used; what none has a sign for, such as underlining, keeps its words alone.
"""

import re
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "s": "~~", "del": "~~"}
_BLOCKS = frozenset({"p", "pre", "blockquote", "ul", "ol", "li"})
_CODE = frozenset({"pre", "code"})
_DEEPEST = 16
"""Blocks within blocks; those within these stand beside one another."""
# A private-use character never survives hygiene, so it can stand for where a block ends.
_END = "\ue000"
_SPACE = re.compile(r"[ \t\r\n\f]+")
# With backslashes in it, an address that stands in the text would lead elsewhere.
_MEANS_SOMETHING = re.compile(r"(https?://[^\s<>`\[\]]+)|([\\`*_\[\]~#|])|([<>&])")
_MEANS_A_LIST = re.compile(r"^(\d{0,9})([-+=.)])")
_TICKS = re.compile("`+")


def as_written(html: str) -> str:
    """Return sanitised HTML as Markdown: the same words, links, quotations, lists and code."""
    writing = _Writing()
    writing.feed(html)
    writing.close()
    return writing.written()


@dataclass(slots=True)
class _Open:
    """An element whose end hasn't come yet."""

    tag: str
    href: str = ""
    items: int = 0
    pieces: list[str] = field(default_factory=list)

    @property
    def is_at_line_start(self) -> bool:
        if not self.pieces:
            return self.tag in _BLOCKS or not self.tag
        return self.pieces[-1].endswith(("\n", _END))


class _Writing(HTMLParser):
    """Holds what stands in each open element until it ends: only then it is known what signs it needs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Open("")]

    def written(self) -> str:
        return _together(self._open[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._open[-1].tag in _CODE:
            self._add("\n" if tag == "br" or tag in _BLOCKS else "")
        elif tag == "br":
            self._add("  \n")
        elif tag == "q":
            self._add("“")
        elif tag in _MARKS or tag in _BLOCKS or tag in ("a", "code"):
            self._open.append(_Open(tag, dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open[-1].tag:
            self._add(self._made(self._open.pop()))
        elif tag == "q":
            self._add("”")

    def handle_data(self, data: str) -> None:
        within = self._open[-1]
        if within.tag in _CODE:
            self._add(data)
            return
        text = _MEANS_SOMETHING.sub(_meant, _SPACE.sub(" ", data))
        self._add(_MEANS_A_LIST.sub(r"\1\\\2", text.lstrip(" ")) if within.is_at_line_start else text)

    def _add(self, text: str) -> None:
        if text:
            self._open[-1].pieces.append(text)

    def _made(self, it: _Open) -> str:
        if it.tag == "code":
            return _as_code(it)
        if it.tag == "pre":
            code = "".join(it.pieces).strip("\n")
            fence = "`" * max(3, _ticks(code) + 1)
            return f"{_END}{fence}\n{code}\n{fence}{_END}"
        if it.tag not in _BLOCKS:
            return _as_link(it) if it.tag == "a" else _as_marked(it)
        text = _together(it)
        if text and len(self._open) <= _DEEPEST:
            text = self._as_block(it.tag, text)
        return f"{_END}{text}{_END}"

    def _as_block(self, tag: str, text: str) -> str:
        if tag == "blockquote":
            return _behind("> ", "> ", text)
        if tag != "li":
            return text
        around = self._open[-1]
        around.items += 1
        sign = f"{around.items}. " if around.tag == "ol" else "- "
        return _behind(sign, " " * len(sign), text)


def _meant(sign: re.Match[str]) -> str:
    address, escaped, referred = sign.groups()
    return address or (f"\\{escaped}" if escaped else escape(referred))


def _together(it: _Open) -> str:
    """Return what stands in an element, with blank lines between its blocks."""
    blocks = (block.strip() for block in "".join(it.pieces).split(_END))
    return "\n\n".join(filter(None, blocks))


def _behind(sign: str, others: str, text: str) -> str:
    """Return a block behind a sign, and its other lines behind others."""
    first, *rest = text.split("\n")
    return "\n".join((sign + first, *((others + line if line else others.rstrip()) for line in rest)))


def _as_code(it: _Open) -> str:
    code = _SPACE.sub(" ", "".join(it.pieces)).strip()
    ticks = "`" * (_ticks(code) + 1)
    space = " " if "`" in code else ""
    return f"{ticks}{space}{code}{space}{ticks}" if code else ""


def _as_link(it: _Open) -> str:
    words = " ".join("".join(it.pieces).replace(_END, " ").split())
    if words == it.href:
        return f"<{words}>"
    address = it.href.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("\\", "%5C")
    return f"[{words}]({address})" if words and address else words


def _as_marked(it: _Open) -> str:
    text = "".join(it.pieces)
    words = text.strip()
    if not words or _END in words:
        return text
    # Beside a space a sign would be no sign but itself.
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{_MARKS[it.tag]}{words}{_MARKS[it.tag]}{after}"


def _ticks(code: str) -> int:
    return max(map(len, _TICKS.findall(code)), default=0)
