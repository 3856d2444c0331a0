"""WordPress exports (WXR), every version: one file, or the several of a large site in a zip.

What was binned and what was spam leave only their place. IP addresses, agents and meta values of plugins are never
read, but for one number: the post that a comment is at Disqus, so that it isn't taken in a second time.
"""

import html
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from lxml import etree

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.text.markup import Markup
from outspoken.transfer.addresses import fold_url
from outspoken.transfer.reading.bare_links import with_links
from outspoken.transfer.reading.cutting import Cut
from outspoken.transfer.reading.elements import (
    Found,
    Parsing,
    children,
    elements,
    identity,
    inner,
    line,
    local,
    root_of,
    text,
)
from outspoken.transfer.reading.fields import email, moment, name
from outspoken.transfer.reading.opening import Source
from outspoken.transfer.reading.packed import files_for, is_zip_with
from outspoken.transfer.reading.paragraphs import paragraphed
from outspoken.transfer.records import (
    Importer,
    Problem,
    Progress,
    Record,
    Skipped,
    SourceComment,
    SourceStory,
    Unreadable,
)

_SIGNS = re.compile(rb"wordpress\.org/export/|<wp:|wxr_version")
_RECORDS = {"item": None, "comment": "item", "base_blog_url": None}
_STATES = {
    "": State.PUBLISHED,
    "1": State.PUBLISHED,
    "approve": State.PUBLISHED,
    "approved": State.PUBLISHED,
    "0": State.HELD,
    "hold": State.HELD,
    "spam": State.SPAM,
    "trash": State.REMOVED,
    "post-trashed": State.REMOVED,
}
_AS_ITS_POST = "inherit"
_PUBLIC = ("", "publish", _AS_ITS_POST, "closed")
_PINGS = ("pingback", "trackback")
_DISQUS_POST = "dsq_post_id"


