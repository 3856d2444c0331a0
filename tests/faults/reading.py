"""Reading everything back over HTTP, and holding it against the ledger."""

import json
from typing import Any

from bench.client import Connection
from tests.faults.ledger import GONE, Entry, Ledger, digest

Comment = dict[str, Any]


async def all_comments(port: int, thread: str) -> list[Comment]:
    """Page through a thread and all replies, as a reader would who follows every link."""
    connection = Connection(port)
    found: list[Comment] = []
    waiting: list[tuple[int, str | None]] = [(0, None)]
    while waiting:
        parent, after = waiting.pop()
        query = f"sort=oldest&parent={parent}" + (f"&after={after}" if after else "")
        answer = await connection.send("GET", f"/api/v1/threads/{thread}/comments?{query}")
        assert answer.status == 200, answer
        page = json.loads(answer.body)
        found.extend(page["comments"])
        if page["after"]:
            waiting.append((parent, page["after"]))
        waiting.extend((comment["number"], comment["more"]["after"]) for comment in page["comments"] if comment["more"])
    connection.close()
    return found


async def compare(port: int, threads: list[str], ledger: Ledger) -> None:
    """Hold what is served against what was acknowledged: nothing missing, nothing twice, nothing else."""
    for thread in threads:
        served = await all_comments(port, thread)
        numbers = [comment["number"] for comment in served]
        assert len(numbers) == len(set(numbers)), "a comment came twice while paging"
        by_number = {comment["number"]: comment for comment in served}
        entries = [entry for entry in ledger.entries if entry.thread == thread]
        given = [entry.number for entry in entries]
        assert len(given) == len(set(given)), "a number was given to two comments"
        strangers = set(numbers) - set(given)
        assert not strangers, f"stored, though nobody sent it or it was sent once: {sorted(strangers)[:5]}"
        for entry in entries:
            _compare_text(entry, by_number.get(entry.number))
        _compare_votes(thread, ledger, by_number)


def _compare_text(entry: Entry, served: Comment | None) -> None:
    stands = GONE if served is None or served["state"] == "deleted" else digest(served["source"])
    assert stands in entry.may_be, f"comment {entry.number} of {entry.thread} was lost or changed: {served}"
    if served is not None:
        assert served["parent"] == (entry.parent or None)
    # Whatever the fault made of the last request, from here on it stays so.
    entry.may_be, entry.is_settled = {stands}, True


def _compare_votes(thread: str, ledger: Ledger, by_number: dict[int, Comment]) -> None:
    cast: dict[int, list[set[int]]] = {}
    for (place, number, _), values in ledger.votes.items():
        if place == thread:
            cast.setdefault(number, []).append(values)
    for number, comment in by_number.items():
        if comment["state"] == "deleted":
            continue
        for side, value in (("up", 1), ("down", -1)):
            certain = sum(values == {value} for values in cast.get(number, ()))
            possible = sum(value in values for values in cast.get(number, ()))
            assert certain <= comment[side] <= possible, f"votes on {number}: {comment[side]} {side}, {certain} counted"
