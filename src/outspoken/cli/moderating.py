"""`outspoken moderate`: read what is held, and decide."""

from collections.abc import Callable
from typing import Annotated

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, legible, now, opened
from outspoken.cli.publishing import ThreadId
from outspoken.discussion.state import Actor, Event
from outspoken.store.changes import change_state
from outspoken.store.decisions import decisions_on
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import held_comments

_SHOWN = 50

Number = Annotated[int, typer.Argument(help="Number of the comment.", min=1)]
Reason = Annotated[str, typer.Option("--reason", help="Why; its author is told.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    moderate = typer.Typer(help="Read what is held, and decide.", no_args_is_help=True)
    moderate.command("held")(show_held)
    for event in (Event.APPROVE, Event.REJECT, Event.REMOVE, Event.RESTORE, Event.MARK_SPAM, Event.HOLD):
        moderate.command(event.value)(_decider(event))
    app.add_typer(moderate, name="moderate")


def show_held(thread: ThreadId, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Show the comments of a thread that wait, each with the rule that held it."""
    with opened(data, database, must_be_there=True) as kept, kept.reading() as connection:
        thread_by_id(connection, thread)
        for comment in held_comments(connection, thread, _SHOWN):
            made = decisions_on(connection, thread, comment.number)
            name = comment.author.name if comment.author else ""
            typer.echo(f"{comment.number}\t{legible(name) or 'no name'}\t{made[-1].reason if made else ''}")
            typer.echo("    " + legible(comment.body.source if comment.body else "").replace("\n", "\n    "))


def _decider(event: Event) -> Callable[..., None]:
    def decide(
        thread: ThreadId, number: Number, reason: Reason = "", data: Data = HERE, database: DatabaseUrl = None
    ) -> None:
        with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
            after = change_state(
                connection,
                *(thread, number, event, Actor.MODERATOR),
                rule="moderator",
                reason=reason,
                now=now(),
            )
        typer.echo(f"Comment {number} is {after} now.")

    decide.__doc__ = f"Decide on a comment: {event}."
    return decide
