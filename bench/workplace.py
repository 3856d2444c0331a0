"""Where a measurement puts what it makes, and how it tells the person who waits how far it is."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.results import FOLDER


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a folder that is gone at the end.

    It lies beside the results and not in /tmp, which may be memory: what is measured ends on a disk.
    """
    FOLDER.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=FOLDER))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def teller() -> Callable[[str], None]:
    """Return what tells, each time with the seconds since now."""
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", file=sys.stderr, flush=True)

    return tell
