"""Files of every system, all the way in: once, again, in halves, with faults, killed; and out into every other."""

import csv
import itertools
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from lxml import html as lxml_html

from outspoken.discussion.comment import Comment
from outspoken.discussion.state import State
from outspoken.store.checking import check
from outspoken.store.database import Database, open_database
from outspoken.store.exports import comments_by_number
from outspoken.store.jobs import jobs_of
from outspoken.store.tables import threads
from outspoken.store.undoing import undo
from outspoken.transfer import job as job_module
from outspoken.transfer import taking
from outspoken.transfer.exporters import EXPORTERS
from outspoken.transfer.importers import recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.leaving import Exporter, Loss, leave
from outspoken.transfer.report import Report
from tests.conftest import NOW
from tests.transfer.archive.making import archive, restore
from tests.transfer.killing import dying
from tests.transfer.made_up import MadeUp, community
from tests.transfer.systems import System, every_system, every_system_that_names_parents

ROUNDS = itertools.count()

Line = tuple[str | State, ...]
"""What stands above a comment, the nearest first: the texts, or why there is none."""
Branch = tuple[str, str, State, datetime | None, Line]
"""Text, author, state, date, and what stands above."""
Tree = set[frozenset[Branch]]
"""The pages, each told by its branches."""


@dataclass(frozen=True)
class Place:
    """A database, and a folder for files."""

    database: Database
    folder: Path
    entropy: Callable[[int], bytes]
    rounds: int = 1

    def chances(self, system: System) -> Iterator[random.Random]:
        """Yield chance for each round, other for each system and the same in every run."""
        for number in range(self.rounds):
            yield random.Random(f"{system.name} {number}")

    def write(self, system: System, made: Sequence[MadeUp], dice: random.Random) -> Path:
        """Write a system's file of what was made up, in an order by chance."""
        path = self.folder / f"{next(ROUNDS)}-{system.file}"
        system.write(path, dice.sample(made, len(made)))
        return path

    def bring(self, path: Path, site: str) -> Report:
        """Import a file, whatever it is."""
        return run_import(
            recognise(path),
            path,
            database=self.database,
            site=site,
            scratch_folder=self.folder,
            entropy=self.entropy,
            now=lambda: NOW,
        )

    def tree(self, site: str) -> Tree:
        """Return what stands there."""
        with self.database.reading() as connection:
            ids = connection.execute(sa.select(threads.c.id).where(threads.c.site == site)).scalars().all()
            pages = [list(comments_by_number(connection, id, only_shown=False)) for id in ids]
        return {frozenset(branches_in(comments)) for comments in pages} - {frozenset()}


@pytest.fixture(
    params=[
        ("sqlite", 1),
        pytest.param(("sqlite", 20), marks=pytest.mark.long),
        pytest.param(("postgres", 5), marks=[pytest.mark.long, pytest.mark.postgres]),
    ],
    ids=lambda param: "{}-{}".format(*param),
)
def place(request: pytest.FixtureRequest, tmp_path: Path, entropy: Callable[[int], bytes]) -> Iterator[Place]:
    """Where things are brought in, which must be whole whatever came.

    Mostly one round on one database: what differs here are formats, which know nothing of either.
    """
    kind, rounds = request.param
    database: Database = request.getfixturevalue(kind)
    yield Place(database, tmp_path, entropy, rounds)
    assert not list(check(database))


@pytest.fixture
def elsewhere(tmp_path: Path, _migrated_sqlite: Path, entropy: Callable[[int], bytes]) -> Iterator[Place]:
    """Another server."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(_migrated_sqlite, folder / "outspoken.db")
    database = open_database(folder)
    yield Place(database, folder, entropy)
    assert not list(check(database))
    database.close()


def site() -> str:
    """Return a name that no site has yet."""
    return f"site-{next(ROUNDS)}"


def words(html: str) -> str:
    """Return the words of an HTML text, as another parser sees them."""
    return " ".join(lxml_html.fromstring(f"<div>{html}</div>").text_content().split())


def branches_in(comments: Sequence[Comment]) -> Iterator[Branch]:
    by_number = {comment.number: comment for comment in comments}

    def told(comment: Comment) -> str | State:
        return words(comment.body.html) if comment.body else comment.state

    def line(comment: Comment) -> Iterator[str | State]:
        while comment.parent:
            comment = by_number[comment.parent]
            yield told(comment)

    for comment in comments:
        if comment.body:
            author = comment.author.name if comment.author else ""
            yield words(comment.body.html), author, comment.state, comment.created, tuple(line(comment))


def tree_of(made: Sequence[MadeUp]) -> Tree:
    """Return what was made up, in the same words."""
    by_number = {comment.number: comment for comment in made}
    pages: dict[str, set[Branch]] = defaultdict(set)
    for comment in made:
        if comment.is_shown:
            above = [by_number[number] for number in ancestors(comment, by_number)]
            line = tuple(each.text if each.is_shown else each.state for each in above)
            pages[comment.page].add((comment.text, comment.author, comment.state, comment.created, line))
    return set(map(frozenset, pages.values()))


def ancestors(comment: MadeUp, by_number: dict[int, MadeUp]) -> list[int]:
    """Return who stands above a comment, its parent first."""
    found = []
    while comment.parent:
        found.append(comment.parent)
        comment = by_number[comment.parent]
    return found


def told_by(system: System, made: Sequence[MadeUp]) -> list[MadeUp]:
    """Return what a system's file can tell of a discussion."""
    made = [replace(comment, page="the topic") for comment in made] if system.is_one_topic else made
    return made if system.names_parents else flattened(made, system.depth)


