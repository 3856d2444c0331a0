"""One trial: writers at full rate, a fault at a moment nobody knows, then the truth."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.faults.ledger import Ledger
from tests.faults.reading import compare
from tests.faults.served import Served
from tests.faults.writers import writers

WRITERS = 24


async def write_until(
    fault: Callable[[], Awaitable[None]],
    served: Served,
    threads: list[str],
    ledger: Ledger,
    chance: random.Random,
) -> None:
    """Let many write until `fault` is over."""
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(writer.write(stop)) for writer in writers(WRITERS, served.port, threads, ledger, chance)
    ]
    try:
        await fault()
    finally:
        stop.set()
        # A writer's own assertion comes out here.
        await asyncio.gather(*tasks)


async def resolve_and_compare(served: Served, threads: list[str], ledger: Ledger, chance: random.Random) -> None:
    """Send again what was never answered, then hold everything against the ledger."""
    (again,) = writers(1, served.port, threads, ledger, chance)
    for entry in ledger.unresolved():
        await again.resolve(entry)
    await compare(served.port, threads, ledger)
