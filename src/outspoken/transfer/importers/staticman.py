"""Comments that static sites keep as files, one each, as Staticman and Jekyll's plugins write them.

A folder holds the comments of a page. E-mails, their hashes, pictures and websites are never read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from outspoken.discussion.state import State
from outspoken.transfer.reading.fields import flag, kind_of_markdown, moment, name, page, reference, text
from outspoken.transfer.reading.folders import File, files, names_in
from outspoken.transfer.reading.opening import halves
from outspoken.transfer.reading.yaml_values import yaml_value
from outspoken.transfer.records import Importer, Problem, Progress, Record, SourceComment, Unreadable

_ENDINGS = (".yml", ".yaml", ".json")
_TEXTS = ("message", "comment", "content", "body", "text")
_IDS = ("_id", "id")
_NAMES = ("name", "author", "nickname")
_PAGES = ("_parent", "post_id", "page_id", "slug")
_REPLIES = ("replying_to", "reply_to", "replying_to_id", "parent_id", "replyThread")


class Staticman:
    """A folder or a zip of folders with a YAML file for each comment."""

    name = "staticman"
    title = "Staticman or Jekyll comments, a folder or zip of YAML files"

    def recognises(self, head: bytes) -> bool:  # noqa: ARG002  (as every importer has it)
        """Tell that a single file never is one."""
        return False

    def recognises_path(self, path: Path) -> bool:
        """Tell whether all files of a folder or zip are YAML or JSON, and the first is a comment."""
        names = [file for file in names_in(path) if file.suffix]
        if not names or any(file.suffix.lower() not in _ENDINGS for file in names):
            return False
        for file in files(path, lambda _: None):
            try:
                found = yaml_value(file)
            except Unreadable:
                return False
            return isinstance(found, dict) and bool(_first(found, _TEXTS)) and "date" in found
        return False

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        """Read twice: how the comments of each folder hang together, then the comments.

        What a file is called decides the order, and `replying_to` counts in it. A file that can't be read is a Problem:
        the others are whole without it.

        Raises:
            Unreadable: if there is no comment, or the zip isn't what it should be.
        """
        first, second = halves(path, progress)
        names = _Names(names_in(path))
        folders, faults = _folders(path, names, first)
        if not folders:
            raise Unreadable(" ".join([f"{path.name} holds no comments in YAML files.", *faults]))
        for slug, folder in folders.items():
            folder.settle()
            yield page(slug, folder.address if folder.address not in ("", slug.rpartition("/")[2]) else slug)
        if alike := sorted(slug for slug in folders if "/" in slug):
            what = f"there are {len(alike)} folders of a name that others have, too; given alone, they are other pages"
            yield Problem(f"folder {alike[0]}", what)
        for file, comment in _comments(path, second):
            if isinstance(comment, str):
                yield Problem(f"file {file.name}", comment)
            else:
                slug = names.of(file.name)
                yield from _comment(comment, file.name, slug, folders[slug])


IMPORTER: Importer = Staticman()


class _Names:
    """What the pages are called: as their folders are, with as much of the way to them as tells them apart.

    Where no two have the same name it doesn't matter from which folder on an export was given.
    """

    def __init__(self, files: Iterable[PurePosixPath]) -> None:
        ways = sorted({_way(file) for file in files if file.suffix.lower() in _ENDINGS})
        shared = [_shared(one, other) for one, other in pairwise(ways)]
        self._names = {
            way: "/".join(reversed(way[: max(before, after) + 1]))
            for way, before, after in zip(ways, [0, *shared], [*shared, 0], strict=False)
        }

    def of(self, file: PurePosixPath) -> str:
        """Return the name of the page in whose folder a file lies."""
        return self._names[_way(file)]


def _way(file: PurePosixPath) -> tuple[str, ...]:
    """Return the folders in which a file lies, the innermost first."""
    return file.parent.parts[::-1] or ("page",)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return how many folders two ways have in common, from the innermost on."""
    return sum(1 for _ in takewhile(lambda names: names[0] == names[1], zip(one, other, strict=False)))


@dataclass(slots=True)
class _Folder:
    """How the comments of a page hang together."""

    ids: set[str] = field(default_factory=set)
    roots: list[tuple[str, str]] = field(default_factory=list)
    """(file, id) of the comments that reply to none; in the order of the files' names once settled."""
    addresses: Counter[str] = field(default_factory=Counter)

    def settle(self) -> None:
        """Put the roots in order, when all are known."""
        self.roots.sort()

    @property
    def address(self) -> str:
        """How the page is called most often: spellings differ."""
        return min(self.addresses, key=lambda address: (-self.addresses[address], address), default="")

    def parent(self, reply: str, slug: str) -> str:
        """Return the id of what `reply` means: an id, or a place among the roots, counted from 1."""
        if reply in self.ids or not reply.isdecimal():
            return reply
        place = int(reply[:9])
        return self.roots[place - 1][1] if 0 < place <= len(self.roots) else f"{slug} number {reply}"


def _folders(path: Path, names: _Names, progress: Progress) -> tuple[dict[str, _Folder], list[str]]:
    """Return the folders by their page's name, and what is wrong with the first file that can't be read."""
    folders: dict[str, _Folder] = defaultdict(_Folder)
    faults: list[str] = []
    for file, comment in _comments(path, progress):
        if isinstance(comment, str):
            faults = faults or [f"{file.name}: {comment}"]
        else:
            slug = names.of(file.name)
            folder, id = folders[slug], _id(comment, file.name, slug)
            folder.ids.add(id)
            if not _reply(comment):
                folder.roots.append((file.name.name, id))
            if address := text(_first(comment, _PAGES)).strip():
                folder.addresses[address] += 1
    return dict(folders), faults


def _comments(path: Path, progress: Progress) -> Iterator[tuple[File, dict[str, Any] | str]]:
    """Yield each file with the comment in it, or with what is wrong with it."""
    for file in files(path, progress):
        if file.name.suffix.lower() in _ENDINGS:
            try:
                found = yaml_value(file)
            except Unreadable as fault:
                yield file, str(fault)
            else:
                is_comment = isinstance(found, dict) and _first(found, _TEXTS) is not None
                yield file, found if is_comment else "It holds no comment."


def _comment(comment: dict[str, Any], file: PurePosixPath, slug: str, folder: _Folder) -> Iterator[Record]:
    where = f"file {file}"
    created, no_date = moment(comment.get("date"), where)
    yield from no_date
    edited, _ = moment(comment.get("updated"), where)
    reply, author = _reply(comment), name(_first(comment, _NAMES))
    body = text(_first(comment, _TEXTS))
    yield SourceComment(
        source=_id(comment, file, slug),
        story=slug,
        parent=folder.parent(reply, slug) if reply else None,
        author=author,
        body=body,
        markup=kind_of_markdown(body),
        created=created,
        edited=edited if edited and created and edited > created else None,
        state=State.HELD if flag(comment.get("hidden")) else State.PUBLISHED,
        lost=() if author else ("author",),
    )


def _first(comment: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((comment[key] for key in keys if comment.get(key) is not None), None)


def _reply(comment: dict[str, Any]) -> str:
    """Return what a comment says that it replies to: forms send fields that nobody filled in, too."""
    return next(filter(None, (reference(comment.get(key)) for key in _REPLIES)), "")


def _id(comment: dict[str, Any], file: PurePosixPath, slug: str) -> str:
    return reference(_first(comment, _IDS)) or f"{slug}/{file.name}"
