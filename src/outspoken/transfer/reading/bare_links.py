"""Addresses that stand in a text as they are, and that its system made links when it showed it."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_LETTER = r"[\w#%~/@*+=&$-]"
_ADDRESS = re.compile(
    # What ends a sentence or a parenthesis doesn't belong to an address, as long as nothing follows it.
    rf"(?<!\w)https?://{_LETTER}(?:{_LETTER}|\({_LETTER}*\)|['.,;:!?]+(?={_LETTER}))*",
    re.IGNORECASE,
)
_KEEP_THEIR_TEXT = frozenset({"a", "code", "pre", "script", "style", "textarea"})


def with_links(html: str) -> str:
    """Return HTML in which bare addresses are links, but for those in links and in code.

    So does WordPress (`make_clickable`) whenever it shows a comment.
    """
    if not _ADDRESS.search(html):
        return html
    tree = LexborHTMLParser(f"<!doctype html><body>{html}")
    found = [node for node in _texts(tree) if _ADDRESS.search(node.text_content or "")]
    if not found or tree.body is None:
        return html
    for node in found:
        _link(tree, node)
    return tree.body.inner_html or ""


def _texts(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the texts in which an address may be a link."""
    if tree.body is None:
        return []
    found, keeping = [], set()
    for node in tree.body.traverse(include_text=True):
        above = node.parent
        is_kept = above is not None and above.mem_id in keeping
        if node.is_text_node and not is_kept:
            found.append(node)
        elif is_kept or node.tag in _KEEP_THEIR_TEXT:
            keeping.add(node.mem_id)
    return found


def _link(tree: LexborHTMLParser, node: LexborNode) -> None:
    text, at = node.text_content or "", 0
    for address in _ADDRESS.finditer(text):
        link = tree.create_node("a")
        link.attrs["href"] = address[0]
        link.insert_child(address[0])
        node.insert_before(text[at : address.start()])
        node.insert_before(link)
        at = address.end()
    node.insert_before(text[at:])
    node.remove()
