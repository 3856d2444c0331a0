"""From source text to safe HTML. The sanitiser always has the last word; everything before it is only convenience."""

import html as entities
import re
from itertools import accumulate

import nh3
from cmarkgfm import cmark
from selectolax.lexbor import LexborHTMLParser, LexborNode

from outspoken.discussion.errors import Invalid
from outspoken.text.hygiene import clean, without_invisible
from outspoken.text.links import host_of, leading_somewhere, names_host
from outspoken.text.markdown import to_html
from outspoken.text.markup import Markup

RENDERER = 1
"""Version of everything here. A higher one makes stored HTML of lower ones stale; `outspoken check` tells which."""

LONGEST_BODY = 16 * 1024
"""Bytes of UTF-8 that a reader may write."""
DEEPEST_QUOTE = 8

_RENDERED_LONGEST = 256 * 1024
_RENDERED_TAGS = 5_000

_OPTIONS = cmark.Options.CMARK_OPT_HARDBREAKS
_EXTENSIONS = ["autolink", "strikethrough"]
_MARKDOWN = nh3.Cleaner(
    tags={"p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"},
    attributes={"*": set(), "a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow ugc noopener noreferrer",
)
_IMPORTED = nh3.Cleaner(
    tags={
        *("p", "br", "a", "code", "pre", "em", "strong", "b", "i", "u", "s", "del", "q", "blockquote"),
        *("ul", "ol", "li", "cite"),
    },
    attributes={"*": set(), "a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow ugc noopener noreferrer",
)
# Private-use characters never survive hygiene, so they can stand for what the parser shall not see.
_LESS, _BANG = "\ue000", "\ue001"
_RAW_LESS = re.compile(r"<(?!(?:https?://|mailto:)[^\s<>]*>)")
_NESTERS = ("<blockquote", "<ul", "<ol")
_NESTING = re.compile(r"<(/?)(?:blockquote|ul|ol)\b[^>]*>")
_TAG = re.compile(r"""<(?:[^">]|"[^"]*")*>""")
_BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|li|pre|blockquote)>")
_BLANK_LINES = re.compile(r"\n{2,}")
# Opening a link without a space behind the `a` isn't among these: `_with_honest_links` is called for by `<a `.
_PLAIN = re.compile(
    r"[^<]*(?:</?(?:(?:p|br|b|i|em|strong|u|s|q|cite|blockquote|code|del)(?=[\s/>])|a(?=[ >]))[^<>]*>[^<]*)*"
)
_PLAIN_LINK = re.compile(r"""<a href="([^"<>&\s]*)"((?: (?:rel|target|title|class)="[^"<>]*")*)>([^<>&]*)</a>""")
_NO_SCHEME = re.compile(r"""=\s*["']?\s*//""")
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*</p>")
_HEADING = re.compile(r"<(/?)h[1-6]>")


def check_body(source: str) -> None:
    """Refuse what can't be shown.

    Raises:
        Invalid: if the text is empty, longer than `LONGEST_BODY`, or nested deeper than `DEEPEST_QUOTE`.
    """
    if not source.strip():
        raise Invalid("body", "There is no text yet. Write something first.")
    size = len(source.encode())
    if size > LONGEST_BODY:
        raise Invalid(
            "body",
            "The text is too long: %(size)s bytes, where %(most)s fit. Please shorten it.",
            size=size,
            most=LONGEST_BODY,
        )
    if _is_too_deep(_parsed(source)):
        raise Invalid("body", "Quotes and lists can be nested %(most)s levels deep, no deeper.", most=DEEPEST_QUOTE)


def _is_too_deep(html: str) -> bool:
    # Nearly no text has so many quotes and lists at all.
    if sum(map(html.count, _NESTERS)) <= DEEPEST_QUOTE:
        return False
    depths = accumulate(-1 if tag[1] else 1 for tag in _NESTING.finditer(html))
    return any(depth > DEEPEST_QUOTE for depth in depths)


def render(source: str, markup: Markup) -> str:
    """Return `source` as HTML that is safe to put into a page. The same source always gives the same HTML."""
    source = clean(source)
    match markup:
        case Markup.MARKDOWN:
            return _from_markdown(source)
        case Markup.MIXED:
            return _from_html(to_html(source, _OPTIONS | cmark.Options.CMARK_OPT_UNSAFE, _EXTENSIONS))
        case Markup.HTML:
            return _from_html(source)
        case Markup.TEXT:
            return _from_text(source)


def plain_text(html: str) -> str:
    """Return the words of sanitised HTML, a line for each block."""
    # What the sanitiser wrote is plain enough: a `<` always begins a tag, and values stand in quotation marks.
    lines = _TAG.sub("", _BLOCK_END.sub("\n", html))
    return _BLANK_LINES.sub("\n", entities.unescape(lines) if "&" in lines else lines).strip()


def _from_markdown(source: str) -> str:
    html = _flattened(_parsed(source)).replace(_LESS, "&lt;").replace("%EE%80%80", "%3C").replace("%EE%80%81", "!")
    html = html.replace(f"{_BANG}<a ", "<a ").replace(_BANG, "!")
    html = _HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", html)
    html = html.replace("<hr />", "<p>* * *</p>")
    if "<a " in html:
        html = _with_honest_links(html)
    return _as_seen(str(_MARKDOWN.clean(html)), source, _MARKDOWN).strip()


def _parsed(source: str) -> str:
    # `<` must reach the reader as it was written: raw HTML isn't allowed, but dropping it would eat "a <b and c> d".
    hidden = _RAW_LESS.sub(_LESS, source).replace("![", f"{_BANG}[")
    return to_html(hidden, _OPTIONS, _EXTENSIONS)


def _from_html(source: str) -> str:
    if len(source) > _RENDERED_LONGEST or source.count("<") > _RENDERED_TAGS:
        # The sanitiser is quadratic in nesting; such a body is shown as what it is, source text.
        return _from_text(source)
    # Nearly every old comment is paragraphs, links and words that stand out: there is nothing in it to be replaced.
    is_plain = _PLAIN.fullmatch(source) and not _NO_SCHEME.search(source)
    html = source if is_plain else _within_what_is_allowed(source)
    if "<a " in html:
        named, links = _PLAIN_LINK.subn(_as_honest_link, html) if is_plain else (html, 0)
        html = named if links == html.count("<a ") else _with_honest_links(html)
    cleaned = str(_IMPORTED.clean(html))
    if (flattened := _flattened(cleaned)) != cleaned:
        cleaned = str(_IMPORTED.clean(flattened))
    cleaned = _as_seen(cleaned, source, _IMPORTED)
    return _EMPTY_PARAGRAPH.sub("", cleaned).strip()


def _as_seen(html: str, source: str, sanitiser: nh3.Cleaner) -> str:
    """Return sanitised HTML without what is invisible: `&#8238;` in a source passes for five plain characters."""
    if "&" not in source:
        return html
    visible = without_invisible(html)
    return html if visible == html else str(sanitiser.clean(visible))


def _flattened(html: str) -> str:
    """Return well-formed HTML without the quotes and lists below `DEEPEST_QUOTE`, but with what is in them.

    Each level takes from the width that others leave, and an imported comment can't be refused. The items of a list
    that goes away are left within an item of another: the sanitiser puts them behind it.
    """
    if not _is_too_deep(html):
        return html
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        depth += -1 if tag[1] else 1
        return tag[0] if depth + bool(tag[1]) <= DEEPEST_QUOTE else "\n"

    return _NESTING.sub(kept, html)


def _within_what_is_allowed(source: str) -> str:
    """Return HTML in which media are links, headings strong, tables and other blocks paragraphs."""
    tree = _fragment(source)
    for node in tree.css("img, iframe, embed, video, audio, object"):
        _replace_media(tree, node)
    for link in tree.css("a[href]"):
        address = (link.attributes.get("href") or "").strip()
        if address.startswith("//"):
            # It meant whichever of the two its page had come by; the sanitiser takes it for a path of ours.
            link.attrs["href"] = f"https:{address}"
    html = _inner(tree)
    html = re.sub(r"<(/?)h[1-6][^>]*>", lambda tag: "</strong></p>" if tag[1] else "<p><strong>", html)
    html = re.sub(r"<(/?)(?:div|section|article|figure|figcaption|tr|dt|dd|address)\b[^>]*>", r"<\1p>", html)
    html = re.sub(r"</(?:td|th)>", " ", html)
    # Parsers carry what isn't a row out of a table, to before it; without the table the order stays.
    html = re.sub(r"</?(?:table|thead|tbody|tfoot|caption|td|th|select|optgroup|option)\b[^>]*>", "", html)
    return re.sub(r"<(/?)strike\b[^>]*>", r"<\1s>", html)


def _replace_media(tree: LexborHTMLParser, node: LexborNode) -> None:
    address = node.attributes.get("src") or node.attributes.get("data") or ""
    words = node.attributes.get("alt") or address
    if not address:
        node.replace_with(words)
        return
    link = tree.create_node("a")
    link.attrs["href"] = address
    link.insert_child(words)
    node.replace_with(link)


def _from_text(source: str) -> str:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", source.strip())
    html = "\n".join(
        "<p>" + entities.escape(paragraph.strip("\n"), quote=False).replace("\n", "<br>\n") + "</p>"
        for paragraph in paragraphs
        if paragraph.strip()
    )
    return str(_MARKDOWN.clean(html))


def _with_honest_links(html: str) -> str:
    """Name the host behind every link whose words don't, and drop tracking parameters."""
    tree = _fragment(html)
    for link in tree.css("a[href]"):
        address = leading_somewhere(link.attributes.get("href") or "")
        link.attrs["href"] = address
        if host := _unnamed_host(address, link.text()):
            link.insert_after(host)
    return _inner(tree)


def _as_honest_link(link: re.Match[str]) -> str:
    """Do the same to a link that stands in plain HTML in the usual way: to make a tree takes twenty times as long."""
    address = leading_somewhere(link[1])
    return f'<a href="{address}"{link[2]}>{link[3]}</a>{_unnamed_host(address, link[3])}'


def _unnamed_host(address: str, words: str) -> str:
    host = host_of(address)
    return f" ({host})" if host and not names_host(words, host) else ""


def _fragment(html: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<!doctype html><body>{html}")


def _inner(tree: LexborHTMLParser) -> str:
    body = tree.body
    return (body.inner_html or "") if body else ""
