"""What lies in tables: a database by SQL, CSV by a regular expression, YAML by the parser that isn't libyaml."""

import re
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.transfer.independent.said import Reading, Said, moment

_CELL = re.compile(r'("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|\Z)')
_ISSO_STATES = {1: "published", 2: "held", 4: "deleted"}
_CORAL_STATES = {"": "published", "NONE": "published", "APPROVED": "published", "REJECTED": "removed"}


def isso(path: Path) -> Reading:
    """Read the database of Isso."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        rows = connection.execute(
            "SELECT id, tid, parent, author, text, created, mode, likes, dislikes FROM comments"
        ).fetchall()
        pages = {str(id) for (id,) in connection.execute("SELECT id FROM threads")}
    said = [
        Said(
            source=str(id),
            page=str(page),
            parent=parent and str(parent),
            author=author or "",
            text=text,
            created=datetime.fromtimestamp(created, UTC),
            state=_ISSO_STATES[mode],
            votes=(likes, dislikes),
        )
        for id, page, parent, author, text, created, mode, likes, dislikes in rows
    ]
    return Reading(said, Counter({"empty thread": len(pages - {each.page for each in said})}))


def coral(path: Path) -> Reading:
    """Read the three tables of Coral."""
    names = {row[0]: row[2] for row in _csv(path / "users.csv")}
    said = [
        Said(
            source=id,
            page=page,
            parent=parent or None,
            author=names.get(writer, ""),
            text=text,
            created=moment(created),
            state=_CORAL_STATES[status],
            lost=() if names.get(writer) else ("author",),
        )
        for id, writer, page, created, text, parent, status, _ in _csv(path / "comments.csv")
    ]
    pages = {row[0] for row in _csv(path / "stories.csv")}
    return Reading(said, Counter({"empty thread": len(pages - {each.page for each in said})}))


def _csv(path: Path) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for cell, end in _CELL.findall(path.read_text("utf-8").removesuffix("\n") + "\n"):
        rows[-1].append(cell[1:-1].replace('""', '"') if cell.startswith('"') else cell)
        if end != ",":
            rows.append([])
    return [row for row in rows if len(row) > 1]


def artalk(path: Path) -> Reading:
    """Read the tables of Artalk."""

    def table(name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = _yaml(path / f"atk_{name}.yml")
        return rows

    names = {row["id"]: row["name"] for row in table("users")}
    votes = Counter((row["type"], row["target_id"]) for row in table("votes"))
    said = [
        Said(
            source=str(row["id"]),
            page=f"{row['site_name']} {row['page_key']}",
            parent=str(row["rid"]) if row.get("rid") else None,
            author=names.get(row["user_id"], ""),
            text=str(row["content"]),
            created=moment(str(row.get("created_at") or "")),
            state="held" if row.get("is_pending") else "published",
            votes=(votes["comment_up", row["id"]], votes["comment_down", row["id"]]),
        )
        for row in table("comments")
    ]
    return Reading(said)


def staticman(path: Path) -> Reading:
    """Read a folder for each page and in it a file for each comment; replies count the roots."""
    pages: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for file in sorted(path.glob("*/*.yml")):
        comment = _yaml(file)
        id = comment.get("_id") or comment.get("id") or f"{file.parent.name}/{file.name}"
        pages[file.parent.name].append((id, comment))
    said = []
    for page, comments in pages.items():
        roots = [id for id, comment in comments if not comment.get("replying_to")]
        for id, comment in comments:
            place = int(comment.get("replying_to") or 0)
            parent = roots[place - 1] if place else None
            said.append(Said(id, page, parent, comment["name"], comment["message"], moment(str(comment["date"]))))
    return Reading(said)


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), yaml.SafeLoader)
