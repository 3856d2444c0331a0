"""`python -m bench`: measure, print the tables, keep the numbers. Ends by itself within minutes."""

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import importing, load, machine, nginx, posting, reading, results, starting
from bench.plan import LARGE, QUICK, WHOLE, Plan
from bench.report import markdown, write_into_document
from outspoken import __version__

_GROUPS = {"reading": reading, "posting": posting, "importing": importing, "starting": starting}


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    asked = _arguments()
    if asked.write_docs:
        kept = results.newest()
        if kept is None:
            print("There is no whole run yet: python -m bench", file=sys.stderr)
            return 1
        write_into_document(kept)
        return 0
    plan = QUICK if asked.quick else WHOLE
    if asked.large:
        plan = replace(plan, threads=(*plan.threads, LARGE), imported=(*plan.imported, LARGE))
    groups = asked.only or list(_GROUPS)
    if "reading" in groups and nginx.version() is None:
        print("nginx isn't installed: there is nothing to measure reading by.", file=sys.stderr)
        groups = [group for group in groups if group != "reading"]
    run = _run(plan, groups, is_quick=asked.quick or bool(asked.only))
    print(markdown(run))
    print(f"Kept in {results.keep(run)}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, only to see that it works")
    parser.add_argument("--large", action="store_true", help=f"also a thread and an import of {LARGE:,} comments")
    parser.add_argument("--only", action="append", choices=list(_GROUPS), help="only these cases; may be given twice")
    parser.add_argument("--write-docs", action="store_true", help="put the newest whole run into docs/performance.md")
    return parser.parse_args()


def _run(plan: Plan, groups: list[str], *, is_quick: bool) -> results.Run:
    began = time.monotonic()
    before = machine.load()
    results.FOLDER.mkdir(exist_ok=True)
    # Beside the results and not in /tmp, which may be memory: what is measured ends on a disk.
    folder = Path(tempfile.mkdtemp(prefix="data-", dir=results.FOLDER))

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", file=sys.stderr, flush=True)

    try:
        described = machine.description(folder)
        rows = [row for group in groups for row in _GROUPS[group].measure(folder, plan, tell)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return results.Run(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        is_quick=is_quick,
        machine=described,
        tool=load.tool(),
        nginx=nginx.version(),
        load_before=before,
        load_after=machine.load(),
        minutes=(time.monotonic() - began) / 60,
        rows=rows,
    )


if __name__ == "__main__":
    sys.exit(main())
