"""The importer for single pages that were saved as HTML."""

import re
from collections.abc import Iterator
from pathlib import Path

from outspoken.transfer.importers.opening import opened, whole
from outspoken.transfer.importers.saved.capture import capture_of
from outspoken.transfer.importers.saved.frames import absent_discussion
from outspoken.transfer.importers.saved.page import LONGEST_PAGE, Page, decoded, page_of
from outspoken.transfer.importers.saved.restoring import FORMAT, records_of
from outspoken.transfer.records import Importer, Problem, Progress, Record, Unreadable

_BEFORE_PAGE = re.compile(r"\s+|<\?xml.{0,500}?\?>|<!--.*?-->", re.DOTALL)
_PAGE = re.compile(r"<(?:!doctype\s+html|(?:html|head|body|title|meta|div|section|article|ol|ul)[\s>])", re.IGNORECASE)
_ENDINGS = (".gz", ".html", ".htm", ".xhtml", ".mhtml")


class SavedPage:
    """A page with its discussion, saved as HTML: by a browser, by an archive, by whoever kept a copy.

    Which system wrote it is told by its markup. Numbers of comments are kept as far as the page shows them; dates as
    far as it tells the day.
    """

    name = FORMAT
    title = "saved HTML page"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is HTML."""
        text = decoded(head)[0].lstrip("\ufeff")
        place = 0
        while skipped := _BEFORE_PAGE.match(text, place):
            place = skipped.end()
        return _PAGE.match(text, place) is not None

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Yield the story, then its comments, then what could not be placed.

        Raises:
            Unreadable: if the file isn't HTML, is no page's size, or has no discussion in it.
        """
        with opened(path, progress) as source:
            content = whole(source, LONGEST_PAGE + 1)
        page = page_of(content, stem(path.name))
        missing = absent_discussion(page.tree)
        capture = capture_of(page)
        if capture is None:
            raise Unreadable(without_discussion(path.name, missing))
        yield from records_of([capture])
        yield from encoding_fault(page)


IMPORTER: Importer = SavedPage()


def without_discussion(name: str, kind: str) -> str:
    """Return what to say of a page without comments on it; `kind` is whose frame would have shown them."""
    if not kind:
        return f"{name} is a page, but no discussion was found in it."
    return (
        f"{name} is a page without its comments: {kind} showed them in a frame or by a script, and that wasn't saved "
        "with it. Save what stands inside the frame, or look for a web archive of it."
    )


def encoding_fault(page: Page) -> Iterator[Problem]:
    """Yield a Problem if the page isn't in the encoding it claims."""
    if page.is_foreign_encoding:
        yield Problem(page.name, "isn't in the encoding it declares; some letters may be wrong")


def stem(name: str) -> str:
    """Return a file's name without its endings: "page.html.gz" is the same page as "page.html"."""
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
