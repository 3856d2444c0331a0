"""`outspoken claims`: find what somebody wrote before it was imported, and hand them a code for it, or erase it.

Each line of `find` begins with what `offer` and `erase` read, so that one can be piped into the other.
"""

import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from outspoken.cli.common import (
    HERE,
    Data,
    DatabaseUrl,
    SiteName,
    clear_below,
    counted,
    make_room,
    now,
    opened,
    refuse,
    settings_of,
    tell_of_traces,
    wait_for_servers,
)
from outspoken.cli.progress import Rate, progress_bars
from outspoken.identity.claiming import new_claim_code
from outspoken.pages import links
from outspoken.store import claims, contacts
from outspoken.store.backups import Unusable, identities_of
from outspoken.store.contacts import Found, NotOpened
from outspoken.store.database import Database
from outspoken.store.erasures import Erasures
from outspoken.store.offering import check
from outspoken.store.offering import offer as offer_comments
from outspoken.store.parts import in_parts
from outspoken.store.recognising import written, written_as
from outspoken.store.sites import site_named
from outspoken.store.taking_over import erase_all, parts_of
from outspoken.text.legible import legible
from outspoken.transfer.claiming import imported_as, written_in
from outspoken.transfer.importers import recognise
from outspoken.transfer.records import Unreadable

_COMMENT = re.compile(r"([0-9a-z]{12})/([0-9]{1,9})")
_SHORT = 12
"""Characters by which a code's digest is told from others."""
_PAUSE = 0.03
"""Seconds between two steps, so that others can write."""

