"""A table of all comments, for spreadsheets. A cell that one would take for a formula gets an apostrophe in front."""

import csv
from datetime import datetime
from pathlib import Path

from outspoken.transfer.leaving import Exporter, Leaving, Loss

COLUMNS = (
    *("thread", "url", "headline", "number", "parent", "depth", "state"),
    *("author", "created", "edited", "up", "down", "text", "html"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvTable:
    """UTF-8 with the mark by which spreadsheets know it, a header, a row a comment."""

    name = "csv"
    title = "CSV table"
    loses: tuple[Loss, ...] = (Loss.STORIES, Loss.CLOSED)

    def write(self, leaving: Leaving, path: Path) -> None:
        """Write it."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for thread in leaving.threads():
                for it in leaving.comments(thread):
                    comment = it.comment
                    source = comment.body.source if comment.body else ""
                    row = (
                        *(thread.thread.id, thread.url, thread.thread.story.headline),
                        *(comment.number, comment.parent or "", it.depth, comment.state.value, it.name),
                        *(_time(comment.created), _time(comment.edited), comment.up, comment.down, source, it.html),
                    )
                    table.writerow([_guarded(cell) if isinstance(cell, str) else cell for cell in row])


EXPORTER: Exporter = CsvTable()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell.replace("\0", "")


def _time(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else ""
