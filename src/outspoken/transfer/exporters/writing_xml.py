"""XML written as a stream: elements with text in them, without what XML can't hold."""

import re
from collections.abc import Mapping
from typing import Any

_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return a text without the characters that XML has no way to write."""
    return _IMPOSSIBLE.sub("", text)


def leaf(out: Any, name: str, text: str = "", attributes: Mapping[str, str] | None = None) -> None:
    """Write an element that holds only text to an open `lxml.etree.xmlfile`."""
    with out.element(name, {key: legal(value) for key, value in (attributes or {}).items()}):
        if text:
            out.write(legal(text))
