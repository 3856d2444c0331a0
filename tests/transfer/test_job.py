"""Whole imports, from file to page, on both databases."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from outspoken.discussion.comment import Comment
from outspoken.discussion.errors import NotPossible
from outspoken.discussion.state import Actor, Event, State
from outspoken.pages.kept import KeptPages
from outspoken.store.changes import change_state
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.jobs import jobs_of
from outspoken.store.publishing import publish
from outspoken.store.tables import comments, jobs, ledger, provenance, threads
from outspoken.store.threads import newest_threads, thread_at, thread_by_id
from outspoken.store.undoing import undo
from outspoken.store.windows import comment_at, in_reading_order
from outspoken.transfer import job as job_module
from outspoken.transfer import taking
from outspoken.transfer.addresses import fold_url
from outspoken.transfer.archive.writing import write_archive
from outspoken.transfer.destination import Job
from outspoken.transfer.importers import importer_named, recognise
from outspoken.transfer.job import run_import
from outspoken.transfer.mapping import Map, Row
from outspoken.transfer.records import (
    Importer,
    Problem,
    Progress,
    Record,
    Skipped,
    SourceComment,
    SourceStory,
    Unreadable,
)
from outspoken.transfer.report import Report
from tests.factories import a_submission

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
ROUNDS = itertools.count()
Run = Callable[..., Report]


@dataclass(frozen=True)
class Told:
    """An importer that yields what a test gives it, as if it had read it."""

    records: Sequence[Record]
    failure: str = ""
    name: str = "told"
    title: str = "Records of a test"

    def recognises(self, head: bytes) -> bool:
        return not head

    def read(self, path: Path, progress: Progress) -> Iterator[Record]:
        progress(0)
        assert path
        yield from self.records
        if self.failure:
            raise Unreadable(self.failure)


@pytest.fixture
def run(database: Database, tmp_path: Path, entropy: Callable[[int], bytes]) -> Run:
    """Run an import into the site "harbour"."""

    (tmp_path / "records").touch()

    def running(importer: Importer, path: Path | None = None, **choices: Any) -> Report:
        return run_import(
            importer,
            path or tmp_path / "records",
            database=database,
            scratch_folder=tmp_path,
            entropy=entropy,
            now=lambda: NOW,
            **{"site": "harbour", **choices},
        )

    return running


def shown(database: Database, thread: str | None = None) -> list[Comment]:
    with database.reading() as connection:
        wanted = thread or connection.execute(sa.select(threads.c.id)).scalar_one()
        return list(in_reading_order(connection, wanted))


def count(database: Database, table: sa.Table) -> int:
    with database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


STORY = SourceStory("s", url="https://harbour.example/ferry", headline="Ferry to stop")


def said(source: str, parent: str | None = None, **more: object) -> SourceComment:
    values: dict[str, object] = {"author": "Ann", "body": f"<p>words of {source}</p>", "created": NOW, **more}
    return SourceComment(source, "s", parent, **values)  # type: ignore[arg-type]


def at(url: str | None, *sources: str, identifier: str = "7") -> list[Record]:
    """Return a page with comments, as a file tells it that knows it by an identifier too."""
    page = url or identifier
    remarks = [SourceComment(source, page, author="Ann", body=f"<p>{source}</p>", created=NOW) for source in sources]
    return [SourceStory(page, url=url, identifier=identifier), *remarks]


def test_pages_of_two_hosts_are_not_one_because_two_systems_gave_them_the_same_identifier(
    run: Run, database: Database
) -> None:
    run(Told(at("https://one.example/a", "a")))

    records = at("https://two.example/b", "b")
    rehearsed = run(Told(records), is_rehearsal=True)
    report = run(Told(records))
    again = run(Told(records))

    assert report.as_json() == rehearsed.as_json()
    assert (report.threads, report.comments) == (1, 1)
    assert [problem.where for problem in report.problems] == ["page two.example/b"]
    assert (again.threads, again.comments, again.duplicates, again.problems) == (0, 0, 1, [])
    with database.reading() as connection:
        led = [thread_at(connection, "harbour", [name]) for name in ("one.example/a", "id:7", "two.example/b")]
    assert led[0] == led[1] != led[2] is not None


@pytest.mark.parametrize("first", ["https://one.example/a", None])
def test_an_identifier_leads_on_where_nothing_speaks_against_it(
    run: Run, database: Database, first: str | None
) -> None:
    run(Told(at(first, "a")))

    # The same host, or comments that are there, or no host.
    for second in ["https://one.example/b", "https://new.example/b", None]:
        report = run(Told(at(second, "a", second or "b")))
        assert (report.threads, report.duplicates, report.problems) == (1, 1, [])

    assert count(database, threads) == 1


def test_a_map_makes_pages_of_two_hosts_one(run: Run, database: Database) -> None:
    run(Told(at("https://one.example/a", "a")))
    run(Told(at("https://two.example/b", "b")), map=Map({"two.example/b": "https://one.example/a"}))
    assert count(database, threads) == 1


def test_another_comment_with_a_number_that_is_taken_is_told_of_and_leads_nowhere(run: Run, database: Database) -> None:
    later = NOW + timedelta(days=400)
    run(Told([STORY, said("1"), said("2", "1")]))

    other = SourceStory("s", identifier="/two/")
    records = [other, said("1", created=later), said("2", "1", created=later), said("3", "1", created=later)]
    rehearsed = run(Told(records), is_rehearsal=True)
    report = run(Told(records))
    again = run(Told(records))

    assert report.as_json() == rehearsed.as_json()
    assert (report.comments, report.duplicates, report.orphans) == (1, 0, 1)
    assert dict(report.skipped) == {"another comment has its number here": 2}
    assert {problem.where for problem in report.problems} == {"comment 1", "comment 2", "comment 3"}
    assert (again.comments, again.duplicates) == (0, 1)
    with database.reading() as connection:
        assert thread_at(connection, "harbour", ["id:/two/"]) != thread_at(
            connection, "harbour", ["harbour.example/ferry"]
        )


def test_an_answer_does_not_go_below_another_comment_of_its_page_that_has_the_number_of_what_it_answers(
    run: Run, database: Database
) -> None:
    run(Told([STORY, said("1")]))
    run(Told([STORY, said("1", created=NOW + timedelta(days=400)), said("2", "1")]))
    assert [(comment.number, comment.parent) for comment in shown(database)] == [(1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("first", "second"),
    [(NOW, NOW + timedelta(seconds=20)), (NOW, NOW - timedelta(hours=5, minutes=30)), (NOW, None), (None, NOW)],
    ids=["within a minute", "in another zone", "lost", "found"],
)
def test_a_comment_is_the_same_where_its_date_is_within_what_files_tell(
    run: Run, database: Database, first: datetime | None, second: datetime | None
) -> None:
    run(Told([STORY, said("1", created=first)]))
    report = run(Told([STORY, said("1", created=second, body="<p>edited</p>")]))
    assert (report.duplicates, report.completed) == ((0, 1) if first is None else (1, 0))
    assert [comment.created for comment in shown(database)] == [NOW]


def test_a_rehearsal_reports_the_same_and_writes_nothing(run: Run, database: Database) -> None:
    records = [STORY, said("a"), said("b", "a"), said("c", "gone"), Skipped("pingback"), Problem("line 3", "odd")]

    rehearsed = run(Told(records), is_rehearsal=True)
    assert count(database, comments) == count(database, threads) == count(database, jobs) == 0
    done = run(Told(records))

    assert rehearsed.as_json() == done.as_json()
    assert (done.comments, done.depths, dict(done.skipped)) == (3, [2, 1], {"pingback": 1})
    assert {problem.where for problem in done.problems} == {"line 3", "comment c"}


def test_the_same_records_twice_add_nothing(run: Run, database: Database) -> None:
    records = [STORY, said("a"), said("b", "a", state=State.DELETED, body=""), said("c", "b")]

    first = run(Told(records))
    second = run(Told(records))

    assert (first.comments, first.tombstones, first.duplicates) == (2, 1, 0)
    assert (second.comments, second.tombstones, second.duplicates, second.threads) == (0, 0, 3, 0)
    assert count(database, comments) == 3


def test_a_later_export_adds_what_is_new_below_what_is_there(run: Run, database: Database) -> None:
    run(Told([STORY, said("a"), said("b", "a")]))

    report = run(Told([STORY, said("a"), said("b", "a"), said("c", "b"), said("d")]))

    assert (report.comments, report.duplicates) == (2, 2)
    assert [(comment.number, comment.parent) for comment in shown(database)] == [(1, 0), (2, 1), (3, 2), (4, 0)]


def test_an_answer_finds_what_only_an_earlier_file_had(run: Run, database: Database) -> None:
    run(Told([STORY, said("a"), said("b", "a")]))

    rehearsed = run(Told([STORY, said("c", "b"), said("d", "c")]), is_rehearsal=True)
    report = run(Told([STORY, said("c", "b"), said("d", "c")]))

    assert report.as_json() == rehearsed.as_json()
    assert (report.comments, report.orphans, report.depths) == (2, 0, [0, 0, 1, 1])
    assert [(comment.number, comment.parent) for comment in shown(database)] == [(1, 0), (2, 1), (3, 2), (4, 3)]


def test_pages_whose_ids_only_differ_late_are_two(run: Run, database: Database) -> None:
    ids = [f"https://harbour.example/{'ferry-' * 60}{end}" for end in ("out", "back")]
    stories = [SourceStory(id, url=id) for id in ids]
    remarks = [SourceComment(id[-4:], id, body="<p>Late.</p>") for id in ids]

    rows: list[Row] = []
    report = run(Told([*stories, *remarks]), mapped=rows.append)

    assert (report.comments, report.threads, [row.comments for row in rows]) == (2, 2, [1, 1])
    assert count(database, comments) == 2


def test_halves_of_characters_in_a_story_are_no_obstacle(run: Run, database: Database) -> None:
    story = SourceStory("s\ud800", url="https://harbour.example/\udfff", headline="Fe\ud800rry", also=("\udfff",))

    assert run(Told([story, SourceComment("a", "s\ud800", body="<p>Late.</p>")])).comments == 1
    assert len(shown(database)) == 1


def test_an_answer_to_a_comment_of_another_page_is_a_root_and_told(run: Run) -> None:
    run(Told([STORY, said("a")]))
    other = SourceStory("other", url="https://harbour.example/other")

    report = run(Told([other, SourceComment("b", "other", "a", body="<p>b</p>")]))

    assert (report.orphans, report.depths) == (1, [1])


def test_a_deleted_parent_stays_as_a_tombstone_without_text_or_name(run: Run, database: Database) -> None:
    run(Told([STORY, said("a", state=State.DELETED), said("b", "a"), said("c", state=State.SPAM)]))

    with database.reading() as connection:
        parent = comment_at(connection, shown(database)[0].thread, 1)
    assert (parent.state, parent.author, parent.body, parent.created, parent.origin) == (
        State.DELETED,
        *(None, None, None, None),
    )
    assert count(database, comments) == 2


def test_a_file_that_proves_unreadable_at_its_end_writes_nothing(run: Run, database: Database) -> None:
    with pytest.raises(Unreadable):
        run(Told([STORY, said("a"), said("b")], failure="It is cut off."))

    assert count(database, comments) == count(database, threads) == count(database, jobs) == 0


def test_the_scratch_file_is_gone_afterwards_also_after_a_failure(run: Run, tmp_path: Path) -> None:
    run(Told([STORY, said("a")]))
    with pytest.raises(Unreadable):
        run(Told([STORY, said("z")], failure="It is cut off."))

    assert not list(tmp_path.glob("*.scratch"))


def test_stories_whose_addresses_fold_together_become_one_thread(run: Run, database: Database) -> None:
    stories = [
        SourceStory("1", url="http://www.harbour.example/ferry/?utm_source=x", headline="One"),
        SourceStory("2", url="https://harbour.example/ferry", headline="Two"),
        SourceStory("3", url="https://harbour.example/other", headline="Three"),
        SourceStory("4", url="https://harbour.example/empty", headline="Four"),
    ]
    said_there = [
        SourceComment(f"c{story}", str(story), author="Ann", body="<p>x</p>", created=NOW) for story in (1, 2, 3)
    ]

    report = run(Told([*stories, *said_there]))

    assert (report.threads, report.skipped["empty thread"]) == (2, 1)
    with database.reading() as connection:
        found = thread_at(connection, "harbour", [fold_url("https://www.harbour.example/ferry")])
        assert found is not None
        assert thread_by_id(connection, found).comments == 2


def test_a_local_copy_of_a_page_stands_by_itself_or_is_left_out(run: Run) -> None:
    records = [
        SourceStory("s", url="http://localhost:4000/ferry", headline="Draft"),
        said("a"),
    ]

    left_out = run(Told(records), is_rehearsal=True, skips_local_pages=True)
    kept = run(Told(records))

    assert (left_out.comments, dict(left_out.skipped)) == (0, {"local or proxied page": 1})
    assert kept.comments == 1
    assert [problem.where for problem in kept.problems] == ["page http://localhost:4000/ferry"]


@pytest.mark.parametrize("url", ["https://evil.example\\@harbour.example/a", "https://reader:secret@harbour.example/a"])
def test_comments_of_a_page_whose_address_leads_browsers_elsewhere_are_kept_under_its_identifier(
    run: Run, database: Database, url: str
) -> None:
    report = run(Told([SourceStory("s", url=url, headline="Ferry to stop"), said("a")]))

    assert report.comments == len(shown(database)) == 1
    assert any("kept under its identifier" in problem.what for problem in report.problems)
    with database.reading() as connection:
        assert thread_at(connection, "harbour", ["harbour.example/a"]) is None
        assert thread_at(connection, "harbour", ["id:told:s"]) is not None


def test_comments_of_a_page_that_is_not_in_the_file_are_told(run: Run, database: Database) -> None:
    report = run(Told([said("a"), said("b")]))

    assert dict(report.skipped) == {"unknown page": 2}
    assert len(report.problems) == 1
    assert count(database, comments) == 0


def test_of_two_records_with_one_id_the_first_is_kept_and_it_is_told(run: Run, database: Database) -> None:
    report = run(Told([STORY, said("a", body="first"), said("a", body="second")]))

    assert report.skipped["same id twice in the file"] == 1
    assert [comment.body and comment.body.source for comment in shown(database)] == ["first"]


def test_people_keep_one_author_in_a_thread(run: Run, database: Database) -> None:
    run(
        Told(
            [
                STORY,
                said("a", author="Ann", author_source="ann1"),
                said("b", author="Ann", author_source="ann1"),
                said("c", author="Ann", author_source="ann2"),
                said("d", author=""),
            ]
        )
    )

    authors = [comment.author and comment.author.number for comment in shown(database)]
    assert authors[0] == authors[1] != authors[2]
    assert authors[3] is None


def test_a_comment_without_a_date_has_none(run: Run, database: Database) -> None:
    run(Told([STORY, said("a", created=None)]))

    assert shown(database)[0].created is None
    with database.reading() as connection:
        assert connection.execute(sa.select(threads.c.active)).scalar_one() is None


def test_edits_votes_and_what_it_was_restored_from_are_carried(run: Run, database: Database) -> None:
    later = datetime(2026, 5, 4, 13, tzinfo=UTC)
    run(
        Told(
            [
                STORY,
                said("a", edited=later, up=7, down=2, provenance="a page saved on\n3 May 2016"),
                said("b", up=10**12, down=-3),
                said("c", state=State.SPAM, body="", edited=later, up=3),
                said("d", "c"),
            ]
        )
    )

    first, second, gone, _ = shown(database)
    assert (first.edited, first.up, first.down) == (later, 7, 2)
    assert first.origin is not None
    assert first.origin.provenance == "a page saved on 3 May 2016"
    assert (second.up, second.down) == (10**9, 0)
    assert (gone.edited, gone.up) == (None, 0)
    assert not list(check(database))


def test_all_addresses_of_a_page_lead_to_its_thread(run: Run, database: Database) -> None:
    also = ("https://old.example/2015/ferry/", "nowhere at all")
    run(Told([SourceStory("s", url="https://harbour.example/ferry", also=also), said("a")]))

    with database.reading() as connection:
        assert thread_at(connection, "harbour", [fold_url(also[0])]) == shown(database)[0].thread


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), size=st.integers(1, 60), cut=st.integers(0, 60))
def test_two_parts_in_either_order_give_the_whole_without_damage(
    run: Run, database: Database, seed: int, size: int, cut: int
) -> None:
    chance, this = random.Random(seed), f"round{next(ROUNDS)}"
    story = SourceStory(this, url=f"https://harbour.example/{this}", headline="H")
    records = []
    for number in range(size):
        parent = f"{this}-{chance.randrange(number)}" if number and chance.random() < 0.7 else None
        state = chance.choice([State.PUBLISHED, State.PUBLISHED, State.DELETED, State.SPAM])
        body = "<p>x</p>" if state is State.PUBLISHED else ""
        records.append(
            SourceComment(f"{this}-{number}", story.source, parent, "Ann", body=body, created=NOW, state=state)
        )
    chance.shuffle(records)

    run(Told([story, *records[:cut]]))
    whole = run(Told([story, *records]))

    live = sum(record.state is State.PUBLISHED for record in records)
    with database.reading() as connection:
        kept = connection.execute(
            sa.select(sa.func.count()).where(provenance.c.source.startswith(f"{this}-", autoescape=True))
        ).scalar_one()
    assert kept >= live
    assert whole.duplicates + whole.comments + whole.tombstones == kept
    assert not list(check(database))


def test_the_page_this_is_modelled_on_is_restored(run: Run, database: Database, shared_data: Path) -> None:
    page = shared_data / "stories" / "chechnya-reports-2017.txt"

    report = run(recognise(page), page)

    assert (report.comments, report.depths, len(report.authors)) == (35, [22, 7, 4, 2], 29)
    assert {problem.where for problem in report.problems} == {f"line {n}" for n in (9, 53, 128, 145, 146, 151)}
    found = shown(database)
    with database.reading() as connection:
        story = thread_by_id(connection, found[0].thread).story
    quoting = [comment for comment in found if comment.quotes]
    assert [(comment.author and comment.author.name, comment.quotes[0].target) for comment in quoting] == [("zhera", 0)]
    quoted = story.excerpt[quoting[0].quotes[0].start :][: quoting[0].quotes[0].length]
    assert " ".join(quoted.split()).startswith("Kremlin spokesman Dmitry Peskov said")
    assert run(recognise(page), page).duplicates == 35
    assert not list(check(database))


def test_every_live_comment_of_a_real_export_stands_on_its_page_below_its_parent(
    run: Run, database: Database, shared_data: Path
) -> None:
    export = shared_data / "import" / "disqus" / "blog-1145-scrambled.xml"

    report = run(importer_named("disqus"), export)

    expected = _read_independently(export)
    live = {id: post for id, post in expected.items() if not post.is_gone}
    assert report.comments == len(live) == 1097
    found = _stored_by_source(database)
    for id, post in live.items():
        stored, address = found[id]
        assert address == post.page, id
        assert stored.state is State.PUBLISHED
        assert (found[post.parent][0].number if post.parent else 0) == stored.parent, id
        assert stored.body is not None
        assert stored.body.source == post.text
        assert (stored.author.name if stored.author else "") == " ".join(post.author.split())
        assert stored.created == post.created
    gone = [stored for stored, _ in found.values() if stored.state is not State.PUBLISHED]
    assert len(gone) == report.tombstones
    assert all(stored.replies and stored.body is None and stored.author is None for stored in gone)
    assert not list(check(database))


@dataclass(frozen=True)
class _Post:
    page: str
    parent: str | None
    text: str
    author: str
    created: datetime
    is_gone: bool


def _read_independently(export: Path) -> dict[str, _Post]:
    """Read the export with another parser than the importer's, all at once."""
    plain, internal = "{http://disqus.com}", "{http://disqus.com/disqus-internals}"
    root = ElementTree.parse(export).getroot()
    pages = {
        thread.get(f"{internal}id"): fold_url(thread.findtext(f"{plain}link") or "")
        for thread in root.findall(f"{plain}thread")
    }
    posts = {}
    for post in root.findall(f"{plain}post"):
        thread, parent, author = (post.find(f"{plain}{name}") for name in ("thread", "parent", "author"))
        assert thread is not None
        assert author is not None
        written = datetime.strptime(post.findtext(f"{plain}createdAt") or "", "%Y-%m-%dT%H:%M:%SZ")
        posts[str(post.get(f"{internal}id"))] = _Post(
            page=pages[thread.get(f"{internal}id")],
            parent=None if parent is None else parent.get(f"{internal}id"),
            text=post.findtext(f"{plain}message") or "",
            author=author.findtext(f"{plain}name") or "",
            created=written.replace(second=0, tzinfo=UTC),
            is_gone="true" in (post.findtext(f"{plain}isDeleted"), post.findtext(f"{plain}isSpam")),
        )
    return posts


