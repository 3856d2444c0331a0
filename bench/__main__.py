"""`python -m bench`: measure, print the tables, keep the numbers. Ends by itself.

Others of its kind: `python -m bench soak`, `overload`, `profile`, `simulate`, `trace`; each explains itself with
--help.
"""

import argparse
import importlib
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bench import importing, isso, live, load, machine, nginx, posting, reading, results, starting
from bench.plan import QUICK, WHOLE, Plan
from bench.report import markdown, write_into_document
from bench.workplace import teller, working_folder
from outspoken import __version__

_GROUPS = {"reading": reading, "posting": posting, "live": live, "importing": importing, "starting": starting}
_OTHERS = ("soak", "overload", "profile", "simulate", "trace")


def main(words: list[str]) -> int:
    """Run what the command line asks for; return the exit status."""
    if words and words[0] in _OTHERS:
        return int(importlib.import_module(f"bench.{words[0]}").main(words[1:]))
    asked = _arguments(words)
    if asked.write_docs:
        kept = results.newest()
        if kept is None:
            print("There is no whole run yet: python -m bench", file=sys.stderr)
            return 1
        write_into_document(kept)
        return 0
    for program, missing in ((load.tool(), load.MISSING), (nginx.version(), nginx.MISSING)):
        if program is None:
            print(missing, file=sys.stderr)
            return 1
    plan = QUICK if asked.quick else WHOLE
    if asked.imported:
        plan = replace(plan, imported=tuple(sorted(asked.imported)))
    groups = asked.only or list(_GROUPS)
    run = _run(plan, groups, asked.cache, is_quick=asked.quick or bool(asked.only))
    print(markdown(run))
    print(f"Kept in {results.keep(run)}")
    return 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two minutes, only to see that it works")
    parser.add_argument("--only", action="append", choices=list(_GROUPS), help="only these cases; may be given twice")
    parser.add_argument(
        "--cache",
        type=Path,
        default=results.FOLDER / "cache",
        metavar="DIR",
        help="where what takes long to prepare is kept for the next run (a gigabyte or two)",
    )
    parser.add_argument(
        "--imported", type=int, action="append", metavar="N", help="comments of an import; may be given twice"
    )
    parser.add_argument(
        "--write-docs", action="store_true", help="put the newest whole run into docs/: tables, numbers and chart"
    )
    return parser.parse_args(words)


def _run(plan: Plan, groups: list[str], cache: Path, *, is_quick: bool) -> results.Run:
    began = time.monotonic()
    before = machine.load()
    tell = teller()
    missing: list[str] = []
    with working_folder() as folder:
        described = machine.description(folder)
        rows = []
        for group in groups:
            try:
                rows += _GROUPS[group].measure(folder, cache, plan, tell, missing)
            except (RuntimeError, OSError, subprocess.SubprocessError, SQLAlchemyError) as failure:
                # What was measured before it, for many minutes, isn't to be lost with it.
                tell(f"{group} failed: {failure}")
                missing.append(f"{group}: {failure}")
    return results.Run(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        is_quick=is_quick,
        machine=described,
        versions={"nginx": nginx.version() or "", "Isso": isso.version(), "wrk": load.tool() or ""},
        load_before=before,
        load_after=machine.load(),
        minutes=(time.monotonic() - began) / 60,
        rows=rows,
        missing=list(dict.fromkeys(missing)),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
