"""The XML in which Disqus gives sites back, and which most systems read."""

from pathlib import Path
from typing import Any

from lxml import etree

from outspoken.discussion.state import State
from outspoken.transfer.exporters.writing_xml import leaf
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_NAMESPACE = "http://disqus.com"
_ID = "{http://disqus.com/disqus-internals}id"
_SPACES: dict[str | None, str] = {None: _NAMESPACE, "dsq": "http://disqus.com/disqus-internals"}
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class DisqusXml:
    """Threads first, then posts."""

    name = "disqus"
    title = "Disqus XML"
    loses: tuple[Loss, ...] = (Loss.VOTES, Loss.EDITS, Loss.DATES, Loss.SOURCE, Loss.STORIES)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with path.open("wb") as file, etree.xmlfile(file, encoding="utf-8") as out:
            out.write_declaration()
            with out.element(f"{{{_NAMESPACE}}}disqus", nsmap=_SPACES):
                for thread in leaving.threads():
                    _thread(out, thread, leaving.site.name)
                for thread in leaving.threads():
                    for comment in leaving.comments(thread):
                        _post(out, thread, comment)


EXPORTER: Exporter = DisqusXml()


def _thread(out: Any, thread: LeavingThread, forum: str) -> None:
    with out.element("thread", {_ID: str(thread.id)}):
        leaf(out, "id", thread.identifier)
        leaf(out, "forum", forum)
        leaf(out, "link", thread.url)
        leaf(out, "title", thread.thread.story.headline)
        leaf(out, "createdAt", thread.began.strftime(_TIME))
        leaf(out, "isClosed", str(thread.thread.opening.value != "open").lower())
        leaf(out, "isDeleted", "false")


def _post(out: Any, thread: LeavingThread, comment: LeavingComment) -> None:
    with out.element("post", {_ID: str(comment.id)}):
        leaf(out, "id")
        leaf(out, "message", comment.html)
        leaf(out, "createdAt", comment.date(thread).strftime(_TIME))
        leaf(out, "isDeleted", str(comment.comment.state is not State.PUBLISHED).lower())
        leaf(out, "isSpam", "false")
        with out.element("author"):
            leaf(out, "name", comment.name)
            leaf(out, "isAnonymous", "true")
        leaf(out, "thread", attributes={_ID: str(thread.id)})
        if comment.parent:
            leaf(out, "parent", attributes={_ID: str(comment.parent)})