def _stored_by_source(database: Database) -> dict[str, tuple[Comment, str]]:
    """Return every imported comment by its id in the export, with the folded address of its thread's story."""
    with database.reading() as connection:
        rows = connection.execute(sa.select(provenance.c.source, provenance.c.thread, provenance.c.number)).all()
        return {
            row.source: (
                comment_at(connection, row.thread, row.number),
                fold_url(thread_by_id(connection, row.thread).story.url or ""),
            )
            for row in rows
        }


def test_every_flattened_sample_is_stored_with_its_tree(run: Run, database: Database, shared_data: Path) -> None:
    for sample in sorted((shared_data / "import" / "flattened").glob("*.txt")):
        report = run(recognise(sample), sample)
        assert report.comments > 0, sample.name
        assert sum(report.depths) == report.comments
    with database.reading() as connection:
        shapes = Counter(row.depth for row in connection.execute(sa.select(comments.c.depth)))
    assert sum(shapes.values()) == 142
    assert not list(check(database))


class Killed(BaseException):
    """What a process that is killed doesn't survive."""


@settings(max_examples=12)
@given(seed=st.integers(0, 10**6), after=st.integers(1, 12))
def test_killed_at_any_point_and_run_again_gives_the_same_as_unbroken(
    run: Run, database: Database, seed: int, after: int
) -> None:
    """The parts are made small, so that there are many points at which it may be killed."""
    this = f"round{next(ROUNDS)}"
    records = _forum(random.Random(seed), this)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(taking, "CHUNK", 7)
        patched.setattr(job_module, "CHUNK", 7)
        unbroken = run(Told(records), site=f"whole-{this}")
        with pytest.MonkeyPatch.context() as mortal:
            _kill_within(mortal, after)
            with suppress(Killed):
                run(Told(records), site=f"cut-{this}")
                return
        resumed = run(Told(records), site=f"cut-{this}")

    assert resumed.as_json() == unbroken.as_json()
    assert _tree(database, f"cut-{this}") == _tree(database, f"whole-{this}")
    assert not list(check(database))


