"""Pages of which only the text is left: article, then a discussion told by indentation and headlines.

How a page becomes flattened text and what its layout says is told in `geometry`; the layouts are in `headlines`,
`lists` (with markers) and `plain` (without). What cannot be placed is reported, never guessed into a name or a date.
"""

from outspoken.transfer.importers.flattened.importer import IMPORTER

__all__ = ["IMPORTER"]
