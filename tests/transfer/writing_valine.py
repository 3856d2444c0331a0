"""Writes what Valine, Waline and Twikoo write, each in its wrapping."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from tests.transfer.made_up import MadeUp

_WALINE_STATES = {State.PUBLISHED: "approved", State.HELD: "waiting", State.SPAM: "spam"}


def write_valine(path: Path, made: Sequence[MadeUp]) -> None:
    """Write `results`, as LeanCloud gives them."""
    path.write_text(json.dumps({"results": [_valine(c, made) for c in made]}), "utf-8")


def write_valine_lines(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a line for each comment."""
    path.write_text("\n".join(json.dumps(_valine(c, made)) for c in made), "utf-8")


def write_waline(path: Path, made: Sequence[MadeUp]) -> None:
    """Write Waline's own export."""
    comments = [
        {**_valine(c, made), "status": _WALINE_STATES[c.state], "like": str(c.up), "createdAt": c.created.isoformat()}
        for c in made
    ]
    export = {"type": "waline", "version": 1, "tables": ["Comment"], "data": {"Comment": comments, "Users": []}}
    path.write_text(json.dumps(export), "utf-8")


def write_twikoo(path: Path, made: Sequence[MadeUp]) -> None:
    """Write an array with the wrappings of a document database."""
    comments = [
        {
            "_id": {"$oid": f"{c.number:024x}"},
            "uid": "a1b2c3",
            "nick": c.author,
            "mail": "who@example.org",
            "mailMd5": "7bcc668fffe848ecf2b1b564066eabf9",
            "link": "javascript:alert(1)",
            "ua": "Mozilla/5.0 (Secret)",
            "ip": "192.0.2.1",
            "url": c.page,
            "href": f"https://harbour.example{c.page}#comments",
            "comment": c.text,
            "pid": f"{c.parent:024x}" if c.parent else "",
            "rid": f"{_root(c, made):024x}" if c.parent else "",
            "isSpam": c.state is State.HELD,
            "created": {"$numberLong": str(int(c.created.timestamp() * 1000))},
            "like": json.dumps([f"u{n}" for n in range(c.up)]),
        }
        for c in made
    ]
    path.write_text(json.dumps(comments), "utf-8")


def twikoo_id(number: int) -> str:
    """Return the id under which a comment stands in Twikoo."""
    return f"{number:024x}"


def _valine(c: MadeUp, made: Sequence[MadeUp]) -> dict[str, Any]:
    return {
        "objectId": str(c.number),
        "nick": c.author,
        "mail": "who@example.org",
        "link": "javascript:alert(1)",
        "ua": "Mozilla/5.0 (Secret)",
        "ip": "192.0.2.1",
        "comment": c.text,
        "url": c.page,
        **({"pid": str(c.parent), "rid": str(_root(c, made))} if c.parent else {}),
        "insertedAt": {"__type": "Date", "iso": c.created.isoformat()},
        "createdAt": "2024-01-01T00:00:00.000Z",
        "ACL": {"*": {"read": True}},
    }


def _root(c: MadeUp, made: Sequence[MadeUp]) -> int:
    parents = {other.number: other.parent for other in made}
    at, passed = c.number, set()
    while (above := parents.get(at)) and above not in passed:
        passed.add(at)
        at = above
    return at
