"""Text in which a blank line is a paragraph and a newline a line break, though there is HTML in it, made into HTML.

So do WordPress (`wpautop`) and Movable Type ("convert line breaks") when they show what they keep.
"""

import re

_BLOCKS = (
    "p|div|blockquote|ul|ol|li|dl|dt|dd|pre|h[1-6]|table|thead|tbody|tfoot|tr|td|th|hr|figure|section|article|address"
)
_BLOCK = re.compile(rf"(</?(?:{_BLOCKS})\b[^<>]*>)", re.IGNORECASE)
_TAG = re.compile(r"<(/?)(\w+)")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_HOLD_TEXT = re.compile(r"p|li|dt|dd|h[1-6]|td|th|address", re.IGNORECASE)
_BREAK_AND_NEWLINE = re.compile(r"(<br\s*/?>)[ \t]*\n", re.IGNORECASE)


def paragraphed(text: str) -> str:
    """Return `text` with blank lines as paragraphs and newlines as breaks; blocks of HTML are left as they are."""
    text = _BREAK_AND_NEWLINE.sub(r"\1", text.replace("\r\n", "\n").replace("\r", "\n"))
    made = []
    holds_text = is_as_it_stands = False
    for index, piece in enumerate(_BLOCK.split(text)):
        if index % 2:
            made.append(piece)
            tag = _TAG.match(piece)
            if tag and tag[2].lower() == "pre":
                is_as_it_stands = not tag[1]
            elif tag and not is_as_it_stands:
                holds_text = not tag[1] and _HOLD_TEXT.fullmatch(tag[2]) is not None
        elif is_as_it_stands:
            made.append(piece)
        elif stripped := piece.strip():
            paragraphs = [part.strip().replace("\n", "<br>\n") for part in _BLANK_LINES.split(stripped)]
            if holds_text:
                made.append("<br><br>\n".join(paragraphs))
            else:
                made.append("\n".join(f"<p>{part}</p>" for part in paragraphs))
    return "".join(made)
