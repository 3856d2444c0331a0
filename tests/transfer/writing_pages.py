"""Writing made-up discussions as the HTML of the common systems: the counterpart of the importer for saved pages.

Written from what those systems' pages look like, not from the importer, and kept simple.
"""

# ruff: noqa: E501

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.transfer.printing import clock, long_time
from tests.transfer.scoring import Node


@dataclass
class Writing:
    """What a page's writer needs besides the tree."""

    first: int = 100
    """The number of the first comment."""
    numbers: dict[int, int] = field(default_factory=dict)

    def number(self, node: Node) -> int:
        """Return the number of a comment; they count in the order in which they are first written."""
        return self.numbers.setdefault(id(node), self.first + len(self.numbers))


def body(node: Node) -> str:
    """Return the blocks of a comment as HTML."""
    return "\n".join(_block(kind, text) for kind, text in node.blocks)


def _block(kind: str, text: Any) -> str:
    if kind == "ul":
        return "<ul>" + "".join(f"<li>{escape(entry, quote=False)}</li>" for entry in text) + "</ul>"
    if kind == "quote":
        return f"<blockquote><p>{escape(text, quote=False)}</p></blockquote>"
    if kind == "link":
        return f'<p><a href="{escape(text)}" rel="nofollow">{escape(text, quote=False)}</a></p>'
    if kind == "image":
        return f'<p><img src="{escape(text)}" alt=""></p>'
    return "<p>" + escape(text, quote=False).replace("\n", "<br>\n") + "</p>"


def blocks_of(html: str) -> list[tuple[str, Any]]:
    """Return the blocks that HTML consists of, read by another parser than the importer's."""
    tree = LexborHTMLParser(f"<!doctype html><body>{html}")
    assert tree.body is not None
    return [block for node in tree.body.iter() if (block := _read(node)) is not None]


def _read(node: LexborNode) -> tuple[str, Any] | None:
    if node.tag == "ul":
        return "ul", [" ".join(entry.text().split()) for entry in node.css("li")]
    if node.tag == "blockquote":
        return "quote", " ".join(node.text().split())
    link, image = node.css_first("a"), node.css_first("img")
    if image is not None:
        return "image", image.attributes.get("src")
    if link is not None and link.text() == node.text():
        return "link", link.attributes.get("href")
    lines = [" ".join(line.split()) for line in re.sub(r"<br\s*/?>\n?", "\0", node.html or "").split("\0")]
    text = "\n".join(LexborHTMLParser(line).text().strip() for line in lines)
    if not text.strip():
        return None
    return ("br" if "\n" in text else "p"), text


def name(node: Node, is_linked: bool = False) -> str:
    """Return an author's name, as a link for some."""
    shown = escape(node.author or "", quote=False)
    return (
        f'<a href="https://u.example.org/" rel="external nofollow" class="url">{shown}</a>'
        if is_linked
        else f"<span>{shown}</span>"
    )


