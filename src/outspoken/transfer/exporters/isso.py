"""A database for Isso: put it where Isso's own is (`general.dbpath`).

Isso shows two levels, so deeper replies move up.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from outspoken.store.numbers import Names
from outspoken.transfer.exporters.one_line import as_markdown
from outspoken.transfer.leaving import Exporter, Leaving, LeavingThread, Loss

_TABLES = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
  modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR,
  website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL,
  notification INTEGER DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN
  DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
PRAGMA user_version = 5;
"""
_SHOWN, _DELETED = 1, 4
_NO_VOTERS = bytes(256)
"""An empty Bloom filter of Isso's size: nobody is known to have voted."""


class IssoDatabase:
    """SQLite, at the version of its tables that Isso 0.13 and 0.14 have."""

    name = "isso"
    title = "Isso database"
    loses: tuple[Loss, ...] = (Loss.DEPTH, Loss.DATES, Loss.STORIES, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        database = sqlite3.connect(path)
        try:
            database.executescript(_TABLES)
            pages = Names()
            with database:
                for thread in leaving.threads():
                    page = _page(thread)
                    # Isso knows pages by their path alone; of two hosts, the second one's gets a name of its own.
                    page = page if page not in pages else f"{page}#{thread.thread.id}"
                    pages.add(page)
                    database.execute(
                        "INSERT INTO threads VALUES (?, ?, ?)", (thread.id, page, thread.thread.story.headline)
                    )
                    marks = ", ".join("?" * 15)
                    database.executemany(f"INSERT INTO comments VALUES ({marks})", _rows(leaving, thread))  # noqa: S608
        finally:
            database.close()


EXPORTER: Exporter = IssoDatabase()


def _rows(leaving: Leaving, thread: LeavingThread) -> Iterator[tuple[object, ...]]:
    for leaving_comment in leaving.comments(thread):
        comment = leaving_comment.comment
        author = comment.author
        yield (
            thread.id,
            leaving_comment.id,
            None if leaving_comment.top == leaving_comment.id else leaving_comment.top,
            leaving_comment.date(thread).timestamp(),
            comment.edited.timestamp() if comment.edited else None,
            _DELETED if comment.is_tombstone else _SHOWN,
            # Isso draws an icon from this; it never was an address.
            author.mark.hex()[:16] if author else "",
            leaving_comment.markdown or as_markdown(leaving_comment.html),
            leaving_comment.name or None,
            None,
            None,
            comment.up,
            comment.down,
            _NO_VOTERS,
            0,
        )


def _page(thread: LeavingThread) -> str:
    parts = urlsplit(thread.url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path if thread.url else f"/{thread.thread.id}"
