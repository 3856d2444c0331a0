"""`outspoken export`, `verify` and `keys`: a community in a file of its own, and whether the file is as it was."""

import json
import os
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, SiteName, check_site_name, counted, opened, refuse
from outspoken.cli.progress import progress_bars
from outspoken.pages.kept import KeptPages
from outspoken.store.backups import Unusable, new_identity
from outspoken.text.legible import one_line
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.archive.signing import UnusableKey, fingerprint, new_key, read_key
from outspoken.transfer.archive.verifying import Verdict, make_sure, verify
from outspoken.transfer.archive.writing import Written, write_archive
from outspoken.transfer.exporters import exporter_named
from outspoken.transfer.leaving import ALWAYS, SENTENCES, leave
from outspoken.transfer.records import Unreadable

Output = Annotated[Path, typer.Option("--output", help="The file to write.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key", help="Signing key, made with “keys new”; outside the data folder.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(export)
    app.command("verify")(verify_file)
    keys = typer.Typer(help="Keys that sign archives, and keys that read backups.", no_args_is_help=True)
    # Without it, a group that knows a single command takes the command's name for an argument of it.
    keys.callback()(lambda: None)
    keys.command("new")(make_key)
    app.add_typer(keys, name="keys")


def export(
    site: SiteName,
    output: Output,
    data: Data = HERE,
    thread: Annotated[str | None, typer.Option("--thread", help="Only this thread.")] = None,
    is_complete: Annotated[
        bool,
        typer.Option("--complete", help="For the owner: also what is held or removed, reasons, and key hashes."),
    ] = False,
    key: KeyFile = None,
    since: Annotated[
        list[Path] | None,
        typer.Option("--since", help="Only what differs from this archive; then its increments, each in its order."),
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="Another system's format instead of the open archive.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON object, last.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Write a whole site into an open archive that anybody can read, and that comes back bit for bit.

    With --format it is written for another system, after what that one can't carry is told.
    """
    check_site_name(site)
    if format is not None:
        if is_complete or key is not None or since:
            refuse("only an open archive can be complete, signed or an increment; leave out --format.")
        _leave(data, database, site, output, thread, format, as_json=as_json)
        return
    try:
        signing = None if key is None else read_key(key, data)
    except UnusableKey as wrong:
        refuse(str(wrong))
    with ExitStack() as stack:
        base = [stack.enter_context(_archive(file)) for file in since or ()]
        connection = stack.enter_context(stack.enter_context(opened(data, database, must_be_there=True)).reading())
        bars = stack.enter_context(progress_bars())
        writing = bars.add_task("Writing", total=None)
        try:
            written = write_archive(
                connection,
                site,
                output,
                KeptPages(),
                thread=thread,
                is_complete=is_complete,
                since=base,
                key=signing,
                told=lambda done, of: bars.update(writing, completed=done, total=of),
            )
        except Unreadable as wrong:
            refuse(f"--since: {wrong}")
        except OSError as wrong:
            refuse(f"{output}: {os.strerror(wrong.errno or 0).lower()}")
    if as_json:
        typer.echo(json.dumps(_as_json(written)))
    else:
        typer.echo(
            f"Wrote {_amount(written.comments, written.tombstones, written.threads)} to {output}. "
            f"See whether it is whole: outspoken verify {output}"
        )
        if is_complete:
            typer.echo("It holds what readers don't see. Keep it as safe as the server's own disk.")


def _archive(file: Path) -> Archive:
    try:
        make_sure(file)
        return Archive(file)
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")


def _leave(
    data: Path, url: str | None, site: str, output: Path, thread: str | None, format: str, *, as_json: bool
) -> None:
    try:
        exporter = exporter_named(format)
    except LookupError as wrong:
        refuse(str(wrong))
    for sentence in (*(SENTENCES[loss] for loss in exporter.loses), *ALWAYS):
        typer.echo(sentence, err=True)
    with opened(data, url, must_be_there=True) as kept, kept.reading() as connection, progress_bars() as bars:
        writing = bars.add_task("Writing", total=None)
        try:
            report = leave(
                exporter,
                connection,
                site,
                output,
                thread=thread,
                told=lambda done, of: bars.update(writing, completed=done, total=of),
            )
        except OSError as wrong:
            refuse(f"{output}: {os.strerror(wrong.errno or 0).lower()}")
    if as_json:
        typer.echo(json.dumps(report))
        return
    typer.echo(
        f"Wrote {_amount(report['comments'], report['tombstones'], report['threads'])} to {output} ({exporter.title})."
    )
    for what, count in report["lost"].items():
        typer.echo(f"  stayed behind: {count} × {what}")


def _amount(comments: int, tombstones: int, threads: int) -> str:
    said = f"{counted(comments, 'comment', 'comments')} and {counted(tombstones, 'tombstone', 'tombstones')}"
    return f"{said} of {counted(threads, 'thread', 'threads')}"


def verify_file(
    file: Annotated[Path, typer.Argument(help="An archive.", metavar="FILE")],
    signer: Annotated[
        str | None, typer.Option("--signer", help="The public key it must be signed with, as “keys new” printed it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as one JSON object.")] = False,
) -> None:
    """Tell whether an archive is as it was written, and what was changed; exit 1 if anything was."""
    try:
        with progress_bars() as bars:
            reading = bars.add_task("Comparing", total=None)
            verdict = verify(
                file, expected=signer, told=lambda done, of: bars.update(reading, completed=done, total=of)
            )
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")
    if as_json:
        typer.echo(json.dumps(_verdict_as_json(verdict), ensure_ascii=False))
    else:
        _print(file, verdict)
    if verdict.findings:
        raise typer.Exit(1)


class Purpose(StrEnum):
    """What a key is for."""

    ARCHIVES = "archives"
    BACKUPS = "backups"


def make_key(
    file: Annotated[Path, typer.Argument(help="Where the key goes; outside the data folder.", metavar="FILE")],
    purpose: Annotated[Purpose, typer.Option("--for", help="To sign archives, or to read backups.")] = Purpose.ARCHIVES,
) -> None:
    """Make a key and print its public half: for those who will verify archives, or for “backup --recipient”."""
    try:
        public = new_key(file) if purpose is Purpose.ARCHIVES else new_identity(file)
    except (UnusableKey, Unusable) as wrong:
        refuse(str(wrong))
    typer.echo(public)
    if purpose is Purpose.BACKUPS:
        typer.echo("The public key is above; backups are encrypted to it.", err=True)
        typer.echo(f"{file} is the secret half, which alone can read them. Take it away from this machine.", err=True)
        return
    typer.echo(f"The public key is above, its fingerprint is {fingerprint(public)}. Publish both.", err=True)
    typer.echo(f"{file} is the secret half: only you may read it. Nobody can make it again.", err=True)


def _print(file: Path, verdict: Verdict) -> None:
    for finding in verdict.findings:
        typer.echo(finding)
    if verdict.findings:
        typer.echo(f"{file} isn't as it was written.", err=True)
        return
    named = one_line(verdict.manifest.site)
    signed = f"Signed with {verdict.signer} ({fingerprint(verdict.signer)})." if verdict.signer else "It isn't signed."
    typer.echo(f"{file} is whole: {len(verdict.manifest.members)} files of the site {named}. {signed}")


def _as_json(written: Written) -> dict[str, int]:
    return {
        "threads": written.threads,
        "comments": written.comments,
        "tombstones": written.tombstones,
        "bytes": written.bytes,
    }


def _verdict_as_json(verdict: Verdict) -> dict[str, object]:
    manifest = verdict.manifest
    return {
        "site": manifest.site,
        "profile": manifest.profile,
        "thread": manifest.thread,
        "digest": verdict.digest,
        "since": manifest.since,
        "signer": verdict.signer,
        "findings": list(verdict.findings),
    }
