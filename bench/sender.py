"""Our own client, run as a process: keeps so many connections busy for so many seconds and prints what came of it."""

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict

from bench.client import Connection
from bench.generate import length, words
from bench.load import Order, Outcome


class Sender:
    """Sends what an order says."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._chance = random.Random(order.seed)
        self._taken: list[float] = []
        self._errors = 0

    async def send(self) -> Outcome:
        """Send until the time is over, and wait for the last answers."""
        began = time.perf_counter()
        end = began + self._order.seconds
        await asyncio.gather(*(self._keep_busy(end) for _ in range(self._order.connections)))
        seconds = time.perf_counter() - began
        taken = sorted(self._taken) or [0.0]
        return Outcome(
            rate=len(self._taken) / seconds,
            p50=taken[len(taken) // 2] * 1000,
            p99=taken[len(taken) * 99 // 100] * 1000,
            answers=len(self._taken),
            errors=self._errors,
        )

    async def _keep_busy(self, end: float) -> None:
        connection = Connection(self._order.port)
        while (sent := time.perf_counter()) < end:
            try:
                status = await self._one(connection)
            except (OSError, EOFError, ValueError):
                self._errors += 1
                continue
            if status < 400:
                self._taken.append(time.perf_counter() - sent)
            else:
                self._errors += 1
        connection.close()

    async def _one(self, connection: Connection) -> int:
        if not self._order.posts_comments:
            return (await connection.send("GET", self._order.path, headers=self._order.headers)).status
        text = f"{words(self._chance, length(self._chance))} ({self._chance.getrandbits(64):x})"
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"{self._chance.getrandbits(128):032x}"}
        body = json.dumps({"body": text}).encode()
        return (await connection.send("POST", self._order.path, body, headers)).status


if __name__ == "__main__":
    outcome = asyncio.run(Sender(Order(**json.loads(sys.argv[1]))).send())
    sys.stdout.write(json.dumps(asdict(outcome)))
