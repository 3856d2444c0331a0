"""Addresses that others wrote, taken apart: in a time that their length is worth, and as browsers take them apart."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

LONGEST_AUTHORITY = 300
"""Characters from `//` to the path. A host has at most 253 of them (RFC 1035, 2.3.4), a port six."""

_AUTHORITY_TOO_LONG = re.compile(
    rf"[\x00-\x20]*(?:[a-z][a-z0-9+.-]*:)?//[^/?#]{{{LONGEST_AUTHORITY + 1}}}", re.IGNORECASE
)
_READ_DIFFERENTLY = re.compile(r"[^?#]*\\|[^\x00-\x1f\x7f]*[\x00-\x1f\x7f]")
_WEB = re.compile(r"(https?:)[/\\]*([^?#]*)", re.IGNORECASE)
_AROUND = "".join(map(chr, range(0x21)))
_PASSED_OVER = str.maketrans("", "", "\t\n\r")


def split_url(url: str) -> SplitResult:
    """Take an address apart as `urlsplit` does.

    That composes the letters of the authority, for which the time may grow with the square of their number.

    Raises:
        ValueError: if it can't be taken apart, or its authority is longer than `LONGEST_AUTHORITY`.
    """
    if _AUTHORITY_TOO_LONG.match(url.translate(_PASSED_OVER)):
        raise ValueError("The host of the address is too long.")
    return urlsplit(url)


def split_alike(url: str) -> SplitResult:
    """Take apart an address that everybody takes apart in the same way.

    To browsers a backslash is a slash, and tabs and line breaks are nothing: they are led to a by
    `https://a.example\\@b.example/`, in which others read b. Source: the URL Standard of the WHATWG, section 4.4.

    Raises:
        ValueError: if it can't be taken apart, has a backslash before its query, a control character or a user name.
    """
    split = split_url(url)
    if "@" in split.netloc or _READ_DIFFERENTLY.match(url):
        raise ValueError("The address has a user name, or characters that not everybody reads alike.")
    return split


def as_followed(url: str) -> str:
    """Return an address of the web as browsers read it: with two slashes before the host, however many were written,
    slashes for backslashes, nothing for line breaks. Any other comes back as it is.

    Source: the URL Standard of the WHATWG, section 4.4.
    """
    followed = url.strip(_AROUND).translate(_PASSED_OVER)
    web = _WEB.match(followed)
    return f"{web[1]}//{web[2]}".replace("\\", "/") + followed[web.end() :] if web else url


def join_urls(base: str, url: str) -> str:
    """Return where `url` leads from a page at `base`.

    Raises:
        ValueError: if one of them can't be taken apart.
    """
    for one in (base, url):
        split_url(one)
    return urljoin(base, url)
