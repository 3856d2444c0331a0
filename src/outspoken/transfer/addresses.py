"""Which page an address means: one page is reached by many URLs, and its discussion must be one.

`fold_url` gives the name under which a page is known within its site. Nothing here looks at the network.
"""

import ipaddress
import re
import socket
from urllib.parse import quote_from_bytes

from outspoken.text.urls import split_alike

LONGEST_URL = 8192
"""In characters. Longer ones aren't addresses of pages, and every step below costs time by length."""

_TRACKING = frozenset({"fbclid", "gclid", "from", "isappinstalled", "spm", "replytocom", "showcomment", "m"})
_TRACKING_BEGINNINGS = ("utm_", "tdsourcetag")
_DEFAULT_PORT = {"http": 80, "https": 443}
_DEFAULT_PORTS = frozenset(_DEFAULT_PORT.values())
_ESCAPE = re.compile(rb"%(?:25)*([0-9A-Fa-f]{2})")
_PATH_DELIMITERS = frozenset(b"/?#")
_QUERY_DELIMITERS = frozenset(b"&=+#")
_SAFE_IN_PATH = "/!$&'()*+,;=:@~"
_SAFE_IN_QUERY = "/?!$'()*,;:@~&=+"
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")

_LOCAL_ENDINGS = (".localhost", ".local", ".localdomain", ".internal", ".lan", ".home.arpa", ".test", ".invalid")
_PROXY_HOSTS = frozenset(
    {
        "webcache.googleusercontent.com",
        "translate.googleusercontent.com",
        "cc.bingj.com",
        "web.archive.org",
        "translate.baidu.com",
    }
)
_PROXY_ENDINGS = (".translate.goog", ".microsofttranslator.com", ".translatoruser-int.com", ".cdn.ampproject.org")
_PROXY_BEGINNINGS = ("translate.google.", "translate.yandex.", "webcache.", "www.translate.")


def fold_url(url: str) -> str:
    """Return the name of the page that `url` leads to: `host[:port][/path][?query][#!state]`, without scheme
    and slashes at the end.

    Two URLs with the same result are the same page. The result isn't a URL; put `https://` before it and it folds to
    itself. What is folded away: scheme, `www.`, default port, trailing slashes, `/index.html`, fragment,
    tracking parameters. Parameters that are left keep their order, because some sites give order a meaning. A fragment
    is kept where it begins with `!`: by it sites that are a single document told their pages apart, and asked for
    comments (source: Google, "Making AJAX applications crawlable", 2009).

    Percent-encoding is undone as often as it was applied (embeds were seen to apply it twice) and applied once again
    in one spelling, so `/caf%c3%a9`, `/caf%25C3%25A9` and `/café` are one page. An encoded delimiter stays encoded:
    `/a%2Fb` is one segment named "a/b" and not the page `/a/b`; `?q=a%26b` isn't `?q=a&b`.

    Raises:
        ValueError: if `url` isn't an http or https address with a host, is longer than `LONGEST_URL`, or may lead
            browsers elsewhere (`split_alike`).
    """
    host, port, path, query, fragment = _parts(url)
    folded = host if port is None else f"{host}:{port}"
    folded += _fold_path(path)
    kept = _fold_query(query)
    return (f"{folded}?{kept}" if kept else folded) + _fold_fragment(fragment)


def origin_of(url: str) -> str:
    """Return where the page at `url` lives, as browsers say it: scheme, host and a port that isn't the default.

    Empty for anything that isn't an http or https address, or may lead browsers elsewhere (`split_alike`).
    """
    try:
        split = split_alike(url.strip())
        host, port = split.hostname or "", split.port
        if ":" in host:
            host = f"[{ipaddress.IPv6Address(host).compressed}]"
        else:
            host = host.encode("idna").decode("ascii").lower()
    except ValueError:  # UnicodeError is one too
        return ""
    scheme = split.scheme.lower()
    if scheme not in _DEFAULT_PORT or not (host.startswith("[") or _HOST.fullmatch(host)):
        return ""
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORT[scheme]) else f"{scheme}://{host}:{port}"


