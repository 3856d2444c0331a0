"""Links in what people write: where they really lead, and without the parameters that track who follows them."""

import re
from urllib.parse import unquote, urlunsplit

from outspoken.text.urls import as_followed, split_url

_TRACKING = re.compile(
    r"^(utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igshid|mc_[ce]id|_hs(enc|mi)|"
    r"vero_(id|conv)|mkt_tok|spm|s_cid|ref_src|ref_url)(=|$)",
    re.IGNORECASE,
)
_NEVER_IN_HOSTS = re.compile(r"[\x00-\x20\x7f#%/<>?@\\^|]")
"""Source: the URL Standard of the WHATWG, section 3.2, less what stands in addresses of version 6."""


def without_tracking(url: str) -> str:
    """Return `url` without the query parameters that only tell who shared or followed it."""
    if "?" not in url:
        return url
    try:
        parts = split_url(url)
    except ValueError:
        return url
    kept = [piece for piece in parts.query.split("&") if not _TRACKING.match(piece)]
    return urlunsplit(parts._replace(query="&".join(kept)))


def host_of(url: str) -> str:
    """Return the host a link leads browsers to, in ASCII (punycode), without `www.`; empty if it has none."""
    try:
        host = unquote(split_url(as_followed(url)).hostname or "").lower()
    except ValueError:
        return ""
    if _NEVER_IN_HOSTS.search(host):
        return ""
    try:
        host = host.encode("idna").decode() if host else ""
    except UnicodeError:
        host = host.encode("ascii", "backslashreplace").decode()
    return host.removeprefix("www.")


def leading_somewhere(url: str) -> str:
    """Return a link's address as browsers read it, without tracking; empty for one of the web that names no host."""
    followed = without_tracking(as_followed(url))
    return followed if host_of(followed) or not followed.lower().startswith(("http:", "https:")) else ""


def names_host(words: str, host: str) -> bool:
    """Tell whether the words of a link name the host it leads to: at the beginning of a word, and to the host's end.

    `t.co` isn't named by `microsoft.com`, nor `evil.example` by `bank.example/evil.example`.
    """
    start, end = r"(?:^|[\s(\"'“‘«])(?:https?://)?(?:www\.)?", r"(?![\w@-]|\.\w)"
    return re.search(start + re.escape(host) + end, words, re.IGNORECASE) is not None


def count_links(html: str) -> int:
    """Count the links in sanitised HTML."""
    return html.count("<a href=")