def test_a_job_that_goes_on_tells_again_whose_identifier_is_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_module, "CHUNK", 1)
    run(Told(at("https://one.example/a", "a")))
    records = [*at("https://two.example/b", "b"), *at("https://two.example/c", "c", identifier="8")]
    with pytest.MonkeyPatch.context() as mortal:
        _kill_within(mortal, 1)
        with pytest.raises(Killed):
            run(Told(records))

    report = run(Told(records))

    assert (report.comments, report.duplicates) == (2, 0)
    assert [problem.where for problem in report.problems] == ["page two.example/b"]


def _kill_within(patched: pytest.MonkeyPatch, after: int) -> None:
    """Let the process die at the end of a transaction: after some of them have been committed, before this one is."""
    real, parts = Job.part, itertools.count()

    @contextmanager
    def part(self: Job) -> Iterator[sa.Connection]:
        with real(self) as connection:
            yield connection
            if next(parts) == after:
                raise Killed

    patched.setattr(Job, "part", part)


def _forum(chance: random.Random, this: str) -> list[Record]:
    stories: list[Record] = []
    comments_: list[Record] = []
    for page in range(5):
        stories.append(SourceStory(f"{this}-{page}", url=f"https://harbour.example/{this}/{page}", headline=f"P{page}"))
        for number in range(chance.choice([1, 3, 6, 30])):
            parent = f"{this}-{page}-{chance.randrange(number + 2)}" if number and chance.random() < 0.7 else None
            state = chance.choice([State.PUBLISHED, State.PUBLISHED, State.DELETED, State.SPAM])
            body = "<p>x</p>" if state is State.PUBLISHED else ""
            comments_.append(
                SourceComment(
                    *(f"{this}-{page}-{number}", f"{this}-{page}", parent, f"Ann {chance.randrange(3)}"),
                    body=body,
                    created=NOW,
                    state=state,
                )
            )
    chance.shuffle(comments_)
    return [*stories, *comments_]