def is_proxy_or_local(url: str) -> bool:
    """Tell whether `url` is a copy or a workshop of a page rather than the page: a translation or cache proxy,
    localhost, a private host or address, a file, or anything else that isn't on the public web. Never raises.
    """
    try:
        host = _parts(url)[0]
    except ValueError:
        return True
    address = _address(host)
    if address is not None:
        return not address.is_global
    return (
        "." not in host
        or host.endswith(_LOCAL_ENDINGS)
        or host in _PROXY_HOSTS
        or host.endswith(_PROXY_ENDINGS)
        or host.startswith(_PROXY_BEGINNINGS)
        or ".ezproxy." in host
    )


def _parts(url: str) -> tuple[str, int | None, str, str, str]:
    """Split `url` into folded host, port that isn't the default, path, query and fragment as they stand."""
    if len(url) > LONGEST_URL:
        raise ValueError(f"An address of {len(url)} characters is too long.")
    try:
        split = split_alike(url.strip())
        port = split.port
        name = split.hostname
    except ValueError as fault:
        raise ValueError(f"“{_shown(url)}” isn't a web address.") from fault
    if split.scheme.lower() not in ("http", "https") and not (split.scheme == "" and split.netloc):
        raise ValueError(f"“{_shown(url)}” isn't an http or https address.")
    if not name or ("[" in split.netloc and ":" not in name):
        raise ValueError(f"“{_shown(url)}” names no host.")
    return _fold_host(name, url), None if port in _DEFAULT_PORTS else port, split.path, split.query, split.fragment


def _fold_host(name: str, url: str) -> str:
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name.partition('%')[0]).compressed}]"
        except ValueError as fault:
            raise ValueError(f"“{_shown(url)}” has a malformed address for its host.") from fault
    try:
        host = name.strip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as fault:
        raise ValueError(f"“{_shown(url)}” has a host that can't exist.") from fault
    host = host.strip(".")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError(f"“{_shown(url)}” has a host that can't exist.")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return host


def _fold_path(path: str) -> str:
    folded = _recode(path, _PATH_DELIMITERS, _SAFE_IN_PATH)
    while True:
        shorter = folded.rstrip("/").removesuffix("/index.html")
        if shorter == folded:
            return folded
        folded = shorter


def _fold_query(query: str) -> str:
    kept = []
    for parameter in query.split("&"):
        recoded = _recode(parameter, _QUERY_DELIMITERS, _SAFE_IN_QUERY)
        key = recoded.partition("=")[0].lower()
        if recoded and key not in _TRACKING and not key.startswith(_TRACKING_BEGINNINGS):
            kept.append(recoded)
    return "&".join(kept)


def _fold_fragment(fragment: str) -> str:
    if not fragment.startswith("!"):
        return ""
    state = _recode(fragment[1:], _QUERY_DELIMITERS, _SAFE_IN_QUERY).rstrip("/")
    return f"#!{state}" if state else ""


def _recode(text: str, delimiters: frozenset[int], safe: str) -> str:
    """Undo all percent-encoding but that of `delimiters`, then encode what needs it, once and in capitals.

    The loop ends: each round but the last shortens the text, and a text of n characters holds at most log₃ n layers.
    """

    def decoded(escape: re.Match[bytes]) -> bytes:
        byte = int(escape[1], 16)
        return b"%%%02X" % byte if byte in delimiters else bytes([byte])

    raw = text.encode("utf-8", "surrogatepass")
    while (shorter := _ESCAPE.sub(decoded, raw)) != raw:
        raw = shorter
    pieces = re.split(rb"(%(?:" + b"|".join(b"%02X" % byte for byte in sorted(delimiters)) + rb"))", raw)
    return "".join(
        piece.decode("ascii") if index % 2 else quote_from_bytes(piece, safe) for index, piece in enumerate(pieces)
    )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that `host` is, also in the old spellings browsers accept ("127.1", "0x7f000001")."""
    if host.startswith("["):
        return ipaddress.IPv6Address(host[1:-1])
    if not host.rpartition(".")[2].startswith(tuple("0123456789")):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _shown(url: str) -> str:
    """Return a URL for a message: on one line, short."""
    printable = "".join(letter if letter.isprintable() else "�" for letter in url[:80])
    return printable + ("…" if len(url) > 80 else "")
