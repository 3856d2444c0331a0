"""The backup of Remark42: a line about people and pages, then a JSON object a comment, gzipped."""

import gzip
from pathlib import Path
from typing import Any

import msgspec

from outspoken.transfer.exporters.guests import NAMELESS
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_encode = msgspec.json.Encoder().encode


class Remark42Backup:
    """Version 1."""

    name = "remark42"
    title = "Remark42 backup"
    loses: tuple[Loss, ...] = (Loss.DATES, Loss.STORIES)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        closed = [
            {"url": thread.address, "read_only": True}
            for thread in leaving.threads()
            if thread.thread.opening.value != "open"
        ]
        # Without the time, which gzip would put into the file, the same discussion gives the same bytes.
        with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as out:
            out.write(_encode({"version": 1, "users": [], "posts": closed}) + b"\n")
            for thread in leaving.threads():
                for comment in leaving.comments(thread):
                    out.write(_encode(_line(leaving.site.name, thread, comment)) + b"\n")


EXPORTER: Exporter = Remark42Backup()


def _line(site: str, thread: LeavingThread, leaving: LeavingComment) -> dict[str, Any]:
    comment, author = leaving.comment, leaving.comment.author
    line: dict[str, Any] = {
        "id": str(leaving.id),
        "pid": str(leaving.parent) if leaving.parent else "",
        "text": leaving.html,
        "orig": leaving.markdown,
        "user": {
            "name": leaving.name or NAMELESS,
            "id": f"outspoken_{thread.id}_{author.number}" if author else "deleted",
            "picture": "",
            "admin": False,
        },
        "locator": {"site": site, "url": thread.address},
        "score": comment.up - comment.down,
        "votes": {},
        "vote": 0,
        "time": leaving.date(thread).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": thread.thread.story.headline,
    }
    if comment.is_tombstone:
        line |= {"delete": True, "user": {"name": "deleted", "id": "deleted", "picture": "", "admin": False}}
    if comment.edited:
        line["edit"] = {"time": comment.edited.strftime("%Y-%m-%dT%H:%M:%SZ"), "summary": ""}
    return line