def _tree(database: Database, site: str) -> set[tuple[str, str, int, int, int, str]]:
    """Return every comment by its source, with the page it is on and where it stands there."""
    with database.reading() as connection:
        rows = connection.execute(
            sa.select(provenance.c.source, threads.c.url, comments.c.number, comments.c.parent, comments.c.depth)
            .add_columns(comments.c.state)
            .join(threads, threads.c.id == provenance.c.thread)
            .join(
                comments,
                (comments.c.thread == provenance.c.thread) & (comments.c.number == provenance.c.number),
            )
            .where(provenance.c.site == site)
        )
        return {tuple(row) for row in rows}


def test_what_an_import_brought_in_can_be_taken_out_again(run: Run, database: Database) -> None:
    run(Told([STORY, said("a"), said("b", "a")], name="before"))
    records = _forum(random.Random(3), "undone")
    there = said("b", same_as=(("before", "b"),))
    more = [there, said("c", "b"), said("d", "c"), said("e", "b", state=State.DELETED), said("f", "e")]
    report = run(Told([*records, STORY, *more]))
    assert report.duplicates == 1
    with database.reading() as connection:
        (second,) = (job for job in jobs_of(connection, "harbour") if job.format == "told")

    steps = list(undo(database, second, NOW))

    assert sum(step.deleted for step in steps) == report.comments + report.tombstones
    assert sum(step.tombstones for step in steps) == 0
    assert sum(step.threads for step in steps) == report.threads - 1 > 0
    assert [comment.number for comment in shown(database)] == [1, 2]
    assert count(database, provenance) == 2
    assert not list(check(database))
    assert list(undo(database, second, NOW)) == []