def disqus_list(thread: list[Node], writing: Writing) -> str:
    """The list of Disqus' plug-in for WordPress."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            number = writing.number(node)
            yield (
                f'<li class="comment even" id="dsq-comment-{number}"><div id="dsq-comment-header-{number}" '
                f'class="dsq-comment-header"><cite id="dsq-cite-{number}">{name(node, number % 3 == 0)}</cite></div>'
                f'<div id="dsq-comment-body-{number}" class="dsq-comment-body"><div id="dsq-comment-message-{number}" '
                f'class="dsq-comment-message">{body(node)}</div></div>'
            )
            if node.replies:
                yield '<ul class="children">'
                yield from written(node.replies)
                yield "</ul>"
            yield "</li>"

    return f'<div id="disqus_thread"><div id="dsq-content"><ul id="dsq-comments">{"".join(written(thread))}</ul></div></div>'


def wordpress(thread: list[Node], writing: Writing) -> str:
    """A theme of old: the text stands between the header and the button, in nothing of its own."""

    def written(nodes: list[Node], depth: int = 1) -> Iterator[str]:
        for node in nodes:
            number = writing.number(node)
            yield (
                f'<li class="comment even thread-even depth-{depth}" id="comment-{number}"><div id="div-comment-{number}" '
                f'class="comment-body"><div class="comment-author vcard"><img alt="" class="avatar" '
                f'src="https://a.example/1"><cite class="fn">{name(node, number % 3 == 0)}</cite> <span class="says">says:'
                f'</span></div><div class="comment-meta commentmetadata"><a href="https://blog.example/a/#comment-{number}">'
                f'{long_time(node)}</a>&nbsp;&nbsp;</div>{body(node)}<div class="reply"><a class="comment-reply-link" '
                f'href="#">Reply</a></div></div>'
            )
            if node.replies:
                yield '<ul class="children">'
                yield from written(node.replies, depth + 1)
                yield "</ul>"
            yield "</li>"

    return f'<h3 id="comments">2 Responses to “It”</h3><ol class="commentlist">{"".join(written(thread))}</ol>'


def wordpress_now(thread: list[Node], writing: Writing) -> str:
    """A theme of today, with `article` and `time`."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            number = writing.number(node)
            yield (
                f'<li id="comment-{number}" class="comment byuser parent"><article id="div-comment-{number}" class="comment-body">'
                f'<footer class="comment-meta"><div class="comment-author vcard"><b class="fn">{name(node, number % 3 == 0)}</b> '
                f'<span class="says">says:</span></div><div class="comment-metadata"><a href="#comment-{number}">'
                f'<time datetime="{node.time}+00:00">{long_time(node)}</time></a> <span class="edit-link"><a href="#">Edit</a>'
                f'</span></div></footer><div class="comment-content">{body(node)}</div><div class="reply">'
                f'<a class="comment-reply-link" href="#">Reply</a></div></article>'
            )
            if node.replies:
                yield '<ol class="children">'
                yield from written(node.replies)
                yield "</ol>"
            yield "</li>"

    return f'<div id="comments" class="comments-area"><ol class="comment-list">{"".join(written(thread))}</ol></div>'


def dated(thread: list[Node], writing: Writing) -> str:
    """A theme that prints the time above the name, and knows no numbers."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            yield (
                f'<li class="comment"><div class="meta"><time>{long_time(node)}</time><br>{name(node, True)}</div>'
                f'{body(node)}<p class="reply"><a href="#">REPLY</a></p>'
            )
            if node.replies:
                yield f"<ul>{''.join(written(node.replies))}</ul>"
            yield "</li>"

    return f"<ul>{''.join(written(thread))}</ul>"


def blogger(thread: list[Node], writing: Writing) -> str:
    """Blogger's threaded comments."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            number = writing.number(node)
            yield (
                f'<li class="comment" id="c{number}"><div class="avatar-image-container"><img src="//a.example/1"></div>'
                f'<div class="comment-block"><div class="comment-header"><cite class="user">{name(node, True)}</cite><span '
                f'class="icon user"></span><span class="datetime secondary-text"><a rel="nofollow" href="#">{long_time(node)}'
                f'</a></span></div><div class="comment-content">{body(node)}</div><span class="comment-actions secondary-text">'
                f'<a>Reply</a><span class="item-control"><a>Delete</a></span></span></div><div class="comment-replies">'
                f'<div class="comment-thread inline-thread"><span class="thread-toggle"><a>Replies</a></span><ol>'
            )
            yield from written(node.replies)
            yield "</ol><div><a>Reply</a></div></div></div></li>"

    return f'<div class="comments"><h4>{len(thread)} comments:</h4><ol>{"".join(written(thread))}</ol></div>'


def blogger_said(thread: list[Node], writing: Writing) -> str:
    """Blogger's list of old, flat: "N said..." above, the time below."""

    def written() -> Iterator[str]:
        for node in thread:
            number = writing.number(node)
            yield (
                f'<dt class="comment-author" id="c{number}"><a name="c{number}"></a>{name(node, number % 2 == 0)} said...</dt>'
                f'<dd class="comment-body">{body(node)}</dd><dd class="comment-footer"><span class="comment-timestamp">'
                f'<a href="#c{number}" title="comment permalink">{long_time(node)}</a></span></dd>'
            )

    return f'<div id="comments"><h4>{len(thread)} comments:</h4><dl id="comments-block">{"".join(written())}</dl></div>'


