"""What an import did or would do: the numbers, and every problem with its place. The table of pages is passed on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from outspoken.store.numbers import Names
from outspoken.text.legible import one_line
from outspoken.transfer.mapping import Row
from outspoken.transfer.records import Problem

PROBLEMS_KEPT = 1_000
"""Problems that are listed one by one; of more, only the number is told."""


@dataclass(slots=True)
class Report:
    """Counts up while an import runs. The same for a rehearsal."""

    format: str
    mapped: Callable[[Row], None] = lambda _: None
    """Told what becomes of each page."""
    threads: int = 0
    comments: int = 0
    tombstones: int = 0
    authors: Names = field(default_factory=Names)
    depths: list[int] = field(default_factory=list)
    duplicates: int = 0
    completed: int = 0
    """Comments that were here with something missing, which this file had."""
    orphans: int = 0
    """Replies to what isn't there; they became roots."""
    circles: int = 0
    """Circles of comments that reply to each other; one of each became a root."""
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    problems_unlisted: int = 0

    def tell(self, problem: Problem) -> None:
        """Note a problem, which may quote what the file holds, on one line."""
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(Problem(one_line(problem.where), one_line(problem.what)))
        else:
            self.problems_unlisted += 1

    def skip(self, reason: str, count: int = 1) -> None:
        """Count what is left out."""
        if count:
            self.skipped[reason] += count

    def leave_out(self, origin: str, comments: int) -> None:
        """Note a page of the file whose comments go nowhere."""
        self.mapped(Row(origin, "", comments, "left out", None))

    def count_comment(self, depth: int) -> None:
        """Count a comment with its text, `depth` levels below a root."""
        self.comments += 1
        if depth >= len(self.depths):
            self.depths.extend([0] * (depth + 1 - len(self.depths)))
        self.depths[depth] += 1

    def add(self, part: "Report") -> None:
        """Count what came of a part that is finished."""
        self.threads += part.threads
        self.comments += part.comments
        self.tombstones += part.tombstones
        self.authors.join(part.authors)
        self.depths.extend([0] * (len(part.depths) - len(self.depths)))
        for depth, count in enumerate(part.depths):
            self.depths[depth] += count
        self.duplicates += part.duplicates
        self.completed += part.completed
        self.orphans += part.orphans
        self.circles += part.circles
        self.skipped += part.skipped
        for problem in part.problems:
            self.tell(problem)
        self.problems_unlisted += part.problems_unlisted

    def as_json(self) -> dict[str, Any]:
        """Return the object that the database keeps, and that `--json` prints with the table of pages in it."""
        problems = [{"where": problem.where, "what": problem.what} for problem in self.problems]
        if self.problems_unlisted:
            problems.append({"where": "", "what": f"{self.problems_unlisted} further problems of the same kinds"})
        return {
            "format": self.format,
            "threads": self.threads,
            "comments": self.comments,
            "tombstones": self.tombstones,
            "authors": len(self.authors),
            "depths": self.depths,
            "duplicates": self.duplicates,
            "completed": self.completed,
            "orphans": self.orphans,
            "circles": self.circles,
            "skipped": dict(self.skipped),
            "problems": problems,
        }