class WordPress:
    """The file under Tools → Export, from 2006 until today, and files made by other tools in its image."""

    name = "wordpress"
    title = "WordPress export"

    def recognises(self, head: bytes) -> bool:
        """Tell whether this is RSS with WordPress's own elements in it, wherever their namespace is said to be."""
        return root_of(head) == "rss" and _SIGNS.search(head.replace(b"\0", b"")) is not None

    def recognises_path(self, path: Path) -> bool:
        """Tell whether this is a zip that holds at least one export."""
        return is_zip_with(self, path)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream comments, and after those of a page its story.

        Raises:
            Unreadable: if a file isn't an export, has a DOCTYPE, is cut off, or is a bomb; if a zip holds no export, or
                those of two blogs, whose comments have the same numbers.
        """
        blogs: set[str] = set()
        # Few exports have comments on attachments, for which the file is read once more.
        hidden = cache(partial(_hidden_posts, self, path))
        number = 0
        for file in files_for(self, path, progress):
            if isinstance(file, Skipped):
                yield file
                continue
            number += 1
            yield from _File(f"{number}-" if number > 1 else "", blogs, hidden).records(file)


IMPORTER: Importer = WordPress()


class _File:
    """One file of an export."""

    def __init__(self, prefix: str, blogs: set[str], hidden: Callable[[], Names]) -> None:
        self._prefix = prefix
        self._blogs = blogs
        self._hidden = hidden
        self._blog = ""
        self._parsing = Parsing()
        self._page = 0
        self._is_public = True

    def records(self, source: Source) -> Iterator[Record]:
        """Yield the records of the file."""
        for found in elements(source, "rss", _RECORDS):
            if isinstance(found, Problem):
                yield found
            elif found.record.name == "comment":
                yield from self._comment(found)
            elif found.record.name == "item":
                yield from self._story(found)
            else:
                self._enter(text(found.element))

    def _enter(self, blog: str) -> None:
        """Note whose export this is."""
        self._blog = blog.rstrip("/")
        try:
            self._blogs.add(fold_url(blog))
        except ValueError:
            return
        if len(self._blogs) > 1:
            one, other = sorted(self._blogs)
            raise Unreadable(f"The zip holds two blogs, {one} and {other}; import each into a site of its own.")

    def _story(self, item: Found) -> Iterator[Record]:
        fields = children(item.element)
        number = identity(fields.get("post_id"))
        where = f"post {number}" if number else f"line {item.record.line}"
        published, problems = _moment(fields, "post_date", where)
        yield from problems
        # A page without comments is left out anyway, and needn't be looked up.
        is_public = self._is_public if item.record.number == self._page else _is_public(fields)
        short = f"{self._blog}/?p={number}" if self._blog and number else None
        link = text(fields.get("link"))
        url = link if link.startswith(("http://", "https://")) else short
        yield SourceStory(
            source=self._page_of(item.record.number),
            url=url,
            identifier=text(fields.get("thread_identifier"))
            or (None if url else text(fields.get("post_name")) or number),
            # Of a page that isn't shown to everybody not even the title is.
            headline=line(fields.get("title")) if is_public else "",
            published=published,
            closed=text(fields.get("comment_status")) == "closed" or not is_public,
            also=(short,) if short and url != short else (),
        )

    def _page_of(self, item: int) -> str:
        return f"{self._prefix}{item}"

    def _comment(self, comment: Found) -> Iterator[Record]:
        fields = children(comment.element)
        kind = text(fields.get("comment_type")).lower()
        source = identity(fields.get("comment_id"))
        where = f"comment {source}" if source else f"line {comment.record.line}"
        if kind not in ("", "comment"):
            yield Skipped(kind if kind in _PINGS else f"“{name(kind)[:40]}” of a plugin", where)
            return
        if not comment.record.within:
            yield Problem(where, "stands outside of any post")
            return
        if not source:
            yield Problem(where, "a comment without a number can't be told from others")
            return
        yield from self._numbered(comment, fields, source, where)

    def _numbered(self, comment: Found, fields: dict[str, etree._Element], source: str, where: str) -> Iterator[Record]:
        created, problems = _moment(fields, "comment_date", where)
        yield from problems
        written = text(fields.get("comment_approved")).lower()
        state = _STATES.get(written, State.HELD)
        if written not in _STATES:
            yield Problem(where, f"is in a state that isn't known (“{written[:20]}”); it waits for a moderator")
        if not self._stands_in_public(comment) and state is State.PUBLISHED:
            state = State.HELD
        has_text = state in (State.PUBLISHED, State.HELD)
        written_name = text(fields.get("comment_author"))
        author = name(html.unescape(written_name)) if has_text else ""
        user = identity(fields.get("comment_user_id"))
        parent = identity(fields.get("comment_parent"))
        yield SourceComment(
            source=source,
            story=self._page_of(comment.record.within),
            parent=parent if parent not in ("", "0") else None,
            author=author,
            author_source=user if has_text and user.isdigit() and user != "0" else None,
            body=with_links(paragraphed(inner(fields.get("comment_content")))) if has_text else "",
            markup=Markup.HTML,
            created=created,
            state=state,
            line=comment.record.line,
            lost=(
                # An empty name is that of somebody who gave none.
                *(("author",) if has_text and not author and written_name else ()),
                *(() if _has_moment(fields, "comment_date") or created is None else ("zone",)),
            ),
            same_as=_at_disqus(comment.element) if _DISQUS_POST in comment.record.text else (),
            email=email(text(fields.get("comment_author_email"))) if has_text else "",
        )

    def _stands_in_public(self, comment: Found) -> bool:
        record = comment.record
        if record.within != self._page:
            self._page = record.within
            around, _ = self._parsing.element(Cut("item", f"{record.around}</item>", record.line, record.within))
            self._is_public = around is None or self._is_open_to_all(children(around))
        return self._is_public

    def _is_open_to_all(self, fields: dict[str, etree._Element]) -> bool:
        """Tell whether everybody may read a page, and the post that it is attached to."""
        parent = identity(fields.get("post_parent"))
        is_attached = text(fields.get("status")) == _AS_ITS_POST and parent not in ("", "0")
        return _is_public(fields) and not (is_attached and parent in self._hidden())


def _hidden_posts(importer: Importer, path: Path) -> Names:
    """Return the numbers of the posts that not everybody may read; what is attached to them may come before them."""
    hidden = Names()
    for file in files_for(importer, path, lambda _: None):
        for found in () if isinstance(file, Skipped) else elements(file, "rss", _RECORDS):
            if isinstance(found, Found) and found.record.name == "item":
                fields = children(found.element)
                if not _is_public(fields):
                    hidden.add(identity(fields.get("post_id")))
    return hidden


def _is_public(fields: dict[str, etree._Element]) -> bool:
    """Tell whether everybody may read the page: not so a draft, a binned or private page, or one with a password."""
    return text(fields.get("status")) in _PUBLIC and not text(fields.get("post_password"))


def _moment(fields: dict[str, etree._Element], field: str, where: str) -> tuple[datetime | None, tuple[Problem, ...]]:
    """Return a date in UTC; where only the blog's own time is known, that, as if the blog stood in Greenwich."""
    given = f"{field}_gmt" if _has_moment(fields, field) else field
    return moment(text(fields.get(given)), where)


def _has_moment(fields: dict[str, etree._Element], field: str) -> bool:
    written = text(fields.get(f"{field}_gmt"))
    return bool(written) and not written.startswith("0000")


def _at_disqus(comment: etree._Element) -> tuple[tuple[str, str], ...]:
    """Return the number that the comment has at Disqus, which its plugin notes."""
    for meta in comment:
        if local(meta) == "commentmeta":
            fields = children(meta)
            number = text(fields.get("meta_value"))
            if text(fields.get("meta_key")) == _DISQUS_POST and number.isascii() and number.isdigit():
                return (("disqus", number),)
    return ()
