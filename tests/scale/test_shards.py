"""Every statement of the program names one site or one thread, so that a distributed database can shard by it."""

import ast
import random
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from outspoken import store
from outspoken.discussion.comment import Origin
from outspoken.discussion.errors import Refusal
from outspoken.store import claims, contacts, erasures, imports, jobs, outlook
from outspoken.store.branches import remove_branch
from outspoken.store.claims import Act
from outspoken.store.database import Database, open_database
from outspoken.store.exports import first_date
from outspoken.store.joining import begin_merge, finish_all
from outspoken.store.offering import offer
from outspoken.store.recognising import written, written_as
from outspoken.store.rows import WHOLE, encode_origin, whole
from outspoken.store.sites import add_site, all_sites
from outspoken.store.tables import addresses, authors, comments, job_threads, metadata, provenance, sites, threads
from outspoken.store.taking_over import Holder, parts_of
from outspoken.store.threads import open_thread
from outspoken.store.undoing import undo
from outspoken.store.upgrading import upgrade
from outspoken.store.windows import in_reading_order
from outspoken.store.writer import Writer
from outspoken.transfer.archive.reading import Archive
from tests.factories import MOMENT, a_site, a_story
from tests.scale.costs import undone
from tests.scale.crowds import Crowd, chain, gather, publish_stories
from tests.scale.questions import IMPORTING, PUBLISHING, READING, WRITING
from tests.scale.shards import EXCEPTIONS, KEYS, Watch, loose_tables
from tests.transfer.archive.making import archive, fill, rearrange, restore
from tests.transfer.archive.test_increments import go_on

HERE = comments.c.thread == "ferry"
FIRST = sa.union_all(*(sa.select(comments).where(HERE, comments.c.number == number) for number in (1, 2)))
BY_PLACE = (comments.c.thread == provenance.c.thread) & (comments.c.number == provenance.c.number)


@pytest.mark.parametrize(
    ("statement", "loose"),
    [
        (WHOLE.where(HERE), set()),
        (WHOLE.where(comments.c.number == 1), {"comments", "authors", "bodies", "keys"}),
        (WHOLE.where(comments.c.thread.in_(["ferry", "bridge"])), {"comments", "authors", "bodies", "keys"}),
        (WHOLE.where(sa.or_(HERE, comments.c.number == 1)), {"comments", "authors", "bodies", "keys"}),
        (WHOLE.where(sa.not_(HERE)), {"comments", "authors", "bodies", "keys"}),
        (sa.select(comments, authors.c.name).where(HERE, authors.c.number == comments.c.author), {"authors"}),
        (whole(FIRST.subquery()), set()),
        (whole(sa.union_all(FIRST, sa.select(comments)).subquery()), {"comments", "authors", "bodies", "keys"}),
        (sa.select(provenance, comments).join_from(provenance, comments, BY_PLACE).where(HERE), {"provenance"}),
        (threads.select().where(threads.c.site == "harbour"), set()),
        (threads.select().where(threads.c.headline == "Ferry"), {"threads"}),
        (sites.select(), {"sites"}),
        (addresses.delete().where(addresses.c.address == "a"), {"addresses"}),
        (comments.update().where(HERE).values(up=1), set()),
        (comments.update().values(up=1), {"comments"}),
        (comments.insert().values(up=sa.select(sa.func.max(comments.c.up)).scalar_subquery()), {"comments"}),
        (comments.insert().from_select(["thread"], sa.select(threads.c.id)), {"comments"}),
        (comments.insert(), set()),
    ],
)
def test_a_statement_that_does_not_name_its_thread_is_noticed(statement: object, loose: set[str]) -> None:
    assert loose_tables(statement) == loose


def test_every_table_has_a_key_to_be_distributed_by() -> None:
    assert {table.name for table in metadata.sorted_tables} == set(KEYS)


def places_that_ask() -> Iterator[str]:
    """Yield each function of the store in which a statement is sent, as module.function."""
    for file in sorted(Path(store.__path__[0]).glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_asks, ast.walk(function))):
                yield f"{file.stem}.{function.name}"


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("execute", "exec_driver_sql")


