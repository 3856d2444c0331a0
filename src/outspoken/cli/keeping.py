"""`outspoken check`: is what is kept still whole?"""

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, opened
from outspoken.store.checking import check as findings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(check)


def check(data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Verify every invariant of the stored data; exit 1 and a list where one fails."""
    found = 0
    with opened(data, database, must_be_there=True) as kept:
        for finding in findings(kept):
            typer.echo(finding)
            found += 1
    if found:
        typer.echo(f"{found} findings.", err=True)
        raise typer.Exit(1)
    typer.echo("Everything is as it should be.")
