"""Links and pictures in a saved body, made to lead where they led: past redirects, past an archive, past the folder."""

import re
from urllib.parse import parse_qs

from outspoken.text.urls import join_urls, split_url
from outspoken.transfer.importers.saved.elements import Element, cut_out, every, named

_ARCHIVED = re.compile(
    r"(?:https?:)?(?://web\.archive\.org)?/web/\d{4,14}(?:[a-z]{2}_)?/(?P<url>https?:/{1,2}[^\s\"'<>]+)"
)
_REDIRECT_MARK = re.compile(r":[A-Za-z0-9_-]{27}$")
_LONGEST = 8192
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def unarchived(url: str) -> str:
    """Return the address that a link led to before a web archive rewrote it to lead into itself."""
    found = _ARCHIVED.match(url)
    return re.sub(r"^(https?:)/{1,2}", r"\1//", found["url"]) if found else url


def target(address: str, base: str | None) -> str:
    """Return where a link leads: whole, and not by way of Disqus' redirect or an archive. "" for none."""
    address = address.strip()
    if not address or len(address) > _LONGEST:
        return ""
    address = unarchived(address)
    try:
        if base and not _ABSOLUTE.match(address):
            address = join_urls(base, address)
        split = split_url(address)
    except ValueError:
        return ""
    if split.netloc.lower() == "disq.us" and split.path == "/url":
        wrapped = _REDIRECT_MARK.sub("", parse_qs(split.query).get("url", [""])[0])
        return wrapped if wrapped.startswith(("http://", "https://")) else address
    return address


def restore_links(body: Element, base: str | None) -> bool:
    """Let every link and picture of a body lead where it led. Tell whether one of them is gone.

    A picture that is kept in the page itself is as good as gone: what came along is not where it was.
    """
    gone = False
    for link in every(body, named("a")):
        if link.get("href") is not None:
            address = target(link.get("href") or "", base)
            shown = link.get("title") or ""
            # Disqus' redirect ends with a mark of unknown length; the title has the address as it was.
            is_marked = _ABSOLUTE.match(shown) is not None and address.startswith(f"{shown}:")
            link.set("href", shown if is_marked else address)
    for picture in list(every(body, named("img", "iframe", "video", "audio", "embed", "object"))):
        name = "data" if picture.tag == "object" else "src"
        if "emoji" in (picture.get("class") or "") or "wp-smiley" in (picture.get("class") or ""):
            picture.tail = (picture.get("alt") or "") + (picture.tail or "")
            cut_out(picture)
            continue
        kept = picture.get("data-lazy-src") or picture.get("data-src") or picture.get(name) or ""
        address = target(kept, base) if not kept.startswith("data:") else ""
        if address:
            picture.set(name, address)
        else:
            gone = picture.tag != "video" or gone
            if picture.get(name) is not None:
                del picture.attrib[name]
        if picture.get("srcset") is not None:
            del picture.attrib["srcset"]
    return gone
