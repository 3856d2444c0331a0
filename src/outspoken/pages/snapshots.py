"""Rendered pages in memory, compressed, gone the moment they show what nobody may see any longer.

A page is rendered when somebody asks for it and kept. What happens in its thread then does one of two things to it:
something hidden or changed drops it at once; something added only lets it age, so that a thread in which much is
written isn't rendered for each comment. Either can come while a page is being rendered: what was begun before
something was hidden is never kept.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import brotli
from backports import zstd

BUDGET = 256 * 1024 * 1024
"""Bytes that snapshots may take."""
LEASE = 1.0
"""Seconds for which a process may show a page without asking the database whether it is still current.

Whoever hides something while other processes may be serving waits that long before saying that it is done.
"""
CODINGS = (b"zstd", b"br", b"gzip")
"""Content codings, the first that is welcome first."""

MOST_NAMES = 32
"""Other request targets that lead to one snapshot."""
LONGEST_NAME = 1_024

OK = b"HTTP/1.1 200 OK\r\ndate: "
"""What an answer begins with, before the value of its first header field."""
_UNCHANGED = b"HTTP/1.1 304 Not Modified\r\ndate: "

_CHANGES_KEPT = 100_000
_CANDIDATES = 8
_OVERHEAD = 1_024

Headers = tuple[tuple[bytes, bytes], ...]


class Form:
    """A snapshot in one content coding, ready to be sent."""

    __slots__ = (
        *("_date", "_unchanged", "_unchanged_date", "_unchanged_head", "_whole"),
        *("etag", "head", "headers", "length", "unchanged_headers"),
    )

    def __init__(self, etag: bytes, coding: bytes, content: bytes, headers: Headers, kept_headers: Headers) -> None:
        self.etag = etag
        self.length = len(content)
        """Bytes of its content."""
        self._date, self._whole = b"", content
        self._unchanged_date = self._unchanged = b""
        self.unchanged_headers = ((b"etag", etag), *kept_headers)
        coded = ((b"content-encoding", coding),) if coding else ()
        self.headers = (
            *(self.unchanged_headers + headers + coded),
            (b"content-length", str(self.length).encode()),
        )
        self.head = as_lines(self.headers)
        """The header fields as they are written in HTTP/1.1, the empty line included."""
        self._unchanged_head = as_lines(self.unchanged_headers)

    @property
    def content(self) -> bytes:
        """The page in its coding."""
        return self._whole[len(self._whole) - self.length :]

    def answer(self, date: bytes) -> bytes:
        """Return the whole answer as it is written in HTTP/1.1 in the second that `date` names.

        It is put together once a second and not for each reader: copying it would take longer than finding it.
        """
        if date is not self._date:
            self._date, self._whole = date, b"".join((OK, date, b"\r\n", self.head, self.content))
        return self._whole

    def unchanged_answer(self, date: bytes) -> bytes:
        """Return what says, in the second that `date` names, that the page is still the one its reader has."""
        if date is not self._unchanged_date:
            self._unchanged_date = date
            self._unchanged = b"".join((_UNCHANGED, date, b"\r\n", self._unchanged_head))
        return self._unchanged


def as_lines(headers: Headers) -> bytes:
    """Return header fields as they are written in HTTP/1.1, the empty line included."""
    return b"".join(b"%s: %s\r\n" % field for field in headers) + b"\r\n"


@dataclass(slots=True, eq=False)
class Snapshot:
    """A rendered page. Times are in seconds of a clock that never goes back."""

    thread: str
    """The thread it shows; empty for pages that show several."""
    version: int
    content: bytes
    headers: Headers
    """What is said of the content, in whatever coding."""
    kept_headers: Headers
    """What is said even when the content needn't be sent again."""
    rendered: float
    cost: float
    """Seconds it took to render."""
    good_until: float = 0.0
    """Until when it may be shown without asking anybody."""
    is_aged: bool = False
    """Whether something has been added since."""
    digest: bytes = field(init=False)
    length: int = field(init=False)
    forms: dict[bytes, Form] = field(init=False, default_factory=dict)
    names: set[bytes] = field(init=False, default_factory=set)
    """Other request targets that lead to it."""

    def __post_init__(self) -> None:
        self.digest = sha256(self.content).hexdigest()[:20].encode()
        self.length = len(self.content)
        # A page of 60 kB becomes one of 7 kB, in a tenth of a millisecond.
        self.content = zstd.compress(self.content, level=3)

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        forms = sum(_OVERHEAD + form.length for form in self.forms.values())
        return _OVERHEAD + len(self.content) + forms + sum(map(len, self.names))

    def in_coding(self, coding: bytes) -> Form:
        """Return the page in one of `CODINGS`, or plain for none, made anew."""
        plain = zstd.decompress(self.content)
        match coding:
            case b"br":
                content = brotli.compress(plain, quality=5)
            case b"zstd":
                content = zstd.compress(plain, level=9)
            case b"gzip":
                content = gzip.compress(plain, compresslevel=6, mtime=0)
            case _:
                content = plain
        etag = b'"' + self.digest + (b"-" + coding if coding else b"") + b'"'
        return Form(etag, coding, content, self.headers, self.kept_headers)


