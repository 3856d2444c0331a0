"""A PostgreSQL server that lives as long as the tests: Debian's binaries, a folder in /tmp, a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
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

    def control(self, *words: str) -> None:
        """Do something to the server: start it again, stop it in some way, promote it."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        _run(self.programs / "pg_ctl", "-D", self.files, "-w", "-l", self.folder / "log", "-o", options, *words)

    def is_running(self) -> bool:
        """Tell whether the server runs."""
        return (self.files / "postmaster.pid").exists()

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Cluster]:
    """Start a server of its own and stop it at the end."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError(MISSING)
    with _folder() as folder:
        _run(programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        cluster = Cluster(folder, _start(programs, folder), programs)
        try:
            yield cluster
        finally:
            if cluster.is_running():
                cluster.control("-m", "immediate", "stop")


@contextmanager
def standby_of(primary: Cluster) -> Iterator[Cluster]:
    """Start a server that follows another one; from here on that one acknowledges nothing that isn't on both disks."""
    with _folder() as folder:
        address = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        _run(primary.programs / "pg_basebackup", *address, "-D", folder / "data", "-R", "-X", "stream", "-c", "fast")
        standby = Cluster(folder, _start(primary.programs, folder), primary.programs)
        try:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.execute("SELECT pg_reload_conf()")
            while primary.execute("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
                time.sleep(0.05)
            yield standby
        finally:
            standby.control("-m", "immediate", "stop")


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="outspoken-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        yield folder
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
