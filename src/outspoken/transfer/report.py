"""What an import did or would do: the numbers, and every problem with its place."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from outspoken.transfer.records import Problem

PROBLEMS_KEPT = 1_000
"""Problems that are listed one by one; of more, only the number is told."""


@dataclass(slots=True)
class Report:
    """Counts up while an import runs. The same for a rehearsal."""

    format: str
    threads: int = 0
    comments: int = 0
    tombstones: int = 0
    authors: set[str] = field(default_factory=set)
    depths: list[int] = field(default_factory=list)
    duplicates: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    problems_unlisted: int = 0

    def tell(self, problem: Problem) -> None:
        """Note a problem."""
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)
        else:
            self.problems_unlisted += 1

    def count_comment(self, depth: int) -> None:
        """Count a comment with its text, `depth` levels below a root."""
        self.comments += 1
        if depth >= len(self.depths):
            self.depths.extend([0] * (depth + 1 - len(self.depths)))
        self.depths[depth] += 1

    def as_json(self) -> dict[str, Any]:
        """Return the object that `--json` prints and the database keeps."""
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
            "skipped": dict(self.skipped),
            "problems": problems,
        }
