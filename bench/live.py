"""How soon everybody who follows a thread is told that there is more, and what it takes to hold so many pages open."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import posting, product
from bench.follower import Following, Told
from bench.machine import CLIENT_CORE, on_core
from bench.plan import Plan
from bench.results import US, Row, Series, plain

_SPARE = 200
"""Open files that a process needs beside its connections."""


def measure(folder: Path, _cache: Path, plan: Plan, tell: Callable[[str], None], missing: list[str]) -> list[Row]:
    """Measure comments in a thread that many pages follow, all in one process of ours."""
    if not _may_open(plan.followers + _SPARE):
        missing.append(f"{plan.followers:,} open pages: this machine allows fewer open files (ulimit -n)")
        return []
    place = product.Place(folder / "live")
    place.folder.mkdir()
    product.run(place, "site", "add", product.SITE, "--title", "Bench")
    thread = posting.new_thread(place)
    with product.served(place) as ours:
        product.get(ours.port, f"/t/{thread}")
        at_rest = ours.memory_mb
        tell(f"opening {plan.followers:,} pages that follow")
        following = Following(ours.port, thread, plan.followers, plan.followed_comments)
        with on_core(CLIENT_CORE):
            done = subprocess.run(
                [sys.executable, "-m", "bench.follower", json.dumps(asdict(following))],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                text=True,
            )
        if done.returncode:
            raise RuntimeError(f"the followers ended with {done.returncode}: {done.stderr}")
        told = Told(**json.loads(done.stdout))
        memory = ours.peak_mb
    pages = f"{plan.followers:,} open pages"
    delays = Series(told.last, told.middle, errors=told.lost)
    return [
        Row("live", f"{pages}: the last one is told after", "ms", {US: delays}),
        plain("live", f"{pages}: connected within", "s", [told.connected]),
        plain("live", f"{pages}: memory at most", "MB", [memory]),
        plain("live", f"{pages}: memory for each", "kB", [(memory - at_rest) * 1024 / plan.followers]),
    ]


def _may_open(files: int) -> bool:
    """Raise the limit of open files as far as may be, for this process and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
        soft = files
    return soft >= files
