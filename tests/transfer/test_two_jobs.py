"""Two processes that import into one site at once: every comment comes in once, whoever brings it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bench.generate import write_disqus
from outspoken.store.checking import check
from outspoken.store.database import Database
from outspoken.store.jobs import jobs_of
from outspoken.store.sites import add_site
from outspoken.store.tables import comments, provenance, threads
from tests.factories import a_site

SIZES = [3] * 60 + [700]
PROGRAM = (sys.executable, "-c", "from outspoken.cli import app; app()")


def importing(database: Database, file: Path, folder: Path) -> "subprocess.Popen[bytes]":
    url = database.url.render_as_string(hide_password=False)
    words = ("import", str(file), "--site", "harbour", "--data", str(folder), "--database", url)
    return subprocess.Popen([*PROGRAM, *words], env=os.environ, stdout=subprocess.DEVNULL)


def test_two_processes_with_the_same_and_with_another_file_bring_everything_once(
    database: Database, tmp_path: Path, entropy: Callable[[int], bytes]
) -> None:
    """The files differ by one comment, so one is another job; the third process joins the first one's or follows it."""
    first, second = tmp_path / "first.xml", tmp_path / "second.xml"
    write_disqus(first, SIZES, seed=4)
    with database.writing() as connection:
        add_site(connection, a_site("harbour"))
    second.write_text(first.read_text().replace("The ferry", "A ferry"))

    running = [importing(database, file, tmp_path) for file in (first, second, first)]

    assert [process.wait(120) for process in running] == [0, 0, 0]
    with database.reading() as connection:
        # Under WordPress' names they are known besides.
        named = sa.select(provenance.c.source).where(provenance.c.format == "disqus")
        sources = connection.execute(named).scalars().all()
        there = connection.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one()
        pages = connection.execute(sa.select(sa.func.count()).select_from(threads)).scalar_one()
        done = jobs_of(connection, "harbour")
    assert len(sources) == len(set(sources)) == there > 0.95 * sum(SIZES)
    assert pages == len(SIZES)
    assert all(job.finished for job in done)
    assert not list(check(database))
