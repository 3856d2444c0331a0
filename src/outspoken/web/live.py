"""Telling open pages that there is more: a number and a count, never a text.

Theory of operation: a page that follows a thread waits for nothing but its own end; whoever tells finds it in a list.
When a thread changes, it is read once, the event is written once, and the same bytes are sent to all. A thread that
changes faster than anybody can read is told of once in a while, with what is true by then; a site at risk tells only on
a tick, and a little later by chance, so that nobody can match an event to the moment at which somebody wrote. A page
that doesn't take what it is sent is let go: its browser comes back by itself, and says what it heard last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from outspoken.discussion.errors import NotFound
from outspoken.figures import Figures
from outspoken.store.writer import Unavailable

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]

HEARTBEAT = 20.0
"""Seconds after which all that follow are told that we are still there; so a dead connection is noticed."""
PAUSE = 0.5
"""Seconds between two events of one thread at least."""
SHARE = 2.0
"""Times the last telling has taken that go by before the next: a third of a core at most goes into it."""
PATIENCE = 15.0
"""Seconds that a page may take to receive an event."""
MOST = 20_000
"""Pages that may follow in one process. Others are asked to look for themselves once in a while."""
_SENT_AT_ONCE = 500
_BEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class News:
    """What is told of a thread."""

    version: int
    comments: int
    tick: float = 0.0
    """Seconds between two moments at which its site tells anything; 0 for at once."""

    @property
    def event(self) -> bytes:
        """The news as a server-sent event, which says after which version to go on."""
        told = msgspec.json.encode({"comments": self.comments, "version": self.version})
        return b"event: change\nid: %d\ndata: %s\n\n" % (self.version, told)


@dataclass(slots=True, eq=False)
class Page:
    """An open page. What can't be sent to it at once waits alone."""

    send: Send
    end: Callable[[], object]
    """Lets it go."""
    sending: "asyncio.Task[None] | None" = None
    missed: Message | None = None
    """The latest that came while it was still being sent something."""


@dataclass(slots=True, eq=False)
class Followed:
    """A thread that pages follow, and what they have been told of it."""

    thread: str
    news: News = News(0, 0)
    pages: set[Page] = field(default_factory=set)
    guests: int = 0
    """Pages that follow or are about to."""
    told: float = 0.0
    pause: float = PAUSE
    due: asyncio.TimerHandle | None = None
    telling: "asyncio.Task[None] | None" = None


