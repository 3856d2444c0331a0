"""Artalk's tables as YAML files, `atk_comments.yml` and those beside it: a folder or a zip of them.

Addresses, agents and passwords are never read.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from outspoken.store.numbers import Names
from outspoken.transfer.importers.artalk import artalk_comment, artalk_page, no_page, page_source
from outspoken.transfer.reading.fields import email, flag, member, name, reference, text
from outspoken.transfer.reading.folders import files, names_in
from outspoken.transfer.reading.opening import halves
from outspoken.transfer.reading.yaml_values import yaml_items
from outspoken.transfer.records import Importer, Progress, Record, SourceComment, SourceStory, Unreadable

_COMMENTS = "atk_comments.yml"


class ArtalkYaml:
    """The tables of an Artalk database, a file each."""

    name = "artalk-yaml"
    title = "Artalk's tables, a folder or zip of YAML files"

    def recognises(self, head: bytes) -> bool:  # noqa: ARG002  (as every importer has it)
        """Tell that one file alone isn't enough: names, pages and votes are in the others."""
        return False

    def recognises_path(self, path: Path) -> bool:
        """Tell whether the table of comments is among the files."""
        return any(file.name == _COMMENTS for file in names_in(path))

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read the small tables, then stream the comments; the tables tell no time zone, times are taken as UTC.

        Raises:
            Unreadable: if a table isn't a list in YAML or is cut off, or the table of comments isn't there.
        """
        if not self.recognises_path(path):
            raise Unreadable(f"{path.name} has no {_COMMENTS}.")
        first, second = halves(path, progress)
        tables = _tables(path, first)
        pages = Names()
        for number, (_, comment) in enumerate(_rows(path, second, _COMMENTS), start=1):
            site, key = text(member(comment, "site_name")).strip(), text(member(comment, "page_key")).strip()
            if not key:
                yield no_page(number)
                continue
            story = page_source(site, key)
            if story not in pages:
                pages.add(story)
                yield tables.page(site, key)
            user = reference(member(comment, "user_id"))
            for record in artalk_comment(comment, story, number, tables.people.get(user, ""), user):
                yield tables.completed(record, user) if isinstance(record, SourceComment) else record


IMPORTER: Importer = ArtalkYaml()


@dataclass(slots=True)
class _Tables:
    """What the other files tell."""

    people: dict[str, str] = field(default_factory=dict)
    mailboxes: dict[str, str] = field(default_factory=dict)
    sites: dict[str, list[str]] = field(default_factory=dict)
    pages: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    """Title and whether only the staff may write, by site and key."""
    votes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many, by kind and comment."""

    def page(self, site: str, key: str) -> SourceStory:
        title, closed = self.pages.get((site, key), ("", False))
        return artalk_page(site, key, title, self.sites.get(site, []), closed=closed)

    def completed(self, comment: SourceComment, user: str) -> SourceComment:
        up, down = (self.votes[f"comment_{way}", comment.source] for way in ("up", "down"))
        return msgspec.structs.replace(
            comment, up=up or comment.up, down=down or comment.down, email=self.mailboxes.get(user, "")
        )


def _tables(path: Path, progress: Progress) -> _Tables:
    tables = _Tables()
    for table, row in _rows(path, progress, "atk_users.yml", "atk_sites.yml", "atk_pages.yml", "atk_votes.yml"):
        id, site = reference(member(row, "id")), text(member(row, "site_name")).strip()
        if table == "atk_users.yml":
            tables.people[id], tables.mailboxes[id] = name(member(row, "name")), email(member(row, "email"))
        elif table == "atk_sites.yml":
            tables.sites[text(member(row, "name")).strip()] = text(member(row, "urls")).split(",")
        elif table == "atk_pages.yml":
            key = text(member(row, "key")).strip()
            tables.pages[site, key] = (text(member(row, "title")), flag(member(row, "admin_only")))
        else:
            tables.votes[text(member(row, "type")), reference(member(row, "target_id"))] += 1
    return tables


def _rows(path: Path, progress: Progress, *tables: str) -> Iterator[tuple[str, Any]]:
    """Yield (table, row) of some tables."""
    for file in files(path, progress):
        if file.name.name in tables:
            try:
                for _, row in yaml_items(file):
                    yield file.name.name, row
            except Unreadable as fault:
                raise Unreadable(f"{file.name}: {fault}") from fault
