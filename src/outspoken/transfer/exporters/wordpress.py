"""WXR, the XML in which WordPress gives sites back: an item for each story, its comments inside."""

from pathlib import Path
from typing import Any

from lxml import etree

from outspoken.discussion.state import State
from outspoken.transfer.exporters.writing_xml import leaf
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_WP = "http://wordpress.org/export/1.2/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_SPACES: dict[str | None, str] = {"wp": _WP, "content": _CONTENT, "dc": "http://purl.org/dc/elements/1.1/"}
_TIME = "%Y-%m-%d %H:%M:%S"


class Wxr:
    """Version 1.2."""

    name = "wordpress"
    title = "WordPress WXR"
    loses: tuple[Loss, ...] = (Loss.VOTES, Loss.EDITS, Loss.DATES, Loss.SOURCE, Loss.STORIES)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with path.open("wb") as file, etree.xmlfile(file, encoding="utf-8") as out:
            out.write_declaration()
            with out.element("rss", {"version": "2.0"}, nsmap=_SPACES), out.element("channel"):
                leaf(out, "title", leaving.site.title)
                leaf(out, f"{{{_WP}}}wxr_version", "1.2")
                for thread in leaving.threads():
                    with out.element("item"):
                        _item(out, thread)
                        for comment in leaving.comments(thread):
                            with out.element(f"{{{_WP}}}comment"):
                                _comment(out, thread, comment)


EXPORTER: Exporter = Wxr()


def _item(out: Any, thread: LeavingThread) -> None:
    leaf(out, "title", thread.thread.story.headline)
    leaf(out, "link", thread.url)
    leaf(out, "guid", thread.identifier, {"isPermaLink": "false"})
    for name, text in (
        ("post_id", str(thread.id)),
        ("post_date", thread.began.strftime(_TIME)),
        ("post_date_gmt", thread.began.strftime(_TIME)),
        ("comment_status", "open" if thread.thread.opening.value == "open" else "closed"),
        ("post_name", thread.thread.id),
        ("status", "publish"),
        ("post_type", "post"),
    ):
        leaf(out, f"{{{_WP}}}{name}", text)


def _comment(out: Any, thread: LeavingThread, comment: LeavingComment) -> None:
    date = comment.date(thread).strftime(_TIME)
    for name, text in (
        ("comment_id", str(comment.id)),
        ("comment_author", comment.name),
        ("comment_author_email", ""),
        ("comment_author_url", ""),
        ("comment_author_IP", ""),
        ("comment_date", date),
        ("comment_date_gmt", date),
        # Some readers take an element without text for one that is missing.
        ("comment_content", comment.html or " "),
        ("comment_approved", "1" if comment.comment.state is State.PUBLISHED else "trash"),
        ("comment_type", "comment"),
        ("comment_parent", str(comment.parent)),
        ("comment_user_id", "0"),
    ):
        leaf(out, f"{{{_WP}}}{name}", text)