def test_what_was_answered_since_becomes_a_tombstone_and_the_answer_stays(
    run: Run, database: Database, entropy: Callable[[int], bytes]
) -> None:
    run(Told([STORY, said("a"), said("b", "a"), said("c", "b"), said("d")]))
    thread = shown(database)[0].thread
    with database.writing() as connection:
        publish(connection, a_submission(thread, parent=2), NOW, entropy)
    with database.reading() as connection:
        (job,) = jobs_of(connection, "harbour")

    (first, *_) = undo(database, job, NOW)

    assert (first.deleted, first.tombstones) == (2, 2)
    assert [(comment.number, comment.state, comment.body is None) for comment in shown(database)] == [
        (1, State.REJECTED, True),
        (2, State.REJECTED, True),
        (5, State.PUBLISHED, False),
    ]
    assert not list(check(database))
    with database.writing() as connection, pytest.raises(NotPossible, match="only its place"):
        change_state(connection, thread, 1, Event.APPROVE, Actor.MODERATOR, rule="moderator", reason="", now=NOW)


def test_what_a_moderator_removed_stays_removed_when_its_import_is_undone_and_run_again(
    run: Run, database: Database
) -> None:
    records = [STORY, said("a"), said("b", "a"), said("c"), said("d"), said("e", state=State.REMOVED), said("f", "e")]
    run(Told(records))
    thread = shown(database)[0].thread
    with database.writing() as connection:
        for number, event in ((1, Event.REMOVE), (3, Event.MARK_SPAM)):
            change_state(connection, thread, number, event, Actor.MODERATOR, rule="moderator", reason="", now=NOW)
    with database.reading() as connection:
        (job,) = jobs_of(connection, "harbour")

    steps = list(undo(database, job, NOW))

    assert (sum(step.deleted for step in steps), sum(step.tombstones for step in steps)) == (4, 2)
    assert not list(check(database))
    again = run(Told(records))
    assert (again.comments, again.tombstones, sum(again.skipped.values())) == (3, 1, 2)
    found = [(comment.state, comment.body is None) for comment in shown(database)]
    assert found == [
        (State.REMOVED, True),
        *[(State.PUBLISHED, False)] * 2,
        (State.REMOVED, True),
        (State.PUBLISHED, False),
    ]
    with database.reading() as connection:
        assert comment_at(connection, thread, 3).body is None
    assert not list(check(database))
    assert list(undo(database, job, NOW)) == []


