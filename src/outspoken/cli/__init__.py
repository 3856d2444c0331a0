"""The command line: one file a family of commands. Everything else of the program may be used from here."""

import typer

from outspoken.cli import demo, importing, keeping, moderating, moving, publishing, serving

app = typer.Typer(
    name="outspoken",
    help="The discussion under the story.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for room in (demo, serving, importing, keeping, moving, publishing, moderating):
    room.register(app)
