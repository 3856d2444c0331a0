"""Writes what Commento and Comentario write as their exports."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from pathlib import Path

from outspoken.discussion.state import State
from tests.transfer.made_up import PAGES, MadeUp

_STATES = {State.PUBLISHED: "approved", State.HELD: "unapproved", State.DELETED: "approved"}
_NEVER = "0001-01-01T00:00:00.000Z"


def commento_id(number: int) -> str:
    """Return the id under which a comment stands in Commento."""
    return hashlib.sha256(b"comment %d" % number).hexdigest()


def comentario_id(number: int) -> str:
    """Return the id under which a comment stands in Comentario."""
    return str(uuid.UUID(int=number))


def write_commento(path: Path, made: Sequence[MadeUp]) -> None:
    """Write an export of version 1; people come last."""
    people = sorted({c.author for c in made if c.author})
    export = {
        "version": 1,
        "comments": [
            {
                "commentHex": commento_id(c.number),
                "domain": "harbour.example",
                "url": c.page,
                "commenterHex": _person(c.author) if c.author else "anonymous",
                "markdown": c.text if c.is_shown and c.number % 2 else "",
                "html": c.text if c.is_shown else "",
                "parentHex": commento_id(c.parent) if c.parent else "root",
                "score": c.up - c.down,
                "state": _STATES[c.state],
                "creationDate": c.created.isoformat().replace("+00:00", "Z"),
                "direction": 0,
                "deleted": c.state is State.DELETED,
            }
            for c in made
        ],
        "commenters": [
            {
                "commenterHex": _person(author),
                "email": "who@example.org" if people.index(author) % 2 else "undefined",
                "name": author,
                "link": "javascript:alert(1)",
                "photo": "https://avatars.example.org/1",
                "provider": "commento",
                "joinDate": "2019-01-01T00:00:00Z",
                "isModerator": False,
            }
            for author in people
        ],
    }
    path.write_text(json.dumps(export, indent=1), "utf-8")


def write_comentario(path: Path, made: Sequence[MadeUp]) -> None:
    """Write an export of version 3."""
    people = sorted({c.author for c in made if c.author})
    export = {
        "version": 3,
        "pages": [
            {"id": _page(page), "domainId": _page("domain"), "path": page, "title": page, "isReadonly": False}
            for page in PAGES
        ],
        "comments": [
            {
                "id": comentario_id(c.number),
                "pageId": _page(c.page),
                **({"parentId": comentario_id(c.parent)} if c.parent else {}),
                "markdown": c.text if c.is_shown else "",
                "html": f"<p>{c.text}</p>" if c.is_shown else "",
                "isApproved": c.state is not State.HELD,
                "isPending": c.state is State.HELD,
                "isDeleted": c.state is State.DELETED,
                "isSticky": False,
                "score": c.up - c.down,
                "createdTime": c.created.isoformat(),
                "deletedTime": _NEVER,
                "moderatedTime": _NEVER,
                "userCreated": _page(c.author) if c.author else str(uuid.UUID(int=0)),
                "url": f"https://harbour.example{c.page}#comentario-{comentario_id(c.number)}",
            }
            for c in made
        ],
        "commenters": [{"id": _page(author), "email": "who@example.org", "name": author} for author in people],
    }
    path.write_text(json.dumps(export), "utf-8")


def _person(author: str) -> str:
    return hashlib.sha256(author.encode()).hexdigest()


def _page(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))
