"""What a reader has already been told is there: a number in a cookie, so that nobody is shown a page of before.

Strangers may be shown a page to which something was added a moment ago, and another process may not have heard of it
yet. Whoever wrote it may not: their browser keeps, for a minute, the version of the thread in which it stands.
"""

import re
from typing import Any

from litestar.datastructures import Cookie

from outspoken.web.server import Server

COOKIE = b"outspoken-seen"
SECONDS = 60
_VERSION = re.compile(rb"(?:^|;)\s*outspoken-seen=([0-9a-z]{12})\.([0-9]{1,12})(?=\s*(?:;|$))")


def seen_cookies(server: Server, thread: str, version: int) -> list[Cookie]:
    """Return the cookie that says which version of a thread a reader has to be shown at least; none for version 0."""
    if not version:
        return []
    return [
        Cookie(
            key=COOKIE.decode(),
            value=f"{thread}.{version}",
            path=f"/t/{thread}",
            max_age=SECONDS,
            secure=server.is_secure,
            httponly=True,
            samesite="lax",
        )
    ]


def version_seen(headers: Any, thread: str) -> int:
    """Return the version of a thread that a request has to be shown at least, 0 for any."""
    for name, value in headers:
        if name == b"cookie" and COOKIE in value:
            for found in _VERSION.finditer(value):
                if found[1].decode() == thread:
                    return int(found[2])
    return 0
