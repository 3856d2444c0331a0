"""A site of its own to be put under load: threads of sixty comments, limits that suit a crowd, either database."""

import argparse
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench import cluster, prepared, product
from bench.workplace import working_folder
from outspoken.store.database import open_database

COMMENTS = 60
_LIMITS = "[limits]\ncomments_per_minute_in_thread = 1000000\n"
"""All others stay as they come: the crowd keeps to them."""
_SQLITE, _POSTGRES = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Site:
    """A prepared site."""

    place: product.Place
    kind: str
    """`sqlite` or `postgresql`."""
    threads: dict[str, int]
    """Ids, the most popular first, and how many comments each had before the load."""

    database_pids: tuple[int, ...] = ()
    """Of the PostgreSQL server that runs for this site alone."""

    def check(self) -> str:
        """Return what `outspoken check` finds, empty for nothing."""
        done = subprocess.run(self.place.command("check"), capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else (done.stdout + done.stderr)[-2_000:]


@contextmanager
def site(database: str, threads: int, tell: Callable[[str], None]) -> Iterator[Site]:
    """Prepare a site in SQLite, in a PostgreSQL of its own, or in the empty database at an address."""
    with ExitStack() as stack:
        folder = stack.enter_context(working_folder())
        (folder / "outspoken.toml").write_text(_LIMITS, "utf-8")
        url: str | None = None
        pids: tuple[int, ...] = ()
        if database == _POSTGRES:
            own = stack.enter_context(cluster.database())
            url, pids = own.url, (own.pid,)
        elif database != _SQLITE:
            url = database
        place = product.Place(folder, url)
        tell(f"preparing {threads} threads")
        opened = open_database(folder, url)
        ids = prepared.fill(opened, [COMMENTS] * threads)
        opened.close()
        yield Site(place, _POSTGRES if url else _SQLITE, dict.fromkeys(ids, COMMENTS), pids)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of a database."""
    parser.add_argument(
        "--database",
        default=_SQLITE,
        metavar="KIND",
        help=f"{_SQLITE}, {_POSTGRES} (a server of its own), or the address of an empty PostgreSQL database",
    )
