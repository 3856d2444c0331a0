"""The job that runs an import: reads the whole file into a scratch, then brings it in page by page.

Pages are taken in by transactions of some hundred comments, each of which leaves the database whole. A job that was
interrupted goes on when the same file is imported again, and ends with the same report. A rehearsal does all but write.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from outspoken.discussion.state import WITH_TEXT
from outspoken.store.database import Database
from outspoken.store.scratch import Scratch
from outspoken.store.sealing import Entropy
from outspoken.transfer.destination import Destination, begin, with_ledger
from outspoken.transfer.fingerprint import fingerprint_of
from outspoken.transfer.mapping import Map, Row
from outspoken.transfer.pages import Page, pages_of
from outspoken.transfer.records import Importer, Problem, Progress, Skipped, SourceComment, SourceStory
from outspoken.transfer.report import Report
from outspoken.transfer.taking import CHUNK, Taker

_LONGEST_ID = 200
"""Characters: what is longer isn't an id, and PostgreSQL couldn't keep it in an index."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SourceComment).decode
_decode_story = msgspec.msgpack.Decoder(SourceStory).decode


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
    map: Map | None = None,
    seal: Callable[[str], bytes] | None = None,
    mapped: Callable[[Row], None] = lambda _: None,
    reading: Progress = lambda _: None,
    writing: Callable[[int, int], None] = lambda _done, _all: None,
) -> Report:
    """Bring the comments of a file into a site and return what became of them.

    `map` tells which pages go elsewhere. With `seal` e-mails are kept, sealed by it; else they are dropped.
    `mapped` is told what becomes of each page, `reading` how many bytes were read, `writing` how many comments of how
    many are done.

    Raises:
        Unreadable: if the file is not what it should be; nothing was written then.
    """
    map = map or Map()
    report = Report(importer.name, mapped)
    scratch = Scratch(scratch_folder / f"import-{entropy(8).hex()}.scratch")
    try:
        _read(importer, path, scratch, report, None if is_rehearsal else seal, reading)
        pages = pages_of(_stories(scratch), scratch.groups(), map, report, skips_local_pages=skips_local_pages)
        to = Destination(database, site, importer.name, now, entropy, is_rehearsal)
        job = with_ledger(begin(to, fingerprint_of(path, importer.name, repr((map, skips_local_pages)))))
        taker = Taker(job, scratch, report)
        done = 0
        for together in _together(pages):
            if together[0].comments > CHUNK:
                taker.take_long(together[0])
            else:
                taker.take(together)
            done += sum(page.comments for page in together)
            writing(done, pages.comments)
        job.finish(report)
    finally:
        scratch.close()
    return report


def _together(pages: Iterable[Page]) -> Iterator[list[Page]]:
    """Yield the pages in order, small ones together."""
    gathered: list[Page] = []
    for page in pages:
        if gathered and sum(each.comments for each in gathered) + page.comments > CHUNK:
            yield gathered
            gathered = []
        gathered.append(page)
    if gathered:
        yield gathered


def _read(
    importer: Importer,
    path: Path,
    scratch: Scratch,
    report: Report,
    seal: Callable[[str], bytes] | None,
    progress: Progress,
) -> None:
    for record in importer.read(path, progress):
        match record:
            case SourceComment():
                _keep(_without_email(record, seal) if record.email else record, scratch)
            case SourceStory():
                scratch.add_story(_text(record.source), _encoded(record))
            case Skipped():
                report.skip(record.reason)
            case Problem():
                report.tell(record)
    scratch.complete()
    report.skip("empty thread", scratch.unused_stories())
    report.skip("same id twice in the file", scratch.repeated)
    for payload in scratch.repeated_payloads:
        record = _decode(payload)
        where = f"line {record.line}" if record.line else f"comment {record.source}"
        report.tell(Problem(where, f"has the id {record.source}, like one before it; the first was kept"))


def _stories(scratch: Scratch) -> Iterator[tuple[str, int, SourceStory | None]]:
    for page, count, story in scratch.pages():
        yield page, count, None if story is None else _decode_story(story)


def _without_email(record: SourceComment, seal: Callable[[str], bytes] | None) -> SourceComment:
    """Return a record as it may be written down, if only into the scratch."""
    sealed = seal(record.email) if seal is not None and record.state in WITH_TEXT else b""
    return msgspec.structs.replace(record, email="", contact=sealed)


def _keep(record: SourceComment, scratch: Scratch) -> None:
    scratch.add(
        source=_id(record.source),
        page=_text(record.story),
        parent=None if record.parent is None else _id(record.parent),
        created=None if record.created is None else int(record.created.timestamp()),
        state=record.state.value,
        same_as=tuple((format, _id(source)) for format, source in record.same_as),
        payload=_encoded(record),
    )


def _encoded(record: SourceComment | SourceStory) -> bytes:
    try:
        return _encode(record)
    except UnicodeEncodeError:
        return _encode([_whole(getattr(record, name)) for name in record.__struct_fields__])


def _whole(value: Any) -> Any:
    """Return what a record holds without the halves of characters that no encoding can hold."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case tuple():
            return tuple(_whole(each) for each in value)
    return value


def _id(text: str) -> str:
    """Return an id as a database can hold it."""
    return _text(text)[:_LONGEST_ID]


def _text(text: str) -> str:
    """Return a text without what a database can't hold."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
