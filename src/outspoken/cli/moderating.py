"""`outspoken moderate`: read what is held, and decide."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from outspoken.cli.common import (
    HERE,
    Data,
    DatabaseUrl,
    SiteName,
    make_room,
    now,
    opened,
    wait_for_servers,
)
from outspoken.cli.publishing import ThreadId
from outspoken.discussion.report import Reason as ReasonOfReport
from outspoken.discussion.state import Actor, Event
from outspoken.store.branches import remove_branch
from outspoken.store.changes import change_state
from outspoken.store.database import Database
from outspoken.store.decisions import decisions_on
from outspoken.store.reports import forget_reports, latest_reports
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import comment_at, held_comments
from outspoken.text.legible import legible

_SHOWN = 50
_HIDING = (Event.REMOVE, Event.REJECT, Event.MARK_SPAM, Event.HOLD)
_RULE = "moderator"
_WORST = ReasonOfReport.ENDANGERS
_PAUSE = 0.03
"""Seconds between two steps."""

Number = Annotated[int, typer.Argument(help="Number of the comment.", min=1)]
Reason = Annotated[str, typer.Option("--reason", help="Why; its author is told.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    moderate = typer.Typer(help="Read what is held, and decide.", no_args_is_help=True)
    moderate.command("held")(show_held)
    moderate.command("reports")(show_reports)
    moderate.command("dismiss")(dismiss)
    moderate.command(Event.REMOVE.value)(remove)
    for event in (Event.APPROVE, Event.REJECT, Event.RESTORE, Event.MARK_SPAM, Event.HOLD):
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


def show_reports(site: SiteName, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Show what readers reported last, each with its reason; first what names or endangers a person."""
    with opened(data, database, must_be_there=True) as kept, kept.reading() as connection:
        site_named(connection, site)
        # Sorting keeps the order of what is alike: the newest first.
        for report in sorted(latest_reports(connection, site, _SHOWN), key=lambda report: report.reason is not _WORST):
            state = comment_at(connection, report.thread, report.number).state
            typer.echo(f"{report.thread}\t{report.number}\t{state}\t{report.reason}\t{report.made:%Y-%m-%d %H:%M}")
            if report.note:
                typer.echo("    " + legible(report.note).replace("\n", "\n    "))


def dismiss(thread: ThreadId, number: Number, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Put away the reports of a comment that has been looked at."""
    with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
        comment_at(connection, thread, number)
        count = forget_reports(connection, thread, number)
    typer.echo(f"{count} reports of comment {number} were put away.")


def remove(
    thread: ThreadId,
    number: Number,
    reason: Reason = "",
    is_branch: Annotated[
        bool, typer.Option("--with-replies", help="Also all below it. If interrupted, run it again to finish.")
    ] = False,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Decide on a comment: remove."""
    make_room(data, database)
    with opened(data, database, must_be_there=True) as kept:
        if not is_branch:
            _decide(kept, thread, number, Event.REMOVE, reason)
            return
        removed = 0
        for step in remove_branch(kept, thread, number, rule=_RULE, reason=reason, now=now()):
            removed += step
            # Whoever writes meanwhile gets as much of the database's time as this does.
            time.sleep(_PAUSE)
    wait_for_servers()
    typer.echo(f"{removed} comments were removed. Nothing published is left in the branch of comment {number}.")


def _decider(event: Event) -> Callable[..., None]:
    def decide(
        thread: ThreadId, number: Number, reason: Reason = "", data: Data = HERE, database: DatabaseUrl = None
    ) -> None:
        if event in _HIDING:
            make_room(data, database)
        with opened(data, database, must_be_there=True) as kept:
            _decide(kept, thread, number, event, reason)

    decide.__doc__ = f"Decide on a comment: {event}."
    return decide


def _decide(database: Database, thread: str, number: int, event: Event, reason: str) -> None:
    with database.writing() as connection:
        after = change_state(connection, thread, number, event, Actor.MODERATOR, rule=_RULE, reason=reason, now=now())
    if event in _HIDING:
        wait_for_servers()
    typer.echo(f"Comment {number} is {after} now.")
