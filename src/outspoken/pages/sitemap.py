"""What search engines are given: the map of the threads, and the rules of the road."""

from collections.abc import Iterable
from datetime import UTC

from lxml import etree

from outspoken.discussion.thread import Thread
from outspoken.pages import links

CONTENT_TYPE = "application/xml; charset=utf-8"
LARGEST = 50_000
"""Addresses in one map at most. Source: sitemaps.org, protocol 0.9."""

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(base: str, threads: Iterable[Thread]) -> bytes:
    """Return the map of `threads`, of which the first `LARGEST` are taken; put the most recently active first."""
    urls = etree.XML(f'<urlset xmlns="{_NAMESPACE}"/>')
    for _, thread in zip(range(LARGEST), threads, strict=False):
        url = etree.SubElement(urls, f"{{{_NAMESPACE}}}url")
        etree.SubElement(url, f"{{{_NAMESPACE}}}loc").text = links.absolute(base, links.thread(thread.id))
        changed = (thread.active or thread.opened).astimezone(UTC)
        etree.SubElement(url, f"{{{_NAMESPACE}}}lastmod").text = changed.strftime("%Y-%m-%d")
    return bytes(etree.tostring(urls, encoding="utf-8", xml_declaration=True))


def robots(base: str, *, indexed: bool) -> str:
    """Return `robots.txt`; `indexed` tells whether any site of this server invites search engines."""
    if not indexed:
        return "User-agent: *\nDisallow: /\n"
    # Forms are left out; the print page says by itself that it isn't to be indexed, for which it has to be read.
    return (
        "User-agent: *\n"
        "Disallow: /t/*/comments\n"
        "Disallow: /t/*/edit\n"
        "Disallow: /t/*/delete\n"
        f"Sitemap: {links.absolute(base, links.SITEMAP)}\n"
    )
