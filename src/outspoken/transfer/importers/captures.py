"""What was saved of a community: single HTML pages, and web archives (WARC, WACZ) full of them."""

import re
from collections.abc import Iterator
from pathlib import Path

from outspoken.transfer.importers.saved.capture import capture_of
from outspoken.transfer.importers.saved.frames import absent_discussion
from outspoken.transfer.importers.saved.page import LONGEST_PAGE, decoded, page_of
from outspoken.transfer.importers.saved.restoring import FORMAT, records_of
from outspoken.transfer.importers.webarchive import is_web_archive, read_web_archive
from outspoken.transfer.reading.opening import opened, whole
from outspoken.transfer.records import Importer, Problem, Progress, Record, Unreadable

_BEFORE_PAGE = re.compile(r"\s+|<\?xml.{0,500}?\?>|<!--.*?-->", re.DOTALL)
_PAGE = re.compile(r"<(?:!doctype\s+html|(?:html|head|body|title|meta|div|section|article|ol|ul)[\s>])", re.IGNORECASE)
_BEGIN, _END = re.compile(r"<html[\s>]", re.IGNORECASE), re.compile(r"</html\s*>", re.IGNORECASE)
_ENDINGS = (".gz", ".zip", ".html", ".htm", ".xhtml")


class Captures:
    """Pages with their discussions, saved as HTML by a browser, by a crawler, by whoever kept a copy.

    Which system wrote a page is told by its markup. Numbers of comments are kept as far as the page shows them, dates
    as far as it tells the day. One format for pages and archives of pages, so that captures of one page meet.
    """

    name = FORMAT
    title = "saved HTML page or web archive"

    def recognises_path(self, path: Path) -> bool:
        """Tell whether this is a web archive, of which the first record may be damaged."""
        return path.is_file() and is_web_archive(path)

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is HTML."""
        text = decoded(head)[0].lstrip("\ufeff")
        place = 0
        while skipped := _BEFORE_PAGE.match(text, place):
            place = skipped.end()
        return _PAGE.match(text, place) is not None

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Yield each story, its comments, and what could not be placed.

        Raises:
            Unreadable: if the file isn't what it should be, is larger than any, or has no discussion in it.
        """
        if is_web_archive(path):
            yield from read_web_archive(path, progress)
        else:
            yield from _read_page(path, progress)


IMPORTER: Importer = Captures()


def _read_page(path: Path, progress: Progress) -> Iterator[Record]:
    with opened(path, progress) as source:
        content = whole(source, LONGEST_PAGE + 1)
    page = page_of(content, _stem(path.name))
    capture, notes = capture_of(page)
    if not capture.comments:
        raise Unreadable(_without_comments(path.name, absent_discussion(page.tree)))
    yield from records_of([capture])
    yield from notes
    if page.is_foreign_encoding:
        yield Problem(path.name, "isn't in the encoding it declares; some letters may be wrong")
    if _BEGIN.search(page.text) and not _END.search(page.text):
        yield Problem(path.name, "doesn't end as it begins; it may be cut off")


def _without_comments(name: str, kind: str) -> str:
    """Return what to say of a page on which nobody speaks; `kind` is whose frame would have shown the comments."""
    if not kind:
        return f"{name} is a page, but no discussion was found in it."
    return (
        f"{name} is a page without its comments: {kind} showed them in a frame or by a script, and that wasn't saved "
        "with it. Save what stands inside the frame, or look for a web archive of it."
    )


def _stem(name: str) -> str:
    """Return a file's name without its endings: "page.html.gz" is the same page as "page.html"."""
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
