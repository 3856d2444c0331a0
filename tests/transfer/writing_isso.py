"""Writes what Isso writes: its database, and the generic JSON that it imports."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from outspoken.discussion.state import State
from tests.transfer.made_up import PAGES, MadeUp

SCHEMA = """
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
_MODES = {State.PUBLISHED: 1, State.HELD: 2, State.DELETED: 4}


def write_isso(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a database."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;" + SCHEMA)
        connection.executemany("INSERT INTO threads VALUES (?, ?, ?)", [(n, uri, uri) for n, uri in enumerate(PAGES)])
        connection.executemany(
            "INSERT INTO comments VALUES (?, ?, ?, ?, NULL, ?, '192.0.2.1', ?, ?, 'who@example.org', "
            "'javascript:x', ?, ?, x'00', 0)",
            [
                (
                    PAGES.index(c.page),
                    c.number,
                    c.parent,
                    c.created.timestamp(),
                    _MODES[c.state],
                    c.text if c.is_shown else "",
                    (c.author or None) if c.is_shown else None,
                    c.up,
                    c.down,
                )
                for c in made
            ],
        )
        connection.commit()


def write_isso_json(path: Path, made: Sequence[MadeUp]) -> None:
    """Write generic JSON; it has no parents."""
    pages = [
        {
            "comments": [
                {
                    "id": 0,
                    "author": c.author,
                    "email": "who@example.org",
                    "website": "",
                    "remote_addr": "192.0.2.1",
                    "created": c.created.strftime("%Y-%m-%d %H:%M:%S"),
                    "text": c.text,
                }
                for c in made
                if c.page == page
            ],
            "id": page,
            "title": page,
        }
        for page in PAGES
    ]
    path.write_text(json.dumps(pages), "utf-8")
