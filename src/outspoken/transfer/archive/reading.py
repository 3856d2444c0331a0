"""Reading an archive as a stream, believing nothing of it: each line is of its kind, in order, and names what is there.

Only digests are left to `verifying`. Memory grows with the archive by a few bytes a comment.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec

from outspoken.discussion.place import LARGEST_NUMBER
from outspoken.discussion.state import State
from outspoken.store.numbers import Numbers
from outspoken.text.legible import one_line
from outspoken.text.markup import Markup
from outspoken.transfer.archive.container import MAGIC, Container
from outspoken.transfer.archive.lines import (
    DATA,
    KINDS,
    MANIFEST,
    NAME,
    README,
    SIGNATURE,
    AddressLine,
    AuthorLine,
    CommentLine,
    DecisionLine,
    Member,
    SiteLine,
    ThreadLine,
    from_minute,
)
from outspoken.transfer.archive.manifest import FIRST, check_names, file_of, manifest_in
from outspoken.transfer.archive.spots import Spots, holds
from outspoken.transfer.records import Unreadable

LONGEST_LINE = 16 * 1024**2
_HEADER = 30
"""Bytes of a zip before the name of its first member."""
_LARGEST_MANIFEST = 512 * 1024**2
_LARGEST_SIGNATURE = 4096
_MARKUPS = frozenset(markup.value for markup in Markup)
_TIMES = ("created", "edited", "listed", "opened", "published", "active", "made")

L = TypeVar("L")


def is_archive(path: Path) -> bool:
    """Tell from the beginning of a file whether it is an archive."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER + len(README))
    except OSError:
        return False
    return head.startswith(MAGIC) and head[_HEADER:] == README.encode()


@dataclass(frozen=True, slots=True)
class Read:
    """A comment with what only its neighbours tell."""

    comment: CommentLine
    depth: int
    """0 for a root."""
    author: AuthorLine | None
    """Its author, where it is the first to name them."""


@dataclass(frozen=True, slots=True)
class ThreadParts:
    """A thread and what belongs to it. Each of the streams can be read once."""

    thread: ThreadLine
    addresses: Iterator[AddressLine]
    comments: Iterator[Read]
    decisions: Callable[[int], Iterator[DecisionLine]]
    """Gives what is left of the decisions on comments up to a number that was read."""