def flattened(made: Sequence[MadeUp], depth: int) -> list[MadeUp]:
    """Let every reply answer its root, or nothing."""
    by_number = {comment.number: comment for comment in made}
    return [
        replace(comment, parent=next(iter(ancestors(comment, by_number)[-1:]), None) if depth else None)
        for comment in made
    ]


@every_system
def test_a_file_brings_the_tree_and_the_same_file_twice_adds_nothing(system: System, place: Place) -> None:
    for dice in place.chances(system):
        made, at = community(dice, system.states), site()
        file = place.write(system, made, dice)

        first, second = place.bring(file, at), place.bring(file, at)

        assert place.tree(at) == tree_of(told_by(system, made))
        assert first.format == system.format
        assert first.comments == sum(comment.is_shown for comment in made)
        assert (second.threads, second.comments, second.tombstones) == (0, 0, 0)
        assert second.duplicates == first.comments + first.tombstones
        assert [problem for problem in first.problems if problem.where != "the whole file"] == []


@every_system
def test_an_earlier_and_a_later_export_give_the_whole_in_either_order(system: System, place: Place) -> None:
    for dice in place.chances(system):
        made, at = community(dice, system.states), site()

        for part in in_any_order([made[:15], made], dice):
            place.bring(place.write(system, part, dice), at)

        assert place.tree(at) == tree_of(told_by(system, made))


@every_system
def test_two_halves_in_either_order_give_the_whole(system: System, place: Place) -> None:
    for dice in place.chances(system):
        made, at = community(dice, system.states), site()
        by_number = {comment.number: comment for comment in made}
        is_first = {comment.number: dice.random() < 0.5 for comment in made}
        halves: dict[bool, list[MadeUp]] = defaultdict(list)
        for comment in made:
            halves[is_first[[comment.number, *ancestors(comment, by_number)][-1]]].append(comment)

        for half in in_any_order(list(halves.values()), dice):
            place.bring(place.write(system, half, dice), at)
        again = place.bring(place.write(system, made, dice), at)

        assert place.tree(at) == tree_of(told_by(system, made))
        assert (again.comments, again.tombstones) == (0, 0)


@every_system_that_names_parents
def test_halves_that_were_cut_between_a_comment_and_its_answers_lose_nothing(system: System, place: Place) -> None:
    for dice in place.chances(system):
        made, at = community(dice), site()
        first, second = in_any_order([made[:12], made[12:]], dice)

        for half in (first, second):
            place.bring(place.write(system, half, dice), at)
        again = place.bring(place.write(system, made, dice), at)

        # An answer that came before what it answers became a root, which was told; all else is as in the whole.
        there = {comment.number for comment in first}
        early = [replace(c, parent=c.parent if c.parent in there else None) if c in first else c for c in made]
        assert place.tree(at) == tree_of(told_by(system, early))
        assert (again.comments, again.duplicates) == (0, len(made))


def in_any_order(halves: Sequence[list[MadeUp]], dice: random.Random) -> list[list[MadeUp]]:
    return dice.sample(halves, len(halves))


@every_system_that_names_parents
def test_what_answers_nobody_or_itself_becomes_a_root_and_is_told(system: System, place: Place) -> None:
    for dice in place.chances(system):
        made, at = with_faults(community(dice), dice), site()

        report = place.bring(place.write(system, made, dice), at)

        texts = {comment.number: comment.text for comment in made}
        stands_below = {text: line[0] if line else None for page in place.tree(at) for text, *_, line in page}
        names = {comment.text: texts.get(comment.parent or 0) for comment in made}
        circles = circles_of(names)
        assert stands_below.keys() == names.keys()
        for text, above in stands_below.items():
            assert above == names[text] or (above is None and any(text in circle for circle in circles))
        assert [sum(stands_below[text] is None for text in circle) for circle in circles] == [1] * len(circles)
        assert report.orphans == sum(bool(comment.parent) and comment.parent not in texts for comment in made)
        assert (report.circles, report.comments) == (len(circles), len(made))
        assert len(report.problems) >= report.orphans + report.circles


def with_faults(made: Sequence[MadeUp], dice: random.Random) -> list[MadeUp]:
    """Let some answer a comment that isn't there, themselves, or one below them."""

    def faulty(comment: MadeUp) -> MadeUp:
        later = [other.number for other in made if other.page == comment.page and other.number > comment.number]
        parent = dice.choice([*[comment.parent] * 5, 900 + comment.number, comment.number, *later[:2]])
        return replace(comment, parent=parent)

    return [faulty(comment) for comment in made]


