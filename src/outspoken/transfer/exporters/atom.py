"""An Atom feed of all comments, each naming what it replies to (RFC 4287, RFC 4685)."""

from pathlib import Path
from typing import Any

from lxml import etree

from outspoken.transfer.exporters.writing_xml import leaf
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_ATOM = "http://www.w3.org/2005/Atom"
_THREADING = "http://purl.org/syndication/thread/1.0"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_SPACES: dict[str | None, str] = {None: _ATOM, "thr": _THREADING}


class AtomFeed:
    """Stories are entries too; a comment without a parent replies to its story."""

    name = "atom"
    title = "Atom feed with threads"
    loses: tuple[Loss, ...] = (Loss.VOTES, Loss.TOMBSTONES, Loss.DATES, Loss.SOURCE, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with path.open("wb") as file, etree.xmlfile(file, encoding="utf-8") as out:
            out.write_declaration()
            with out.element(f"{{{_ATOM}}}feed", nsmap=_SPACES):
                newest = max((t.thread.active or t.began for t in leaving.threads()), default=None)
                leaf(out, "id", f"urn:outspoken:{leaving.site.name}")
                leaf(out, "title", leaving.site.title)
                leaf(out, "updated", newest.strftime(_TIME) if newest else "1970-01-01T00:00:00Z")
                for thread in leaving.threads():
                    with out.element("entry"):
                        _story(out, thread)
                    for comment in leaving.comments(thread):
                        with out.element("entry"):
                            _comment(out, thread, comment)


EXPORTER: Exporter = AtomFeed()


def _story(out: Any, thread: LeavingThread) -> None:
    story = thread.thread.story
    leaf(out, "id", _name(thread))
    leaf(out, "title", story.headline)
    leaf(out, "updated", thread.began.strftime(_TIME))
    leaf(out, "published", thread.began.strftime(_TIME))
    with out.element("author"):
        leaf(out, "name", story.attribution or "–")
    if thread.url:
        leaf(out, "link", attributes={"rel": "alternate", "href": thread.url})
    leaf(out, "content", story.excerpt, {"type": "text"})


def _comment(out: Any, thread: LeavingThread, it: LeavingComment) -> None:
    comment = it.comment
    date = it.date(thread)
    leaf(out, "id", f"{_name(thread)}:{comment.number}")
    leaf(out, "title", thread.thread.story.headline)
    leaf(out, "published", date.strftime(_TIME))
    leaf(out, "updated", (comment.edited or date).strftime(_TIME))
    with out.element("author"):
        # Atom wants a name of everybody.
        leaf(out, "name", it.name or "–")
    replied = f"{_name(thread)}:{comment.parent}" if comment.parent else _name(thread)
    leaf(
        out, f"{{{_THREADING}}}in-reply-to", attributes={"ref": replied, **({"href": thread.url} if thread.url else {})}
    )
    leaf(out, "content", it.html, {"type": "html"})


def _name(thread: LeavingThread) -> str:
    return f"urn:outspoken:{thread.thread.id}"
