"""Exports in JSON, whole in memory, by the parser of the standard library."""

import gzip
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.transfer.independent.said import Reading, Refused, Said, moment, score

_REDIRECT = re.compile(r'"https?://disq\.us/url\?url=([^"&]+)[^"]*"')


def commento(path: Path) -> Reading:
    """Read an export of Commento, or of Comentario in either of its versions."""
    export = _parsed(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    if export["version"] == 1:
        return _first_version(export)
    if export["version"] == 3:
        return _third_version(export)
    raise Refused("a version that nobody knows")


def _first_version(export: dict[str, Any]) -> Reading:
    names = {person["commenterHex"]: person["name"] for person in export["commenters"]}
    said = [
        Said(
            source=comment["commentHex"],
            page=(comment.get("host") or comment["domain"]) + (comment.get("path") or comment["url"]),
            parent=None if comment["parentHex"] == "root" else comment["parentHex"],
            author=names.get(comment["commenterHex"], ""),
            text=comment["markdown"] or comment["html"],
            created=moment(comment["creationDate"]),
            state="deleted" if comment["deleted"] else "published" if comment["state"] == "approved" else "held",
            votes=score(comment["score"]),
        )
        for comment in export["comments"]
    ]
    return Reading(said)


def _third_version(export: dict[str, Any]) -> Reading:
    names = {person["id"]: person["name"] for person in export.get("commenters", [])}
    said = [
        Said(
            source=comment["id"],
            page=comment["pageId"],
            parent=comment.get("parentId"),
            author=names.get(comment["userCreated"]) or comment.get("authorName", ""),
            text=comment["markdown"] or comment["html"],
            created=moment(comment["createdTime"]),
            state="deleted" if comment["isDeleted"] else "held" if comment["isPending"] else "published",
            votes=score(comment["score"]),
        )
        for comment in export.get("comments", [])
    ]
    empty = {page["id"] for page in export.get("pages", [])} - {each.page for each in said}
    return Reading(said, Counter({"empty thread": len(empty)}))


def isso_json(path: Path) -> Reading:
    """Read the list of pages that Isso takes; its ids say nothing."""
    said = [
        Said(f"{page['id']} {number}", page["id"], None, each["author"], each["text"], moment(each["created"]))
        for page in _parsed(path.read_bytes())
        for number, each in enumerate(page["comments"])
    ]
    return Reading(said)


def remark42(path: Path) -> Reading:
    """Read a backup of Remark42."""
    _, *comments = map(_parsed, path.read_bytes().splitlines())
    said = [
        Said(
            source=comment["id"],
            page=comment["locator"]["url"],
            parent=comment["pid"] or None,
            author=comment["user"]["name"],
            text=comment["text"],
            created=moment(re.sub(r"(\.\d{6})\d*", r"\1", comment["time"])),
            state="deleted" if comment.get("delete") else "published",
            votes=(
                sum(comment["votes"].values()),
                sum(not is_for for is_for in comment["votes"].values()),
            ),
        )
        for comment in comments
    ]
    return Reading(said)


def disqus_embed(path: Path) -> Reading:
    """Read the posts in the script of a saved frame of Disqus."""
    script = _Script()
    script.feed(path.read_text("utf-8"))
    said = [
        Said(
            source=post["id"],
            page=post["thread"],
            parent=str(post["parent"]) if post["parent"] else None,
            author=post["author"].get("name", ""),
            text=_REDIRECT.sub(_told_target, post["message"]),
            created=moment(post["createdAt"]),
            state="deleted" if post["isDeleted"] else "published",
            votes=(post["likes"], post["dislikes"]),
        )
        for post in _parsed("".join(script.said))["response"]["posts"]
    ]
    return Reading(said)


def _told_target(link: re.Match[str]) -> str:
    """Return where a link leads, which the vendor's host signs with a colon and some letters."""
    return f'"{unquote(link[1]).rpartition(":")[0]}"'


class _Script(HTMLParser):
    """The data that stands in a page of Disqus."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._is_in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_in = tag == "script" and ("id", "disqus-threadData") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._is_in = False

    def handle_data(self, data: str) -> None:
        if self._is_in:
            self.said.append(data)


def _parsed(content: bytes | str) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as fault:
        raise Refused(str(fault)) from fault