class Archive:
    """An archive that was opened, its manifest read; `site` and `threads` stream what it holds."""

    def __init__(self, path: Path) -> None:
        """Open the archive at `path`.

        Raises:
            Unreadable: if it isn't one, or one of another version.
        """
        self.container = Container(path)
        self._spots = Spots()
        try:
            self.manifest_bytes = self._small(MANIFEST, _LARGEST_MANIFEST)
            self.manifest = manifest_in(self.manifest_bytes)
            check_names(self.manifest, self.container.names())
        except BaseException:
            self.container.close()
            raise

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, kind: type[BaseException] | None, it: BaseException | None, trace: TracebackType | None) -> None:
        self.container.close()

    def told_of(self, kind: str) -> Member:
        """Return what the manifest says of the lines of a kind."""
        return self.manifest.members[FIRST.index(file_of(kind))]

    @property
    def signature(self) -> bytes | None:
        """What stands in `manifest.sig`, if it is there."""
        return self._small(SIGNATURE, _LARGEST_SIGNATURE) if SIGNATURE in self.container.names() else None

    @property
    def is_increment(self) -> bool:
        """Whether it holds only what differs from another one."""
        return self.manifest.since is not None

    @property
    def is_complete(self) -> bool:
        """Whether it holds more than readers see."""
        return self.manifest.profile == "complete"

    def site(self) -> SiteLine:
        """Return the site.

        Raises:
            Unreadable: if there isn't exactly one.
        """
        found: list[SiteLine] = [line for _, line in self.lines("site")]
        if len(found) != 1 or found[0].name != self.manifest.site:
            raise Unreadable(f"{DATA}site.ndjson isn't the one line about the site that the manifest names.")
        return found[0]

    def threads(self) -> Iterator[ThreadParts]:
        """Yield every thread; what of its parts wasn't read is read before the next.

        Raises:
            Unreadable: at whatever isn't as the format says, with its file and line.
        """
        addresses: _Stream[AddressLine] = _Stream(self, "addresses")
        authors: _Stream[AuthorLine] = _Stream(self, "authors")
        comments: _Stream[CommentLine] = _Stream(self, "comments")
        decisions: _Stream[DecisionLine] = _Stream(self, "decisions")
        last = ""
        for at, thread in self.lines("threads"):
            if thread.id <= last or (self.manifest.thread or thread.id) != thread.id:
                raise Unreadable(f"{at}: the thread {thread.id} isn't in its place.")
            last = thread.id
            discussion = _Discussion(thread, authors, comments, self)
            parts = ThreadParts(thread, addresses.of(last), discussion.read(), partial(discussion.decided, decisions))
            yield parts
            for stream in (parts.addresses, parts.comments, parts.decisions(LARGEST_NUMBER)):
                for _ in stream:
                    pass
            discussion.close()
            self._spots.add(last, discussion.numbers)
        for rest in (addresses, authors, comments, decisions):
            rest.close()

    def has(self, thread: str, number: int) -> bool:
        """Tell whether it holds a comment, or with the number 0 a thread. The threads have to be read before."""
        return self._spots.has(thread, number)

    def lines(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield (where it stands, line) of a kind, each of which is right by itself.

        Raises:
            Unreadable: if one isn't, or their number isn't.
        """
        name, shape = file_of(kind), KINDS[kind]
        decode = msgspec.json.Decoder(shape).decode
        count = 0
        for count, raw in enumerate(split(self.container.pieces(name)), start=1):
            at = f"{name}, line {count}"
            try:
                line = decode(raw)
                for field in _TIMES:
                    from_minute(getattr(line, field, None))
            except ValueError as wrong:
                raise Unreadable(f"{at}: {wrong}.") from None
            yield at, line
        if count != (told := self.told_of(kind).lines):
            raise Unreadable(f"{name} has {count} lines, not the {told} of the manifest.")

    def _small(self, name: str, limit: int) -> bytes:
        if name not in self.container.names():
            raise Unreadable(f"it is a zip, but no {NAME}: there is no {name} in it.")
        return b"".join(self.container.pieces(name, limit))


class _Stream(Generic[L]):
    """The lines of one kind, given out thread by thread."""

    def __init__(self, archive: Archive, kind: str) -> None:
        self._lines = archive.lines(kind)
        self._next: tuple[str, Any] | None = next(self._lines, None)
        self._last: tuple[Any, ...] = ()

    def of(self, thread: str, until: int = LARGEST_NUMBER) -> Iterator[L]:
        """Yield the lines of a thread, which are the next ones, up to the number `until` if they have numbers."""
        while self._next is not None and self._next[1].thread == thread:
            at, line = self._next
            if getattr(line, "number", 0) > until:
                return
            if (order := _order(line)) is not None:
                if order <= self._last:
                    raise Unreadable(f"{at}: isn't in its place, or is there twice.")
                self._last = order
            self._next = next(self._lines, None)
            yield line

    def close(self) -> None:
        """Make sure that nothing is left over.

        Raises:
            Unreadable: if a line is of a thread that isn't there.
        """
        if self._next is not None:
            at, line = self._next
            raise Unreadable(f"{at}: the thread {line.thread} isn't there, or not in its place.")


def _order(line: Any) -> tuple[Any, ...] | None:
    match line:
        case AddressLine():
            return (line.thread, line.address)
        case CommentLine():
            return (line.thread, line.number)
        case DecisionLine():
            return (line.thread, line.number, line.sequence)
    return None


class _Discussion:
    """The comments of one thread, each looked at as it comes."""

    def __init__(
        self, thread: ThreadLine, authors: _Stream[AuthorLine], comments: _Stream[CommentLine], archive: Archive
    ) -> None:
        self._thread = thread
        self._authors = authors.of(thread.id)
        self._comments = comments.of(thread.id)
        self._is_complete = archive.is_complete
        self._is_increment = archive.is_increment
        self.numbers = array("I")
        self._depths = array("I")
        self._named = Numbers()
        self._published = 0

    def read(self) -> Iterator[Read]:
        """Yield the comments."""
        for comment in self._comments:
            if wrong := self._fault(comment):
                raise Unreadable(f"comment {comment.number} of thread {comment.thread} {wrong}.")
            depth = self._depth_below(comment.parent)
            self.numbers.append(comment.number)
            self._depths.append(depth)
            self._published += comment.state is State.PUBLISHED
            yield Read(comment, depth, self._new_author(comment))

    def decided(self, decisions: "_Stream[DecisionLine]", until: int) -> Iterator[DecisionLine]:
        """Yield the decisions on comments up to a number."""
        for line in decisions.of(self._thread.id, until):
            if not self._is_increment and not holds(self.numbers, line.number):
                raise Unreadable(
                    f"something was decided on comment {line.number} of thread {line.thread}: there is none."
                )
            yield line

    def _new_author(self, comment: CommentLine) -> AuthorLine | None:
        if comment.author is None or comment.author in self._named:
            return None
        author = next(self._authors, None)
        if author is None or author.number != comment.author or author.number > self._thread.last_author:
            raise Unreadable(
                f"comment {comment.number} of thread {comment.thread} names author {comment.author}, "
                "who isn't the next in the file of authors."
            )
        if not self._is_complete and (author.key_hash is not None or author.source is not None):
            raise Unreadable(f"author {author.number} of thread {comment.thread} holds what isn't public.")
        self._named.add(author.number)
        return author

    def close(self) -> None:
        """Make sure that it was all.

        Raises:
            Unreadable: if somebody is left who wrote nothing, or the count is wrong.
        """
        if next(self._authors, None) is not None:
            raise Unreadable(f"in thread {self._thread.id} there are authors whom no comment names.")
        if self._published != self._thread.comments and not self._is_increment:
            raise Unreadable(
                f"thread {self._thread.id} counts {self._thread.comments} comments, {self._published} are published."
            )

    def _depth_below(self, parent: int) -> int:
        """Return the depth of a reply; one to what an increment doesn't hold counts as the first level."""
        if not parent:
            return 0
        return self._depths[bisect_left(self.numbers, parent)] + 1 if holds(self.numbers, parent) else 1

    def _has_parent(self, comment: CommentLine) -> bool:
        return not comment.parent or holds(self.numbers, comment.parent)

    def _fault(self, comment: CommentLine) -> str:
        if comment.number > self._thread.last_number:
            return "has a higher number than the thread gave out"
        if comment.parent >= comment.number or not (self._is_increment or self._has_parent(comment)):
            return f"replies to {comment.parent}, which doesn't come before it"
        if comment.was and not self._is_increment:
            return "tells how it was, as only increments do"
        if comment.source is not None and comment.markup not in _MARKUPS:
            return f"is written in “{one_line(comment.markup, 40)}”, which isn't known"
        if comment.source is None and comment.state is State.PUBLISHED:
            return "is published, but has no text"
        is_bare = comment.source is None and comment.author is None and not comment.quotes and not comment.html
        if comment.state is State.DELETED and not (is_bare and comment.created is None and comment.origin is None):
            return "was deleted, but something of it is there"
        if comment.state is not State.PUBLISHED and not self._is_complete and not is_bare:
            return "isn't public, but something of it is there"
        return ""


def split(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file without their ends.

    Raises:
        Unreadable: if one is longer than any is, or the last one isn't ended.
    """
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > LONGEST_LINE:
            raise Unreadable(f"a line is longer than {LONGEST_LINE // 1024**2} MiB.")
    if rest:
        raise Unreadable("the last line isn't ended.")
