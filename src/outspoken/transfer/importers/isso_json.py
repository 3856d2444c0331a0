"""The generic JSON that Isso imports: pages with flat lists of comments. Made by scripts from all kinds of systems.

Neither addresses nor websites are read.
"""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from outspoken.transfer.reading.digests import Digests
from outspoken.transfer.reading.fields import email, kind_of_markdown, member, moment, name, page, text
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.opening import halves, opened
from outspoken.transfer.records import Importer, Progress, Record, SourceComment


class IssoJson:
    """A list of pages, each with its comments. Ids are often all 0, so comments are known by their content."""

    name = "isso-json"
    title = "generic JSON for Isso"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with a list of pages that have comments with texts."""
        shape = shape_of(head)
        return "[].comments[]" in shape and bool(shape & {"[].comments[].text", "[].id", "[].title"})

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read twice: the pages, whose names may stand after their comments, then the comments.

        The file tells no time zone; times are taken as UTC.

        Raises:
            Unreadable: if it isn't JSON of that form, or is cut off.
        """
        first, second = halves(path, progress)
        addresses = Notes()
        with opened(path, first) as source:
            for item, of_page in groupby(values(source, "[].id", "[].title"), key=lambda found: found.item):
                fields = {found.place: text(found.value).strip() for found in of_page}
                # Titles come as forms encode them, where they come from Isso's own scripts.
                address, title = fields.get("[].id", ""), fields.get("[].title", "")
                addresses.add(str(item), address)
                yield page(str(item), unquote(address), title if " " in title else unquote_plus(title))
        digests = Digests()
        with opened(path, second) as source:
            for found in values(source, "[].comments[]"):
                (address,) = addresses.of(str(found.item)) or ("",)
                yield from _comment(found.value, str(found.item), address, digests)


IMPORTER: Importer = IssoJson()


def _comment(comment: Any, story: str, address: str, digests: Digests) -> Iterator[Record]:
    author, body, written = name(member(comment, "author")), text(member(comment, "text")), member(comment, "created")
    source = digests.id(address, text(written), author, body)
    created, no_date = moment(written, f"comment by {author or 'nobody'} on {address or 'a page without name'}")
    yield from no_date
    yield SourceComment(
        source=source,
        story=story,
        author=author,
        body=body,
        markup=kind_of_markdown(body),
        created=created,
        email=email(member(comment, "email")),
    )
