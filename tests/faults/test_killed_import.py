"""An import is killed at a commit, as by `kill -9`: what is there is whole, and run again it is as never broken."""

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from outspoken.cli import command_line
from outspoken.discussion.state import State
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.jobs import jobs_of
from outspoken.store.tables import comments, threads
from outspoken.store.upgrading import upgrade
from outspoken.store.windows import in_reading_order
from tests.conftest import NOW
from tests.postgres import Cluster
from tests.transfer.archive.making import archive
from tests.transfer.made_up_blogs import Made
from tests.transfer.writing_disqus import disqus
from tests.transfer.writing_wxr import wxr

FORMATS = ("disqus", "wordpress", "archive")
_COMMENTS = 1_300
"""Several transactions: a long page goes in by parts, small ones go together."""
_STATES = [State.PUBLISHED] * 9 + [State.SPAM, State.HELD]
_LONG = [
    pytest.param(format, kind, point, when, marks=pytest.mark.long)
    for format in FORMATS
    for kind in ("sqlite", "postgresql")
    for point in (0.0, 0.25, 0.5, 0.75, 1.0)
    for when in ("before", "after")
]

Shown = dict[str, list[tuple[object, ...]]]


@dataclass
class Place:
    """A database with the site "harbour", and the command line on it."""

    folder: Path
    url: str | None

    def words(self, *words: object) -> list[str]:
        """Return a command with where it works."""
        database = ["--database", self.url] if self.url else []
        return [*map(str, words), "--data", str(self.folder), *database]

    def run(self, *words: object) -> None:
        """Run a command in this process."""
        result = CliRunner().invoke(command_line(), self.words(*words), env={"OUTSPOKEN_DATABASE": ""})
        assert result.exit_code == 0, result.output

    def killed(self, when: str, commit: int, *words: object) -> None:
        """Run a command in a process of its own, until it is killed there."""
        command = [sys.executable, "-m", "tests.faults.dying", when, str(commit), *self.words(*words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr

    def opened(self) -> Database:
        """Open the database."""
        return open_database(self.folder, self.url)


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Place]]:
    """Makes an empty database of the kind that is asked for."""
    created: list[str] = []

    def make(kind: str) -> Place:
        folder = tmp_path / f"{kind}-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        url = None
        if kind == "postgresql":
            cluster: Cluster = request.getfixturevalue("cluster")
            created.append(cluster.create())
            url = cluster.url(created[-1])
        made = Place(folder, url)
        database = made.opened()
        upgrade(database, NOW)
        database.close()
        made.run("site", "add", "harbour", "--title", "The Harbour Post")
        return made

    yield make
    for name in created:
        request.getfixturevalue("cluster").drop(name)


def made_up() -> list[Made]:
    """Three pages: one with most of the comments."""
    dice = random.Random(8)
    made: list[Made] = []
    for number in range(1, _COMMENTS + 1):
        page = dice.choice((1, 1, 1, 2, 3))
        above = [comment.number for comment in made[-40:] if comment.page == page]
        written = datetime(2012, 3, 1, tzinfo=UTC) + timedelta(minutes=number)
        state = dice.choice(_STATES)
        parent = dice.choice([None, *above])
        made.append(Made(number, page, parent, f"Ann {number % 30}", f"text {number}", state, written))
    return made


def export(format: str, folder: Path) -> Path:
    """Write what is imported, and return where."""
    path = folder / f"export.{format}"
    if format == "archive":
        export_of = export("disqus", folder)
        origin = Place(folder / "origin", None)
        origin.folder.mkdir()
        origin.run("site", "add", "harbour", "--title", "The Harbour Post")
        origin.run("import", export_of, "--site", "harbour")
        database = origin.opened()
        archive(database, path, is_complete=True)
        database.close()
    else:
        path.write_bytes({"disqus": disqus, "wordpress": wxr}[format](made_up()))
    return path


def shown(place: Place) -> Shown:
    """Return every thread as it is, but for what is drawn by chance: its comments in the order of reading."""
    database = place.opened()
    assert list(check(database)) == []
    found: Shown = {}
    with database.reading() as connection:
        for id, url in connection.execute(sa.select(threads.c.id, threads.c.url)).all():
            found[url] = [
                (
                    *(one.number, one.parent, one.state, one.author and one.author.name, one.body and one.body.source),
                    *(one.created, one.up, one.down),
                )
                for one in in_reading_order(connection, id)
            ]
    database.close()
    return found


def commits_of(place: Place, *words: object) -> int:
    """Run a command and return how many transactions it committed."""
    commits = 0

    def count(_: sa.Connection) -> None:
        nonlocal commits
        commits += 1

    sa.event.listen(sa.Engine, "commit", count)
    try:
        place.run(*words)
    finally:
        sa.event.remove(sa.Engine, "commit", count)
    return commits


@pytest.mark.parametrize(
    ("format", "kind", "point", "when"),
    [
        ("disqus", "sqlite", 0.5, "before"),
        pytest.param("wordpress", "postgresql", 0.5, "after", marks=pytest.mark.postgres),
        ("archive", "sqlite", 0.75, "after"),
        *_LONG,
    ],
)
def test_an_import_that_was_killed_goes_on_and_can_be_taken_back(
    format: str, kind: str, point: float, when: str, place: Callable[[str], Place], tmp_path: Path
) -> None:
    file = export(format, tmp_path)
    words = ("import", file, "--site", "harbour")
    unbroken, broken = place(kind), place(kind)
    commits = commits_of(unbroken, *words)
    whole = shown(unbroken)
    assert sum(map(len, whole.values())) > _COMMENTS * 0.8

    # The last commit is of the report; there is always one more transaction after the one before it.
    broken.killed(when, 1 + round(point * (commits - 2)), *words)
    half = shown(broken)

    for url, there in half.items():
        # A comment that is there is the one that would be there, below the same one.
        assert set(there) <= set(whole[url])

    broken.run(*words)
    assert shown(broken) == whole
    broken.run(*words)
    assert shown(broken) == whole

    # What came from an archive isn't kept apart by its job.
    if format != "archive":
        take_back(broken)


def take_back(place: Place) -> None:
    """Undo every import and see that nothing of them is left."""
    database = place.opened()
    with database.reading() as connection:
        jobs = [job.id for job in jobs_of(connection, "harbour")]
    for job in jobs:
        place.run("import", "--undo", job)
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(comments)) == 0
    assert list(check(database)) == []
    database.close()


def test_what_a_killed_import_brought_in_can_be_taken_back_without_finishing_it(
    place: Callable[[str], Place], tmp_path: Path
) -> None:
    file = export("disqus", tmp_path)
    words = ("import", file, "--site", "harbour")
    commits = commits_of(place("sqlite"), *words)
    broken = place("sqlite")

    broken.killed("after", commits - 2, *words)
    assert sum(map(len, shown(broken).values())) > 0

    take_back(broken)
