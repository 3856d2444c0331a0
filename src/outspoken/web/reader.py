"""The reader's key, in a cookie that scripts can't see and that only our own pages send back.

In a frame it is another key in another cookie: one for each site that the frame stands in, so that no two of them can
tell that they have the same reader. A browser that refuses it is shown the code of each comment instead.
"""

from typing import Any

import sqlalchemy as sa
from litestar.datastructures import Cookie

from outspoken.identity.keys import ThreadKey, key_from_text, key_to_text, thread_key, thread_key_from_code
from outspoken.pages.doors import Door
from outspoken.store.changes import is_author
from outspoken.store.redirects import former_spots
from outspoken.store.windows import comment_at
from outspoken.web.server import Server

_YEAR = 365 * 24 * 3600


class PartitionedCookie(Cookie):
    """A cookie that a browser keeps apart for each site in whose page our frame stands. Source: the CHIPS draft."""

    def to_encoded_header(self) -> tuple[bytes, bytes]:
        """Return the header. The library doesn't know the attribute yet."""
        name, value = super().to_encoded_header()
        return name, value + b"; Partitioned"


def cookie_name(server: Server, door: Door) -> str:
    """Return the cookie's name; over TLS one that no neighbouring host can set. Empty where there can be none."""
    if door.is_framed:
        # Browsers take a cookie in a frame over TLS only.
        return "__Host-outspoken-frame" if server.is_secure else ""
    return "__Host-outspoken" if server.is_secure else "outspoken"


def key_of(request: Any, server: Server, door: Door) -> bytes | None:
    """Return the key this browser holds, None if it holds none."""
    wanted = cookie_name(server, door)
    # Read leniently: a neighbour's odd cookie must not hide ours, and HTTP/2 may send each in a header of its own.
    for name, value in request.scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                said, _, text = pair.strip().partition("=")
                if wanted and said == wanted and (key := key_from_text(text)) is not None:
                    return key
    return None


def proof(request: Any, server: Server, door: Door, thread: str, code: str = "") -> ThreadKey | None:
    """Return what this reader can show for a thread: a code that was entered, or else the browser's key."""
    if code.strip():
        return thread_key_from_code(code)
    key = key_of(request, server, door)
    return thread_key(key, thread) if key else None


async def own_proof(
    request: Any, server: Server, door: Door, thread: str, number: int, code: str = ""
) -> ThreadKey | None:
    """Return what this reader can show for a comment, which may have been written in a thread that was joined since.

    Raises:
        Unavailable: if the database doesn't answer.
    """
    shown, key = proof(request, server, door, thread, code), key_of(request, server, door)
    if code.strip() or key is None:
        return shown
    browser = key

    def look(connection: sa.Connection) -> ThreadKey | None:
        former = [thread_key(browser, spot.thread) for spot in former_spots(connection, thread, number)]
        comment = comment_at(connection, thread, number) if former else None
        mine = (old for old in former if comment and is_author(connection, comment, old.hash))
        return next(mine, shown)

    return await server.read(look)


async def proof_of_who_came(request: Any, server: Server, door: Door, thread: str, number: int) -> ThreadKey | None:
    """Return the same for a page that is only looked at; nothing for whom the page around a frame led into it.

    That page can open in it whatever it likes. What it could then hear or measure mustn't depend on whose key the
    browser holds, or it would learn what its visitor has written. Browsers say who leads them (`Sec-Fetch-Site`) to
    whatever is encrypted, and only there is a key in a frame.

    Raises:
        Unavailable: if the database doesn't answer.
    """
    if door.is_framed and request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return None
    return await own_proof(request, server, door, thread, number)


def key_cookies(server: Server, door: Door, key: bytes) -> list[Cookie]:
    """Return the cookie that gives a browser its key; none where it would be refused."""
    name = cookie_name(server, door)
    if not name:
        return []
    cookie = PartitionedCookie if door.is_framed else Cookie
    return [
        cookie(
            key=name,
            value=key_to_text(key),
            max_age=_YEAR,
            path="/",
            httponly=True,
            secure=server.is_secure,
            samesite="none" if door.is_framed else "lax",
        )
    ]
