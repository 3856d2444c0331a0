"""A PostgreSQL server that lives as long as the tests: Debian's binaries, a folder in /tmp, a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import sqlalchemy as sa

MISSING = "PostgreSQL isn't installed: apt-get install postgresql"
_TEMPLATE = "migrated"
_ATTEMPTS = 3


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, None if there is none."""
    found = sorted(
        (folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()),
        key=lambda folder: int(folder.parent.name),
    )
    return found[-1] if found else None


@dataclass
class Cluster:
    """A running server. Its databases are made from one that was migrated once."""

    folder: Path
    port: int
    programs: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def files(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "data"

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement outside of any transaction, as the owner of the server."""
        engine = sa.create_engine(
            sa.make_url(self.url(database)).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
        )
        with engine.connect() as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    def create(self, template: str = "template1") -> str:
        """Create a database and return its name."""
        name = f"t{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Cluster]:
    """Start a server of its own and stop it at the end."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="outspoken-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run(programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        port = _start(programs, folder)
        try:
            yield Cluster(folder, port, programs)
        finally:
            _run(programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(programs: Path, folder: Path) -> int:
    for attempt in range(1, _ATTEMPTS + 1):
        port = _free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=on"
        try:
            _run(
                *(programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start"),
            )
        except subprocess.CalledProcessError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return port
    raise AssertionError("not reached")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _run(*command: object) -> None:
    # The server refuses to run as root.
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(word) for word in command],
        check=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **owner,
    )
