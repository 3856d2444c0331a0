"""`outspoken threads merge|split|resume`: make one discussion of several, or a discussion of a part of one."""

import os
import time
from typing import Annotated

import sqlalchemy as sa
import typer

from outspoken.cli.common import (
    HERE,
    Data,
    DatabaseUrl,
    SiteName,
    check_site_name,
    now,
    opened,
    refuse,
    wait_for_servers,
)
from outspoken.cli.progress import Rate, progress_bars
from outspoken.discussion.errors import NotFound
from outspoken.discussion.thread import Story, Thread
from outspoken.store.database import Database
from outspoken.store.joining import Joining, begin_merge, begin_split, go_on, unfinished
from outspoken.store.outlook import Outlook, outlook_of_merge, outlook_of_split
from outspoken.store.redirects import spot_now
from outspoken.store.sealing import Damaged
from outspoken.store.sites import site_named
from outspoken.store.threads import new_thread_id, thread_at, thread_by_id
from outspoken.text.legible import legible
from outspoken.transfer.addresses import fold_url

_PAUSE = 0.02
"""Seconds between two steps, so that whoever writes meanwhile gets as much of the database's time as this does."""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, write nothing.")]


def merge(
    chosen: Annotated[
        list[str],
        typer.Argument(help="Addresses of pages, or ids of discussions; all go into the last.", metavar="FROM... INTO"),
    ],
    site: SiteName,
    is_rehearsal: DryRun = False,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Join discussions: their comments get new numbers behind those of the last one; every old address leads there."""
    check_site_name(site)
    if len(chosen) < 2:
        refuse("name the discussions to be joined, and last the one that they become part of")
    with opened(data, database, must_be_there=True) as kept:
        has_resumed = not is_rehearsal and _resume(kept, site)
        with kept.reading() as connection:
            threads = [_thread(connection, site, one) for one in chosen]
            *_, into = threads
            coming = {thread.id: thread for thread in threads if thread.id != into.id}
            if not coming and not has_resumed:
                refuse("these are one discussion already")
            outlooks = {id: outlook_of_merge(connection, site, id) for id in coming}
        for thread in coming.values():
            _tell(thread, outlooks[thread.id], f"{into.id} (“{legible(into.story.headline)}”)")
        if is_rehearsal:
            return
        for thread in coming.values():
            with kept.writing() as connection:
                todo = begin_merge(connection, site, thread.id, into.id, now())
            _finish(kept, todo, outlooks[thread.id])
    wait_for_servers()
    typer.echo(f"The discussion {into.id} holds all of it now.")


def split(
    origin: Annotated[str, typer.Argument(help="Address of a page, or id of its discussion.", metavar="THREAD")],
    numbers: Annotated[list[int], typer.Argument(help="Comments that go, with all that answers them.", min=1)],
    site: SiteName,
    url: Annotated[str, typer.Option("--url", help="Address of the page that they are to be the discussion of.")],
    headline: Annotated[
        str | None, typer.Option("--headline", help="Of that page; if not given, the old one's.")
    ] = None,
    is_rehearsal: DryRun = False,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Make a discussion of its own of comments and their replies; their old addresses lead there."""
    check_site_name(site)
    address = _folded(url)
    with opened(data, database, must_be_there=True) as kept:
        if not is_rehearsal:
            _resume(kept, site)
        with kept.reading() as connection:
            thread = _thread(connection, site, origin)
            outlook = outlook_of_split(connection, thread.id, numbers)
            there = thread_at(connection, site, [address])
        if there not in (None, thread.id):
            refuse(f"that page has a discussion already: {there}. Split to another address, or merge them afterwards.")
        if thread.story.url and fold_url(thread.story.url) == address:
            refuse("that is the page of the discussion itself; “outspoken threads move” gives it another first")
        _tell(thread, outlook, url)
        if is_rehearsal:
            return
        id = new_thread_id(os.urandom)
        story = Story(headline or thread.story.headline, url=url)
        with kept.writing() as connection:
            todo = begin_split(connection, site, thread.id, numbers, id=id, story=story, address=address, now=now())
        _finish(kept, todo, outlook)
    wait_for_servers()
    typer.echo(f"The discussion {id} is that of {url}.")


def resume(site: SiteName, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Finish what was interrupted while discussions were joined or split."""
    check_site_name(site)
    with opened(data, database, must_be_there=True) as kept:
        if not _resume(kept, site):
            typer.echo("Nothing was interrupted.")
            return
    wait_for_servers()


def _thread(connection: sa.Connection, site: str, named: str) -> Thread:
    """Return the thread of a page or of an id, also one that it had once."""
    id = named
    if "/" in named or "." in named:
        id = thread_at(connection, site, [_folded(named)]) or refuse(f"{named} has no discussion")
    elif (spot := spot_now(connection, named)) is not None:
        id = spot.thread
    thread = thread_by_id(connection, id)
    if thread.site != site_named(connection, site).name:
        raise NotFound("There is no such discussion.")
    return thread


def _folded(url: str) -> str:
    try:
        return fold_url(url)
    except ValueError as wrong:
        refuse(str(wrong))


def _tell(thread: Thread, outlook: Outlook, into: str) -> None:
    typer.echo(
        f"{thread.id} (“{legible(thread.story.headline)}”) → {into}: {outlook.published} published comments, "
        f"{outlook.others} others, {outlook.authors} authors, {outlook.addresses} addresses of pages"
    )


def _resume(kept: Database, site: str) -> bool:
    with kept.reading() as connection:
        begun = unfinished(connection, site)
    for todo in begun:
        typer.echo(f"Going on with what was interrupted: {todo.origin} → {todo.target}")
        _finish(kept, todo, None)
    return bool(begun)


def _finish(kept: Database, todo: Joining, outlook: Outlook | None) -> None:
    """Go through all steps; each comment counts twice, when it is carried and when what it left is cleared."""
    total = None if outlook is None else 2 * (outlook.published + outlook.others)
    try:
        with progress_bars(Rate()) as bars:
            task = bars.add_task("Joining" if todo.tops is None else "Splitting", total=total)
            for step in go_on(kept, todo, now(), os.urandom):
                bars.advance(task, step.carried + step.cleared)
                time.sleep(_PAUSE)
    except Damaged as wrong:
        refuse(f"{wrong}. “outspoken check” tells more; “outspoken threads resume” goes on.", status=1)
