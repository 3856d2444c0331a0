"""Bodies that don't stand in the tree of the page: HTML or plain text out of its scripts."""

import re
from html import escape

from lxml import etree

from outspoken.transfer.importers.saved.elements import Element
from outspoken.transfer.importers.saved.page import without_control

_TAG = re.compile(r"</?(?:p|br|a|em|strong|b|i|u|blockquote|ul|ol|li|img|div|span|code|pre)\b[^<>]*>", re.IGNORECASE)


def fragment(text: str) -> Element:
    """Return an element with the content of `text`: HTML if it has a tag that comments have, else plain paragraphs."""
    if not _TAG.search(text):
        paragraphs = re.split(r"\n(?:[ \t]*\n)+", text.strip())
        text = "".join(f"<p>{escape(part, quote=False)}</p>".replace("\n", "<br>") for part in paragraphs if part)
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    content = f"<html><body><div>{without_control(text)}</div></body></html>"
    tree = etree.fromstring(content.encode("utf-8", "replace"), parser)
    body = None if tree is None else tree.find("body")
    if body is None:
        return etree.Element("div")
    return body[0] if len(body) == 1 and body[0].tag == "div" else body
