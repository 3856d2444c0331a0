"""`outspoken export`, `verify`, `keys` and `serve --archive`, as they are typed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from outspoken.demo.loading import load_demo
from outspoken.store.database import open_database
from outspoken.store.upgrading import upgrade
from tests.cli.conftest import refused, rows
from tests.factories import MOMENT
from tests.transfer.archive.making import archive as write_archive
from tests.transfer.archive.making import fill, restore
from tests.transfer.archive.test_verifying import rewritten

MANY = 100_000
OUTSPOKEN = Path(sys.executable).with_name("outspoken")


@pytest.fixture
def thread(folder, entropy) -> str:
    """The thread of the example site, in the data folder."""
    database = open_database(folder)
    upgrade(database, MOMENT)
    id = load_demo(database, MOMENT, entropy)
    database.close()
    return id


def test_a_site_leaves_is_verified_and_comes_back(run, folder, thread, tmp_path):
    key, archive, again = tmp_path / "key", tmp_path / "a.zip", tmp_path / "b.zip"
    public = run_alone(run, "keys", "new", key).stdout.splitlines()[0]

    left = run("export", "--site", "lamplight", "--output", archive, "--complete", "--key", key)
    assert left.exit_code == 0, left.output
    assert "97 comments and 2 tombstones of 3 threads" in left.stdout
    assert "Keep it as safe" in left.stdout
    verified = run_alone(run, "verify", archive, "--signer", public)
    assert verified.exit_code == 0, verified.output
    assert f"Signed with {public}" in verified.stdout
    elsewhere = ("--data", tmp_path / "elsewhere")
    came = run_alone(run, "import", archive, "--site", "lamplight", *elsewhere)
    assert came.exit_code == 0, came.output
    assert "97 comments" in came.stdout
    assert run_alone(run, "check", *elsewhere).exit_code == 0
    job = run_alone(run, "import", "--jobs", "--site", "lamplight", *elsewhere).stdout.split()[0]
    undone = run_alone(run, "import", "--undo", job, *elsewhere)
    assert undone.exit_code == 1
    assert "restore a backup" in undone.output
    how = ("--site", "lamplight", "--output", again, "--complete", "--key", key, "--json")
    written = json.loads(run_alone(run, "export", *how, *elsewhere).stdout.splitlines()[-1])
    assert written == {"threads": 3, "comments": 97, "tombstones": 2, "bytes": again.stat().st_size}
    assert archive.read_bytes() == again.read_bytes()
    assert archive.stat().st_mode & 0o077 == 0


def run_alone(run, *words):
    """Run a command that has no `--data`, or is given another."""
    from typer.testing import CliRunner

    from outspoken.cli import command_line

    return CliRunner().invoke(command_line(), [*map(str, words)], env={"OUTSPOKEN_DATABASE": ""})


def test_a_changed_byte_is_named_and_nothing_comes_in(run, folder, thread, tmp_path):
    archive = tmp_path / "a.zip"
    run("export", "--site", "lamplight", "--output", archive)
    content = bytearray(archive.read_bytes())
    content[content.index(b"data/comments.ndjson") + 2_000] ^= 1
    archive.write_bytes(content)

    verified = run_alone(run, "verify", archive)
    assert verified.exit_code == 1
    assert "data/comments.ndjson" in verified.stdout
    found = json.loads(run_alone(run, "verify", archive, "--json").stdout)
    assert found["site"] == "lamplight"
    assert len(found["findings"]) == 1
    assert "data/comments.ndjson" in refused(run("import", archive, "--site", "other"))


def test_an_increment_without_what_it_goes_on_from_is_refused_before_anything_is_written(run, folder, thread, tmp_path):
    monday, tuesday, wednesday = (tmp_path / f"{day}.zip" for day in ("monday", "tuesday", "wednesday"))
    export = ("export", "--site", "lamplight", "--complete", "--output")
    assert run(*export, monday).exit_code == 0
    assert run(*export, tuesday, "--since", monday).exit_code == 0
    assert run(*export, wednesday, "--since", monday, "--since", tuesday).exit_code == 0
    digest = json.loads(run_alone(run, "verify", monday, "--json").stdout)["digest"]
    bring = ("--site", "lamplight", "--data", tmp_path / "elsewhere")

    assert digest[:16] in refused(run_alone(run, "import", tuesday, *bring))
    assert rows(tmp_path / "elsewhere", "SELECT name FROM sites") == []
    assert run_alone(run, "import", monday, *bring).exit_code == 0
    assert "import that one first" in refused(run_alone(run, "import", wednesday, *bring))
    assert "import that one first" in refused(run_alone(run, "import", wednesday, *bring, "--dry-run"))
    for day in (tuesday, wednesday, tuesday):
        assert run_alone(run, "import", day, *bring).exit_code == 0

    shown = refused(run_alone(run, "serve", "--port", str(free_port()), "--archive", tuesday))
    assert "only a whole one can be shown" in shown


def test_what_can_not_leave_is_refused_in_one_line(run, folder, thread, tmp_path):
    archive = tmp_path / "a.zip"
    assert "no such site" in refused(run("export", "--site", "none", "--output", archive))
    assert "no such discussion" in refused(
        run("export", "--site", "lamplight", "--thread", "none", "--output", archive)
    )
    refused(run("export", "--site", "lamplight", "--output", tmp_path / "none" / "a.zip"))
    assert list(tmp_path.glob("*.zip*")) == []
    run_alone(run, "keys", "new", folder / "key")
    assert "lies in the data folder" in refused(
        run("export", "--site", "lamplight", "--output", archive, "--key", folder / "key")
    )
    assert "never written over" in refused(run_alone(run, "keys", "new", folder / "key"))
    (tmp_path / "diary.txt").write_text("Dear diary")
    assert "zip" in refused(run_alone(run, "verify", tmp_path / "diary.txt"))
    assert "zip" in refused(run_alone(run, "serve", "--port", str(free_port()), "--archive", tmp_path / "diary.txt"))


def test_an_archive_is_shown_and_nothing_can_be_written_in_it(run, folder, thread, tmp_path):
    archive = tmp_path / "a.zip"
    run("export", "--site", "lamplight", "--output", archive)
    with shown(archive, tmp_path) as address:
        page = fetched(f"{address}/t/{thread}")
        assert "This discussion is read-only" in page
        assert "<textarea" not in page
        assert "Lamplight" in fetched(f"{address}/")
        assert list(tmp_path.glob("outspoken-archive-*"))
    assert list(tmp_path.glob("outspoken-archive-*")) == []


@contextmanager
def shown(archive, tmp_path):
    """Let an archive be served; give where."""
    port = free_port()
    process = subprocess.Popen(
        [OUTSPOKEN, "serve", "--archive", archive, "--port", str(port)],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "can be read at" in process.stderr.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.mark.long
@pytest.mark.postgres
def test_a_hundred_thousand_comments_leave_are_verified_shown_and_come_into_postgresql_bit_for_bit(
    run, folder, postgres, tmp_path
):
    database = open_database(folder)
    upgrade(database, MOMENT)
    threads = fill(database, 16, comments=MANY, threads=20)
    database.close()
    archive, changed, again = tmp_path / "a.zip", tmp_path / "changed.zip", tmp_path / "b.zip"

    assert run("export", "--site", "harbour", "--output", archive, "--complete").exit_code == 0
    assert "is whole" in run_alone(run, "verify", archive).stdout

    content = bytearray(archive.read_bytes())
    content[content.index(b"data/comments.ndjson") + len(content) // 10] ^= 1
    changed.write_bytes(content)
    verified = run_alone(run, "verify", changed)
    assert (verified.exit_code, verified.stdout.count("data/comments.ndjson")) == (1, 1)
    assert "data/comments.ndjson" in refused(run("import", changed, "--site", "other"))

    changed = rewritten(archive, lambda name, content: one_byte(content) if name == "data/comments.ndjson" else content)
    verified = run_alone(run, "verify", changed)
    assert verified.exit_code == 1
    assert f"was changed. The first change is in lines {MANY // 2 + 1} to {MANY // 2 + 100}." in verified.stdout

    with shown(archive, tmp_path) as address:
        for thread in threads:
            page = fetched(f"{address}/t/{thread}")
            assert "This discussion is read-only" in page
            assert "?after=" in page

    restore(postgres, archive)
    write_archive(postgres, again, is_complete=True)
    assert archive.read_bytes() == again.read_bytes()


def one_byte(content):
    """Change a letter of what somebody said, in the line after the middle one."""
    lines = content.splitlines(keepends=True)
    at = next(at for at in range(MANY // 2, len(lines)) if b"The *ferry*" in lines[at])
    return b"".join([*lines[:at], lines[at].replace(b"The *ferry*", b"The *fErry*", 1), *lines[at + 1 :]])


def free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def fetched(url: str) -> str:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.05)
    raise AssertionError(url)
