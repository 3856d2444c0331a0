"""Commands that are run to their end, and how much memory each held at most."""

import subprocess
import sys
from dataclasses import dataclass

_BETWEEN = """
import os, sys
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(f"\\n{used.ru_maxrss // 1024}")
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""The system counts a process's memory from that of whoever started it, so somebody small does that."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command said on its standard output, and the most memory it held, in MB."""

    output: str
    peak_mb: int


def run_to_end(*command: object) -> Ended:
    """Run a command, given as its words, the program with its path.

    Raises:
        subprocess.CalledProcessError: if it ends with anything but 0.
    """
    between = [sys.executable, "-S", "-c", _BETWEEN, *map(str, command)]
    told = subprocess.run(between, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    output, _, peak = told.stdout.rstrip("\n").rpartition("\n")
    return Ended(output, int(peak))
