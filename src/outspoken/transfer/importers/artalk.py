"""Artalk's Artrans exports: a list of comments in which every value is a text.

Addresses, agents, badges and websites are never read. What Artalk's own tests keep as YAML is read by
`artalk_yaml`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from outspoken.discussion.state import State
from outspoken.store.numbers import Names
from outspoken.transfer.addresses import is_proxy_or_local
from outspoken.transfer.reading.fields import (
    count,
    email,
    flag,
    kind_of_markdown,
    member,
    moment,
    name,
    page,
    public_id,
    reference,
    text,
)
from outspoken.transfer.reading.json_values import shape_of, values
from outspoken.transfer.reading.opening import opened
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, SourceStory


class Artrans:
    """The file by which comments move in and out of Artalk."""

    name = "artalk"
    title = "Artalk export (Artrans)"

    def recognises(self, head: bytes) -> bool:
        """Tell whether it begins with a list of comments that name a page by Artalk's key."""
        return {"[].page_key", "[].content", "[].rid"} <= shape_of(head)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Stream the comments, a page before its first comment.

        Raises:
            Unreadable: if it isn't a list in JSON, or is cut off.
        """
        pages = Names()
        with opened(path, progress) as source:
            for found in values(source, "[]"):
                comment = found.value
                site, key = text(member(comment, "site_name")).strip(), text(member(comment, "page_key")).strip()
                if not key:
                    yield no_page(found.item + 1)
                    continue
                story = page_source(site, key)
                if story not in pages:
                    pages.add(story)
                    yield artalk_page(
                        site,
                        key,
                        text(member(comment, "page_title")),
                        text(member(comment, "site_urls")).split(","),
                        closed=flag(member(comment, "page_admin_only")),
                    )
                yield from artalk_comment(comment, story, found.item + 1, name(member(comment, "nick")))


IMPORTER: Importer = Artrans()


def no_page(number: int) -> Problem:
    """Return what to say of a comment without the key of a page."""
    return Problem(f"comment number {number}", "a comment that names no page can't be placed")


def page_source(site: str, key: str) -> str:
    """Return the name of a page among those of the file: two sites may have a page of the same path."""
    return f"{site} {key}".strip()


def artalk_page(site: str, key: str, title: str, site_urls: Iterable[str], *, closed: bool) -> SourceStory:
    """Return the page that a key means: a URL, or a path at the first public address of its site."""
    source = page_source(site, key)
    address = next((url.strip() for url in site_urls if not is_proxy_or_local(url)), "")
    if key.startswith(("http://", "https://")):
        address = key
    elif address and key.startswith("/") and not key.startswith("//"):
        address = urljoin(address, key)
    else:
        address = source
    return page(source, address, title, closed=closed)


def artalk_comment(comment: Any, story: str, number: int, author: str, account: str = "") -> Iterator[Record]:
    """Yield a comment of Artalk, whose fields are texts, written by `author`."""
    source = reference(member(comment, "id"))
    if not source:
        yield Problem(f"comment number {number}", "it has no id and can't be told from others")
        return
    created, no_date = moment(member(comment, "created_at"), f"comment {source}")
    yield from no_date
    parent, body = reference(member(comment, "rid")), text(member(comment, "content"))
    yield SourceComment(
        source=source,
        story=story,
        parent=None if parent in ("", "0") else parent,
        author=author,
        author_source=public_id(account),
        body=body,
        markup=kind_of_markdown(body),
        created=created,
        state=State.HELD if flag(member(comment, "is_pending")) else State.PUBLISHED,
        lost=() if author else ("author",),
        up=count(member(comment, "vote_up")),
        down=count(member(comment, "vote_down")),
        email=email(member(comment, "email")),
    )
