"""The story of a saved page: what stands around its discussion. What isn't plainly there is left empty."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlunsplit

from lxml import etree

from outspoken.text.urls import split_url
from outspoken.transfer.importers.flattened.article import article_of
from outspoken.transfer.importers.flattened.geometry import Line
from outspoken.transfer.importers.flattened.words import is_heading, is_tail
from outspoken.transfer.importers.saved.elements import (
    Element,
    Test,
    every,
    find,
    has_class,
    has_property,
    named,
    text_of,
)
from outspoken.transfer.importers.saved.links import target
from outspoken.transfer.importers.saved.moments import moment_in, moment_of
from outspoken.transfer.importers.saved.page import Page

_PAGE_OF_COMMENTS = re.compile(r"/comment-page-\d+(?=/|$)")
_QUERY_OF_COMMENTS = re.compile(r"(?:^|&)cpage=\d+")
_LONGEST_HEADLINE = 300
_MOST_PARAGRAPHS = 200
_IS_TITLE = has_class("entry-title", "post-title", "posttitle", "article-title", "headline", "title")
_HEADLINES: tuple[Test, ...] = (
    lambda element: element.tag in ("h1", "h2", "h3") and _IS_TITLE(element),
    lambda element: element.tag == "h1" and has_property("headline", "name")(element),
)
_TEXTS: tuple[Test, ...] = (
    has_property("articleBody"),
    has_class("entry-content", "post-body", "post-content", "article-body", "story-body", "postcontent", "entry-body"),
    has_class("story", "post", "entry", "hentry", "asset-content"),
    named("article"),
    named("main"),
)
_PARAGRAPHS = ("p", "li", "blockquote")


@dataclass(frozen=True, slots=True)
class Told:
    """What a page tells of its story."""

    url: str | None = None
    headline: str = ""
    attribution: str = ""
    excerpt: str = ""
    published: datetime | None = None


def story_on(page: Page) -> Told:
    """Read the story of a page. Its comments must have been cut out, so that none of them is taken for it."""
    headline = _headline(page.tree)
    article = article_of([Line(1, 0, headline, False), *_lines(page.tree, headline)])
    return Told(_address(page), headline, article.attribution, article.excerpt, _published(page.tree))


def whole_page(url: str) -> str:
    """Return the address of the story for that of one page of its comments."""
    try:
        split = split_url(url)
    except ValueError:
        return url
    path = _PAGE_OF_COMMENTS.sub("", split.path)
    return urlunsplit((split.scheme, split.netloc, path, _QUERY_OF_COMMENTS.sub("", split.query), ""))


def _address(page: Page) -> str | None:
    canonical = find(page.tree, lambda link: link.tag == "link" and (link.get("rel") or "").lower() == "canonical")
    told = ("" if canonical is None else canonical.get("href") or "", _meta(page.tree, "og:url"), page.url or "")
    for address in told:
        whole = target(address, page.url)
        if whole.startswith(("http://", "https://")):
            return whole_page(whole)
    return None


def _headline(tree: Element) -> str:
    headings = list(every(tree, named("h1")))
    candidates = [
        text_of(find(tree, *_HEADLINES)),
        _meta(tree, "og:title"),
        text_of(headings[0]) if headings else "",
        text_of(find(tree, named("title"))),
    ]
    return next((line for line in candidates if 0 < len(line) <= _LONGEST_HEADLINE and not is_heading(line)), "")


def _meta(tree: Element, name: str) -> str:
    found = find(tree, lambda element: element.tag == "meta" and name in (element.get("property"), element.get("name")))
    return " ".join((found.get("content") or "").split()) if found is not None else ""


def _published(tree: Element) -> datetime | None:
    told = moment_in(_meta(tree, "article:published_time"))
    if told:
        return told
    return moment_of(
        find(
            tree,
            lambda element: has_property("datePublished")(element) and element.tag in ("time", "meta", "span", "abbr"),
            lambda element: element.tag in ("time", "abbr") and has_class("entry-date", "published")(element),
        )
    )


def _lines(tree: Element, headline: str) -> list[Line]:
    """Return the paragraphs of the story, each as a line of its own."""
    lines: list[Line] = []
    text = find(tree, *_TEXTS)
    if text is None:
        return lines
    walk = etree.iterwalk(text, events=("start",), tag=_PARAGRAPHS)
    for _, block in walk:
        walk.skip_subtree()
        words = text_of(block)
        if not words or words == headline or is_tail(words):
            continue
        if is_heading(words) or len(lines) == _MOST_PARAGRAPHS:
            break
        marker = "•" if block.tag == "li" else ""
        lines.append(Line(len(lines) + 2, 0, words, not marker or not (lines and lines[-1].marker), marker))
    return lines