Comments = Annotated[
    list[str],
    typer.Argument(help="THREAD/NUMBER of each; “-” reads them from what “find” prints.", metavar="COMMENT..."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Give people what they wrote before it was imported.", no_args_is_help=True)
    group.command("find")(find)
    group.command("offer")(offer)
    group.command("list")(list_codes)
    group.command("withdraw")(withdraw)
    group.command("erase")(erase)
    group.command("forget-emails")(forget_emails)
    app.add_typer(group, name="claims")


def find(
    site: SiteName,
    email: Annotated[str | None, typer.Option("--email", help="The address they wrote under.")] = None,
    identity: Annotated[
        Path | None, typer.Option("--identity", help="Secret key to which the import sealed e-mails.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option("--in", help="The old system's file that was imported, instead of a key.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The name they went by, exactly.")] = None,
    account: Annotated[str | None, typer.Option("--account", help="Their public id in the old system.")] = None,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """List the imported comments of a person: thread/number, day, name, headline. Names alone prove nothing."""
    if (email is None) == (name is None and account is None):
        refuse("say --email, or --name and --account, whichever you know")
    if email is not None and (identity is None) == (export is None):
        refuse("an e-mail is looked for with --identity KEYFILE or --in FILE")
    with opened(data, database, must_be_there=True) as kept:
        with kept.reading() as connection:
            site_named(connection, site)
        if email is not None and export is not None:
            found = _in_export(kept, site, email, export)
        elif email is not None and identity is not None:
            found = _by_key(kept, site, email, identity)
        else:
            found = _by_name(kept, site, name, account)
        _print(kept, found)
    if not found:
        # Not among the lines that “offer” reads.
        typer.echo("None found.", err=True)


def offer(
    site: SiteName,
    comments: Comments,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="How long the code is valid.")] = 14,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Make a code with which a person takes over these comments, or has them erased. It is shown once."""
    found, code, made = _named(comments), new_claim_code(os.urandom), now()
    with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
        site_named(connection, site)
        count = offer_comments(connection, site, code.digest, found, made + timedelta(days=days), made)
    base = settings_of(data).server.base.rstrip("/")
    typer.echo(
        f"{counted(count, 'comment', 'comments')}, until {made + timedelta(days=days):%Y-%m-%d %H:%M} UTC. "
        "Send these two lines:"
    )
    typer.echo(base + links.claim(site))
    typer.echo(code.text)


def list_codes(site: SiteName, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """List the codes that were handed out: short name, until when, comments it still leads to, what was done."""
    with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
        claims.forget_expired(connection, site, now())
        for claim in claims.claims_of(connection, site):
            typer.echo(f"{_short(claim)}\t{claim.until:%Y-%m-%d %H:%M}\t{claim.left}\t{claim.act or 'not used yet'}")
        kept_emails = contacts.count(connection, site)
    typer.echo(f"{counted(kept_emails, 'e-mail is', 'e-mails are')} kept, sealed.", err=True)


def withdraw(
    site: SiteName,
    name: Annotated[str, typer.Argument(help="Short name of the code, as “list” gives it.", metavar="CODE")],
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Make a code worthless that was handed out."""
    with opened(data, database, must_be_there=True) as kept, kept.writing() as connection:
        found = [claim for claim in claims.claims_of(connection, site) if _short(claim) == name]
        if not found:
            refuse("there is no such code; “outspoken claims list” lists them")
        claims.withdraw(connection, site, found[0].digest)
    typer.echo("The code is worth nothing any more.")


def erase(
    site: SiteName,
    comments: Comments,
    is_sure: Annotated[bool, typer.Option("--yes", help="There is no way back.")] = False,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Erase imported comments for a person who asked for it; they don't come back with the next import."""
    found = _named(comments)
    if not is_sure:
        refuse(f"this destroys {counted(len(found), 'text', 'texts')} for good; say it again with --yes")
    make_room(data, database)
    erased: list[Found] = []
    with opened(data, database, must_be_there=True) as kept:
        with kept.reading() as connection:
            check(connection, site, found)
        for thread, numbers in parts_of(found):
            with kept.writing() as connection:
                done = [(thread, number) for number in erase_all(connection, thread, numbers, now())]
            Erasures(data).add(done)
            erased += done
            time.sleep(_PAUSE)
        is_clear = clear_below(kept)
    wait_for_servers()
    typer.echo(f"{counted(len(erased), 'comment is', 'comments are')} erased.")
    if not is_clear:
        tell_of_traces()


def forget_emails(site: SiteName, data: Data = HERE, database: DatabaseUrl = None) -> None:
    """Destroy all e-mails that imports kept for claiming, once whoever wanted to has claimed."""
    with opened(data, database, must_be_there=True) as kept:
        count = sum(contacts.forget_all(kept, site))
        is_clear = clear_below(kept)
    typer.echo(f"{counted(count, 'e-mail is', 'e-mails are')} destroyed.")
    if not is_clear:
        tell_of_traces()


def _by_name(kept: Database, site: str, name: str | None, account: str | None) -> list[Found]:
    with kept.reading() as connection:
        return list(written_as(connection, site, name=name, account=account))


def _by_key(kept: Database, site: str, email: str, identity: Path) -> list[Found]:
    try:
        identities = identities_of(identity)
    except Unusable as wrong:
        refuse(str(wrong))
    with kept.reading() as connection:
        count = contacts.count(connection, site)
    if not count:
        refuse("no e-mails are kept of this site: it was imported without --keep-emails-for-claiming; see --in FILE")
    with progress_bars(Rate()) as bars:
        bar = bars.add_task("Opening", total=count)
        told = contacts.written_under(kept, site, email, identities, told=lambda done: bars.update(bar, completed=done))
        try:
            return list(told)
        except NotOpened:
            refuse(f"{identity} opens none of the e-mails that are kept ({count}): they are sealed to another key", 1)


def _in_export(kept: Database, site: str, email: str, file: Path) -> list[Found]:
    try:
        importer = recognise(file)
        with progress_bars() as bars:
            bar = bars.add_task("Reading", total=file.stat().st_size)
            names = written_in(importer, file, email, lambda done: bars.update(bar, completed=done))
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}")
    found = list(imported_as(kept, site, names))
    if names and not found:
        typer.echo(f"{file} has comments under that address, but none of them was imported into {site}.", err=True)
    return found


def _print(kept: Database, found: list[Found]) -> None:
    for part in in_parts(found):
        with kept.reading() as connection:
            for comment in written(connection, part):
                day = f"{comment.created:%Y-%m-%d}" if comment.created else "no date"
                typer.echo(
                    f"{comment.thread}/{comment.number}\t{day}\t{legible(comment.name) or 'no name'}"
                    f"\t{legible(comment.headline)}"
                )


def _named(comments: list[str]) -> list[Found]:
    found: list[Found] = []
    for text in _lines() if comments == ["-"] else comments:
        known = _COMMENT.fullmatch(text.strip())
        if known is None:
            refuse(f"“{text[:60]}” isn't a comment; write THREAD/NUMBER, as in its address")
        found.append((known[1], int(known[2])))
    if not found:
        refuse("name the comments")
    return list(dict.fromkeys(found))


def _lines() -> Iterator[str]:
    for line in sys.stdin:
        if line.strip():
            yield line.partition("\t")[0]


def _short(claim: claims.Claim) -> str:
    return claim.digest.hex()[:_SHORT]
