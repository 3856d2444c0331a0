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
from outspoken.store.threads import as_thread
from outspoken.store.windows import in_reading_order
from outspoken.transfer.archive.container import Writing
from outspoken.transfer.archive.lines import (
    BLOCK,
    DATA,
    KINDS,
    MANIFEST,
    PAGES,
    README,
    SCHEMA,
    SIGNATURE,
    AddressLine,
    AuthorLine,
    CommentLine,
    DecisionLine,
    Manifest,
    Member,
    Profile,
    ProvenanceLine,
    SiteLine,
    ThreadLine,
    as_minute,
    encode,
)
from outspoken.transfer.archive.signing import sign

_BUFFER = 256 * 1024
_DIGITS = 16
_NOT_SHOWN = {State.HELD: State.REJECTED, State.SPAM: State.REJECTED}

Page = tuple[str, bytes]
"""A file's name within `pages/`, and its content."""
Told = Callable[[int, int], None]
"""Told how many comments of how many are written; each counts twice, as a line and in a page."""


class Renderer(Protocol):
    """Makes the pages that people read."""

    def assets(self) -> Iterator[Page]:
        """Yield what pages need beside them."""
        ...

    def thread(self, site: Site, thread: Thread, comments: Iterable[Comment]) -> Iterator[Page]:
        """Yield the pages of a thread; `comments` are in reading order, as readers see them."""
        ...

    def index(self, site: Site, threads: Sequence[Thread]) -> Iterator[Page]:
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
    key: Ed25519PrivateKey | None = None,
    told: Told = lambda _done, _of: None,
) -> Written:
    """Write all that `connection` sees of a site, or of one of its threads, to `path`; only a whole file gets there.

    Raises:
        NotFound: if there is no such site or thread.
        OSError: if it can't be written.
    """
    whole = exports.thread_ids(connection, site)
    publication = site_named(connection, site)
    if thread is not None and thread not in whole:
        raise NotFound("There is no such discussion on this site.")
    leaving = _Leaving(connection, publication, whole if thread is None else [thread], is_complete, told)
    beside = path.with_name(f"{path.name}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if is_complete else 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            archive = _Members(Writing(file))
            archive.add(README, [files(__package__).joinpath("readme.txt").read_bytes()])
            archive.add(SCHEMA, [files(__package__).joinpath("schema.json").read_bytes()])
            for kind in KINDS:
                archive.add_lines(kind, getattr(leaving, kind)())
            for name, content in leaving.pages(renderer):
                archive.add(PAGES + name, [content])
            archive.close(leaving.manifest(archive.told, thread), key)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    return Written(len(leaving.threads_told), leaving.published, leaving.tombstones, size)


class _Leaving:
    """What of a site goes into an archive, kind by kind."""

    def __init__(
        self, connection: sa.Connection, site: Site, ids: Sequence[str], is_complete: bool, told: Told
    ) -> None:
        self._connection = connection
        self._site = site
        self._ids = ids
        self._is_complete = is_complete
        self._told = told
        self._of = 2 * exports.comments_of(connection, site.name)
        self._done = 0
        self.threads_told: list[Thread] = []
        self.published = 0
        self.tombstones = 0

    def manifest(self, members: Sequence[Member], thread: str | None) -> Manifest:
        """Return what the archive says of itself."""
        profile: Profile = "complete" if self._is_complete else "public"
        return Manifest("outspoken-archive", 1, profile, self._site.name, tuple(members), thread)

    def site(self) -> Iterator[SiteLine]:
        """Yield the site."""
        site = self._site
        staff = site.staff_names if self._is_complete else ()
        yield SiteLine(site.name, site.title, site.language, site.origins, site.indexed, site.live_tick, staff)

    def threads(self) -> Iterator[ThreadLine]:
        """Yield the threads; of a public archive nothing tells how much there is that readers don't see."""
        for id in self._ids:
            row = exports.thread_row(self._connection, id)
            self.threads_told.append(as_thread(row))
            number, author = row.last_number, row.last_author
            if not self._is_complete:
                number, author = exports.last_shown(self._connection, id)
            yield ThreadLine(
                id=row.id,
                headline=row.headline,
                opening=row.opening,
                listed=as_minute(row.listed),
                opened=as_minute(row.opened),
                comments=row.comments,
                last_number=number,
                last_author=author,
                url=row.url,
                attribution=row.attribution,
                attribution_url=row.attribution_url,
                excerpt=row.excerpt,
                published=as_minute(row.published),
                active=as_minute(row.active),
            )

    def addresses(self) -> Iterator[AddressLine]:
        """Yield the addresses that lead to the threads."""
        wanted = set(self._ids)
        for thread, address in exports.addresses_of(self._connection, self._site.name):
            if thread in wanted:
                yield AddressLine(thread, address)

    def authors(self) -> Iterator[AuthorLine]:
        """Yield the authors."""
        for id in self._ids:
            for row in exports.authors_by_appearance(self._connection, id, only_shown=not self._is_complete):
                key_hash, source = (row.key_hash, row.source) if self._is_complete else (None, None)
                yield AuthorLine(id, row.number, row.name, row.mark, key_hash, source)

    def comments(self) -> Iterator[CommentLine]:
        """Yield the comments."""
        for id in self._ids:
            for comment in exports.comments_by_number(self._connection, id, only_shown=not self._is_complete):
                is_told = comment.state is State.PUBLISHED
                self.published += is_told
                self.tombstones += not is_told
                yield _whole(comment) if is_told or self._is_complete else _place(comment)
                self._step()

    def decisions(self) -> Iterator[DecisionLine]:
        """Yield what moderators decided."""
        for id in self._ids if self._is_complete else ():
            for row in exports.decisions_in(self._connection, id):
                yield DecisionLine(
                    thread=id,
                    number=row.number,
                    sequence=row.sequence,
                    after=row.after,
                    actor=row.actor,
                    rule=row.rule,
                    made=as_minute(row.made),
                    before=row.before,
                    reason=row.reason,
                )

    def provenance(self) -> Iterator[ProvenanceLine]:
        """Yield where imported comments came from."""
        if self._is_complete:
            one = self._ids[0] if len(self._ids) == 1 else None
            for row in exports.provenance_in(self._connection, self._site.name, one):
                yield ProvenanceLine(row.format, row.source, row.thread, row.number, row.job, row.line)

    def pages(self, renderer: Renderer) -> Iterator[Page]:
        """Yield the pages, of every thread and of their list, newest first."""
        yield from renderer.assets()
        for thread in self.threads_told:
            yield from renderer.thread(self._site, thread, self._counted(thread.id))
        yield from renderer.index(self._site, self.threads_told)

    def _counted(self, thread: str) -> Iterator[Comment]:
        for comment in in_reading_order(self._connection, thread):
            yield comment
            self._step()

    def _step(self) -> None:
        self._done += 1
        self._told(self._done, max(self._done, self._of))


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
                    blocks.append(block.hexdigest()[:_DIGITS])
                    block = sha256()
                buffer += raw
                if len(buffer) >= _BUFFER:
                    yield bytes(buffer)
                    buffer.clear()
            yield bytes(buffer)

        self.add(f"{DATA}{kind}.ndjson", pieces())
        if count % BLOCK:
            blocks.append(block.hexdigest()[:_DIGITS])
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


def _whole(comment: Comment) -> CommentLine:
    body = comment.body
    return CommentLine(
        thread=comment.thread,
        number=comment.number,
        state=comment.state,
        parent=comment.parent,
        author=comment.author.number if comment.author else None,
        created=as_minute(comment.created),
        edited=as_minute(comment.edited),
        up=comment.up,
        down=comment.down,
        markup=body.markup if body else "",
        source=body.source if body else None,
        html=body.html if body else "",
        renderer=body.renderer if body else 0,
        quotes=comment.quotes,
        origin=comment.origin,
    )


def _place(comment: Comment) -> CommentLine:
    """Return what readers know of a comment that isn't shown: where it stands, and who took it away."""
    return CommentLine(comment.thread, comment.number, _NOT_SHOWN.get(comment.state, comment.state), comment.parent)
