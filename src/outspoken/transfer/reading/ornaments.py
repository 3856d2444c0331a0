"""Little pictures that a system puts among the words when it shows them: they aren't what somebody wrote.

Any other picture stays: it becomes a link where it is shown.
"""

from selectolax.lexbor import LexborHTMLParser

_AVATARS = "img.avatar"
_EMOJI = "img.emoji, img.wp-smiley"
_LONGEST = 256 * 1024
_MOST_TAGS = 5_000
"""The parser's time goes with the square of nesting. What is beyond this is shown as its source in any case."""


def without_ornaments(html: str) -> str:
    """Return `html` with emoji instead of pictures of them, and without people's portraits; else as it is."""
    if "<img" not in html or len(html) > _LONGEST or html.count("<") > _MOST_TAGS:
        return html
    tree = LexborHTMLParser(f"<!doctype html><body>{html}")
    emoji, avatars = tree.css(_EMOJI), tree.css(_AVATARS)
    if tree.body is None or not (emoji or avatars):
        return html
    for picture in emoji:
        picture.replace_with(picture.attributes.get("alt") or "")
    for picture in avatars:
        picture.decompose()
    return tree.body.inner_html or ""
