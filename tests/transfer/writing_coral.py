"""Writes what moves in and out of Coral: the three CSV files, and the collections of its older database."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from outspoken.discussion.state import State
from tests.transfer.made_up import PAGES, MadeUp

_STATES = {State.PUBLISHED: "NONE", State.HELD: "PREMOD", State.REMOVED: "REJECTED"}


def write_coral(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a folder; or a zip, if `path` ends so."""
    people = sorted({c.author for c in made})
    tables: dict[str, list[list[object]]] = {
        "comments.csv": [
            [
                *(f"c{c.number}", f"u{people.index(c.author)}", f"s{PAGES.index(c.page)}", c.created.isoformat()),
                *(c.text, f"c{c.parent}" if c.parent else "", _STATES[c.state], ""),
            ]
            for c in made
        ],
        "stories.csv": [[f"s{n}", f"https://harbour.example{p}", p, "", "", "", ""] for n, p in enumerate(PAGES)],
        "users.csv": [
            [f"u{n}", "who@example.org", author, "COMMENTER", "false", ""] for n, author in enumerate(people)
        ],
    }
    texts = {}
    for name, rows in tables.items():
        written = io.StringIO()
        csv.writer(written).writerows(rows)
        texts[name] = written.getvalue()
    _write(path, texts)


def write_coral_legacy(path: Path, made: Sequence[MadeUp]) -> None:
    """Write what `mongoexport` gives of comments, assets and users."""
    people = sorted({c.author for c in made})
    collections: dict[str, list[dict[str, object]]] = {
        "comments": [
            {
                "_id": {"$oid": f"{c.number:024x}"},
                "id": f"c{c.number}",
                "asset_id": f"s{PAGES.index(c.page)}",
                "author_id": f"u{people.index(c.author)}",
                "parent_id": f"c{c.parent}" if c.parent else None,
                "body": c.text,
                "body_history": [{"body": "earlier secret"}],
                "status": _STATES.get(c.state, "NONE"),
                "created_at": {"$date": c.created.isoformat()},
                "deleted_at": {"$date": c.created.isoformat()} if c.state is State.DELETED else None,
                "metadata": {"ip": "192.0.2.1"},
            }
            for c in made
        ],
        "assets": [{"id": f"s{n}", "url": f"https://harbour.example{p}", "title": p} for n, p in enumerate(PAGES)],
        "users": [
            {"id": f"u{n}", "username": author, "profiles": [{"id": "who@example.org"}]}
            for n, author in enumerate(people)
        ],
    }
    _write(path, {f"{name}.json": "\n".join(map(json.dumps, rows)) + "\n" for name, rows in collections.items()})


def _write(path: Path, texts: dict[str, str]) -> None:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in texts.items():
                archive.writestr(name, content)
        return
    path.mkdir(exist_ok=True)
    for name, content in texts.items():
        (path / name).write_text(content, "utf-8", newline="")
