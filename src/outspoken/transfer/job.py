"""The job that runs an import: reads the whole file into a scratch, then brings it in page by page.

A page is taken in by transactions of some thousand comments, each of which leaves the database whole; a job that was
interrupted is simply run again, and what is there already counts as duplicates. A rehearsal does all but write.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from outspoken.store.database import Database
from outspoken.store.scratch import Scratch
from outspoken.store.sealing import Entropy
from outspoken.transfer.addresses import fold_url, is_proxy_or_local
from outspoken.transfer.records import Importer, Problem, Progress, Skipped, SourceComment, SourceStory
from outspoken.transfer.report import Report
from outspoken.transfer.taking import Destination, Parts, take_page

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Page:
    """One or several stories of the file that are the same page."""

    story: SourceStory
    sources: tuple[str, ...]
    addresses: tuple[str, ...]


def run_import(
    importer: Importer,
    path: Path,
    *,
    database: Database,
    site: str,
    scratch_folder: Path,
    entropy: Entropy,
    now: Callable[[], datetime],
    is_rehearsal: bool = False,
    skips_local_pages: bool = False,
    reading: Progress = lambda _: None,
    writing: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Bring the comments of a file into a site and return what became of them.

    `reading` is told how many bytes were read, `writing` how many comments of how many are done.

    Raises:
        Unreadable: if the file is not what it should be; nothing was written then.
    """
    report = Report(importer.name)
    identity = entropy(8).hex()
    scratch = Scratch(scratch_folder / f"import-{identity}.scratch")
    try:
        stories = _read(importer, path, scratch, report, reading)
        pages = _pages(stories, scratch, report, skips_local_pages=skips_local_pages)
        destination = Destination(
            database, site=site, format=importer.name, job=identity, now=now, entropy=entropy, is_rehearsal=is_rehearsal
        )
        destination.begin()
        expected = sum(count for _, count in pages)
        done = 0
        with Parts(destination) as parts:
            for page, count in pages:
                take_page(destination, parts, page.story, page.addresses, scratch, page.sources, report)
                done += count
                writing(done, expected)
        destination.finish(report)
    finally:
        scratch.close()
    return report


def _read(
    importer: Importer, path: Path, scratch: Scratch, report: Report, progress: Progress
) -> dict[str, SourceStory]:
    stories: dict[str, SourceStory] = {}
    for record in importer.read(path, progress):
        match record:
            case SourceStory():
                stories.setdefault(record.source, record)
            case SourceComment():
                _keep(record, scratch, report)
            case Skipped():
                report.skipped[record.reason] += 1
            case Problem():
                report.tell(record)
    return stories


def _keep(record: SourceComment, scratch: Scratch, report: Report) -> None:
    is_new = scratch.add(
        source=record.source,
        page=record.story,
        parent=record.parent,
        created=None if record.created is None else int(record.created.timestamp()),
        state=record.state.value,
        payload=_encode(record),
    )
    if not is_new:
        report.skipped["same id twice in the file"] += 1
        report.tell(Problem(_where(record), f"has the id {record.source}, like one before it; the first was kept"))


def _where(record: SourceComment) -> str:
    return f"line {record.line}" if record.line else f"comment {record.source}"


def _pages(
    stories: dict[str, SourceStory], scratch: Scratch, report: Report, *, skips_local_pages: bool
) -> list[tuple[Page, int]]:
    """Group the stories that have comments by what page they are, in the order of the file."""
    counts = scratch.pages()
    groups: dict[str, Page] = {}
    totals: dict[str, int] = {}
    report.skipped["empty thread"] += sum(source not in counts for source in stories)
    for source, count in counts.items():
        story = stories.get(source)
        if story is None:
            report.skipped["unknown page"] += count
            report.tell(Problem(f"page {source}", f"is named by {count} comments, but isn't in the file"))
            continue
        if story.url and is_proxy_or_local(story.url):
            # Somebody wrote there, so it is kept by default, but never mixed with the page it may be a copy of.
            if skips_local_pages:
                report.skipped["local or proxied page"] += count
                continue
            report.tell(
                Problem(f"page {story.url}", f"seems a copy or a test; its {count} records stand by themselves")
            )
        addresses = tuple(_addresses(story, report))
        key = addresses[0]
        if key in groups:
            here = groups[key]
            groups[key] = replace(
                here,
                sources=(*here.sources, source),
                addresses=tuple(dict.fromkeys((*here.addresses, *addresses))),
            )
        else:
            groups[key] = Page(story, (source,), addresses)
        totals[key] = totals.get(key, 0) + count
    report.skipped = +report.skipped
    return [(page, totals[key]) for key, page in groups.items()]


def _addresses(story: SourceStory, report: Report) -> Iterator[str]:
    """Yield the names of a page, the surest first."""
    if story.url:
        try:
            yield fold_url(story.url)
        except ValueError as wrong:
            report.tell(Problem(f"page {story.source}", f"{wrong}; it is kept under its identifier"))
    if story.identifier:
        yield f"id:{story.identifier}"
    elif not story.url:
        yield f"id:{report.format}:{story.source}"
    for further in story.also:
        try:
            yield fold_url(further)
        except ValueError as wrong:
            report.tell(Problem(f"page {story.source}", f"{wrong}; it leads nowhere now"))
