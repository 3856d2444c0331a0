"""A PostgreSQL server of a measurement's own, on the servers' core, which it shares with ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.machine import SERVER_CORE, on_core
from tests import postgres

MISSING = postgres.MISSING


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database in it."""

    url: str
    name: str
    cluster: postgres.Cluster

    @property
    def pid(self) -> int:
        """Number of the server's first process; all others are below it."""
        return int((self.cluster.files / "postmaster.pid").read_text("utf-8").split()[0])

    @property
    def size(self) -> int:
        """Bytes on disk, indexes and all."""
        ((size,),) = self.cluster.execute(f"SELECT pg_database_size('{self.name}')")
        return int(str(size))


def is_installed() -> bool:
    """Tell whether there can be one."""
    return postgres.binaries() is not None


@contextmanager
def database() -> Iterator[Database]:
    """Run a server until the block ends."""
    with on_core(SERVER_CORE):
        context = postgres.running()
        cluster = context.__enter__()
    try:
        name = cluster.create()
        yield Database(cluster.url(name), name, cluster)
    finally:
        context.__exit__(None, None, None)
