"""`outspoken import`: bring a community in, rehearse it, list what was brought in, take it out again."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from outspoken.cli.common import (
    HERE,
    Data,
    DatabaseUrl,
    check_site_name,
    clear_below,
    counted,
    make_room,
    now,
    opened,
    refuse,
    tell_of_traces,
    wait_for_servers,
)
from outspoken.cli.progress import Rate, progress_bars
from outspoken.store.backups import Unusable, recipients_of
from outspoken.store.contacts import sealing
from outspoken.store.database import Database
from outspoken.store.jobs import Job, job_named, jobs_of
from outspoken.store.sites import all_sites, site_named
from outspoken.store.undoing import undo
from outspoken.transfer.archive.reading import is_archive
from outspoken.transfer.archive.restoring import FORMAT, restore_archive
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.mapping import Map, Row, Table, read_map, write_map
from outspoken.transfer.records import Unreadable
from outspoken.transfer.report import Report

_UNKNOWN = "isn't in a format that can be read"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROBLEMS_SHOWN = 20
_STOPPED = 128 + signal.SIGINT
_PAUSE = 0.02
"""Seconds between two steps, so that whoever writes meanwhile gets as much of the database's time as this does."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_files)


def import_files(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Exports, saved pages and texts; .gz as they are.", metavar="FILE...")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Short name of the site: a-z, 0-9 and hyphens.")] = None,
    data: Data = HERE,
    format: Annotated[str | None, typer.Option("--format", help="Told by the content if not given.")] = None,
    is_rehearsal: Annotated[bool, typer.Option("--dry-run", help="Report everything, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as one JSON object, last.")] = False,
    skips_local: Annotated[
        bool, typer.Option("--skip-local", help="Leave out pages on localhost, proxies and caches.")
    ] = False,
    map_file: Annotated[
        Path | None, typer.Option("--map", help="Where pages go: the edited table, or lines “from* -> to*”.")
    ] = None,
    map_out: Annotated[Path | None, typer.Option("--map-out", help="Write the table of pages here, as CSV.")] = None,
    recipients: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-emails-for-claiming",
            help="Public key (age1…) to which authors' e-mails are sealed; without it, none is kept.",
            metavar="RECIPIENT",
        ),
    ] = None,
    job: Annotated[str | None, typer.Option("--undo", help="Take out what this import brought in.")] = None,
    lists_jobs: Annotated[bool, typer.Option("--jobs", help="List the imports into the site.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Bring the comments of other systems in; the same file twice adds nothing, an interrupted import goes on."""
    if job is not None:
        with _told_when_stopped():
            _undo(job, data, database)
        return
    if site is None:
        refuse("name the site: --site NAME")
    check_site_name(site)
    if lists_jobs:
        _list_jobs(site, data, database, as_json=as_json)
        return
    if not files:
        refuse("name the files to import")
    map, seal = _map_of(map_file), _seal_for(recipients)
    # Only an archive tells all of a site. Anything else in a folder without a database is a mistyped name.
    makes_all = not is_rehearsal and _holds_site(files[0], format)
    with _told_when_stopped(), opened(data, database, must_be_there=not makes_all) as kept, _table(data) as table:
        for file in files:
            before = len(table)
            is_new = not _is_there(kept, site)
            if is_new and not _holds_site(file, format):
                refuse(f"there is no site {site} here. To make it: outspoken site add {site} --title TITLE")
            report = _import_one(kept, file, site, format, data, map, seal, table, is_rehearsal, skips_local)
            if map_out is not None:
                _write_map(map_out, table)
            rows = islice(table, before, None)
            if as_json:
                _print_json(report, rows)
            else:
                _print(file, report, rows, is_rehearsal=is_rehearsal)
                if is_new:
                    typer.echo(f"  the site {site} {'would be' if is_rehearsal else 'was'} made: it wasn't there")


@contextmanager
def _told_when_stopped() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        refuse("stopped; run the same command again to go on", _STOPPED)


def _holds_site(file: Path, format: str | None) -> bool:
    """Tell whether a file is an open archive, from which a site can be made."""
    return format == FORMAT or (format is None and is_archive(file))


def _is_there(database: Database, site: str) -> bool:
    with database.reading() as connection:
        return any(each.name == site for each in all_sites(connection))


def _map_of(file: Path | None) -> Map:
    try:
        return Map() if file is None else read_map(file)
    except Unreadable as wrong:
        refuse(str(wrong))


def _seal_for(recipients: list[str] | None) -> Callable[[str], bytes] | None:
    try:
        return sealing(recipients_of(recipients)) if recipients else None
    except Unusable as wrong:
        refuse(str(wrong))


def _table(folder: Path) -> Table:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Table(folder)
    except OSError as wrong:
        refuse(f"{folder}: {wrong.strerror}")


def _write_map(file: Path, rows: Iterable[Row]) -> None:
    try:
        write_map(file, rows)
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}")


def _import_one(
    database: Database,
    file: Path,
    site: str,
    format: str | None,
    data: Path,
    map: Map,
    seal: Callable[[str], bytes] | None,
    table: Table,
    is_rehearsal: bool,
    skips_local: bool,
) -> Report:
    try:
        if _holds_site(file, format):
            return restore(database, file, site, is_rehearsal=is_rehearsal)
        importer = importer_named(format) if format else recognise(file)
        with progress_bars(Rate()) as bars:
            reading = bars.add_task("Reading", total=file.stat().st_size)
            writing = bars.add_task("Rehearsing" if is_rehearsal else "Writing", total=None)
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
                map=map,
                seal=seal,
                mapped=table.add,
                reading=lambda done: bars.update(reading, completed=done),
                writing=lambda done, of: bars.update(writing, completed=done, total=of),
            )
    except Unreadable as wrong:
        refuse(_fault(file, wrong))
    except OSError as wrong:
        refuse(f"{file}: {wrong.strerror}")


