"""Connections for loads of thousands of requests a second from one process: bytes go out, a reply calls back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

_END = b"\r\n\r\n"
_USABLE = 60.0
"""Seconds after which an idle connection isn't trusted any more: the server may be closing it at this moment."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 if nothing did, because the connection broke or couldn't be made."""

    status: int
    body: bytes


NOTHING = Reply(0, b"")
NOT_SENT = Reply(-1, b"")
"""No connection was free, and no more may be opened: the load's own end is reached."""
OnReply = Callable[[Reply], None]


class Channel(asyncio.Protocol):
    """One connection that stays open, with one request on its way at a time."""

    def __init__(self, is_free: Callable[["Channel"], None], is_lost: Callable[["Channel"], None]) -> None:
        self._is_free = is_free
        self._is_lost = is_lost
        self._transport: asyncio.WriteTransport | None = None
        self._got = b""
        self._whole = 0
        self._on_reply: OnReply | None = None
        self._used = 0.0

    def is_usable(self, now: float) -> bool:
        """Tell whether something can be sent and will be answered; `now` is the loop's time."""
        return self._transport is not None and not self._transport.is_closing() and now - self._used < _USABLE

    def send(self, request: bytes, on_reply: OnReply) -> None:
        """Send a request whose answer has a Content-Length, or no body."""
        self._on_reply = on_reply
        self._used = asyncio.get_running_loop().time()
        if self._transport is None:
            self._reply(NOTHING)
        else:
            self._transport.write(request)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what sends."""
        # The loop in C has a class of its own for it, which isn't one of asyncio's.
        self._transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Gather an answer."""
        self._got += data
        if not self._whole:
            end = self._got.find(_END)
            if end < 0:
                return
            self._whole = end + len(_END) + _length(self._got[:end])
        if len(self._got) < self._whole:
            return
        got, self._got, whole, self._whole = self._got, b"", self._whole, 0
        status = int(got[9:12])
        self._reply(Reply(status, got[got.find(_END) + len(_END) : whole]))
        self._is_free(self)

    def connection_lost(self, _: Exception | None) -> None:
        """Say that no answer will come."""
        self._transport = None
        self._is_lost(self)
        self._reply(NOTHING)

    def _reply(self, reply: Reply) -> None:
        on_reply, self._on_reply = self._on_reply, None
        if on_reply is not None:
            on_reply(reply)


class Channels:
    """As many connections to one port as are needed, up to a limit."""

    def __init__(self, port: int, limit: int) -> None:
        self._port = port
        self._limit = limit
        self._idle: list[Channel] = []
        self._all: set[Channel] = set()
        self._opening: set[asyncio.Task[None]] = set()

    def send(self, request: bytes, on_reply: OnReply) -> bool:
        """Send over a free connection, or one that is opened for it; False if all there may be are busy."""
        while self._idle:
            channel = self._idle.pop()
            if channel.is_usable(asyncio.get_running_loop().time()):
                channel.send(request, on_reply)
                return True
            channel.close()
        if len(self._all) + len(self._opening) >= self._limit:
            return False
        task = asyncio.ensure_future(self._open(request, on_reply))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return True

    async def ask(self, request: bytes) -> Reply:
        """Send and wait for the answer."""
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if not self.send(request, lambda reply: None if answer.done() else answer.set_result(reply)):
            return NOT_SENT
        return await answer

    def close(self) -> None:
        """Close all connections."""
        for channel in tuple(self._all):
            channel.close()

    async def _open(self, request: bytes, on_reply: OnReply) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, channel = await loop.create_connection(
                lambda: Channel(self._idle.append, self._all.discard), "127.0.0.1", self._port
            )
        except OSError:
            on_reply(NOTHING)
            return
        self._all.add(channel)
        channel.send(request, on_reply)


def _length(head: bytes) -> int:
    """Return the length of the body an answer's head announces."""
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    end = lower.find(b"\r\n", at + 2)
    return int(lower[at + 17 : end if end >= 0 else None])
