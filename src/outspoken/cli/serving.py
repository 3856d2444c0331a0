"""`outspoken serve`: one process that answers readers."""

import os
import socket
from collections.abc import Callable
from typing import Annotated

import typer
import uvloop

from outspoken.cli.common import HERE, Data, DatabaseUrl, ballast_of, make_room, opened, refuse, settings_of
from outspoken.settings import Settings
from outspoken.store.database import Database
from outspoken.web.listening import BACKLOG, serve_on
from outspoken.web.logs import write_logs
from outspoken.web.server import Server

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65_535)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(data: Data = HERE, host: Host = "127.0.0.1", port: Port = 8000, database: DatabaseUrl = None) -> None:
    """Serve the sites of a data folder."""
    check_address(host, port)
    settings = settings_of(data)
    make_room(data, database)
    with opened(data, database) as kept:
        typer.echo(f"Outspoken is at {base_of(settings, host, port)}", err=True)
        run(kept, settings, host, port)


def check_address(host: str, port: int) -> None:
    """End with one line if nothing can listen there, before anything else is begun."""
    try:
        _listening(host, port).close()
    except OSError as wrong:
        refuse(f"can't listen on {host}, port {port}: {os.strerror(wrong.errno or 0).lower()}. Choose another --port.")


def base_of(settings: Settings, host: str, port: int) -> str:
    """Return the address readers know: the one that is set, or where the server listens."""
    shown = f"[{host}]" if ":" in host else "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104
    return settings.server.base.rstrip("/") or f"http://{shown}:{port}"


def run(
    database: Database, settings: Settings, host: str, port: int, on_start: Callable[[], None] = lambda: None
) -> None:
    """Serve until the process is told to stop; what waits to be written is written then."""
    try:
        write_logs(settings.log)
    except OSError as wrong:
        refuse(f"{settings.log.file}: {os.strerror(wrong.errno or 0).lower()}")
    server = Server(database, settings, base_of(settings, host, port), ballast=ballast_of(database, settings))
    with _listening(host, port) as door:
        uvloop.run(serve_on(door, server, on_start))


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
