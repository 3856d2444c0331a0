"""Sanitised HTML written as Markdown, for systems that make their HTML from Markdown and drop any that stands in it."""

import re
from collections.abc import Set
from html import escape
from typing import Any

from markdownify import MarkdownConverter

from outspoken.text.render import plain_text

# With backslashes in it, an address that stands in the text would lead elsewhere.
_MEANS_SOMETHING = re.compile(r"(https?://[^\s<>`\[\]]+)|([\\`*_\[\]~#|])|([<>&])")
_MEANS_A_LIST = re.compile(r"^(\s*\d{0,9})([-+=.)])")
_TICKS = re.compile("`+")


def as_written(html: str) -> str:
    """Return sanitised HTML as Markdown: the same words, links, quotations, lists and code.

    Of what is nested deeper than the library goes, the words alone.
    """
    try:
        return str(_Writer(bullets="-").convert(html)).strip()
    except RecursionError:
        return _in_words(plain_text(html))


class _Writer(MarkdownConverter):
    """The library's, but for what each dialect reads in its own way: signs in texts, addresses, ticks within code.

    It hands over by name in which tags something stands, which makes no difference here.
    """

    def escape(self, text: str, parent_tags: Set[str]) -> str:  # noqa: ARG002
        return _in_words(text)

    def convert_a(self, link: Any, text: str, parent_tags: Set[str]) -> str:  # noqa: ARG002
        address, words = link.get("href") or "", text.strip()
        if words == address:
            return f"<{words}>" if words else ""
        address = address.replace(" ", "%20").replace("(", "%28").replace(")", "%29").replace("\\", "%5C")
        return f"[{words}]({address})" if words and address else text

    def convert_pre(self, node: Any, text: str, parent_tags: Set[str]) -> str:  # noqa: ARG002
        fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(text))])
        code = text.strip("\n")
        return f"\n\n{fence}\n{code}\n{fence}\n\n"


def _in_words(text: str) -> str:
    return _MEANS_A_LIST.sub(r"\1\\\2", _MEANS_SOMETHING.sub(_meant, text))


def _meant(sign: re.Match[str]) -> str:
    address, escaped, referred = sign.groups()
    return address or (f"\\{escaped}" if escaped else escape(referred))
