"""Writers at full rate: they post, reply, vote, edit and delete, and put every answer into the ledger."""

import asyncio
import base64
import json
import os
import random
from urllib.parse import urlencode

from bench.client import Answer, Connection
from tests.faults.ledger import GONE, Entry, Ledger, digest

SWALLOWED = (OSError, EOFError, asyncio.IncompleteReadError)
_PAUSE = 0.1
"""Seconds after which one asks again who wasn't answered, or was told that it can't be done now."""


class Writer:
    """One person with one browser key, who does one thing after the other until told to stop."""

    def __init__(self, name: str, port: int, threads: list[str], ledger: Ledger, chance: random.Random) -> None:
        self.name = name
        self._key = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        self._port = port
        self._connection = Connection(port)
        self._threads = threads
        self._ledger = ledger
        self._chance = chance
        self._mine: list[Entry] = []

    async def write(self, stop: asyncio.Event) -> None:
        """Write until `stop`; an answer that doesn't come is noted as such."""
        try:
            while not stop.is_set():
                try:
                    await self._act()
                except SWALLOWED:
                    self._ledger.counts.unknown += 1
                    await asyncio.sleep(_PAUSE)
        finally:
            self._connection.close()

    async def resolve(self, entry: Entry) -> None:
        """Send again, under the same key, what was sent before without an answer."""
        answer = await self._post(entry)
        if answer.status in (404, 409):
            # What it answered was deleted meanwhile, so the first attempt can't have been taken in.
            self._ledger.refuse(entry)
            return
        assert answer.status == 201, answer
        receipt = json.loads(answer.body)
        self._ledger.counts.unknown_but_kept += receipt["is_duplicate"]
        self._ledger.acknowledge(entry, receipt["number"], receipt["code"])

    async def _act(self) -> None:
        thread = self._chance.choice(self._threads)
        known = self._ledger.known(thread)
        roll = self._chance.random()
        editable = [entry for entry in self._mine[-20:] if entry.is_settled and entry.code and GONE not in entry.may_be]
        if roll < 0.15 and known:
            await self._vote(self._chance.choice(known))
        elif roll < 0.23 and editable:
            await self._edit(self._chance.choice(editable))
        elif roll < 0.27 and editable:
            await self._delete(self._chance.choice(editable))
        else:
            parent = self._chance.choice(known).number if known and self._chance.random() < 0.6 else 0
            await self._publish(self._ledger.begin(thread, parent, self.name))

    async def _publish(self, entry: Entry) -> None:
        answer = await self._post(entry)
        if await self._is_unavailable(answer):
            return
        if answer.status in (404, 409):
            self._ledger.refuse(entry)
            return
        assert answer.status == 201, answer
        receipt = json.loads(answer.body)
        assert receipt["state"] == "published", receipt
        self._ledger.acknowledge(entry, receipt["number"], receipt["code"])
        self._ledger.counts.acknowledged += 1
        self._mine.append(entry)

    async def _post(self, entry: Entry) -> Answer:
        return await self._connection.send(
            "POST",
            f"/api/v1/threads/{entry.thread}/comments",
            json.dumps({"body": entry.text, "parent": entry.parent or None, "author": None}).encode(),
            {"Content-Type": "application/json", "Idempotency-Key": entry.key},
        )

    async def _vote(self, entry: Entry) -> None:
        value = self._chance.choice((-1, 0, 1))
        vote = self._ledger.votes.setdefault((entry.thread, entry.number, self.name), {0})
        before = set(vote)
        vote.add(value)
        answer = await self._form(entry, "vote", {"value": {1: "up", -1: "down", 0: "none"}[value]})
        if await self._is_unavailable(answer):
            return
        vote.clear()
        vote.update({value} if answer.status == 303 else before)
        if answer.status == 303:
            self._ledger.counts.votes += 1
        else:
            assert answer.status in (404, 409), answer

    async def _edit(self, entry: Entry) -> None:
        text = f"{entry.key} once more, and better: {os.urandom(6).hex()}"
        entry.may_be.add(digest(text))
        entry.is_settled = False
        answer = await self._form(entry, "edit", {"body": text, "code": entry.code})
        if await self._is_unavailable(answer):
            return
        assert answer.status == 303, answer
        entry.may_be, entry.is_settled = {digest(text)}, True
        self._ledger.counts.edits += 1

    async def _delete(self, entry: Entry) -> None:
        entry.may_be.add(GONE)
        entry.is_settled = False
        answer = await self._form(entry, "delete", {"code": entry.code})
        if await self._is_unavailable(answer):
            return
        # 409: it was done, and done again after the connection to the database was lost in between.
        assert answer.status in (303, 409), answer
        entry.may_be, entry.is_settled = {GONE}, True
        self._ledger.counts.deletes += 1

    async def _form(self, entry: Entry, action: str, fields: dict[str, str]) -> Answer:
        return await self._connection.send(
            "POST",
            f"/t/{entry.thread}/{entry.number}/{action}",
            urlencode(fields).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": f"http://127.0.0.1:{self._port}",
                "Cookie": f"outspoken={self._key}",
            },
        )

    async def _is_unavailable(self, answer: Answer) -> bool:
        """Tell whether it says, as it should, that it can't be done now; then nobody knows whether it was."""
        if answer.status != 503:
            return False
        assert int(answer.headers["retry-after"]) > 0
        self._ledger.counts.unavailable += 1
        await asyncio.sleep(_PAUSE)
        return True


def writers(count: int, port: int, threads: list[str], ledger: Ledger, chance: random.Random) -> list[Writer]:
    """Return that many writers."""
    return [
        Writer(f"Writer {os.urandom(4).hex()}", port, threads, ledger, random.Random(chance.random()))
        for _ in range(count)
    ]
