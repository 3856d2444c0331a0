"""A command of the product that kills itself at a commit: `python -m tests.faults.dying BEFORE|AFTER N WORDS...`.

Killed before commit N, that transaction never was; after it, all that follows never was.
"""

import os
import signal
import sys

import sqlalchemy as sa

from outspoken.cli import command_line


def main(when: str, commit: int, words: list[str]) -> None:
    """Run a command until that commit."""
    commits = 0

    def count(_: sa.Connection) -> None:
        nonlocal commits
        commits += 1
        if when == "before" and commits == commit:
            os.kill(os.getpid(), signal.SIGKILL)

    def begin(_: sa.Connection) -> None:
        if when == "after" and commits >= commit:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(sa.Engine, "commit", count)
    sa.event.listen(sa.Engine, "begin", begin)
    command_line(words)(words)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
