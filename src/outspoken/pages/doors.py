"""The door through which readers come to a discussion: our own pages, a frame in another's page, or that page itself.

A door decides what stands before the addresses of a discussion and how its comments are anchored. What an address
looks like besides, `links` knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from outspoken.discussion.order import Cursor, Sort
from outspoken.pages import links


@dataclass(frozen=True, slots=True)
class Door:
    """One way in. Everything that leads on within a discussion leads through the same door."""

    before: str = ""
    """What stands before an address: nothing, `/frame`, or where readers find us, such as `https://talk.example`."""
    mark: str = "c"
    """What stands before a comment's number in the id of its element."""
    is_framed: bool = False
    """Whether what it leads to stands in a frame of another's page."""
    tag: str = ""
    """The language that is wanted on all that it leads to; empty: the site's."""
    is_abroad: bool = False
    """Whether what it leads to stands in another's page itself, where nothing can be sent from."""

    def thread(
        self,
        thread_id: str,
        sort: Sort = links.DEFAULT_SORT,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
    ) -> str:
        """Return the address of a thread, or of one of its windows."""
        return self._at(links.thread(thread_id, sort, after=after, before=before))

    def comment(
        self,
        thread_id: str,
        number: int,
        sort: Sort = links.DEFAULT_SORT,
        *,
        after: Cursor | None = None,
        before: Cursor | None = None,
    ) -> str:
        """Return the address of a comment, or of a window of its replies."""
        return self._at(links.comment(thread_id, number, sort, after=after, before=before))

    def id(self, number: int) -> str:
        """Return the id of the element that holds a comment."""
        return f"{self.mark}{number}"

    def anchor(self, number: int) -> str:
        """Return the fragment at which a comment stands in any page that shows it."""
        return f"#{self.mark}{number}"

    def comments(self, thread_id: str) -> str:
        """Return the address a new comment is sent to."""
        return self._at(links.comments(thread_id))

    def form(self, thread_id: str, parent: int = 0) -> str:
        """Return the address of the form, for a comment or a reply."""
        return self._at(links.form(thread_id, parent))

    def vote(self, thread_id: str, number: int, value: str = "") -> str:
        """Return the address at which votes are given."""
        return self._at(links.vote(thread_id, number, value))

    def edit(self, thread_id: str, number: int) -> str:
        """Return the address at which authors change a comment."""
        return self._at(links.edit(thread_id, number))

    def delete(self, thread_id: str, number: int) -> str:
        """Return the address at which authors take a comment back."""
        return self._at(links.delete(thread_id, number))

    def report(self, thread_id: str, number: int) -> str:
        """Return the address at which a comment is reported to the moderators."""
        return self._at(links.report(thread_id, number))

    def write(self, page: Mapping[str, str] | None = None) -> str:
        """Return the address of the form for a page that has no discussion yet."""
        return self._at(links.write(page or {}))

    def done(self, thread_id: str, number: int, act: str) -> str:
        """Return the address of the page that says that an act is done."""
        return self._at(links.done(thread_id, number, act))

    def posted(self, thread_id: str, number: int, ticket: str) -> str:
        """Return the address at which a writer is shown, once, what became of a comment."""
        return self._at(links.posted(thread_id, number, ticket))

    def passage(self, thread_id: str, text: str) -> str:
        """Return a link to where a text stands in the story, which is on our own page."""
        return ("" if self.is_framed else self.before) + links.passage(thread_id, text)

    def outside(self, address: str) -> str:
        """Return the address on our own pages of what this door has at `address`."""
        said = f"lang={self.tag}"
        return address.removeprefix(self.before).removesuffix(f"&{said}").removesuffix(f"?{said}")

    def _at(self, path: str) -> str:
        address = self.before + path
        return f"{address}{'&' if '?' in address else '?'}lang={self.tag}" if self.tag else address


PLAIN = Door()
"""Our own pages."""
FRAME = Door("/frame", is_framed=True)
"""The same in a frame."""


def abroad(base: str) -> Door:
    """Return the door of a fragment that stands in another's page; `base` is where readers find us."""
    return Door(base, "outspoken-c", is_abroad=True)
