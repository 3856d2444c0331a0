"""`outspoken threads`: give discussions other pages, join them, split them."""

from typing import Annotated

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, SiteName, check_site_name, opened, refuse
from outspoken.cli.joining_threads import merge, resume, split
from outspoken.store import threads
from outspoken.transfer.addresses import fold_url


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Give discussions other pages, join them, split them.", no_args_is_help=True)
    for command in (move, merge, split, resume):
        group.command()(command)
    app.add_typer(group, name="threads")


def move(
    origin: Annotated[str, typer.Argument(help="Address of the page now, or id of the discussion.", metavar="FROM")],
    target: Annotated[str, typer.Argument(help="Address of the page it has moved to.", metavar="TO")],
    site: SiteName,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Let the discussion of a page be that of another address; the old one keeps leading to it."""
    check_site_name(site)
    address = _folded(target)
    with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
        thread = origin
        if "/" in origin or "." in origin:
            thread = threads.thread_at(connection, site, [_folded(origin)]) or refuse("that page has no discussion")
        there = threads.move_thread(connection, site, thread, target, address)
    if there != thread:
        refuse(f"that page has a discussion already: {there}")
    typer.echo(f"The discussion {thread} is that of {target} now.")


def _folded(url: str) -> str:
    try:
        return fold_url(url)
    except ValueError as wrong:
        refuse(str(wrong))
