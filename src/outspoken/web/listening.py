"""The HTTP server: uvicorn, set up so that it tells nobody's address, ends the slow, and stops when it is told to."""

import asyncio
import gc
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from outspoken.web.app import create_app
from outspoken.web.live import Live
from outspoken.web.server import Server
from outspoken.web.wire import IDLE_SECONDS, Wire, protocol_for

BACKLOG = 4_096
"""Connections that may wait to be accepted."""
_HANDLES = 128
_TICKS_BETWEEN_LOOKS = 50
FAREWELL_SECONDS = 5
"""For which answers that have begun may go on once the server is told to stop."""


async def serve_on(
    door: socket.socket, server: Server, on_start: Callable[[], None] = lambda: None, lifeline: int | None = None
) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM, or until nobody holds the other end of `lifeline`."""
    engine = engine_for(server, on_start)
    _allow_many_connections()
    _spare_the_collector()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, engine.handle_exit, number, None)
    # Told by a service manager to read its settings anew, a process that is alone would end.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    if lifeline is not None:
        loop.add_reader(lifeline, _leave, loop, lifeline, engine)
    # From each handle the loop takes one connection a turn, and under load a turn takes a tenth of a second.
    await engine.serve([door, *(door.dup() for _ in range(_HANDLES - 1))])


def _leave(loop: asyncio.AbstractEventLoop, lifeline: int, engine: "Engine") -> None:
    loop.remove_reader(lifeline)
    engine.handle_exit(signal.SIGTERM, None)


def _allow_many_connections() -> None:
    """Let this process open as many files as it may: each page that follows a thread is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _spare_the_collector() -> None:
    """Keep Python's collector from looking through everything that was imported, again and again, under load.

    With the thresholds as they come, one comment in a hundred waited 130 ms for it; like this, 50 ms at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def engine_for(server: Server, on_start: Callable[[], None] = lambda: None) -> "Engine":
    """Return the HTTP server that will serve a site server; `on_start` is called when it listens."""
    return Engine(
        uvicorn.Config(
            create_app(server),
            http=protocol_for(server),
            ws="none",
            lifespan="on",
            interface="asgi3",
            backlog=BACKLOG,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            log_level="error",
            timeout_graceful_shutdown=FAREWELL_SECONDS,
            # Its own five seconds are shorter than a proxy's patience: what a proxy sends on a connection that is just
            # being closed is lost, and isn't sent again where it is a comment.
            timeout_keep_alive=IDLE_SECONDS,
        ),
        server.live,
        on_start,
    )


class Engine(uvicorn.Server):
    """uvicorn, ending slow connections and leaving signals to whoever started it."""

    def __init__(self, config: uvicorn.Config, live: Live, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._live = live
        self._on_start = on_start

    def now(self) -> float:
        """Return the time by which connections are judged."""
        return asyncio.get_running_loop().time()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn's own raises them again, which would end the process before it has tidied up."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let those go who would stay for ever, then wait for the others."""
        self._live.end()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Look around, ten times a second."""
        if counter % _TICKS_BETWEEN_LOOKS == 0:
            self.end_the_slow()
        return await super().on_tick(counter)

    def end_the_slow(self) -> None:
        """Close the connections whose other side takes longer than is polite."""
        now = self.now()
        for connection in tuple(self.server_state.connections):
            if isinstance(connection, Wire) and connection.is_too_slow(now):
                connection.transport.abort()
