"""Artrans, in which Artalk takes comments in: one JSON array, every value a text."""

from pathlib import Path

import msgspec

from outspoken.transfer.exporters.guests import NAMELESS, mailbox
from outspoken.transfer.exporters.one_line import as_markdown
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_encode = msgspec.json.Encoder().encode


class Artrans:
    """Replies name their parent; one that is gone can't be named."""

    name = "artrans"
    title = "Artrans (Artalk)"
    loses: tuple[Loss, ...] = (Loss.TOMBSTONES, Loss.EDITS, Loss.DATES, Loss.STORIES, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with path.open("wb") as file:
            opening = b"["
            for thread in leaving.threads():
                for comment in leaving.comments(thread):
                    file.write(opening + _encode(_record(leaving, thread, comment)))
                    opening = b",\n"
            file.write(b"[]\n" if opening == b"[" else b"]\n")


EXPORTER: Exporter = Artrans()


def _record(leaving: Leaving, thread: LeavingThread, it: LeavingComment) -> dict[str, str]:
    comment, author = it.comment, it.comment.author
    # Artalk refuses whoever has no name or no address, and knows people by both.
    guest = f"{thread.id}-{author.number}" if author and it.name else NAMELESS
    date = it.date(thread).strftime("%Y-%m-%d %H:%M:%S +0000")
    return {
        "id": str(it.id),
        "rid": str(it.parent),
        "content": it.markdown or as_markdown(it.html),
        "ua": "",
        "ip": "",
        "created_at": date,
        "updated_at": date,
        "is_collapsed": "false",
        "is_pending": "false",
        "is_pinned": "false",
        "vote_up": str(comment.up),
        "vote_down": str(comment.down),
        "nick": it.name or NAMELESS,
        "email": mailbox(guest),
        "link": "",
        "badge_name": "",
        "badge_color": "",
        "page_key": thread.address,
        "page_title": thread.thread.story.headline,
        "page_admin_only": "false",
        "site_name": leaving.site.title,
        "site_urls": ",".join(leaving.site.origins),
    }
