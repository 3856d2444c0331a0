"""Whether a request that changes something comes from our own page.

Browsers say where a request comes from (`Sec-Fetch-Site`, or `Origin` in old ones). What says it comes from elsewhere
is refused. What says nothing is let through only if it carries no cookie: then it has nobody's authority, and there is
nothing to forge.
"""

from collections.abc import Mapping

from outspoken.discussion.errors import NotAllowed
from outspoken.pages.translations import marked

_REFUSED = marked(
    "This was sent from another page than ours, so it wasn't done. Open the discussion here and try again."
)


def check_origin(headers: Mapping[str, str], base: str) -> None:
    """Let requests pass that our own pages sent, or that carry no authority.

    Raises:
        NotAllowed: for every other.
    """
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        if site != "same-origin":
            raise NotAllowed(_REFUSED)
    elif origin is not None:
        if not _is_ours(origin, base, headers.get("host", "")):
            raise NotAllowed(_REFUSED)
    elif "cookie" in headers:
        raise NotAllowed(_REFUSED)


def _is_ours(origin: str, base: str, host: str) -> bool:
    if origin == base:
        return True
    # Behind a proxy the address that readers see may be known only from what their browsers say. What isn't encrypted
    # doesn't speak for what is: anybody on the way could have made that page.
    schemes = ("https",) if base.startswith("https://") else ("http", "https")
    return bool(host) and origin in [f"{scheme}://{host}" for scheme in schemes]