def circles_of(above: dict[str, str | None]) -> list[set[str]]:
    """Return the members of each circle."""
    found: list[set[str]] = []
    for start in above:
        way: list[str] = []
        at: str | None = start
        while at is not None and at not in way:
            way.append(at)
            at = above[at]
        if at == start and not any(start in circle for circle in found):
            found.append(set(way))
    return found


@every_system
def test_killed_at_any_commit_and_run_again_is_as_unbroken_and_can_be_taken_back(system: System, place: Place) -> None:
    for dice in place.chances(system):
        file, whole, cut = place.write(system, community(dice, system.states), dice), site(), site()
        with pytest.MonkeyPatch.context() as patched:
            for module in (taking, job_module):
                patched.setattr(module, "CHUNK", 5)
            with dying("never", 0) as commits:
                unbroken = place.bring(file, whole)
            # After the last commit, which is of the report, there is nothing to go on with.
            with dying(dice.choice(["before", "after"]), dice.randrange(1, len(commits))):
                place.bring(file, cut)
                pytest.fail("It should have been killed.")
            half = place.tree(cut)
            resumed = place.bring(file, cut)

        as_never_killed = place.tree(whole)
        assert all(any(page <= complete for complete in as_never_killed) for page in half)
        assert place.tree(cut) == as_never_killed
        assert {**resumed.as_json(), "mapping": ()} == {**unbroken.as_json(), "mapping": ()}
        with place.database.reading() as connection:
            (job,) = jobs_of(connection, cut)
        list(undo(place.database, job, NOW))
        assert place.tree(cut) == set()


@every_system
def test_what_came_in_leaves_for_every_other_system_and_comes_in_again(
    system: System, place: Place, elsewhere: Place
) -> None:
    for dice in place.chances(system):
        made, at = community(dice, system.states), site()
        place.bring(place.write(system, made, dice), at)
        told = told_by(system, made)

        for exporter in EXPORTERS:
            path = elsewhere.folder / f"{next(ROUNDS)}-{exporter.name}"
            with place.database.reading() as connection:
                leave(exporter, connection, at, path)
            expected = tree_of(left_by(exporter, told))
            if exporter.name in READERS:
                assert READERS[exporter.name](path) == expected, exporter.name
            else:
                report = elsewhere.bring(path, f"{at}-{exporter.name}")
                assert elsewhere.tree(f"{at}-{exporter.name}") == expected, exporter.name
                assert report.problems == []

        packed = elsewhere.folder / f"{at}.zip"
        archive(place.database, packed, at, is_complete=True)
        restore(elsewhere.database, packed, at)
        assert elsewhere.tree(at) == tree_of(told)


def left_by(exporter: Exporter, made: Sequence[MadeUp]) -> list[MadeUp]:
    """Return what a format that discussions leave in can tell of one: what readers see."""
    gone_as = State.REMOVED if exporter.name == "wordpress" else State.DELETED
    made = [comment if comment.state is State.PUBLISHED else replace(comment, state=gone_as) for comment in made]
    by_number = {comment.number: comment for comment in made}
    if Loss.TOMBSTONES in exporter.loses:
        made = [
            replace(comment, parent=next((n for n in ancestors(comment, by_number) if by_number[n].is_shown), None))
            for comment in made
            if comment.is_shown
        ]
    return flattened(made, 1) if Loss.DEPTH in exporter.loses else made


def read_csv(path: Path) -> Tree:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return read_back(
        (
            row["thread"],
            row["number"],
            row["parent"],
            row["author"],
            row["created"],
            words(row["html"]) if row["html"] else "",
        )
        for row in rows
    )


def read_markdown(path: Path) -> Tree:
    comment = re.compile(
        r'<div id="c(\d+)"[^>]*><p><strong>(.*?)</strong>(?: · (\d{4}-\d\d-\d\d \d\d:\d\d))?.*?'
        r'(?:<a href="#c(\d+)">\d+</a>)?</p>(.*)</div>'
    )
    return read_back(
        (file.name, number, parent, words(name), created, words(body) if body else "")
        for file in path.iterdir()
        for number, name, created, parent, body in comment.findall(file.read_text("utf-8"))
    )


def read_back(rows: Iterable[tuple[str, str, str, str, str, str]]) -> Tree:
    """Return the tree of thread, number, parent, author, date and text, as other people's programs read them."""
    told = list(rows)
    numbers = {(thread, number): at for at, (thread, number, *_) in enumerate(told, start=1)}
    return tree_of(
        [
            MadeUp(
                numbers[thread, number],
                thread,
                numbers.get((thread, parent)),
                author,
                text,
                State.PUBLISHED if text else State.DELETED,
                minute=minute_of(created),
            )
            for thread, number, parent, author, created, text in told
        ]
    )


def minute_of(created: str) -> int | None:
    if not created:
        return None
    moment = datetime.strptime(created, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return int((moment - MadeUp(0, "", None, "", "", minute=0).created).total_seconds()) // 60


READERS: dict[str, Callable[[Path], Tree]] = {"csv": read_csv, "markdown": read_markdown}
"""Of what leaves in a format that we don't read ourselves."""
