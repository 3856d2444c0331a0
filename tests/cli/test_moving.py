"""`outspoken move`: what it says, what it refuses, and that a killed one goes on."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peaks import run_to_end
from outspoken.demo.loading import load_demo
from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from tests.cli.conftest import refused
from tests.factories import MOMENT
from tests.postgres import Cluster
from tests.store.test_moving import everything, fill
from tests.web.talking import Talk

pytestmark = pytest.mark.postgres

OUTSPOKEN = Path(sys.executable).with_name("outspoken")


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def thread(folder, entropy) -> str:
    """The thread of the example site, in the data folder."""
    database = open_database(folder)
    upgrade(database, MOMENT)
    id = load_demo(database, MOMENT, entropy)
    database.close()
    return id


def test_a_site_moves_to_postgresql_and_back_and_every_page_stays_the_same(run, folder, thread, url, tmp_path):
    there = run("move", "--to", url)
    back = run("move", "--database", url, "--to", tmp_path / "back")

    assert there.exit_code == back.exit_code == 0, there.output + back.output
    assert "1 sites" in there.stdout
    assert f"outspoken serve --database {url}" in there.stdout
    assert "OUTSPOKEN_DATABASE" in there.stdout
    assert f"The old one is as it was: {folder}/outspoken.db" in there.stdout
    assert f"outspoken serve --data {tmp_path}/back" in back.stdout
    assert run("check").exit_code == 0
    assert run("check", "--database", url).stdout == "Everything is as it should be.\n"
    served = [pages(open_database(*place), thread) for place in ((folder,), (folder, url), (tmp_path / "back",))]
    assert served[0] == served[1] == served[2]


def pages(database, thread):
    """Return every kind of page and answer about a thread, and the texts that only its own form has are alike."""
    talk = Talk(database)
    reader = talk.browser()
    places = (
        *("", "?sort=newest", "?sort=oldest", "?sort=controversial", "/1", "/2", "/print", "/feed.atom", "/1/history"),
        *(f"/{number}/edit" for number in (1, 2)),
    )
    answers = {place: reader.get(f"/t/{thread}{place}") for place in places}
    answers |= {place: reader.get(place) for place in ("/", "/feed.atom", "/sitemap.xml", f"/api/v1/threads/{thread}")}
    api = f"/api/v1/threads/{thread}/comments"
    answers |= {place: reader.get(place) for place in (api, f"{api}?sort=newest&limit=3", f"{api}/2")}
    shown = {place: (answer.status_code, answer.content) for place, answer in answers.items()}
    assert sum(status == 200 for status, _ in shown.values()) > 10
    talk.close()
    return shown


def test_a_killed_move_goes_on_when_it_is_told_again(run, folder, url):
    database = open_database(folder)
    upgrade(database, MOMENT)
    fill(database, rows=20_000)
    before = everything(database)
    database.close()
    target = open_database(folder, url)
    chance, reached = random.Random(), []
    for share in sorted(chance.uniform(0.02, 0.9) for _ in range(3)):
        process = subprocess.Popen([OUTSPOKEN, "move", "--data", folder, "--to", url], stderr=subprocess.DEVNULL)
        while process.poll() is None and carried(target) < share * 80_000:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        reached.append(carried(target))
    assert 0 < reached[0] < 80_000
    assert reached == sorted(reached)
    assert "run the same “outspoken move” again" in refused(run("check", "--database", url)).lower().replace(
        "run", "run"
    )

    result = run("move", "--to", url)

    assert result.exit_code == 0, result.output
    assert everything(target) == before
    target.close()


def carried(database):
    """Return how many rows of the large tables are committed; none before there are tables."""
    with database.reading() as connection:
        if connection.exec_driver_sql("SELECT to_regclass('moving')").scalar() is None:
            return 0
        return int(connection.exec_driver_sql("SELECT coalesce(sum(rows), 0) FROM moving").scalar())


def test_a_source_that_is_still_written_to_is_told_and_the_same_command_ends_the_move(run, folder, thread, url):
    stop = threading.Event()

    def write():
        database = open_database(folder)
        while not stop.is_set():
            with database.writing() as connection:
                connection.exec_driver_sql("UPDATE threads SET version = version + 1")
        database.close()

    writing = threading.Thread(target=write)
    writing.start()
    first = run("move", "--to", url)
    stop.set()
    writing.join()

    assert first.exit_code == 1
    (line,) = first.stderr.strip().splitlines()
    assert "while it was carried. Stop what writes to it" in line
    assert run("move", "--to", url).exit_code == 0
    assert run("check", "--database", url).exit_code == 0
    assert "holds something already" in refused(run("move", "--to", url))


def test_what_can_not_be_moved_is_refused_in_one_line(run, folder, thread, url, tmp_path):
    assert "that is where it is already" in refused(run("move", "--to", folder))
    assert "isn't a database we know" in refused(run("move", "--to", "mysql://db.example/x"))
    assert "doesn't answer" in refused(run("move", "--to", "postgresql://127.0.0.1:1/nothing"))
    assert "there is no" in refused(run("move", "--database", f"sqlite:///{tmp_path}/none.db", "--to", url))
    (tmp_path / "file").write_text("")
    refused(run("move", "--to", tmp_path / "file"))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "outspoken.db").write_text("this is somebody's diary, not a database" * 100)
    refused(run("move", "--to", tmp_path / "taken"))


def test_a_password_is_not_printed(run, folder, thread, url):
    result = run("move", "--to", url.replace("postgres@", "postgres:canary@"))

    assert result.exit_code == 0
    assert "canary" not in result.output


@pytest.mark.long
def test_a_million_comments_are_carried_both_ways_in_flat_memory(folder, url, tmp_path):
    database = open_database(folder)
    upgrade(database, MOMENT)
    fill(database, rows=1_000_000)
    database.close()

    peaks = [
        run_to_end(OUTSPOKEN, "move", "--data", folder, "--to", url).peak_mb,
        run_to_end(OUTSPOKEN, "move", "--database", url, "--to", tmp_path / "back").peak_mb,
    ]

    # Shown with `-s`, for notes on a release. What is carried is compared by the command itself.
    print(f"4,000,000 rows each way, at most {peaks} MB")  # noqa: T201
    assert max(peaks) < 300
