"""Writes what Staticman writes: a YAML file for each comment, in a folder for each page."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from outspoken.discussion.state import State
from tests.transfer.made_up import MadeUp


def slug(page: str) -> str:
    """Return the name of a page's folder."""
    return page.strip("/").replace("/", "-")


def two_levels(made: Sequence[MadeUp]) -> dict[int, int | None]:
    """Return the parents that Staticman can tell: a root, or nothing."""
    parents = {c.number: c.parent for c in made}
    roots: dict[int, int | None] = {}
    for number, root in parents.items():
        above = root
        while above and parents[above]:
            above = parents[above]
        roots[number] = above
    return roots


def write_staticman(path: Path, made: Sequence[MadeUp]) -> None:
    """Write a folder; or a zip, if `path` ends so."""
    files = {f"{slug(c.page)}/comment-{1392005320000 + c.number}.yml": _yaml(c, made) for c in made}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in sorted(files, reverse=True):
                archive.writestr(name, files[name])
        return
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, "utf-8")


def _yaml(c: MadeUp, made: Sequence[MadeUp]) -> str:
    parents = two_levels(made)
    parent = parents[c.number]
    roots = sorted(other.number for other in made if other.page == c.page and parents[other.number] is None)
    comment = {
        "_id": f"id-{c.number}",
        "_parent": c.page,
        "name": c.author,
        "email": "7bcc668fffe848ecf2b1b564066eabf9",
        "url": "javascript:alert(1)",
        "message": c.text,
        "replying_to": str(roots.index(parent) + 1) if parent else "",
        "hidden": True if c.state is State.HELD else "",
        "date": c.created if c.number % 2 else c.created.isoformat(),
    }
    return yaml.safe_dump(comment, allow_unicode=bool(c.number % 3))
