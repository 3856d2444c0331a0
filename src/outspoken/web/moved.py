"""Old addresses of discussions and comments that have moved: looked up only once nothing was found at them.

Stands before every door, so that pages, frames, fragments, feeds and the API all lead on in the same way. What reads is
sent to the new address; what would write isn't, because its form names numbers that mean something else there.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa

from outspoken.discussion.errors import NotPossible
from outspoken.pages import links
from outspoken.store.redirects import Spot, spot_now
from outspoken.store.writer import Unavailable
from outspoken.web.errors import error_answer
from outspoken.web.recipes import PUBLIC
from outspoken.web.sending import Send, send_answer, send_error
from outspoken.web.server import Server

_PATH = re.compile(
    r"(?P<before>(?:/frame)?/t/|/embed/t/|/api/v1/threads/)(?P<thread>[0-9a-z]{12})"
    r"(?P<way>(?:/comments(?=/[0-9]))?)(?:/(?P<number>[0-9]{1,10}))?(?P<rest>(?:/[a-z][a-z.]{0,20})?)"
)
_NAMING = ("parent", "comment")
_OF_OLD_NUMBERS = ("after", "before", "since", "version")
_MOST_FIELDS = 20
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class _Asked:
    """An address within a discussion, taken apart."""

    before: str
    thread: str
    way: str
    number: int
    rest: str
    fields: tuple[tuple[str, str], ...]

    @property
    def named(self) -> int:
        """The comment that the path, or else the query, names; 0 for none."""
        return self.number or next((int(value) for name, value in self.fields if name in _NAMING), 0)

    def at(self, spot: Spot) -> str:
        """Return the address of the same at another spot."""
        path = f"{self.before}{spot.thread}{self.way}"
        if self.number:
            path += f"/{spot.number}"
        fields = [(name, str(spot.number) if name in _NAMING else value) for name, value in self.fields]
        address = path + self.rest + (f"?{urlencode(fields)}" if fields else "")
        if not self.before.endswith("/t/") or self.before.startswith("/embed"):
            return address
        # A browser keeps the fragment of the old address if the new one has none, and would show another comment.
        return address + (links.anchor(spot.number) if spot.number else "#discussion")


class Moved:
    """ASGI middleware that sends on whoever asks for what is elsewhere now."""

    def __init__(self, app: Any, server: Server) -> None:
        self._app = app
        self._server = server

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        """Pass on the request; if nothing is found, look whether it is elsewhere."""
        asked = _asked(scope) if scope["type"] == "http" else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        held: list[dict[str, Any]] = []

        async def hold_not_found(message: dict[str, Any]) -> None:
            if held or (message["type"] == "http.response.start" and message["status"] == _NOT_FOUND):
                held.append(message)
            else:
                await send(message)

        await self._app(scope, receive, hold_not_found)
        if not held:
            return
        spot = await self._spot(asked)
        if spot is None:
            for message in held:
                await send(message)
        elif scope["method"] in ("GET", "HEAD"):
            await _send_on(send, asked, spot)
        else:
            said = NotPossible("This discussion is part of another one now. Please open it again and write there.")
            await send_error(send, scope["method"], error_answer(said, self._server, scope))

    async def _spot(self, asked: _Asked) -> Spot | None:
        def look(connection: sa.Connection) -> Spot | None:
            return spot_now(connection, asked.thread, asked.named)

        try:
            return await self._server.read(look)
        except Unavailable:
            return None


async def _send_on(send: Send, asked: _Asked, spot: Spot) -> None:
    public = PUBLIC if asked.before.startswith(("/api/", "/embed/")) else ()
    headers = (
        (b"location", asked.at(spot).encode()),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"0"),
        # It may move again, or be hidden.
        (b"cache-control", b"no-cache"),
        *public,
    )
    await send_answer(send, "GET", 301, headers, b"")


def _asked(scope: dict[str, Any]) -> _Asked | None:
    """Take an address apart; None if it is of no discussion, or can't be read."""
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        return None
    try:
        fields = parse_qsl(scope["query_string"].decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    kept = tuple((name, value) for name, value in fields if name not in _OF_OLD_NUMBERS)
    if any(name in _NAMING and not (value.isascii() and value.isdigit() and len(value) <= 10) for name, value in kept):
        return None
    return _Asked(found["before"], found["thread"], found["way"], int(found["number"] or 0), found["rest"] or "", kept)
