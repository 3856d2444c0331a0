"""The command line: one file a family of commands. Everything else of the program may be used from here."""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

_ROOMS = {
    "demo": "demo",
    "serve": "serving",
    "import": "importing",
    "check": "keeping",
    "move": "moving",
    "backup": "backing_up",
    "restore": "backing_up",
    "export": "archiving",
    "verify": "archiving",
    "keys": "archiving",
    "site": "publishing",
    "publish": "publishing",
    "thread": "publishing",
    "threads": "moving_threads",
    "moderate": "moderating",
    "claims": "claiming",
    "embed": "embedding",
    "render": "embedding",
}
"""The file that holds each command."""


def command_line(words: Sequence[str] = ()) -> typer.Typer:
    """Return the command line; if `words` begin with a command, with what that one needs alone.

    A server that has loaded the importers, and the ways into another database, takes a quarter more memory.
    """
    line = typer.Typer(
        name="outspoken",
        help="The discussion under the story.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    # Without it, a command line that knows a single command takes the command's name for an argument of it.
    line.callback()(lambda: None)
    named = _ROOMS.get(words[0]) if words else None
    for room in (named,) if named else dict.fromkeys(_ROOMS.values()):
        import_module(f"outspoken.cli.{room}").register(line)
    return line


def app() -> None:
    """Run the command that this process was started with."""
    command_line(sys.argv[1:])()
