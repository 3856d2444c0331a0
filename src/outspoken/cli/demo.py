"""`outspoken demo`: a throw-away site with an example story and discussion."""

import os
import tempfile
from pathlib import Path

import typer

from outspoken.cli.common import now, opened
from outspoken.cli.serving import Port, base_of, check_address, run
from outspoken.demo.loading import load_demo
from outspoken.settings import Limits, Settings

ADDRESS = "127.0.0.1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(port: Port = 8000) -> None:
    """Show a throw-away site with an example discussion; it is gone when you stop it."""
    check_address(ADDRESS, port)
    settings = Settings(limits=Limits(comments_per_ten_minutes=1_000, comments_per_day=1_000))
    with tempfile.TemporaryDirectory(prefix="outspoken-demo-") as folder, opened(Path(folder), None) as database:
        thread = load_demo(database, now(), os.urandom)
        base = base_of(settings, ADDRESS, port)

        def tell() -> None:
            typer.echo(f"The example site is at {base}/ and its liveliest discussion at {base}/t/{thread}")
            typer.echo("Stop it with Ctrl+C; everything written in it is gone then.")

        run(database, settings, ADDRESS, port, tell)
