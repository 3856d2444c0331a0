"""How much memory a command held at most."""

import subprocess
import sys

_BETWEEN = """
import os, sys
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]), 0)
print(used.ru_maxrss // 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""The system counts a process's memory from that of whoever started it, so somebody small does that."""


def peak_of(*command: object) -> int:
    """Run a command to its end and return the most memory it held, in MB.

    Raises:
        subprocess.CalledProcessError: if it ends with anything but 0.
    """
    told = subprocess.run(
        [sys.executable, "-S", "-c", _BETWEEN, *map(str, command)], stdout=subprocess.PIPE, check=True
    )
    return int(told.stdout)
