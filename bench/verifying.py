"""Holding what is served against what was acknowledged: nothing lost, nothing twice, nothing that nobody sent."""

from collections.abc import Iterable, Mapping

from bench.crowd import Entry, digest
from tests.faults.reading import all_comments


async def differences(port: int, before: Mapping[str, int], entries: Iterable[Entry]) -> list[str]:
    """Read all comments of these threads and return what isn't as it should be.

    `before` gives the threads and how many comments each had; `entries` are all that were acknowledged since.
    """
    written: dict[str, dict[int, Entry]] = {thread: {} for thread in before}
    found: list[str] = []
    for entry in entries:
        if entry.number in written[entry.thread]:
            found.append(f"{entry.thread}: number {entry.number} was given to two comments")
        written[entry.thread][entry.number] = entry
    for thread, count in before.items():
        served = await all_comments(port, thread)
        numbers = [comment["number"] for comment in served]
        if len(numbers) != len(set(numbers)):
            found.append(f"{thread}: a comment came twice")
        texts = {comment["number"]: comment["source"] for comment in served}
        strangers = {number for number in texts if number > count} - written[thread].keys()
        if strangers:
            found.append(f"{thread}: {len(strangers)} comments that nobody sent, or that were sent once")
        for number, entry in written[thread].items():
            text = texts.get(number)
            if entry.digest is not None and (digest(text) if text else b"") != entry.digest:
                found.append(f"{thread}: comment {number} was lost or changed")
    return found
