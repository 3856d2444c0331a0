"""Writes what sites give over their interfaces: Discourse a topic, Hypothes.is annotations."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from outspoken.discussion.state import State
from tests.transfer.made_up import MadeUp


def write_discourse(path: Path, made: Sequence[MadeUp]) -> None:
    """Write one topic; pages aren't told apart."""
    posts = [
        {
            "id": 9000 + c.number,
            "username": c.author,
            "name": "Real Name",
            "avatar_template": "/a/7bcc668f.png",
            "cooked": c.text,
            "created_at": c.created.isoformat(),
            "post_number": c.number,
            "reply_to_post_number": c.parent,
            "post_type": 1,
            "hidden": c.state is State.HELD,
            "user_deleted": c.state is State.DELETED,
            "actions_summary": [{"id": 2, "count": c.up}, {"id": 3, "count": 4}],
        }
        for c in made
    ]
    stream = {"posts": posts, "stream": [post["id"] for post in posts]}
    topic = {"post_stream": stream, "id": 77, "title": "Ferry times", "slug": "ferry-times", "closed": False}
    path.write_text(json.dumps(topic), "utf-8")


def write_hypothesis(path: Path, made: Sequence[MadeUp]) -> None:
    """Write an answer to a search."""
    parents = {c.number: c.parent for c in made}
    path.write_text(json.dumps({"total": len(made), "rows": [_annotation(c, parents) for c in made]}), "utf-8")


def _annotation(c: MadeUp, parents: dict[int, int | None]) -> dict[str, Any]:
    above: list[str] = []
    at = c.parent
    while at and f"an{at}" not in above:
        above.insert(0, f"an{at}")
        at = parents.get(at)
    return {
        "id": f"an{c.number}",
        "created": c.created.isoformat(),
        "updated": c.created.isoformat(),
        "user": f"acct:user{len(c.author)}@hypothes.is",
        "user_info": {"display_name": c.author or None},
        "uri": f"https://harbour.example{c.page}",
        "text": c.text,
        "tags": [],
        "group": "__world__",
        "permissions": {"read": ["group:__world__"]},
        **({"references": above} if above else {}),
        "target": [{"source": "https://harbour.example/"}],
        "document": {"title": [c.page]},
        "hidden": c.state is State.REMOVED,
        "flagged": False,
    }
