"""Exports in XML, whole in memory, by the parser of the standard library."""

import gzip
import html
import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as Tree

from tests.transfer.independent.said import Reading, Refused, Said, moment

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>(?=\s*</)", re.DOTALL)
_BARE_ADDRESS = re.compile(r"""(?<![\w"'=>])https?://[^\s<>"]*[\w/]""")
"""What WordPress shows as a link, though it isn't kept as one."""
_NUMBER = re.compile(r"\d+$")
_PUBLIC = ("", "publish", "inherit", "closed")
_WORDPRESS_STATES = {"": "published", "1": "published", "0": "held", "spam": "spam", "trash": "removed"}
_BLOGGER_STATES = {"LIVE": "published", "PENDING": "held", "SPAM": "spam", "EMPTIED": "deleted", "GHOSTED": "removed"}


def disqus(path: Path) -> Reading:
    """Read an export of Disqus."""
    root = _root(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes())
    threads = {_id(thread) for thread in _all(root, "thread") if _id(thread)}
    deleted = {_id(thread) for thread in _all(root, "thread") if _said(thread, "isDeleted") == "true"}
    said: list[Said] = []
    left_out: Counter[str] = Counter()
    for post in _all(root, "post"):
        page = _id(post.find("{*}thread"))
        if page not in threads:
            left_out["no page"] += 1
            continue
        state = "deleted" if _said(post, "isDeleted") == "true" else "published"
        state = "spam" if state == "published" and _said(post, "isSpam") == "true" else state
        state = "held" if state == "published" and page in deleted else state
        author = _said(post, "author/{*}name")
        said.append(
            Said(
                source=_id(post),
                page=page,
                parent=_id(post.find("{*}parent")) or None,
                author=author,
                text=_said(post, "message"),
                created=moment(_said(post, "createdAt")),
                state=state,
                lost=() if author else ("author",),
            )
        )
    left_out["empty thread"] += len(threads - {each.page for each in said})
    return Reading(said, left_out)


def wordpress(path: Path) -> Reading:
    """Read an export of WordPress, or a zip of some."""
    if path.suffix != ".zip":
        return _wordpress(_root(path.read_bytes()))
    with zipfile.ZipFile(path) as packed:
        roots = [_root(packed.read(name)) for name in packed.namelist()]
    exports = [_wordpress(root) for root in roots if _is_of_wordpress(root)]
    if not exports:
        raise Refused("feeds without a comment")
    said = [each for export in exports for each in export.said]
    others = Counter({"file in the zip that is something else": len(roots) - len(exports)})
    return Reading(said, sum((export.left_out for export in exports), others))


def _is_of_wordpress(root: Tree.Element) -> bool:
    return any("wordpress.org/export" in element.tag for element in root.iter())


def _wordpress(root: Tree.Element) -> Reading:
    said: list[Said] = []
    left_out: Counter[str] = Counter()
    for number, item in enumerate(root.iter("item")):
        is_public = _said(item, "status") in _PUBLIC and not _said(item, "post_password")
        comments = _all(item, "comment")
        for comment in comments:
            if (kind := _said(comment, "comment_type")) not in ("", "comment"):
                left_out[kind] += 1
                continue
            state = _WORDPRESS_STATES[_said(comment, "comment_approved")]
            in_utc, there = (moment(_said(comment, f"comment_date{zone}")) for zone in ("_gmt", ""))
            parent = _said(comment, "comment_parent")
            said.append(
                Said(
                    source=_said(comment, "comment_id"),
                    page=str(number),
                    parent=None if parent in ("", "0") else parent,
                    author=html.unescape(_said(comment, "comment_author")),
                    text=_BARE_ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', _said(comment, "comment_content")),
                    created=in_utc or there,
                    state="held" if state == "published" and not is_public else state,
                    lost=("zone",) if there and not in_utc else (),
                )
            )
        left_out["empty thread"] += str(number) not in {each.page for each in said}
    return Reading(said, left_out)


def blogger(path: Path) -> Reading:
    """Read a backup of Blogger, old or new."""
    entries = [(_kind(entry), entry) for entry in _all(_root(path.read_bytes()), "entry")]
    posts = {_number(_said(entry, "id")): entry for kind, entry in entries if kind in ("post", "page")}
    hidden = {
        number
        for number, post in posts.items()
        if _said(post, "control/{*}draft") == "yes"
        or _said(post, "status") not in ("", "LIVE")
        or _said(post, "trashed")
    }
    said = [_of_blogger(entry, hidden) for kind, entry in entries if kind == "comment"]
    empty = posts.keys() - {each.page for each in said}
    return Reading(said, Counter({"empty thread": len(empty)}))


def _of_blogger(entry: Tree.Element, hidden: set[str]) -> Said:
    link = next((link.get("href", "") for link in _all(entry, "link") if link.get("rel") == "related"), "")
    below = entry.find("{*}in-reply-to")
    page = _number(_said(entry, "parent") if below is None else below.get("ref", ""))
    removed = any(each.get("name") == "blogger.contentRemoved" for each in _all(entry, "extendedProperty"))
    text, author = _said(entry, "content"), _said(entry, "author/{*}name")
    is_nobody = (
        author == "Anonymous" and not _said(entry, "author/{*}uri") and _said(entry, "author/{*}type") != "BLOGGER"
    )
    state = _BLOGGER_STATES[_said(entry, "status") or "LIVE"]
    if removed or _said(entry, "trashed"):
        state = "removed" if "administrator" in text else "deleted"
    return Said(
        source=_number(_said(entry, "id")),
        page=page,
        parent=_number(_said(entry, "inReplyTo") or link) or None,
        author="" if is_nobody else author,
        text=text,
        created=moment(_said(entry, "published")),
        state="held" if state == "published" and page in hidden else state,
        lost=() if author else ("author",),
    )


def _kind(entry: Tree.Element) -> str:
    terms = [term.partition("/kind#")[2] for each in _all(entry, "category") if (term := each.get("term", ""))]
    return next(filter(None, terms), _said(entry, "type").lower())


def _number(id: str) -> str:
    found = _NUMBER.search(id)
    return found[0] if found else ""


def _root(content: bytes) -> Tree.Element:
    """Parse a file; in a CDATA section there may be whatever ends one, as long as no tag ends behind it."""
    try:
        return Tree.fromstring(_CDATA.sub(lambda section: html.escape(section[1]), content.decode()))
    except Tree.ParseError as fault:
        raise Refused(str(fault)) from fault


def _all(element: Tree.Element, name: str) -> list[Tree.Element]:
    return element.findall(f"{{*}}{name}")


def _said(element: Tree.Element, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _id(element: Tree.Element | None) -> str:
    return "" if element is None else element.get("{http://disqus.com/disqus-internals}id", "")