def walk(database: Database) -> None:
    """Ask everything once, in all the ways there are."""
    with database.writing() as connection:
        for name in ("harbour", "elsewhere"):
            add_site(connection, a_site(name))
    publish_stories(database, "elsewhere", 20)
    crowds: list[Crowd] = [gather(database, "mixed", 400), gather(database, "chain", 250, chain)]
    for crowd in crowds:
        for question in (*READING, *WRITING, *IMPORTING):
            with undone(database) as connection:
                question.ask(connection, crowd)
        with database.reading() as connection:
            list(in_reading_order(connection, crowd.thread))
            first_date(connection, crowd.thread)
        list(remove_branch(database, crowd.thread, 1, rule="r", reason="", now=MOMENT))
    for asked in PUBLISHING:
        with undone(database) as connection:
            asked.ask(connection, "elsewhere")
    claim_and_forget(database)
    move_out_and_in(database)
    with database.writing() as connection:
        jobs.begin_job(connection, id="job", site="harbour", format="f", fingerprint="f", now=MOMENT)
        connection.execute(provenance.update().where(provenance.c.site == "harbour").values(job="job"))
        for opened in ("mixed", "empty"):
            connection.execute(job_threads.insert().values(site="harbour", job="job", thread=opened, opened=True))
        open_thread(connection, id="empty", site="harbour", story=a_story(), addresses_of_page=(), now=MOMENT)
        (job,) = jobs.jobs_of(connection, "harbour")
    list(undo(database, job, MOMENT))
    imports.measure(database)
    foresee(database)
    writer = Writer(database)
    writer.submit("mixed", lambda connection: None).result()
    with suppress(Refusal):
        writer.submit("mixed", lambda connection: imports.known_records(connection, "", [("a", "a")])).result()
    writer.close()


def foresee(database: Database) -> None:
    """Ask what joining and splitting would do."""
    with database.reading() as connection:
        outlook.outlook_of_merge(connection, "harbour", "chain")
        outlook.outlook_of_split(connection, "chain", [])


def claim_and_forget(database: Database) -> None:
    """Find what somebody wrote before it was imported, take it over, erase it, and forget how it was found."""
    holder, over = Holder(b"h" * 16, b"k" * 32, b"m" * 16), MOMENT + timedelta(days=1)
    with database.writing() as connection:
        found = list(written_as(connection, "harbour", name="Reader 2", account="s2"))[:4]
        assert len(written(connection, found)) == len(found) == 4
        for thread, number in found:
            here = (comments.c.thread == thread, comments.c.number == number)
            connection.execute(comments.update().where(*here).values(origin=encode_origin(Origin("example", (), ()))))
            connection.execute(
                contacts.contacts.insert().values(site="harbour", thread=thread, number=number, sealed=b"sealed")
            )
        for digest, part in ((b"take", found[:1]), (b"erase", found[2:]), (b"late", found[2:])):
            offer(connection, "harbour", digest, part, over, MOMENT)
        for act in Act:
            digest = act.value.encode()
            for part in parts_of(claims.what_is_left(connection, "harbour", digest, 10)):
                assert claims.settle(connection, "harbour", digest, act, holder, part, MOMENT)
        assert len(claims.claims_of(connection, "harbour")) == 3
        claims.forget_expired(connection, "harbour", over)
        assert contacts.count(connection, "harbour") == 1
        connection.execute(
            contacts.contacts.insert().values(site="harbour", thread=found[0][0], number=found[0][1], sealed=b"sealed")
        )
    with pytest.raises(contacts.NotOpened):
        list(contacts.written_under(database, "harbour", "a@example.org", []))
    assert sum(contacts.forget_all(database, "harbour")) == 2


def move_out_and_in(database: Database) -> None:
    """Bring in a site from elsewhere, then what became of it there; erase something again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        other = open_database(folder / "other")
        upgrade(other, MOMENT)
        (thread,) = fill(other, 5, comments=40, threads=1, site="island")
        archive(other, folder / "full.zip", "island", is_complete=True)
        archive(other, folder / "public.zip", "island")
        go_on(other, 1)
        with Archive(folder / "full.zip") as full:
            archive(other, folder / "more.zip", "island", is_complete=True, since=[full])
        rearrange(other, thread, 5, "island")
        with other.writing() as connection:
            (part,) = (row.id for row in connection.execute(threads.select().where(threads.c.id != thread)))
            begin_merge(connection, "island", thread, part, MOMENT)
        finish_all(other, MOMENT, random.Random(5).randbytes)
        with Archive(folder / "full.zip") as full, Archive(folder / "more.zip") as more:
            archive(other, folder / "moved.zip", "island", is_complete=True, since=[full, more])
        other.close()
        restore(database, folder / "full.zip", "island", is_rehearsal=True)
        restore(database, folder / "full.zip", "island")
        with database.writing() as connection:
            # So that somebody who comes later needs another number.
            connection.execute(authors.update().where(authors.c.thread == thread).values(mark=b"x"))
        restore(database, folder / "more.zip", "island")
        restore(database, folder / "moved.zip", "island")
    erasures.apply(database, [("mixed", 1)], MOMENT)


def test_every_statement_of_the_store_names_one_site_or_thread(database: Database) -> None:
    with Watch() as watch:
        walk(database)

    missed = {
        place
        for place in places_that_ask()
        if place not in watch.seen and place not in EXCEPTIONS and place.partition(".")[0] not in EXCEPTIONS
    }
    assert watch.faults == []
    assert missed == set()
    assert len(watch.seen) > 30


def test_a_statement_that_names_none_is_told_with_its_place(database: Database) -> None:
    with Watch(exceptions={"database": EXCEPTIONS["database"]}) as watch, database.reading() as connection:
        all_sites(connection)

    (fault,) = watch.faults
    assert fault.startswith("sites.all_sites doesn't say which site or thread of sites: SELECT")
