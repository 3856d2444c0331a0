"""What every route works with: the database, the writer, pages, limits, and the sources of time and chance."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import TypeVar

import sqlalchemy as sa
from litestar.di import NamedDependency

from outspoken.figures import Figures
from outspoken.identity.keys import key_from_form, new_key
from outspoken.moderation.common_limiter import CommonLimiter
from outspoken.moderation.limiter import AnyLimiter, Limiter
from outspoken.pages.doors import FRAME
from outspoken.pages.fragments import Fragments
from outspoken.pages.rendering import Pages
from outspoken.pages.snapshots import LEASE, Snapshots
from outspoken.settings import Settings
from outspoken.store.ballast import NONE, Ballast
from outspoken.store.batch import Joint
from outspoken.store.beginning import Beginning, begin
from outspoken.store.channel import Listener, teller
from outspoken.store.database import Database
from outspoken.store.erasures import Erasures
from outspoken.store.publishing import publish_all
from outspoken.store.redirects import former_spots
from outspoken.store.reports import Report, report
from outspoken.store.sealing import Entropy
from outspoken.store.sites import site_named
from outspoken.store.submission import Receipt, Submission
from outspoken.store.threads import thread_by_id
from outspoken.store.votes import Ballot, Tally, vote_all
from outspoken.store.writer import Changed, Unavailable, Work, Writer, tell_nobody
from outspoken.web.commons import Commons
from outspoken.web.leases import Leases
from outspoken.web.live import Live, News
from outspoken.web.purging import Purger
from outspoken.web.scenes import Scenes
from outspoken.web.tickets import Tickets, table_of_tickets
from outspoken.web.tokens import Tokens
from outspoken.web.turns import Turns

T = TypeVar("T")
_log = logging.getLogger("outspoken.web")


def current_minute() -> datetime:
    """Return the time; the store keeps no more than its minute."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Server:
    """One running site server. `close` it to write what waits."""

    database: Database
    settings: Settings
    base: str
    """Where readers find it, such as `https://talk.example`; no slash at the end."""
    now: Callable[[], datetime] = current_minute
    entropy: Entropy = urandom
    steady: Callable[[], float] = time.monotonic
    settle: float = 0.25
    """Seconds for which strangers may be shown a page to which something was added."""
    figures: Figures = field(default_factory=lambda: Figures(started=time.time()))
    """What is counted of this process."""
    ballast: Ballast = NONE
    erasures: Erasures | None = None
    """Where it is noted what was erased; None where nothing is kept."""
    commons: Commons | None = None
    """What it has in common with the other processes of its server, None if it is alone."""
    place: int = 0
    """Its place on their board."""
    listen_at: sa.URL | None = None
    """Where to hear what other processes change, if that is another address than the database's."""
    must_erase: bool = True
    """Whether something may have been erased whose traces below the rows are still to be cleared.

    It begins as True: the process before this one may have ended in between.
    """
    pages: Pages = field(init=False)
    framed: Pages = field(init=False)
    """The same pages in a frame of another's page."""
    fragments: Fragments = field(init=False)
    snapshots: Snapshots = field(init=False)
    leases: Leases = field(init=False)
    limiter: AnyLimiter = field(init=False)
    tokens: Tokens = field(init=False)
    tickets: Tickets = field(init=False)
    live: Live = field(init=False)
    scenes: Scenes = field(init=False)
    purger: Purger = field(init=False)
    turns: Turns = field(init=False)
    _first_keys: bytes = field(init=False)
    writer: Writer = field(init=False)
    _name: str = field(init=False)
    _listener: Listener | None = field(init=False, default=None)
    _readers: ThreadPoolExecutor = field(init=False)
    _publish: Joint = field(init=False)

    def __post_init__(self) -> None:
        self.pages = Pages(self.base)
        self.framed = Pages(self.base, FRAME, self.pages.articles, self.pages.tongues)
        self.fragments = Fragments(self.base, self.pages.articles, self.pages.tongues)
        self.snapshots = Snapshots(self.settle)
        self.leases = Leases(self.database, self.steady)
        if self.commons is None:
            self.limiter = Limiter(self.entropy, self.now)
            self.tokens, self._first_keys = Tokens(self.entropy(32)), self.entropy(32)
            self.tickets = Tickets(table_of_tickets(), self.entropy)
        else:
            self.limiter = CommonLimiter(self.commons.counts, self.entropy, self.now)
            self.tokens, self._first_keys = Tokens(self.commons.form_key), self.commons.first_keys
            self.tickets = Tickets(self.commons.tickets, self.entropy)
        self.live = Live(self._news, self.steady, lambda: int.from_bytes(self.entropy(4)) / 2**32, self.figures)
        self.scenes = Scenes(LEASE)
        self.turns = Turns(self.steady)
        self.purger = Purger(self.settings.cache.purge)
        self._name = self.entropy(8).hex()
        self.writer = Writer(
            self.database,
            self._announce,
            self.ballast,
            self.figures,
            tell=tell_nobody if self.database.is_sqlite else teller(self._name),
            coming=self.turns.__len__,
        )

        def publish(connection: sa.Connection, submissions: Sequence[Submission]) -> Sequence[object]:
            return publish_all(connection, submissions, self.now(), self.entropy)

        self._publish = publish
        self._readers = ThreadPoolExecutor(2, "reader")

    @property
    def is_secure(self) -> bool:
        """Whether readers come over TLS."""
        return self.base.startswith("https://")

    def framed_in(self, tag: str) -> Pages:
        """Return the pages in a frame in the language called `tag`, one of those there are; empty: the site's."""
        if not tag:
            return self.framed
        return Pages(self.base, replace(FRAME, tag=tag), self.pages.articles, self.pages.tongues)

    def already_open(self, now: datetime) -> datetime:
        """Return when a form that comes back to its writer counts as opened: long enough ago to be sent at once."""
        return now - timedelta(seconds=self.settings.limits.fastest_form_seconds)

    def first_key(self, submission: bytes | None) -> bytes:
        """Return the key for a browser that has none: the same for every attempt to send the same form.

        `submission` is known only to the page that form stands on; None for the form that everybody is shown alike.
        """
        return new_key(self.entropy) if submission is None else key_from_form(self._first_keys, submission)

    async def read(self, question: Callable[[sa.Connection], T]) -> T:
        """Ask the database something short.

        A question to a file costs less than handing it to a thread; one to a server waits for the network.

        Raises:
            Unavailable: if the database doesn't answer.
        """
        if self.database.is_sqlite:
            return self._read(question)
        return await self.aside(lambda: self._read(question))

    async def aside(self, work: Callable[[], T]) -> T:
        """Do something longer than an answer may take, on one of the readers' threads."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def publish(self, submission: Submission) -> Receipt:
        """Have a comment taken in together with all that wait for the same thread; returns once it is on disk.

        Raises:
            Refusal: as the store's `publish` says.
            Unavailable: if it can't be written now.
        """
        size = len(submission.body.source) + len(submission.body.html)
        answer = self.writer.submit_joint(submission.thread, self._publish, submission, size)
        receipt: Receipt = await asyncio.wrap_future(answer)
        return receipt

    async def begin(self, beginning: Beginning, submission: Submission) -> Receipt:
        """Have a discussion opened by its first comment; returns once both are on disk.

        Raises:
            Begun: if another has opened it meanwhile.
            Refusal, Unavailable: as `publish` says.
        """

        def work(connection: sa.Connection) -> Receipt:
            return begin(connection, beginning, submission, self.now(), self.entropy)

        size = len(submission.body.source) + len(submission.body.html)
        return await asyncio.wrap_future(self.writer.submit(submission.thread, work, size))

    async def vote(self, ballot: Ballot) -> Tally:
        """Have a vote counted together with all that are given in the same thread; returns once it is on disk.

        Raises:
            Refusal: as the store's `vote` says.
            Unavailable: if it can't be written now.
        """
        tally: Tally = await asyncio.wrap_future(self.writer.submit_joint(ballot.thread, vote_all, ballot))
        return tally

    async def report(self, made: Report) -> None:
        """Have a report kept; returns once it is on disk.

        Raises:
            Refusal: as the store's `report` says.
            Unavailable: if it can't be written now.
        """
        await asyncio.wrap_future(self.writer.submit(made.thread, lambda connection: report(connection, made)))

    async def change(self, thread: str, work: Work[T], size: int = 0) -> T:
        """Hand work that may hide or alter something to the writer, and return its result once nobody is shown it.

        Raises:
            Unavailable: if it can't be written now.
        """
        result = await asyncio.wrap_future(self.writer.submit_change(thread, work, size))
        if not self.database.is_sqlite:
            # Other processes may be serving this database. None of them shows a page for longer without asking.
            await asyncio.sleep(LEASE)
        await self.purger.now(thread)
        return result

    async def note_erased(self, thread: str, *numbers: int) -> None:
        """Note what was erased where no older copy of the database brings it back from."""
        if self.erasures is not None:
            try:
                erased = [(thread, number) for number in numbers]
                for number in numbers:
                    erased += await self._former(thread, number)
                await asyncio.to_thread(self.erasures.add, erased)
            except OSError as wrong:
                # It is erased all the same, and the next backup notes it from the database.
                _log.error("an erasure couldn't be noted in %s", self.erasures.file, exc_info=wrong)

    async def _former(self, thread: str, number: int) -> list[tuple[str, int]]:
        """Return the addresses a comment has in older copies of the database."""
        try:
            spots = await self.read(lambda connection: former_spots(connection, thread, number))
        except Unavailable:
            # The next backup notes those from the database too.
            return []
        return [(spot.thread, spot.number) for spot in spots]

    def listen(self) -> None:
        """Begin to hear what other processes change. A file has no others."""
        if not self.database.is_sqlite:
            self._listener = Listener(self.listen_at or self.database.url, self._name, self._hear)

    def close(self) -> None:
        """Write what waits and close the database."""
        self.writer.close()
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._readers.shutdown()
        self.purger.close()
        self.leases.close()
        self.database.close()

    def _read(self, question: Callable[[sa.Connection], T]) -> T:
        try:
            with self.database.reading() as connection:
                return question(connection)
        except (sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.IntegrityError):
            raise
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as failure:
            raise Unavailable("It can't be read at the moment. Please try again in a minute.") from failure

    async def _news(self, thread: str) -> News:
        def look(connection: sa.Connection) -> News:
            found = thread_by_id(connection, thread)
            return News(found.version, found.comments, site_named(connection, found.site).live_tick)

        return await self.read(look)

    def _announce(self, changed: Changed) -> None:
        self.purger.soon(changed.added)
        self._take_note(changed)

    def _hear(self, changed: Changed | None) -> None:
        if changed is None:
            self.pages.articles.forget_all()
            self.snapshots.doubt()
            self.live.tell_all()
        else:
            self._take_note(changed)

    def _take_note(self, changed: Changed) -> None:
        self.pages.articles.forget(changed.altered)
        self.snapshots.drop(changed.altered)
        self.snapshots.age(changed.added)
        self.live.tell(changed.added | changed.altered)


Given = NamedDependency[Server]
"""How a route asks for the server."""

Dressed = NamedDependency[Pages]
"""How a route asks for the pages of the door it is reached through."""
