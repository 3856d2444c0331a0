"""Whoever works with a database dies at a commit: within this process, which is cheaper than a real `kill -9`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa


class Killed(BaseException):
    """What a process that is killed doesn't survive."""


@contextmanager
def dying(when: str, commit: int) -> Iterator[list[int]]:
    """Let whoever works with a database die before or after that commit; yields a list of the commits there were."""
    commits: list[int] = []

    def count(_: sa.Connection) -> None:
        commits.append(len(commits) + 1)
        if when == "before" and len(commits) == commit:
            raise Killed

    def begin(_: sa.Connection) -> None:
        if when == "after" and len(commits) >= commit:
            raise Killed

    sa.event.listen(sa.Engine, "commit", count)
    sa.event.listen(sa.Engine, "begin", begin)
    try:
        with suppress(Killed):
            yield commits
    finally:
        sa.event.remove(sa.Engine, "commit", count)
        sa.event.remove(sa.Engine, "begin", begin)