def test_a_job_that_is_undone_can_be_run_again(run: Run, database: Database) -> None:
    run(Told([STORY, said("a"), said("b", "a")]))
    with database.reading() as connection:
        (job,) = jobs_of(connection, "harbour")
    list(undo(database, job, NOW))

    again = run(Told([STORY, said("a"), said("b", "a")]))

    assert (again.comments, again.duplicates) == (2, 0)


def test_what_its_author_erased_does_not_come_back(run: Run, database: Database) -> None:
    run(Told([STORY, said("a", same_as=(("wordpress", "17"),)), said("b", "a")]))
    thread = shown(database)[0].thread
    with database.writing() as connection:
        change_state(connection, thread, 1, Event.DELETE, Actor.AUTHOR, rule="author", reason="", now=NOW)

    again = run(Told([STORY, said("a"), said("b", "a"), said("c", "a")]))
    elsewhere = run(Told([STORY, said("17"), said("18", "17")], name="wordpress"))

    assert (again.comments, dict(again.skipped)) == (1, {"erased or removed here": 1})
    assert (elsewhere.comments, dict(elsewhere.skipped)) == (1, {"erased or removed here": 1})
    assert [(comment.parent, comment.body is None) for comment in shown(database)] == [
        (0, True),
        *[(1, False)] * 3,
    ]
    with database.reading() as connection:
        kept = connection.execute(ledger.select()).all()
        sources = set(connection.execute(sa.select(provenance.c.source)).scalars())
    assert {(row.thread, row.number) for row in kept} == {(thread, 1)}
    assert sources == {"b", "c", "18"}
    assert not list(check(database))


