"""Writes what Remark42 writes as its backup."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from outspoken.discussion.state import State
from tests.transfer.made_up import MadeUp

HEADER = {"version": 1, "users": [], "posts": []}


def write_remark42(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a gzipped backup."""
    lines = [json.dumps(HEADER), *(json.dumps(_comment(c), ensure_ascii=False) for c in made)]
    path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", 1))


def _comment(c: MadeUp) -> dict[str, object]:
    digest = hashlib.sha1(c.author.encode()).hexdigest()
    return {
        "id": f"c{c.number}",
        "pid": f"c{c.parent}" if c.parent else "",
        "text": c.text if c.is_shown else "",
        "orig": c.text if c.is_shown else "",
        "user": {
            "name": c.author if c.is_shown else "deleted",
            "id": f"email_{digest}" if c.is_shown else "deleted",
            "picture": f"https://avatars.example.org/{digest}",
            "ip": digest,
            "admin": False,
        },
        "locator": {"site": "harbour", "url": f"https://harbour.example{c.page}"},
        "score": c.up - c.down,
        "votes": {f"github_{n}": n < c.up for n in range(c.up + c.down)},
        "vote": 0,
        "time": c.created.isoformat(),
        "title": f"About {c.page}",
        **({"delete": True} if c.state is State.DELETED else {}),
    }
