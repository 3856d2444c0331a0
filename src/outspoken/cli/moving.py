"""`outspoken move`: carry a whole server's database across, between SQLite and PostgreSQL."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, ProgressColumn, Task
from rich.text import Text

from outspoken.cli.common import HERE, Data, DatabaseUrl, connected, now, refuse
from outspoken.cli.progress import progress_bars
from outspoken.store.batches import NotCarried
from outspoken.store.database import Database
from outspoken.store.journal import Overtaken
from outspoken.store.moving import MovedOn, NotMovable, move

Target = Annotated[
    str, typer.Option("--to", help="Where it goes: postgresql://… or a folder, for SQLite.", metavar="URL|DIR")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("move")(move_database)


def move_database(to: Target, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Carry everything into another database, check it row by row, and leave the old one as it is.

    A move that was cut off goes on where it stopped when the same command is given again.
    """
    folder, url = (data, to) if "://" in to else (Path(to), None)
    with connected(data, database) as origin, connected(folder, url) as target:
        if origin.url == target.url:
            refuse("that is where it is already.")
        try:
            with progress_bars(_Rate()) as bars:
                carried = _carry(origin, target, bars)
        except FileNotFoundError as wrong:
            refuse(str(wrong))
        except (NotMovable, NotCarried, Overtaken) as wrong:
            refuse(str(wrong))
        except MovedOn as wrong:
            refuse(str(wrong), status=1)
        _print(origin, target, carried)


def _carry(origin: Database, target: Database, bars: Progress) -> dict[str, int]:
    steps = {}

    def told(step: str, done: int, of: int) -> None:
        if step not in steps:
            steps[step] = bars.add_task(step, total=of, completed=done)
        bars.update(steps[step], completed=done, total=of)

    return move(origin, target, now(), told)


class _Rate(ProgressColumn):
    """Rows in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before there is one."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def _print(origin: Database, target: Database, carried: dict[str, int]) -> None:
    rows = ", ".join(f"{count} {table}" for table, count in carried.items() if count)
    typer.echo(f"Carried and compared, row by row: {rows or 'nothing, there was nothing'}.")
    if target.file is not None:
        typer.echo(
            f"From now on: outspoken serve --data {target.file.parent}, and without --database or OUTSPOKEN_DATABASE. "
            "Copy outspoken.toml there if you have one."
        )
    else:
        typer.echo(f"From now on: outspoken serve --database {target.url.set(drivername='postgresql')}")
        typer.echo("or the same address in OUTSPOKEN_DATABASE. The folder still holds the settings.")
    typer.echo(
        f"The old one is as it was: {origin.file or origin.url.set(drivername='postgresql')}. It keeps what is deleted "
        "from now on, so delete it once you are content."
    )