def test_what_a_moderator_removed_stays_removed(run: Run, database: Database) -> None:
    run(Told([STORY, said("a"), said("b", "a")]))
    thread = shown(database)[0].thread
    with database.writing() as connection:
        change_state(connection, thread, 1, Event.REMOVE, Actor.MODERATOR, rule="moderator", reason="", now=NOW)

    assert run(Told([STORY, said("a"), said("b", "a")])).duplicates == 2
    assert shown(database)[0].state is State.REMOVED


def test_what_waits_under_a_page_that_is_not_public_is_listed_nowhere_until_it_is_approved(
    run: Run, database: Database, tmp_path: Path
) -> None:
    hidden = SourceStory("draft", url="https://harbour.example/secret-plan", closed=True)
    run(Told([STORY, said("a"), hidden, SourceComment("w", "draft", body="Hush", state=State.HELD)]))
    with database.reading() as connection:
        draft = thread_at(connection, "harbour", ["harbour.example/secret-plan"])
        assert len(newest_threads(connection, "harbour", 9)) == 1
        write_archive(connection, "harbour", tmp_path / "public.zip", KeptPages())
        write_archive(connection, "harbour", tmp_path / "complete.zip", KeptPages(), is_complete=True)
    assert b"secret-plan" not in b"".join(unpacked(tmp_path / "public.zip"))
    assert b"secret-plan" in b"".join(unpacked(tmp_path / "complete.zip"))

    assert draft is not None
    with database.writing() as connection:
        change_state(connection, draft, 1, Event.APPROVE, Actor.MODERATOR, rule="moderator", reason="", now=NOW)

    with database.reading() as connection:
        assert len(newest_threads(connection, "harbour", 9)) == 2
        write_archive(connection, "harbour", tmp_path / "public.zip", KeptPages())
    assert b"secret-plan" in b"".join(unpacked(tmp_path / "public.zip"))


