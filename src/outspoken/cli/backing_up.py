"""`outspoken backup` and `restore`: a copy to a key that lies elsewhere, and the way back."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID

from outspoken.cli.common import DATABASE_FILE, HERE, Data, DatabaseUrl, connected, now, opened, refuse
from outspoken.cli.progress import progress_bars
from outspoken.settings import FILE
from outspoken.store.backups import (
    Opened,
    Told,
    Unusable,
    back_up,
    identities_of,
    open_backup,
    recipients_of,
    rotate,
)
from outspoken.store.batches import NotCarried
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.erasures import Erasures, apply, erased_in
from outspoken.store.joining import finish_all
from outspoken.store.moving import NotMovable, move
from outspoken.store.upgrading import NewerDatabase, Unfinished

_APPLYING, _CHECKING = "Erasing again", "Checking"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    output: Annotated[Path, typer.Option("--output", help="Folder for backups; better on another disk.")],
    recipients: Annotated[
        list[str], typer.Option("--recipient", help="Public key it is encrypted to (age1…); may be given again.")
    ],
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Delete all but so many of the newest in the folder.")
    ] = None,
    data: Data = HERE,
    database: DatabaseUrl = None,
) -> None:
    """Copy everything as it is at this moment, while it is served, and encrypt it to a key."""
    with _one_line(output), opened(data, database, must_be_there=True) as kept, _told() as told:
        keys = recipients_of(recipients)
        settings = data / FILE
        text = settings.read_text("utf-8") if settings.exists() else None
        path = back_up(kept, output, keys, text, now(), told)
        _carry_erasures(kept, data, output)
    typer.echo(f"Wrote {path}. See whether it can be read: outspoken restore {path} --identity KEYFILE --rehearse")
    for old in rotate(output, keep) if keep else ():
        typer.echo(f"Deleted {old}, as there are {keep} newer ones.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE")],
    identity: Annotated[Path, typer.Option("--identity", help="File with the secret key (AGE-SECRET-KEY-1…).")],
    data: Data = HERE,
    is_rehearsal: Annotated[
        bool, typer.Option("--rehearse", help="Prove that it can be read and is whole; leave nothing behind.")
    ] = False,
    database: DatabaseUrl = None,
) -> None:
    """Bring a backup back into an empty place; what was erased since stays erased."""
    with _one_line(file):
        identities = identities_of(identity)
        if is_rehearsal:
            _rehearse(file, identities, data)
            return
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if database is None and (data / DATABASE_FILE).exists():
            refuse(f"{data} has its {DATABASE_FILE} already; nothing is ever written over. Name another --data.")
        with tempfile.TemporaryDirectory(prefix="restoring-", dir=data) as folder, _told() as told:
            plain = Path(folder) / DATABASE_FILE
            about = open_backup(file, identities, plain, now(), told)
            again = _erase_again(plain, file, data, told)
            _put(plain, data, database, told)
        if about.settings is not None and not (data / FILE).exists():
            (data / FILE).write_text(about.settings, "utf-8")
    typer.echo(f"Restored what was there at {about.made}. {_again(again)} Look through it: outspoken check")


def _rehearse(file: Path, identities: list[object], data: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="outspoken-rehearsal-") as folder:
        plain = Path(folder) / DATABASE_FILE
        with _told() as told:
            about: Opened = open_backup(file, identities, plain, now(), told)
            again = _erase_again(plain, file, data, told)
            told(_CHECKING, 0, 1)
            restored = open_database(Path(folder))
            try:
                findings = list(check(restored))
            finally:
                restored.close()
            told(_CHECKING, 1, 1)
    for finding in findings:
        typer.echo(finding)
    if findings:
        refuse(f"{file} can be read, but isn't whole: {len(findings)} findings.", status=1)
    typer.echo(f"{file} can be read and is whole, as of {about.made}. {_again(again)} Nothing of it was left here.")


def _put(plain: Path, data: Path, url: str | None, told: Told) -> None:
    """Put the restored file where it is to be; into PostgreSQL as a move would."""
    if url is None:
        plain.replace(data / DATABASE_FILE)
        return
    with connected(plain.parent, None) as source, connected(data, url) as target:
        move(source, target, now(), told)


def _erase_again(plain: Path, file: Path, data: Path, told: Told) -> int:
    """Apply the ledgers that lie beside the backup and in the data folder."""
    erased = list(dict.fromkeys(chain(Erasures(file.parent).read(), Erasures(data).read())))
    restored = open_database(plain.parent)
    try:
        again = apply(restored, erased, now(), lambda done: told(_APPLYING, done, len(erased)))
        # Only now do comments get new numbers that the lists don't know.
        finish_all(restored, now(), os.urandom)
        return again
    finally:
        restored.close()


def _carry_erasures(database: Database, data: Path, output: Path) -> None:
    """Note beside the backups all that is erased by now, so that older ones don't bring it back either."""
    there = Erasures(output)
    known = set(there.read())
    with database.reading() as connection:
        erased = dict.fromkeys(chain(Erasures(data).read(), erased_in(connection)))
    there.add(one for one in erased if one not in known)


def _again(count: int) -> str:
    return f"{count} comments that were erased since were erased in it, too." if count else "Nothing was erased since."


@contextmanager
def _one_line(what: Path) -> Iterator[None]:
    try:
        yield
    except (Unusable, NotMovable, NotCarried, NewerDatabase, Unfinished) as wrong:
        refuse(str(wrong))
    except FileNotFoundError as wrong:
        refuse(f"there is no {wrong.filename or what}")
    except OSError as wrong:
        refuse(f"{what}: {os.strerror(wrong.errno or 0).lower()}")


@contextmanager
def _told() -> Iterator[Told]:
    """Give what shows how far each step is."""
    with progress_bars() as bars:
        steps: dict[str, TaskID] = {}

        def told(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=of, completed=done)
            bars.update(steps[step], completed=done, total=of)

        yield told