class Live:
    """The pages of this process that follow threads."""

    def __init__(
        self,
        look: Callable[[str], Awaitable[News]],
        steady: Callable[[], float],
        chance: Callable[[], float],
        figures: Figures,
    ) -> None:
        self._look = look
        self._steady = steady
        self._chance = chance
        """A number from 0 up to 1, not to be foretold."""
        self._figures = figures
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followed: dict[str, Followed] = {}
        self._beating: asyncio.TimerHandle | None = None
        self.count = 0
        """How many pages follow."""

    @property
    def is_full(self) -> bool:
        """Whether no more pages can follow."""
        return self.count >= MOST

    async def join(self, thread: str) -> Followed:
        """Return what pages that follow a thread have been told of it. Whoever joins has to `leave`.

        From here on no change is missed: the thread is listened for before it is read.

        Raises:
            NotFound: if there is no such thread.
            Unavailable: if the database doesn't answer.
        """
        self._loop = asyncio.get_running_loop()
        followed = self._followed.setdefault(thread, Followed(thread))
        followed.guests += 1
        if not followed.news.version:
            try:
                self._hear(followed, await self._look(thread))
            except BaseException:
                self._forget(followed)
                raise
        return followed

    def follow(self, followed: Followed, page: Page) -> None:
        """Tell a page of every change from now on."""
        followed.pages.add(page)
        self.count += 1
        if self._beating is None and self._loop is not None:
            self._beating = self._loop.call_later(HEARTBEAT, self._beat)

    def leave(self, followed: Followed, page: Page) -> None:
        """Forget a page."""
        if page in followed.pages:
            followed.pages.discard(page)
            self.count -= 1
        if page.sending is not None:
            page.sending.cancel()
        self._forget(followed)

    def _forget(self, followed: Followed) -> None:
        followed.guests -= 1
        if not followed.guests:
            del self._followed[followed.thread]
            if followed.due is not None:
                followed.due.cancel()

    @staticmethod
    def _hear(followed: Followed, news: News) -> bool:
        # Version 12 must never be told after 13, which two readings that overtake each other could do.
        if news.version <= followed.news.version:
            return False
        followed.news = news
        return True

    def tell(self, threads: Iterable[str]) -> None:
        """Tell the pages that follow these threads that something has changed. May be called from any thread."""
        if self._loop is not None and self._followed:
            self._loop.call_soon_threadsafe(self._changed, tuple(threads))

    def tell_all(self) -> None:
        """Tell all pages whose threads have changed. May be called from any thread."""
        if self._loop is not None and self._followed:
            self._loop.call_soon_threadsafe(lambda: self._changed(tuple(self._followed)))

    def end(self) -> None:
        """Let all pages go: the server stops."""
        for followed in self._followed.values():
            for page in followed.pages:
                page.end()
        if self._beating is not None:
            self._beating.cancel()

    def _changed(self, threads: Iterable[str]) -> None:
        for thread in threads:
            followed = self._followed.get(thread)
            if followed is not None and followed.due is None and self._loop is not None:
                followed.due = self._loop.call_later(self._delay(followed), self._begin, thread)

    def _delay(self, followed: Followed) -> float:
        now, tick = self._steady(), followed.news.tick
        if tick:
            return tick - now % tick + self._chance() * tick / 4
        return max(0.0, followed.told + followed.pause - now)

    def _begin(self, thread: str) -> None:
        followed = self._followed.get(thread)
        if followed is not None:
            followed.due = None
            followed.told = self._steady()
            followed.telling = asyncio.ensure_future(self._tell(thread, followed))

    async def _tell(self, thread: str, followed: Followed) -> None:
        try:
            news = await self._look(thread)
        except (NotFound, Unavailable):
            # The database is away: what has changed will be told with the next change, or when the page comes back.
            return
        if self._hear(followed, news):
            self._figures.live_events += len(followed.pages)
            await self._send(followed.pages, news.event)
            followed.pause = max(PAUSE, SHARE * (self._steady() - followed.told))

    async def _send(self, pages: Iterable[Page], content: bytes) -> None:
        message = body(content)
        waiting = list(pages)
        while waiting:
            some, waiting = waiting[:_SENT_AT_ONCE], waiting[_SENT_AT_ONCE:]
            for page in some:
                if page.sending is None:
                    page.sending = asyncio.ensure_future(self._send_to(page, message))
                else:
                    page.missed = message
            await asyncio.sleep(0)

    async def _send_to(self, page: Page, message: Message) -> None:
        following: Message | None = message
        try:
            while following is not None:
                async with asyncio.timeout(PATIENCE):
                    await page.send(following)
                following, page.missed = page.missed, None
        except (TimeoutError, OSError):
            self._figures.live_dropped += 1
            page.end()
        finally:
            page.sending = None

    def _beat(self) -> None:
        self._beating = None
        if self._loop is not None and self._followed:
            self._beating = self._loop.call_later(HEARTBEAT, self._beat)
            everybody = [page for followed in self._followed.values() for page in followed.pages]
            self._beater = asyncio.ensure_future(self._send(everybody, _BEAT))


def body(content: bytes) -> Message:
    """Return the message that sends a part of a stream."""
    return {"type": "http.response.body", "body": content, "more_body": True}


async def ended(receive: Callable[[], Awaitable[Message]]) -> None:
    """Return when the page at the other side is gone."""
    with suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
