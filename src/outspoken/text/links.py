"""Links in what people write: where they really lead, and without the parameters that track who follows them."""

import re
from urllib.parse import urlunsplit

from outspoken.text.urls import split_url

_TRACKING = re.compile(
    r"^(utm_[a-z_]+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igshid|mc_[ce]id|_hs(enc|mi)|"
    r"vero_(id|conv)|mkt_tok|spm|s_cid|ref_src|ref_url)(=|$)",
    re.IGNORECASE,
)


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
    """Return the host a link leads to, in ASCII (punycode), without `www.`; empty if it has none."""
    try:
        host = split_url(url).hostname or ""
    except ValueError:
        return ""
    try:
        host = host.encode("idna").decode() if host else ""
    except UnicodeError:
        host = host.encode("ascii", "backslashreplace").decode()
    return host.removeprefix("www.")


def names_host(words: str, host: str) -> bool:
    """Tell whether the words of a link name the host it leads to: at the beginning of a word, and to the host's end.

    `t.co` isn't named by `microsoft.com`, nor `evil.example` by `bank.example/evil.example`.
    """
    start, end = r"(?:^|[\s(\"'“‘«])(?:https?://)?(?:www\.)?", r"(?![\w@-]|\.\w)"
    return re.search(start + re.escape(host) + end, words, re.IGNORECASE) is not None


def count_links(html: str) -> int:
    """Count the links in sanitised HTML."""
    return html.count("<a href=")
