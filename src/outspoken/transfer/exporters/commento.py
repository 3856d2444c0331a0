"""The JSON of Commento (version 1) and of Comentario, which went on from it (version 3). Written as it comes."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import msgspec

from outspoken.store.numbers import Numbers
from outspoken.text.markup import Markup
from outspoken.transfer.exporters.guests import mailbox
from outspoken.transfer.exporters.written import as_written
from outspoken.transfer.leaving import Exporter, Leaving, LeavingComment, LeavingThread, Loss

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_GONE, _LOST = "[deleted]", "–"
"""What stands for a text: those who read the file stop at an empty one, or take it for the end of a comment."""
_NOBODY = "00000000-0000-0000-0000-000000000000"
_encode = msgspec.json.Encoder().encode


class Commento:
    """Names are people's there; each author of a thread becomes one."""

    name = "commento"
    title = "Commento JSON"
    loses: tuple[Loss, ...] = (Loss.EDITS, Loss.DATES, Loss.STORIES, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with _gzipped(path) as out, TemporaryFile(dir=path.parent) as people:
            out.write(b'{"version":1,"comments":')
            _array(out, _comments(leaving, people))
            out.write(b',"commenters":')
            people.seek(0)
            _array(out, (msgspec.Raw(person.rstrip()) for person in people))
            out.write(b"}\n")


class Comentario:
    """Authors are guests with a name."""

    name = "comentario"
    title = "Comentario JSON"
    loses: tuple[Loss, ...] = (Loss.EDITS, Loss.DATES, Loss.STORIES)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        domain = str(uuid5(NAMESPACE_URL, f"outspoken:{leaving.site.name}"))
        with _gzipped(path) as out:
            out.write(b'{"version":3,"pages":')
            _array(out, (_page(thread, domain) for thread in leaving.threads()))
            out.write(b',"comments":')
            _array(out, (_comentario(thread, it) for thread in leaving.threads() for it in leaving.comments(thread)))
            out.write(b',"commenters":[]}\n')


COMMENTO: Exporter = Commento()
COMENTARIO: Exporter = Comentario()


def _comments(leaving: Leaving, people: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the comments, and put down who wrote them, a line each: they come after all comments."""
    for thread in leaving.threads():
        known = Numbers()
        for it in leaving.comments(thread):
            who, author = "anonymous", it.comment.author
            if it.name and author:
                who = _hex(f"author {thread.thread.id}/{author.number}")
                if author.number not in known:
                    known.add(author.number)
                    people.write(_encode(_person(who, it.name, thread)) + b"\n")
            yield _commento(thread, it, who)


def _commento(thread: LeavingThread, leaving: LeavingComment, who: str) -> dict[str, Any]:
    comment = leaving.comment
    where = urlsplit(thread.url)
    return {
        "commentHex": _hex(f"{thread.thread.id}/{comment.number}"),
        "domain": where.netloc,
        "url": _path(thread),
        "commenterHex": who,
        "markdown": _written(leaving),
        "html": leaving.html,
        "parentHex": _hex(f"{thread.thread.id}/{comment.parent}") if comment.parent else "root",
        "score": comment.up - comment.down,
        "state": "approved",
        "creationDate": leaving.date(thread).strftime(_TIME),
        "direction": 0,
        "deleted": comment.is_tombstone,
    }


def _written(leaving: LeavingComment) -> str:
    body = leaving.comment.body
    if body is None:
        return _GONE
    # Commento drops HTML, and whatever looks like it.
    is_markdown = body.markup == Markup.MARKDOWN and "<" not in body.source
    return (body.source if is_markdown else as_written(body.html)) or _LOST


def _person(who: str, name: str, thread: LeavingThread) -> dict[str, Any]:
    return {
        "commenterHex": who,
        "email": mailbox(who),
        "name": name,
        "link": "undefined",
        "photo": "undefined",
        "provider": "",
        "joinDate": thread.began.strftime(_TIME),
        "isModerator": False,
    }


def _page(thread: LeavingThread, domain: str) -> dict[str, Any]:
    return {
        "id": _uuid(thread.thread.id),
        "domainId": domain,
        "path": _path(thread),
        "title": thread.thread.story.headline,
        "isReadonly": thread.thread.opening.value != "open",
        "createdTime": thread.began.strftime(_TIME),
        "countComments": thread.thread.comments,
        "countViews": 0,
    }


def _comentario(thread: LeavingThread, leaving: LeavingComment) -> dict[str, Any]:
    comment = leaving.comment
    told: dict[str, Any] = {
        "id": _uuid(f"{thread.thread.id}/{comment.number}"),
        "pageId": _uuid(thread.thread.id),
        "markdown": leaving.markdown,
        "html": leaving.html,
        "score": comment.up - comment.down,
        "isSticky": False,
        "isApproved": not comment.is_tombstone,
        "isPending": False,
        "isDeleted": comment.is_tombstone,
        "createdTime": leaving.date(thread).strftime(_TIME),
        "userCreated": _NOBODY,
        "authorName": leaving.name,
    }
    if comment.parent:
        told["parentId"] = _uuid(f"{thread.thread.id}/{comment.parent}")
    return told


def _path(thread: LeavingThread) -> str:
    where = urlsplit(thread.url)
    return (where.path or "/") + (f"?{where.query}" if where.query else "") if thread.url else f"/{thread.thread.id}"


def _hex(name: str) -> str:
    return sha256(f"outspoken:{name}".encode()).hexdigest()


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"outspoken:{name}"))


@contextmanager
def _gzipped(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as out:
        yield cast("BinaryIO", out)


def _array(out: BinaryIO, values: Iterable[Any]) -> None:
    opening = b"["
    for value in values:
        out.write(opening + _encode(value))
        opening = b",\n"
    out.write(b"[]" if opening == b"[" else b"]")