class Snapshots:
    """Snapshots by request target. Over the budget, what is old and was cheap to render goes first."""

    def __init__(self, settle: float = 0.25, budget: int = BUDGET) -> None:
        self.settle = settle
        """Seconds for which a page to which something was added may still be shown."""
        self._budget = budget
        self._kept: OrderedDict[bytes, Snapshot] = OrderedDict()
        self._called: dict[bytes, bytes] = {}
        self._of_thread: dict[str, set[bytes]] = {}
        self._moment = 0
        self._hidden: dict[str, int] = {}
        self._added: dict[str, int] = {}
        self._forgotten = 0
        self.size = 0
        """Bytes that the snapshots take, about."""
        self.evicted = 0
        """How many had to go because the budget was full."""
        # Commits are announced from the writer's thread.
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def at(self, target: bytes) -> Snapshot | None:
        """Return the snapshot at a request target, if there is one."""
        snapshot = self._kept.get(target)
        if snapshot is None and target in self._called:
            target = self._called.get(target, target)
            snapshot = self._kept.get(target)
        if snapshot is not None:
            try:
                self._kept.move_to_end(target)
            except KeyError:
                # Dropped by the writer's thread between the two lines.
                return None
        return snapshot

    def call(self, name: bytes, target: bytes) -> None:
        """Let another request target lead to what is kept at `target`, as long as that is kept."""
        with self._lock:
            snapshot = self._kept.get(target)
            if snapshot is None or len(name) > LONGEST_NAME or len(snapshot.names) >= MOST_NAMES:
                return
            if name not in snapshot.names:
                snapshot.names.add(name)
                self._called[name] = target
                self.size += len(name)

    def form(self, snapshot: Snapshot, coding: bytes) -> Form:
        """Return a snapshot in a content coding, compressed when first asked for."""
        form = snapshot.forms.get(coding)
        if form is None:
            form = snapshot.in_coding(coding)
            if coding:
                with self._lock:
                    before = snapshot.size
                    snapshot.forms[coding] = form
                    if self._is_kept(snapshot):
                        self.size += snapshot.size - before
        return form

    def moment(self) -> int:
        """Return a mark to be taken before reading what a snapshot will show."""
        return self._moment

    def is_hidden_since(self, thread: str, moment: int) -> bool:
        """Tell whether anything was hidden or changed in a thread since a moment."""
        return self._hidden.get(thread, self._forgotten) > moment

    def keep(self, target: bytes, snapshot: Snapshot, moment: int) -> None:
        """Keep a snapshot that was begun at `moment`, unless something was hidden meanwhile."""
        with self._lock:
            if self.is_hidden_since(snapshot.thread, moment):
                return
            if self._added.get(snapshot.thread, self._forgotten) > moment:
                self._age(snapshot)
            self._remove(target)
            self._kept[target] = snapshot
            self._of_thread.setdefault(snapshot.thread, set()).add(target)
            self.size += snapshot.size
            while self.size > self._budget and self._kept:
                self._evict()

    def age(self, threads: Collection[str]) -> None:
        """Let everything that shows these threads, and the pages that show several, be rendered again soon."""
        if not threads:
            return
        with self._lock:
            for thread in self._note(self._added, threads):
                for target in self._of_thread.get(thread, ()):
                    self._age(self._kept[target])

    def drop(self, threads: Collection[str]) -> None:
        """Forget everything that shows these threads, and the pages that show several."""
        if not threads:
            return
        with self._lock:
            for thread in self._note(self._hidden, threads):
                for target in list(self._of_thread.get(thread, ())):
                    self._remove(target)

    def doubt(self) -> None:
        """Let nothing be shown any more without asking whether it is current."""
        with self._lock:
            for snapshot in self._kept.values():
                snapshot.good_until = 0.0

    def _note(self, changes: dict[str, int], threads: Collection[str]) -> set[str]:
        self._moment += 1
        if len(changes) > _CHANGES_KEPT:
            changes.clear()
            self._forgotten = self._moment
        touched = {*threads, ""}
        changes.update(dict.fromkeys(touched, self._moment))
        return touched

    def _age(self, snapshot: Snapshot) -> None:
        snapshot.is_aged = True
        snapshot.good_until = min(snapshot.good_until, snapshot.rendered + self.settle)

    def _evict(self) -> None:
        oldest = islice(self._kept.items(), _CANDIDATES)
        target, _ = min(oldest, key=lambda kept: kept[1].cost / kept[1].size)
        self._remove(target)
        self.evicted += 1

    def _is_kept(self, snapshot: Snapshot) -> bool:
        return any(self._kept.get(target) is snapshot for target in self._of_thread.get(snapshot.thread, ()))

    def _remove(self, target: bytes) -> None:
        snapshot = self._kept.pop(target, None)
        if snapshot is None:
            return
        self.size -= snapshot.size
        for name in snapshot.names:
            self._called.pop(name, None)
        targets = self._of_thread[snapshot.thread]
        targets.discard(target)
        if not targets:
            del self._of_thread[snapshot.thread]
