"""The reader's key, in a cookie that scripts can't see and that only our own pages send back."""

from typing import Any

from litestar.datastructures import Cookie

from outspoken.identity.keys import ThreadKey, key_from_text, key_to_text, thread_key, thread_key_from_code
from outspoken.web.server import Server

_YEAR = 365 * 24 * 3600


def cookie_name(server: Server) -> str:
    """Return the cookie's name; over TLS one that no neighbouring host can set."""
    return "__Host-outspoken" if server.is_secure else "outspoken"


def key_of(request: Any, server: Server) -> bytes | None:
    """Return the key this browser holds, None if it holds none."""
    wanted = cookie_name(server)
    # Read leniently: a neighbour's odd cookie must not hide ours, and HTTP/2 may send each in a header of its own.
    for name, value in request.scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                said, _, text = pair.strip().partition("=")
                if said == wanted and (key := key_from_text(text)) is not None:
                    return key
    return None


def proof(request: Any, server: Server, thread: str, code: str = "") -> ThreadKey | None:
    """Return what this reader can show for a thread: a code that was entered, or else the browser's key."""
    if code.strip():
        return thread_key_from_code(code)
    key = key_of(request, server)
    return thread_key(key, thread) if key else None


def key_cookie(server: Server, key: bytes) -> Cookie:
    """Return the cookie that gives a browser its key."""
    return Cookie(
        key=cookie_name(server),
        value=key_to_text(key),
        max_age=_YEAR,
        path="/",
        httponly=True,
        secure=server.is_secure,
        samesite="lax",
    )
