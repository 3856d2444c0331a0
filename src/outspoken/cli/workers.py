"""The processes of `outspoken serve --workers`: started, watched, started again, and replaced one after the other.

Theory of operation: there is a listening socket, a door, for each worker, all on one port, among which the kernel deals
out the connections. The supervisor keeps them; a worker is a fork that inherits one. So a door is never shut: what
knocks while its worker is dead waits for the next one, and while a worker is replaced both answer. The supervisor
itself has no thread, no connection and no event loop, or its forks would have halves of them.

Each worker has two pipes: on one it says that it answers, on the other it notices when the supervisor is gone.
"""

import logging
import os
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

import typer

_HEALTHY_SECONDS = 10.0
"""A worker that lived for this long didn't die of how it was started."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_LAST_WORD = 25.0
"""Seconds for which workers that were told to end may take to do so."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)

_log = logging.getLogger("outspoken.workers")


@dataclass(frozen=True, slots=True)
class Post:
    """Where a worker works."""

    door: int
    """Which of the listening sockets it has."""
    place: int
    """Its place among all processes that are there at this moment, from 1; a successor has another."""
    is_heir: bool
    """Whether it comes after one that may have left something undone."""
    lifeline: int
    """Can be read once the supervisor is gone."""
    answers: Callable[[], None]
    """To be called when it answers."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: int
    door: int
    place: int
    news: int
    """Can be read once it answers, or is dead."""
    began: float
    answers: bool = False
    is_told_to_end: bool = False


@dataclass(slots=True)
class _Door:
    """What the supervisor knows of a listening socket."""

    worker: _Worker | None = None
    successor: _Worker | None = None
    due: float | None = 0.0
    """When a worker is to be started, None if there is one."""
    pause: float = 0.0
    is_left_undone: bool = False


class Supervisor:
    """Keeps a worker at each door until it is told to stop. Meant to be the only thing that its process does."""

    def __init__(
        self,
        doors: int,
        work: Callable[[Post], None],
        on_start: Callable[[], None] = lambda: None,
        on_end: Callable[[int], None] = lambda _place: None,
    ) -> None:
        """`work` is done in each worker's process.

        `on_start` is called once, when all answer; `on_end` with the place of each process that has ended.
        """
        self._work = work
        self._on_start = on_start
        self._on_end = on_end
        self._doors = [_Door() for _ in range(doors)]
        # Something is left undone by whatever served this database before; one of them looks after it.
        self._doors[0].is_left_undone = True
        self._workers: dict[int, _Worker] = {}
        self._renewing: deque[_Door] = deque()
        self._ends_at: float | None = None
        self._is_started = False
        self._lifeline, self._rope = os.pipe()
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Keep the workers until SIGTERM or SIGINT; on SIGHUP, replace them one after the other."""
        with _signals() as bell:
            self._bell = bell
            self._selector.register(bell, selectors.EVENT_READ)
            while self._ends_at is None or self._workers:
                self._start_what_is_due()
                self._renew()
                for key, _ in self._selector.select(self._patience()):
                    if key.fd == bell:
                        self._obey(os.read(bell, 4096))
                    else:
                        self._hear(key.data)

    def _patience(self) -> float | None:
        """Return for how many seconds nothing has to be done."""
        if self._ends_at is not None:
            return max(0.0, self._ends_at - time.monotonic())
        dues = [door.due for door in self._doors if door.due is not None]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        if self._ends_at is None:
            for door in self._doors:
                if door.due is not None and door.due <= now:
                    door.worker, door.due = self._fork(door), None
        elif now >= self._ends_at:
            for process in self._workers:
                os.kill(process, signal.SIGKILL)

    def _renew(self) -> None:
        """Start the successor of the next worker that is to be replaced, if none is on its way."""
        if self._renewing and len(self._workers) <= len(self._doors):
            door = self._renewing.popleft()
            if door.worker is not None:
                door.successor = self._fork(door)

    def _obey(self, signals: bytes) -> None:
        if signal.SIGTERM in signals or signal.SIGINT in signals:
            self._end()
        if signal.SIGCHLD in signals:
            self._bury()
        if signal.SIGHUP in signals and self._ends_at is None:
            self._renewing = deque(self._doors)

    def _end(self) -> None:
        if self._ends_at is None:
            self._ends_at = time.monotonic() + _LAST_WORD
            for worker in self._workers.values():
                self._tell_to_end(worker)

    @staticmethod
    def _tell_to_end(worker: _Worker) -> None:
        worker.is_told_to_end = True
        os.kill(worker.process, signal.SIGTERM)

    def _hear(self, worker: _Worker) -> None:
        """Take note that a worker answers. If it is dead, its end is told by a signal."""
        if worker.news < 0:
            return
        worker.answers = bool(os.read(worker.news, 1))
        self._forget_news(worker)
        door = self._doors[worker.door]
        if worker.answers and worker is door.successor:
            before, door.worker, door.successor = door.worker, worker, None
            if before is not None:
                self._tell_to_end(before)
        if not self._is_started and all(door.worker and door.worker.answers for door in self._doors):
            self._is_started = True
            self._on_start()

    def _bury(self) -> None:
        with suppress(ChildProcessError):
            while (dead := os.waitpid(-1, os.WNOHANG))[0]:
                process, status = dead
                worker = self._workers.pop(process)
                self._forget_news(worker)
                self._on_end(worker.place)
                self._replace(worker, os.waitstatus_to_exitcode(status))

    def _replace(self, worker: _Worker, status: int) -> None:
        """See to it that a worker that has ended is followed by another one, if it was to go on."""
        door = self._doors[worker.door]
        if status:
            door.is_left_undone = True
        if not worker.is_told_to_end:
            _log.error("a worker ended by itself and is followed by another one")
        if worker is door.successor:
            # The one before it still works, and whatever was wrong would be wrong with the next one too.
            door.successor = None
            self._renewing.clear()
        elif worker is door.worker:
            now = time.monotonic()
            is_healthy = now - worker.began >= _HEALTHY_SECONDS
            # Whoever comes after one that worked is tried at once, and then less and less often.
            door.pause = 0.0 if is_healthy else min(max(_FIRST_PAUSE, door.pause * 2), _LONGEST_PAUSE)
            door.worker, door.successor = door.successor, None
            door.due = None if door.worker else now + door.pause

    def _forget_news(self, worker: _Worker) -> None:
        if worker.news >= 0:
            self._selector.unregister(worker.news)
            os.close(worker.news)
            worker.news = -1

    def _fork(self, door: _Door) -> _Worker:
        number = self._doors.index(door)
        place = next(place for place in range(1, 2 * len(self._doors) + 2) if place not in self._places())
        news, speaking = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that meets a worker before it has handlers of its own must neither be lost nor be told as ours.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        process = os.fork()
        if not process:
            os.close(news)
            self._be_worker(Post(number, place, door.is_left_undone, self._lifeline, lambda: _say(speaking)))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(speaking)
        door.is_left_undone = False
        worker = self._workers[process] = _Worker(process, number, place, news, time.monotonic())
        self._selector.register(news, selectors.EVENT_READ, worker)
        return worker

    def _places(self) -> set[int]:
        return {worker.place for worker in self._workers.values()}

    def _be_worker(self, post: Post) -> None:
        """Work, and never return."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            # A terminal that is closed tells all its processes; only the supervisor knows what to do.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._selector.close()
            os.close(self._bell)
            os.close(self._rope)
            for other in self._workers.values():
                if other.news >= 0:
                    os.close(other.news)
            self._work(post)
            status = 0
        except typer.Exit as refusal:
            status = refusal.exit_code
        except BaseException:
            _log.exception("a worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            # Whatever the supervisor would do at its end is not the worker's to do.
            os._exit(status)


def places_for(workers: int) -> int:
    """Return how many processes there can be at a time: at each door one that ends and one that begins."""
    return 2 * workers + 1


def _say(speaking: int) -> None:
    os.write(speaking, b"!")
    os.close(speaking)


@contextmanager
def _signals() -> Iterator[int]:
    """Have signals written to a pipe, and give its end."""
    bell, rope = os.pipe()
    os.set_blocking(rope, False)

    def ring(_number: int, _frame: FrameType | None) -> None:
        """The pipe says all."""

    before = {number: signal.signal(number, ring) for number in _SIGNALS}
    earlier = signal.set_wakeup_fd(rope, warn_on_full_buffer=False)
    try:
        yield bell
    finally:
        signal.set_wakeup_fd(earlier)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(bell)
        os.close(rope)
