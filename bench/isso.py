"""Isso from PyPI in an environment of its own, run as its manual says: gunicorn with four workers."""

import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.generate import write_disqus
from bench.machine import SERVER_CORE, on_core
from bench.ports import free_port, is_open

NAME = "Isso"
_PATIENCE = 30.0
_PACKAGES = ("isso==0.14.0", "gunicorn==27.0.1")
_SETTINGS = """
[general]
dbpath = {folder}/isso.db
host = {hosts}
log-file = {folder}/isso.log
[server]
listen = http://127.0.0.1:{port}/
[guard]
enabled = false
[hash]
salt = bench
"""


class Missing(Exception):
    """It can't be measured here. The message says why."""


def installed(cache: Path) -> Path:
    """Return the folder of Isso's programs, installed in `cache` when first asked for.

    Raises:
        Missing: if it can't be installed.
    """
    folder = cache / "-".join(("peer", *_PACKAGES)).replace("=", "")
    if not (folder / "ready").exists():
        cache.mkdir(parents=True, exist_ok=True)
        venv.create(folder, with_pip=True, clear=True)
        asked = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*asked, *_PACKAGES], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Missing(f"{_PACKAGES[0]} can't be installed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
        (folder / "ready").touch()
    return folder / "bin"


def version() -> str:
    """Return which Isso is measured, and by what it is served."""
    isso, server = (package.partition("==")[2] for package in _PACKAGES)
    return f"{isso} (by gunicorn {server})"


@contextmanager
def served(programs: Path, folder: Path, sizes: Sequence[int], *hosts: str) -> Iterator[int]:
    """Run Isso on the servers' core until the block ends, with a thread of each size at /1, /2, ...; gives the port.

    Pages of `hosts`, such as `http://127.0.0.1:8000`, may show its threads.
    """
    folder.mkdir(parents=True)
    port = free_port()
    settings = folder / "isso.cfg"
    own = f"http://127.0.0.1:{port}"
    lines = "\n    ".join(f"{host}/" for host in (*hosts, own))
    settings.write_text(_SETTINGS.format(folder=folder, port=port, hosts=lines), "utf-8")
    if sizes:
        export = folder / "threads.xml"
        write_disqus(export, sizes)
        command = [str(programs / "isso"), "-c", str(settings), "import", "--empty-id", "-t", "disqus", str(export)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    with on_core(SERVER_CORE), (folder / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(
            [str(programs / "gunicorn"), "-b", f"127.0.0.1:{port}", "-w", "4", "--preload", "isso.run"],
            env={"ISSO_SETTINGS": str(settings), "PATH": str(programs)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        began = time.monotonic()
        while not is_open(port):
            if process.poll() is not None or time.monotonic() - began > _PATIENCE:
                print((folder / "gunicorn.log").read_text("utf-8"), file=sys.stderr)
                raise RuntimeError("Isso doesn't start")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def view(number: int) -> str:
    """Return what Isso's script asks for to show thread `number`."""
    return f"/?uri=%2F{number}&nested_limit=5"


def door(name: str) -> str:
    """Return where comments on a page are posted."""
    return f"/new?uri=%2F{name}"
