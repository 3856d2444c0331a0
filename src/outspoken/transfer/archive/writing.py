"""Writing an archive: one pass a file over one state of the database, so that memory stays flat."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotFound
from outspoken.discussion.state import State
from outspoken.discussion.thread import Site, Thread
from outspoken.store import exports
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import in_reading_order
from outspoken.transfer.archive.container import Writing
from outspoken.transfer.archive.lines import (
    BLOCK,
    DATA,
    DIGITS,
    KINDS,
    MANIFEST,
    PAGES,
    README,
    SCHEMA,
    SIGNATURE,
    CommentLine,
    Manifest,
    Member,
    Profile,
    encode,
)
from outspoken.transfer.archive.reading import Archive
from outspoken.transfer.archive.signing import sign
from outspoken.transfer.archive.since import Base, Increment
from outspoken.transfer.archive.telling import Telling

_BUFFER = 256 * 1024

Page = tuple[str, bytes]
"""A file's name within `pages/`, and its content."""
Told = Callable[[int, int], None]
"""Told how many comments of how many are written; each counts twice, as a line and in a page."""


class Threads(Protocol):
    """Threads in the order of their ids, each read when it is asked for: a site may have a million."""

    def __len__(self) -> int: ...

    def __getitem__(self, at: int, /) -> Thread: ...


class Renderer(Protocol):
    """Makes the pages that people read."""

    def assets(self) -> Iterator[Page]:
        """Yield what pages need beside them."""
        ...

    def thread(self, site: Site, thread: Thread, comments: Iterable[Comment]) -> Iterator[Page]:
        """Yield the pages of a thread; `comments` are in reading order, as readers see them."""
        ...

    def index(self, site: Site, threads: Threads) -> Iterator[Page]:
        """Yield the pages that lead to those of the threads."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What an archive holds."""

    threads: int
    comments: int
    tombstones: int
    bytes: int


def write_archive(
    connection: sa.Connection,
    site: str,
    path: Path,
    renderer: Renderer,
    *,
    thread: str | None = None,
    is_complete: bool = False,
    since: Sequence[Archive] = (),
    key: Ed25519PrivateKey | None = None,
    told: Told = lambda _done, _of: None,
) -> Written:
    """Write all that `connection` sees of a site, or of one of its threads, to `path`; only a whole file gets there.

    With `since`, archives of which each goes on from the one before, only what differs from them is written.

    Raises:
        NotFound: if there is no such site or thread.
        Unreadable: if one of `since` isn't an archive of the same.
        OSError: if it can't be written.
    """
    whole = exports.thread_ids(connection, site, only_public=not is_complete)
    publication = site_named(connection, site)
    if thread is not None and thread not in whole:
        raise NotFound("There is no such discussion on this site.")
    whole_site = Telling(connection, publication, whole if thread is None else [thread], is_complete=is_complete)
    telling: Telling | Increment = whole_site
    if since:
        telling = Increment(whole_site, Base(since, site, is_complete=is_complete, thread=thread))
    steps = _Steps(told, 2 * exports.comments_of(connection, site))
    beside = path.with_name(f"{path.name}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if is_complete else 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            archive = _Members(Writing(file))
            archive.add(README, [files(__package__).joinpath("readme.txt").read_bytes()])
            archive.add(SCHEMA, [files(__package__).joinpath("schema.json").read_bytes()])
            for kind in KINDS:
                lines = getattr(telling, kind)()
                archive.add_lines(kind, steps.lines(lines) if kind == "comments" else lines)
            for name, content in _pages(connection, publication, telling.discussed, renderer, steps):
                archive.add(PAGES + name, [content])
            profile: Profile = "complete" if is_complete else "public"
            manifest = Manifest("outspoken-archive", 1, profile, site, tuple(archive.told), thread, telling.since)
            archive.close(manifest, key)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    return Written(len(telling.discussed), steps.published, steps.tombstones, size)


class _Steps:
    """Counts what is written: each comment as a line and in a page."""

    def __init__(self, told: Told, expected: int) -> None:
        self._told = told
        self._expected = expected
        self._done = 0
        self.published = 0
        self.tombstones = 0

    def lines(self, lines: Iterable[CommentLine]) -> Iterator[CommentLine]:
        """Pass the lines of comments on."""
        for line in lines:
            is_told = line.state is State.PUBLISHED
            self.published += is_told
            self.tombstones += not is_told
            yield line
            self._step()

    def comments(self, comments: Iterable[Comment]) -> Iterator[Comment]:
        """Pass the comments of a page on."""
        for comment in comments:
            yield comment
            self._step()

    def _step(self) -> None:
        self._done += 1
        self._told(self._done, max(self._done, self._expected))


def _pages(
    connection: sa.Connection, site: Site, ids: Sequence[str], renderer: Renderer, steps: _Steps
) -> Iterator[Page]:
    """Yield the pages, of every thread and of their list."""
    yield from renderer.assets()
    threads = _Threads(connection, ids)
    for at, id in enumerate(ids):
        yield from renderer.thread(site, threads[at], steps.comments(in_reading_order(connection, id)))
    yield from renderer.index(site, threads)


@dataclass(frozen=True, slots=True)
class _Threads:
    """The threads of these ids."""

    connection: sa.Connection
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, at: int, /) -> Thread:
        return thread_by_id(self.connection, self.ids[at])


class _Members:
    """The members of an archive and what the manifest will say of them."""

    def __init__(self, archive: Writing) -> None:
        self._archive = archive
        self.told: list[Member] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a file."""
        digest, size = sha256(), 0
        with self._archive.member(name) as write:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                write(piece)
        self.told.append(Member(name, size, digest.hexdigest()))

    def add_lines(self, kind: str, lines: Iterable[object]) -> None:
        """Add a file of lines."""
        count, blocks, block = 0, [], sha256()

        def pieces() -> Iterator[bytes]:
            nonlocal count, block
            buffer = bytearray()
            for line in lines:
                raw = encode(line) + b"\n"
                count += 1
                block.update(raw)
                if count % BLOCK == 0:
                    blocks.append(block.hexdigest()[:DIGITS])
                    block = sha256()
                buffer += raw
                if len(buffer) >= _BUFFER:
                    yield bytes(buffer)
                    buffer.clear()
            yield bytes(buffer)

        self.add(f"{DATA}{kind}.ndjson", pieces())
        if count % BLOCK:
            blocks.append(block.hexdigest()[:DIGITS])
        written = self.told[-1]
        self.told[-1] = Member(written.name, written.size, written.sha256, count, tuple(blocks))

    def close(self, manifest: Manifest, key: Ed25519PrivateKey | None) -> None:
        """Add the manifest and its signature."""
        told = encode(manifest) + b"\n"
        with self._archive.member(MANIFEST) as write:
            write(told)
        if key is not None:
            with self._archive.member(SIGNATURE) as write:
                write(sign(told, key))
        self._archive.close()
