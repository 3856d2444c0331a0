"""The workers of a server under test: which there are, and which of them a connection leads to."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from bench.client import Connection
from tests.faults.served import Served

_ATTEMPTS = 400


def workers(served: Served) -> list[int]:
    """Return the process ids of the workers that there are at this moment."""
    children = Path(f"/proc/{served.pid}/task/{served.pid}/children")
    return sorted(int(word) for word in children.read_text().split())


def worker_of(connection: Connection, served: Served) -> int:
    """Return which worker holds the other end of a connection, 0 if none does (yet)."""
    assert connection._writer is not None
    (_, port) = connection._writer.get_extra_info("sockname")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        here, there, inode = line.split()[1], line.split()[2], line.split()[9]
        if (int(here.partition(":")[2], 16), int(there.partition(":")[2], 16)) == (served.port, port):
            return next((worker for worker in workers(served) if f"socket:[{inode}]" in _files(worker)), 0)
    return 0


async def connect_to_each(served: Served) -> dict[int, Connection]:
    """Open connections until there is one to each worker; returns them by worker."""
    found: dict[int, Connection] = {}
    for _ in range(_ATTEMPTS):
        connection = Connection(served.port)
        await connection.send("GET", "/healthz")
        worker = worker_of(connection, served)
        if worker in found:
            connection.close()
        else:
            found[worker] = connection
        if sorted(found) == workers(served):
            return found
    raise AssertionError(f"some workers are never met: {sorted(found)} of {workers(served)}")


async def wait_for_others(served: Served, before: list[int], count: int) -> None:
    """Wait until so many workers are there of which none was there before, and no more."""
    while len(found := workers(served)) != count or set(found) & set(before):
        await asyncio.sleep(0.05)


def _files(process: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for file in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                found.add(os.readlink(file))
    return found
