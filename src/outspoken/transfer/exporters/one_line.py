"""HTML in one line, for places where a blank line or an indented one would mean something."""

import re

_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_PREFORMATTED = re.compile(r"<pre>.*?</pre>", re.DOTALL)
_BLOCK = re.compile("<(?:p|pre|ul|ol|blockquote)[ >]")


def one_line(html: str) -> str:
    """Return the same HTML without line breaks; those of what is preformatted are written as references."""
    kept = _PREFORMATTED.sub(lambda pre: pre[0].replace("\n", "&#10;"), html)
    return _BREAKS.sub(" ", kept)


def as_markdown(html: str) -> str:
    """Return HTML so that Markdown takes it as it is: as a block, within which nothing means anything else."""
    return one_line(html) if not html or _BLOCK.match(html) else f"<p>{one_line(html)}</p>"
