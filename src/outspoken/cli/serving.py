"""`outspoken serve`: what answers readers, in one process or in several."""

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
import uvloop

from outspoken.cli.common import HERE, Data, DatabaseUrl, ballast_of, make_room, opened, refuse, settings_of
from outspoken.cli.workers import Post, Supervisor, places_for
from outspoken.discussion.thread import Opening
from outspoken.settings import Settings
from outspoken.store.database import Database, address_of, open_database
from outspoken.store.erasures import Erasures
from outspoken.store.exports import thread_ids
from outspoken.store.sites import all_sites
from outspoken.store.threads import set_opening
from outspoken.web.commons import new_commons
from outspoken.web.listening import BACKLOG, serve_on
from outspoken.web.logs import write_logs
from outspoken.web.server import Server

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65_535)]
Workers = Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes; more than one need PostgreSQL.")]
ListenAt = Annotated[
    str | None,
    typer.Option(
        "--listen-database",
        envvar="OUTSPOKEN_LISTEN_DATABASE",
        help="The database's own address, where --database is that of a pooler.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    data: Data = HERE,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    database: DatabaseUrl = None,
    listen_database: ListenAt = None,
    archive: Annotated[
        Path | None, typer.Option("--archive", help="Show an open archive instead, read-only; nothing of it is kept.")
    ] = None,
) -> None:
    """Serve the sites of a data folder."""
    check_address(host, port)
    if archive is not None:
        _serve_archive(archive, host, port)
        return
    settings = settings_of(data)
    listen_at = _direct_address(listen_database)
    make_room(data, database)
    with opened(data, database) as kept:
        if workers > 1 and kept.is_sqlite:
            refuse(
                "a SQLite file is for one process. For several, carry everything to PostgreSQL with “outspoken move "
                "--to postgresql://…” and name it with --database; or leave out --workers."
            )
        if workers == 1:
            typer.echo(f"Outspoken is at {base_of(settings, host, port)}", err=True)
            run(kept, settings, host, port, listen_at=listen_at, erasures=Erasures(data))
            return
    _run_workers(data, database, listen_at, host, port, workers)


def _serve_archive(file: Path, host: str, port: int) -> None:
    """Show what an archive holds until the process is told to stop; it is unpacked beside other temporary files."""
    # Only what restores an archive brings these along, and a server is to stay small.
    from outspoken.cli.importing import restore  # noqa: PLC0415
    from outspoken.transfer.archive.reading import Archive  # noqa: PLC0415
    from outspoken.transfer.records import Unreadable  # noqa: PLC0415

    try:
        with Archive(file) as archive:
            is_increment = archive.is_increment
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")
    if is_increment:
        refuse(f"{file}: it holds only what changed since another archive; only a whole one can be shown.")
    settings = Settings()
    with tempfile.TemporaryDirectory(prefix="outspoken-archive-") as folder, opened(Path(folder), None) as kept:
        restore(kept, file)
        with kept.writing() as connection:
            for site in all_sites(connection):
                for thread in thread_ids(connection, site.name):
                    set_opening(connection, thread, Opening.READ_ONLY)
        base = base_of(settings, host, port)
        run(kept, settings, host, port, lambda: typer.echo(f"{file} can be read at {base}", err=True))


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
    database: Database,
    settings: Settings,
    host: str,
    port: int,
    on_start: Callable[[], None] = lambda: None,
    listen_at: sa.URL | None = None,
    erasures: Erasures | None = None,
) -> None:
    """Serve until the process is told to stop; what waits to be written is written then."""
    _begin_log(settings)
    base, ballast = base_of(settings, host, port), ballast_of(database, settings)
    server = Server(database, settings, base, ballast=ballast, erasures=erasures, listen_at=listen_at)
    with _listening(host, port) as door:
        uvloop.run(serve_on(door, server, on_start))


def _run_workers(data: Path, url: str | None, listen_at: sa.URL | None, host: str, port: int, workers: int) -> None:
    """Serve with several processes until this one is told to stop. Settings are read anew by each of them."""
    settings = settings_of(data)
    _begin_log(settings)
    commons = new_commons(os.urandom, places_for(workers))
    # The kernel deals connections out among sockets by chance, and so evenly; at one, whoever is awake takes all.
    doors = [_listening(host, port, is_shared=True) for _ in range(workers)]

    def work(post: Post) -> None:
        for number, door in enumerate(doors):
            if number != post.door:
                door.close()
        read = settings_of(data)
        server = Server(
            open_database(data, url),
            read,
            base_of(read, host, port),
            commons=commons,
            place=post.place,
            listen_at=listen_at,
            erasures=Erasures(data),
            must_erase=post.is_heir,
        )
        uvloop.run(serve_on(doors[post.door], server, post.answers, post.lifeline))

    def tell() -> None:
        typer.echo(f"Outspoken is at {base_of(settings, host, port)}, with {workers} workers", err=True)

    Supervisor(workers, work, tell, commons.board.retire).run()


def _begin_log(settings: Settings) -> None:
    try:
        write_logs(settings.log)
    except OSError as wrong:
        refuse(f"{settings.log.file}: {os.strerror(wrong.errno or 0).lower()}")


def _direct_address(url: str | None) -> sa.URL | None:
    try:
        return None if url is None else address_of(url)
    except (ValueError, sa.exc.ArgumentError) as wrong:
        refuse(f"--listen-database: {wrong}")


def _listening(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=is_shared)