def unpacked(path: Path) -> list[bytes]:
    with ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_the_same_comment_from_two_systems_is_there_once_in_either_order(run: Run, database: Database) -> None:
    disqus = Told([STORY, said("d1", same_as=(("wordpress", "1"),)), said("d2", "d1")], name="disqus")
    wordpress = Told([STORY, said("1"), said("2", "1")], name="wordpress")

    reports = [run(first, site=f"{first.name}-first") for first in (disqus, wordpress)]
    crossed = [run(then, site=f"{first.name}-first") for first, then in ((disqus, wordpress), (wordpress, disqus))]

    assert [report.comments for report in reports] == [2, 2]
    assert [(report.comments, report.duplicates) for report in crossed] == [(1, 1), (1, 1)]
    assert not list(check(database))


def test_another_blogs_comment_of_the_same_number_is_another_comment(run: Run, database: Database) -> None:
    other = SourceStory("s", url="https://other.example/page", headline="Other")
    run(Told([STORY, said("17")], name="wordpress"))
    run(Told([other, said("x")], name="disqus"))

    report = run(Told([other, said("y", same_as=(("wordpress", "17"),))], name="disqus"))

    assert (report.comments, report.duplicates) == (1, 0)


def test_a_better_file_fills_in_what_was_lost_and_overwrites_nothing(run: Run, database: Database) -> None:
    run(
        Told(
            [
                STORY,
                said("a", body="", lost=("body",)),
                said("b", body="<p>More at:</p>", lost=("link",), created=None),
                said("c", author="", lost=("author",)),
                said("d", body="<p>As it was.</p>", lost=("link",)),
            ]
        )
    )
    records = [
        STORY,
        said("a", body='<p><a href="https://pictures.example/1">picture</a></p>'),
        said("b", body='<p>More at: <a href="https://news.example/7">news.example/7</a></p>'),
        said("c", author="Cleo"),
        said("d", body='<p>Otherwise. <a href="https://news.example/8">news.example/8</a></p>'),
    ]

    rehearsed = run(Told(records), is_rehearsal=True)
    report = run(Told(records))

    assert (report.completed, report.duplicates, report.comments) == (3, 1, 0)
    assert rehearsed.as_json() == report.as_json()
    a, b, c, d = shown(database)
    assert a.body is not None
    assert "pictures.example" in a.body.html
    assert b.body is not None
    assert "https://news.example/7" in b.body.html
    assert b.created == NOW
    assert (c.author and c.author.name) == "Cleo"
    assert d.body is not None
    assert d.body.source == "<p>As it was.</p>"
    assert [comment.origin and comment.origin.lost for comment in (a, b, c, d)] == [(), (), (), ("link",)]
    assert run(Told(records)).completed == 0
    assert not list(check(database))
