"""The kinds of source text a comment or an excerpt can have."""

from enum import StrEnum


class Markup(StrEnum):
    """How a source text is to be read."""

    MARKDOWN = "markdown"
    """Written here: the subset of CommonMark that `render` allows."""
    MIXED = "mixed"
    """Brought in by an importer: Markdown in which HTML counts, as it does in most older systems."""
    HTML = "html"
    """Brought in by an importer, untouched; sanitised when rendered."""
    TEXT = "text"
    """Plain paragraphs: a blank line parts them, a newline is a line break."""
