"""Texts as their authors wrote them: without the hosts that `text.render` names behind links for readers."""

import html as entities
import re

from outspoken.text.links import host_of, names_host

_TAG = re.compile(r"<[^>]*>")
_LINK_WITH_HOST = re.compile(r'(<a href="([^"]*)"[^>]*>(.*?)</a>) \(([^()<>\s]+)\)', re.DOTALL)


def without_hosts(html: str) -> str:
    """Return sanitised HTML in which what is added behind links is left out.

    It is known by being exactly that: the link's host in brackets, where its words don't name the host. Of two such
    brackets the author wrote one.
    """
    return _LINK_WITH_HOST.sub(_unhinted, html) if "</a> (" in html else html


def _unhinted(found: re.Match[str]) -> str:
    link, address, words, bracket = found.groups()
    host = host_of(entities.unescape(address))
    is_hint = entities.unescape(bracket) == host and not names_host(entities.unescape(_TAG.sub("", words)), host)
    return link if is_hint else found[0]