def _fault(file: Path, wrong: Unreadable) -> str:
    """Return what is wrong with a file, which is named once; plainly where no format was to be expected."""
    if file.is_file() and not file.stat().st_size:
        return f"{file}: it is empty."
    if _UNKNOWN in str(wrong):
        if file.is_dir():
            return f"{file}: it is a folder, and of no format that is one; name the files in it."
        with file.open("rb") as opened_file:
            if opened_file.read(2) in _UTF16:
                return f"{file}: it is in UTF-16; save it as UTF-8."
    return str(wrong) if file.name in str(wrong) else f"{file}: {wrong}"


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


def _print_json(report: Report, rows: Iterable[Row]) -> None:
    """Print a report with its rows, which are as many as pages: never all of them at once."""
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False)[:-1], nl=False)
    between = ', "mapping": ['
    for row in rows:
        typer.echo(between + json.dumps(row.as_json(), ensure_ascii=False), nl=False)
        between = ", "
    typer.echo("]}" if between == ", " else f"{between}]}}")


def _print(file: Path, report: Report, rows: Iterable[Row], *, is_rehearsal: bool) -> None:
    will = "would bring" if is_rehearsal else "brought"
    typer.echo(
        f"{file.name} ({report.format}) {will} {counted(report.comments, 'comment', 'comments')} by "
        f"{counted(len(report.authors), 'person', 'people')} into {counted(report.threads, 'thread', 'threads')}, with "
        f"{counted(report.tombstones, 'tombstone', 'tombstones')}. There already: {report.duplicates}."
    )
    if report.completed:
        typer.echo(f"  completed: {report.completed} that had lost something")
    if report.orphans or report.circles:
        typer.echo(
            f"  became roots: {counted(report.orphans, 'reply', 'replies')} to what isn't there, "
            f"{report.circles} out of circles"
        )
    merged = sum(row.what == "merged" for row in rows)
    if merged:
        typer.echo(f"  {merged} addresses are pages that have several; --map-out FILE shows which")
    for reason, count in sorted(report.skipped.items()):
        typer.echo(f"  left out: {count} × {reason}")
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        typer.echo(f"  {problem.where}: {problem.what}")
    unseen = len(report.problems) - _PROBLEMS_SHOWN + report.problems_unlisted
    if unseen > 0:
        typer.echo(f"  … and {unseen} more; --json lists them.")


def _list_jobs(site: str, data: Path, url: str | None, *, as_json: bool) -> None:
    with opened(data, url, must_be_there=True) as kept, kept.reading() as connection:
        site_named(connection, site)
        for job in jobs_of(connection, site):
            brought = counted((job.report or {}).get("comments", 0), "comment", "comments")
            if as_json:
                state = {"id": job.id, "format": job.format, "began": job.started.isoformat(), "state": _state(job)}
                typer.echo(json.dumps({**state, "report": job.report}, ensure_ascii=False))
            else:
                typer.echo(f"{job.id}\t{job.started:%Y-%m-%d %H:%M}\t{job.format}\t{_state(job)}\t{brought}")


def _state(job: Job) -> str:
    if job.undone is not None:
        return "undone"
    return "running or interrupted" if job.finished is None else "done"


def _undo(id: str, data: Path, url: str | None) -> None:
    make_room(data, url)
    deleted = tombstones = threads = 0
    with opened(data, url, must_be_there=True) as kept:
        with kept.reading() as connection:
            job = job_named(connection, id)
        if job.format == FORMAT:
            refuse("what came from an archive can't be undone as a job: restore a backup of the time before", status=1)
        with progress_bars(Rate()) as bars:
            bar = bars.add_task("Taking out", total=sum((job.report or {}).get(kind, 0) for kind in _KINDS) or None)
            for step in undo(kept, job, now()):
                deleted += step.deleted
                tombstones += step.tombstones
                threads += step.threads
                bars.update(bar, completed=deleted + tombstones)
                time.sleep(_PAUSE)
        is_clear = clear_below(kept)
    wait_for_servers()
    gone = f"{counted(deleted, 'comment', 'comments')} and {counted(threads, 'thread', 'threads')}"
    kept_places = counted(tombstones, "tombstone stays", "tombstones stay")
    typer.echo(f"Taken out: {gone}. {kept_places}, of what was answered or removed here.")
    if not is_clear:
        tell_of_traces()


_KINDS = ("comments", "tombstones")
