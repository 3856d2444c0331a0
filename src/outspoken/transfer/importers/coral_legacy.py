"""Coral's older database as `mongoexport` writes it: a folder or zip of comments, assets and users, a line each.

Profiles, tags and the histories of texts are never read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from outspoken.text.markup import Markup
from outspoken.transfer.importers.coral import UNKNOWN, as_coral_keeps_it
from outspoken.transfer.reading.fields import email, member, moment, name, page, reference, text
from outspoken.transfer.reading.folders import files, names_in
from outspoken.transfer.reading.json_records import plain, records
from outspoken.transfer.reading.notes import Notes
from outspoken.transfer.reading.opening import halves
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_ENDINGS = (".json", ".jsonl", ".ndjson")


class CoralLegacy:
    """The collections of a Coral database, a file each."""

    name = "coral-legacy"
    title = "Coral's older database, a folder or zip of comments.json, assets.json and users.json"

    def recognises(self, head: bytes) -> bool:  # noqa: ARG002  (as every importer has it)
        """Tell that one file alone isn't enough: pages and names are in the others."""
        return False

    def recognises_path(self, path: Path) -> bool:
        """Tell whether comments and assets are among the files."""
        return {"comments", "assets"} <= _collections(path)

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read users and assets, then stream the comments.

        Raises:
            Unreadable: if a file isn't JSON, is cut off, or is missing.
        """
        if missing := {"comments", "assets"} - _collections(path):
            raise Unreadable(f"{path.name} has no {min(missing)}.json.")
        first, second = halves(path, progress)
        people = Notes()
        for collection, line, record in _records(path, first, "users", "assets"):
            id = reference(record.get("id"))
            if collection == "users":
                people.add(id, name(record.get("username")), _email(record))
            elif id:
                yield from _story(record, id)
            else:
                yield Problem(
                    f"assets, line {line}" if line else "assets", "a story without id can't be told from others"
                )
        for _, line, record in _records(path, second, "comments"):
            yield from _comment(record, line, people)


IMPORTER: Importer = CoralLegacy()


def _collections(path: Path) -> set[str]:
    return {file.stem for file in names_in(path) if file.suffix in _ENDINGS}


def _records(path: Path, progress: Progress, *collections: str) -> Iterator[tuple[str, int | None, dict[str, Any]]]:
    """Yield (collection, line, record) of some collections."""
    for file in files(path, progress):
        if file.name.stem in collections and file.name.suffix in _ENDINGS:
            try:
                for line, record in records(file, "[]"):
                    yield file.name.stem, line, record
            except Unreadable as fault:
                raise Unreadable(f"{file.name}: {fault}") from fault


def _email(user: dict[str, Any]) -> str:
    """Return the address of an account: that of the profile which is named after one."""
    profiles = user.get("profiles")
    found = (email(member(profile, "id")) for profile in (profiles if isinstance(profiles, list) else ()))
    return next(filter(None, found), "")


def _story(asset: dict[str, Any], id: str) -> Iterator[Record]:
    published, no_date = moment(plain(asset.get("publication_date")), f"asset {id}")
    yield from no_date
    story = page(id, text(asset.get("url")).strip(), text(asset.get("title")), closed=bool(asset.get("closedAt")))
    yield replace(story, published=published)


def _comment(comment: dict[str, Any], line: int | None, people: Notes) -> Iterator[Record]:
    source, writer = reference(comment.get("id")), reference(comment.get("author_id"))
    where = f"comment {source}" if line is None else f"comments, line {line}"
    created, no_date = moment(plain(comment.get("created_at")), where)
    yield from no_date
    author, mailbox = people.of(writer) or UNKNOWN
    rich = text(member(comment.get("metadata"), "richTextBody"))
    yield from as_coral_keeps_it(
        SourceComment(
            source=source,
            story=reference(comment.get("asset_id")),
            parent=reference(comment.get("parent_id")) or None,
            author=author,
            author_source=writer,
            body=rich or text(comment.get("body")),
            markup=Markup.HTML if rich else Markup.TEXT,
            created=created,
            line=line,
            email=mailbox,
        ),
        "DELETED" if comment.get("deleted_at") else text(comment.get("status")),
        where,
    )
