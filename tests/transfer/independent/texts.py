"""Plain text: Movable Type's export, and pages of which the true discussion lies beside them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.transfer.independent.said import Reading, Said, moment

_FIELD = re.compile(r"(AUTHOR|DATE|IP|EMAIL|URL): (.*)\n")


def movable_type(path: Path) -> Reading:
    """Read an export of Movable Type, whose comments have neither numbers nor parents."""
    said: list[Said] = []
    entries = [entry for entry in re.split(r"(?m)^--------\n", path.read_text("utf-8")) if entry.strip()]
    for page, entry in enumerate(entries):
        for section in re.split(r"(?m)^-----\n", entry):
            if section.startswith("COMMENT:\n"):
                fields = dict(_FIELD.findall(section))
                text = _FIELD.sub("", section.removeprefix("COMMENT:\n"))
                created = _american(fields["DATE"])
                said.append(Said(str(len(said)), str(page), None, fields["AUTHOR"], text, created, lost=("zone",)))
    return Reading(said, Counter({"empty thread": len(entries) - len({each.page for each in said})}))


def _american(written: str) -> datetime:
    shape = "%m/%d/%Y %I:%M:%S %p" if written.endswith("M") else "%m/%d/%Y %H:%M:%S"
    return datetime.strptime(written, shape).replace(tzinfo=UTC)


def page(path: Path) -> Reading:
    """Tell what a page holds whose discussion lies beside it, and what its layout or its extractor lost of that."""
    truth = json.loads(path.with_suffix(".expected.json").read_text("utf-8"))
    return Reading(list(_branches(truth["thread"], path.stem, path)))


def _branches(thread: list[dict[str, Any]], above: str, path: Path) -> Iterator[Said]:
    content = path.read_text("utf-8")
    for number, node in enumerate(thread):
        source = f"{above} {number}"
        text = " ".join(_block(kind, told, path) for kind, told in node["body"])
        # A clock without a day gives no date.
        is_dated = node["time"] and node["time"][:4] in content
        is_linked = path.suffix == ".html" or not text or "://" in text
        kept = {"author": node["author"], "body": text, "link": is_linked}
        yield Said(
            source=source,
            page="",
            parent=above if " " in above else None,
            author=node["author"] or "",
            text=text,
            created=moment(node["time"]) if is_dated else None,
            lost=tuple(what for what, is_there in kept.items() if not is_there),
        )
        yield from _branches(node["replies"], source, path)


def _block(kind: str, told: Any, path: Path) -> str:
    if kind == "link" and path.suffix == ".html":
        return f'<a href="{told}">{told}</a>'
    return " ".join(told) if kind == "ul" else str(told)
