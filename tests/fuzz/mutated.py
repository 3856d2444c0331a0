"""Give a reader many mutated files: each is read, in part or whole, or refused in one line; soon, and in little memory.

`python -m tests.fuzz.mutated NAME FILES [FIRST]` tries so many. File number N of a name is always the same one, so that
a finding is looked at again by `python -m tests.fuzz.mutated NAME 1 N`.
"""

import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.upgrading import upgrade
from outspoken.transfer.job import run_import
from outspoken.transfer.records import Importer, Problem, Record, SourceComment, SourceStory, Unreadable
from tests.fuzz.changing import changed
from tests.fuzz.files import TARGETS, Files, Target

LONGEST = 1.0
"""Seconds of processor time for a file of at most 64 KiB."""
_HANGS = 30
"""Seconds of processor time after which a file is left."""
_MEMORY = 512 * 1024**2
"""Bytes that may come to what there is at the beginning."""
_TAKEN_IN = 200
"""Of so many files one is brought into a database."""
_MOST_FINDINGS = 20
_MOMENT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)


TakeIn = Callable[[Importer, Path], None]


class _Hangs(BaseException):
    """Nothing that reads files may catch this."""


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise _Hangs


@dataclass
class Trial:
    """What became of the files so far."""

    name: str
    target: Target
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds, and the number of the file."""
    findings: dict[str, int] = field(default_factory=dict)
    """What went wrong where, and the number of the first file with which it did."""

    def one(self, number: int, folder: Path, take_in: TakeIn | None = None) -> None:
        """Try file `number`; `take_in` brings some of them into a database."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = self.target.place(folder, _file(self.name, self.target, number))
        begun = time.process_time()
        try:
            outcome = _looked_at(self.target.read(path))
            if take_in and self.target.importer and number % _TAKEN_IN == 0:
                take_in(self.target.importer, path)
        except Unreadable as refusal:
            outcome = "refused"
            if len(str(refusal).splitlines()) != 1 or not str(refusal).strip():
                self._find(f"a refusal that is not one line: {str(refusal)!r:.200}", number)
        except _Hangs:
            outcome = "left"
            self._find(f"more than {_HANGS} s, at {_place(sys.exc_info()[2])}", number)
        except Exception as fault:
            outcome = "failed"
            self._find(f"{type(fault).__name__}: {fault!s:.200} at {_place(fault.__traceback__)}", number)
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, (time.process_time() - begun, number))

    def _find(self, what: str, number: int) -> None:
        what = " ".join(what.split())
        if self.findings.setdefault(what, number) == number:
            print(f"{self.name} {number}: {what}", flush=True)

    def closing_line(self) -> str:
        """Return what became of all."""
        seconds, number = self.slowest
        told = ", ".join(f"{self.outcomes[outcome]:,} {outcome}" for outcome in sorted(self.outcomes))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return (
            f"{self.name}: {self.outcomes.total():,} files, {told}; slowest {seconds * 1000:.0f} ms (file {number}), "
            f"peak {peak} MB, {time.process_time():.0f} s; {len(self.findings)} findings"
        )


def _file(name: str, target: Target, number: int) -> Files:
    dice = random.Random(f"{name} {number}")
    sound = dice.choice(target.sound)
    which = dice.choice(sorted(sound))
    alike = [files[which] for files in target.sound if which in files]
    return sound | {which: changed(dice, [sound[which], *alike])}


def _looked_at(records: Iterable[Record]) -> str:
    """Hold what every reading promises."""
    outcome = "read"
    for record in records:
        if isinstance(record, SourceComment):
            assert record.source, "a comment without id"
            assert "@" not in (record.author_source or ""), "an e-mail as id"
            _in_order(record.created, record.edited)
        elif isinstance(record, SourceStory):
            assert record.source, "a story without id"
            _in_order(record.published)
        elif isinstance(record, Problem):
            assert record.what, "a problem that isn't told"
            outcome = "read in part"
    return outcome


def _in_order(*moments: datetime | None) -> None:
    for moment in moments:
        assert moment is None or (moment.tzinfo is UTC and 1970 <= moment.year < 2100), f"an odd date: {moment!r}"


def _place(trace: object) -> str:
    frames = traceback.extract_tb(trace)  # type: ignore[arg-type]
    own = [frame for frame in frames if "/outspoken/" in frame.filename] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}"


def _try(trial: Trial, numbers: Iterable[int], folder: Path) -> int:
    """Try files one after the other and return 1 if something was found."""
    signal.signal(signal.SIGPROF, _hangs)
    database = open_database(folder)
    upgrade(database, _MOMENT)
    here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (here + _MEMORY, resource.RLIM_INFINITY))

    take_in = partial(_take_in, database, random.Random(str(numbers)).randbytes, folder)
    for number in numbers:
        signal.setitimer(signal.ITIMER_PROF, _HANGS)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 2 * _HANGS, resource.RLIM_INFINITY))
        trial.one(number, folder / "tried", take_in)
        if len(trial.findings) >= _MOST_FINDINGS:
            break
    if faults := list(check(database)):
        print(f"{trial.name}: the database isn't whole: {faults[0]}")
    database.close()
    seconds, number = trial.slowest
    if seconds > LONGEST:
        trial.findings[f"{seconds:.1f} s"] = number
    print(trial.closing_line(), flush=True)
    return 1 if trial.findings or faults else 0


def _take_in(database: Database, entropy: Callable[[int], bytes], folder: Path, importer: Importer, path: Path) -> None:
    run_import(
        importer,
        path,
        database=database,
        site="harbour",
        scratch_folder=folder,
        entropy=entropy,
        now=lambda: _MOMENT,
    )


def main(name: str, files: int, first: int = 1) -> int:
    """Try them in a process of its own, which may be killed; return 1 if something was found."""
    kept = Path(tempfile.mkdtemp(prefix=f"outspoken-{name}-"))
    child = os.fork()
    if not child:
        os._exit(_try(Trial(name, TARGETS[name]()), range(first, first + files), kept))
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        print(f"{name}: killed by {signal.Signals(os.WTERMSIG(status)).name}; what was read is in {kept}/tried")
        return 1
    shutil.rmtree(kept)
    return os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
