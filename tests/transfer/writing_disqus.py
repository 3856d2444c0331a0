"""Writes discussions as Disqus exports them, and as its API answers."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from outspoken.discussion.state import State
from tests.transfer.made_up_blogs import Made, address

SHAPES = ("list", "answer", "answers", "embed", "lines")


def disqus(comments: Sequence[Made]) -> bytes:
    """Return the XML export, posts in the order given."""
    pages = sorted({comment.page for comment in comments})
    threads = (
        f'<thread dsq:id="{page}"><id /><link>{address(page)}</link><title>Fish</title></thread>\n' for page in pages
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals">\n'
        f"{''.join(threads)}{''.join(map(_post, comments))}</disqus>"
    ).encode()


def _post(comment: Made) -> str:
    parent = f'<parent dsq:id="{comment.parent}" />' if comment.parent else ""
    return (
        f'<post dsq:id="{comment.number}"><id /><message><![CDATA[<p>{escape(comment.text)}</p>]]></message>'
        f"<createdAt>{comment.created:%Y-%m-%dT%H:%M:%SZ}</createdAt>"
        f"<isDeleted>{_told(comment, State.DELETED, State.REMOVED, State.HELD)}</isDeleted>"
        f"<isSpam>{_told(comment, State.SPAM)}</isSpam>"
        f"<author><email>ann@example.org</email><name>{escape(comment.author)}</name></author>"
        f'<ipAddress>203.0.113.9</ipAddress><thread dsq:id="{comment.page}" />{parent}</post>\n'
    )


def _told(comment: Made, *states: State) -> str:
    return str(comment.state in states).lower()


def disqus_json(comments: Sequence[Made], shape: str = "list", *, with_threads: bool = True) -> bytes:
    """Return what the API gives of `comments`, in one of the shapes that people kept it in."""
    posts = [_as_json(comment, with_threads=with_threads) for comment in comments]
    if shape == "lines":
        return "\n".join(json.dumps(post) for post in posts).encode()
    whole: Any = {
        "list": posts,
        "answer": {"cursor": {"hasNext": False}, "code": 0, "response": posts},
        "answers": [{"code": 0, "response": posts[:2]}, {"code": 0, "response": posts[2:]}],
        "embed": {"cursor": {}, "code": 0, "response": {"posts": posts, "thread": _thread(1)}},
    }[shape]
    return json.dumps(whole, ensure_ascii=False).encode()


def _as_json(comment: Made, *, with_threads: bool) -> dict[str, Any]:
    return {
        "id": str(comment.number),
        "forum": "harbour",
        "thread": _thread(comment.page) if with_threads else str(comment.page),
        "parent": comment.parent,
        "createdAt": f"{comment.created:%Y-%m-%dT%H:%M:%S}",
        "isDeleted": comment.state in (State.DELETED, State.REMOVED),
        "isSpam": comment.state is State.SPAM,
        "isApproved": comment.state is not State.HELD,
        "raw_message": comment.text,
        "message": f"<p>{escape(comment.text)}</p>",
        "media": [],
        "likes": comment.number % 3,
        "dislikes": 0,
        "ipAddress": "203.0.113.9",
        "author": {"name": comment.author, "username": f"user{comment.number}", "email": "ann@example.org",
                   "emailHash": "0" * 32, "isAnonymous": False},
    }  # fmt: skip


def _thread(page: int) -> dict[str, Any]:
    return {"id": str(page), "link": address(page), "title": "Fish &amp; chips", "clean_title": "Fish & chips",
            "identifiers": [f"node/{page}"], "createdAt": "2012-01-01T00:00:00", "isClosed": page == 3}  # fmt: skip
