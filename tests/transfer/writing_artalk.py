"""Writes what Artalk writes: Artrans, and its tables as YAML."""

import json
from collections.abc import Sequence
from pathlib import Path

import yaml

from outspoken.discussion.state import State
from tests.transfer.made_up import PAGES, MadeUp

_SITE = "Harbour"
_URLS = "http://localhost:8080/,https://harbour.example"


def write_artrans(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a list in which every value is a text."""
    comments = [
        {
            "id": str(c.number),
            "rid": str(c.parent or 0),
            "content": c.text,
            "ua": "Mozilla/5.0 (Secret)",
            "ip": "192.0.2.1",
            "created_at": c.created.strftime("%Y-%m-%d %H:%M:%S +0000"),
            "is_collapsed": "false",
            "is_pending": "true" if c.state is State.HELD else "false",
            "is_pinned": "false",
            "vote_up": str(c.up),
            "vote_down": str(c.down),
            "nick": c.author,
            "email": "who@example.org",
            "link": "javascript:alert(1)",
            "page_key": c.page,
            "page_title": c.page,
            "page_admin_only": "false",
            "site_name": _SITE,
            "site_urls": _URLS,
        }
        for c in made
    ]
    path.write_text(json.dumps(comments, ensure_ascii=False), "utf-8")


def write_artalk_yaml(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a folder of tables."""
    people = sorted({c.author for c in made})
    tables: dict[str, list[dict[str, object]]] = {
        "atk_comments": [
            {
                "id": c.number,
                "rid": c.parent or 0,
                "content": c.text,
                "page_key": c.page,
                "site_name": _SITE,
                "user_id": 1000 + people.index(c.author),
                "ua": "Mozilla/5.0 (Secret)",
                "ip": "192.0.2.1",
                "is_pending": c.state is State.HELD,
                "created_at": c.created.strftime("%Y-%m-%d %H:%M:%S"),
            }
            for c in made
        ],
        "atk_pages": [{"key": page, "title": f"About {page}", "site_name": _SITE} for page in PAGES],
        "atk_sites": [{"name": _SITE, "urls": _URLS}],
        "atk_users": [
            {"id": 1000 + number, "name": author, "email": "who@example.org", "password": "secret"}
            for number, author in enumerate(people)
        ],
        "atk_votes": [
            {"target_id": c.number, "type": f"comment_{way}", "ip": "192.0.2.9"}
            for c in made
            for way, votes in (("up", c.up), ("down", c.down))
            for _ in range(votes)
        ],
    }
    path.mkdir(exist_ok=True)
    for table, rows in tables.items():
        (path / f"{table}.yml").write_text(yaml.safe_dump(rows, allow_unicode=True), "utf-8")
