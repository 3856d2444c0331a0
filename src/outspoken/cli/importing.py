"""`outspoken import`: bring a community in."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from outspoken.cli.common import HERE, Data, DatabaseUrl, SiteName, check_site_name, now, opened, refuse
from outspoken.cli.progress import progress_bars
from outspoken.store.database import Database
from outspoken.transfer.archive.reading import is_archive
from outspoken.transfer.archive.restoring import FORMAT, restore_archive
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.records import Unreadable
from outspoken.transfer.report import Report

_PROBLEMS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_files)


def import_files(
    files: Annotated[list[Path], typer.Argument(help="Exports, saved texts; .gz as they are.", metavar="FILE...")],
    site: SiteName,
    data: Data = HERE,
    format: Annotated[str | None, typer.Option("--format", help="Told by the content if not given.")] = None,
    is_rehearsal: Annotated[bool, typer.Option("--dry-run", help="Report everything, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object, last.")] = False,
    skips_local: Annotated[
        bool, typer.Option("--skip-local", help="Leave out pages on localhost, proxies and caches.")
    ] = False,
    database: DatabaseUrl = None,
) -> None:
    """Bring the comments of other systems in; the same file twice adds nothing."""
    check_site_name(site)
    with opened(data, database) as kept:
        for file in files:
            report = _import_one(kept, file, site, format, data, is_rehearsal, skips_local)
            if as_json:
                typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
            else:
                _print(file, report, is_rehearsal=is_rehearsal)


def _import_one(
    database: Database,
    file: Path,
    site: str,
    format: str | None,
    data: Path,
    is_rehearsal: bool,
    skips_local: bool,
) -> Report:
    try:
        if format == FORMAT or (format is None and is_archive(file)):
            return restore(database, file, site, is_rehearsal=is_rehearsal)
        importer = importer_named(format) if format else recognise(file)
        with progress_bars() as bars:
            reading = bars.add_task("Reading", total=file.stat().st_size)
            writing = bars.add_task("Rehearsing" if is_rehearsal else "Writing", total=None)
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            return run_import(
                importer,
                file,
                database=database,
                site=site,
                scratch_folder=data,
                entropy=os.urandom,
                now=now,
                is_rehearsal=is_rehearsal,
                skips_local_pages=skips_local,
                reading=lambda done: bars.update(reading, completed=done),
                writing=lambda done, of: bars.update(writing, completed=done, total=of),
            )
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}")


def restore(database: Database, file: Path, site: str | None = None, *, is_rehearsal: bool = False) -> Report:
    """Bring an open archive in, which tells more than other systems' files; ends with one line if it isn't whole.

    Without `site` it goes where it came from.
    """
    try:
        with progress_bars() as bars:
            comparing = bars.add_task("Comparing", total=None)
            writing = bars.add_task("Rehearsing" if is_rehearsal else "Writing", total=None)
            return restore_archive(
                file,
                database=database,
                site=site,
                entropy=os.urandom,
                now=now,
                is_rehearsal=is_rehearsal,
                reading=lambda done, of: bars.update(comparing, completed=done, total=of),
                writing=lambda done, of: bars.update(writing, completed=done, total=of),
            )
    except Unreadable as wrong:
        refuse(f"{file}: {wrong}")


def _print(file: Path, report: Report, *, is_rehearsal: bool) -> None:
    will = "would bring" if is_rehearsal else "brought"
    typer.echo(
        f"{file.name} ({report.format}) {will} {report.comments} comments by {len(report.authors)} people into "
        f"{report.threads} threads, with {report.tombstones} tombstones. {report.duplicates} were there already."
    )
    for reason, count in sorted(report.skipped.items()):
        typer.echo(f"  left out: {count} × {reason}")
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        typer.echo(f"  {problem.where}: {problem.what}")
    unseen = len(report.problems) - _PROBLEMS_SHOWN + report.problems_unlisted
    if unseen > 0:
        typer.echo(f"  … and {unseen} more; --json lists them.")