def movable_type(thread: list[Node], writing: Writing) -> str:
    """Movable Type, flat: "Posted by: N at T" below the text."""

    def written() -> Iterator[str]:
        for node in thread:
            number = writing.number(node)
            moment = datetime.fromisoformat(node.time or "")
            yield (
                f'<div id="c{number}">{body(node)}<p class="posted">Posted by: {name(node, number % 2 == 0)} at '
                f"<a href='#c{number}'>{moment:%B} {moment.day}, {moment.year} {moment:%I:%M %p}</a></p></div>"
            )

    return f'<h2 id="comments">Comments</h2>{"".join(written())}'


def microdata(thread: list[Node], writing: Writing) -> str:
    """A page of no known system that marks its comments for search engines."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            yield (
                f'<div class="c-entry" id="comment-{writing.number(node)}" itemprop="comment" itemscope '
                f'itemtype="https://schema.org/Comment"><header><span itemprop="author" itemscope '
                f'itemtype="https://schema.org/Person"><span itemprop="name">{escape(node.author or "", quote=False)}</span>'
                f'</span> <time itemprop="datePublished" datetime="{node.time}Z">{clock(node)}</time></header>'
                f'<div itemprop="text">{body(node)}</div><span itemprop="upvoteCount">3</span>'
            )
            yield from written(node.replies)
            yield "</div>"

    return "".join(written(thread))


def nested(thread: list[Node], writing: Writing) -> str:
    """Lists without any class at all."""

    def written(nodes: list[Node]) -> Iterator[str]:
        for node in nodes:
            yield f"<li><b>{escape(node.author or '', quote=False)}</b> says on {long_time(node)}:{body(node)}"
            if node.replies:
                yield f"<ul>{''.join(written(node.replies))}</ul>"
            yield "</li>"

    return f"<h3>{len(thread)} Comments</h3><ol>{''.join(written(thread))}</ol>"


def disqus_embed(thread: list[Node], writing: Writing) -> str:
    """The frame of Disqus with its data, in the vendor's order: the latest first."""
    posts: list[dict[str, Any]] = []

    def gather(nodes: list[Node], parent: int | None) -> None:
        for node in nodes:
            number = writing.number(node)
            posts.append(
                {
                    "id": str(number),
                    "parent": parent,
                    "author": {"name": node.author or "", "isAnonymous": True},
                    "message": body(node),
                    "createdAt": node.time,
                    "isDeleted": False,
                }
            )
            gather(node.replies, number)

    gather(thread, None)
    data = {
        "cursor": {"hasNext": False, "total": len(posts)},
        "response": {"posts": posts, "thread": {"clean_title": "It"}},
    }
    return (
        f'<script type="text/json" id="disqus-threadData">{json.dumps(data).replace("<", chr(92) + "u003c")}</script>'
    )


LAYOUTS: dict[str, Callable[[list[Node], Writing], str]] = {
    "disqus_list": disqus_list,
    "wordpress": wordpress,
    "wordpress_now": wordpress_now,
    "dated": dated,
    "blogger": blogger,
    "blogger_said": blogger_said,
    "movable_type": movable_type,
    "microdata": microdata,
    "nested": nested,
    "disqus_embed": disqus_embed,
}
FLAT = {"blogger_said", "movable_type"}
UNDATED = {"disqus_list"}


def page(
    layout: str,
    thread: list[Node],
    headline: str = "A headline that is long enough",
    url: str | None = None,
    writing: Writing | None = None,
) -> str:
    """Return a whole page."""
    canonical = f'<link rel="canonical" href="{escape(url)}">' if url else ""
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape(headline)} – Example</title>{canonical}</head>'
        f'<body><div class="post hentry"><h1 class="entry-title">{escape(headline)}</h1><div class="entry-content">'
        f"<p>The Example Wire reports:</p><blockquote><p>A paragraph of the story.</p></blockquote><ul><li>A point.</li>"
        f"<li>Another.</li></ul></div></div>\n{LAYOUTS[layout](thread, writing or Writing())}\n<h3>Leave a Reply</h3>"
        f"<form><p>Your email address will not be published.</p></form></body></html>"
    )
