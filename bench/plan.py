"""How much is measured: enough to be trusted, or just enough to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and times of one run."""

    threads: tuple[int, ...]
    """Comments of the threads whose first view is read."""
    read_connections: int
    read_seconds: float
    read_repetitions: int
    post_connections: tuple[int, ...]
    post_seconds: float
    post_repetitions: int
    imported: tuple[int, ...]
    """Comments of each import."""
    import_repetitions: int
    stories: int
    """Threads of the site whose start is timed."""
    starts: int


WHOLE = Plan(
    threads=(50, 1_000, 10_000),
    read_connections=32,
    read_seconds=3,
    read_repetitions=5,
    post_connections=(1, 16, 64),
    post_seconds=5,
    post_repetitions=3,
    imported=(20_000,),
    import_repetitions=3,
    stories=10_000,
    starts=5,
)
QUICK = Plan(
    threads=(50, 1_000),
    read_connections=32,
    read_seconds=1,
    read_repetitions=2,
    post_connections=(1, 64),
    post_seconds=1.5,
    post_repetitions=1,
    imported=(2_000,),
    import_repetitions=1,
    stories=500,
    starts=2,
)
LARGE = 100_000
"""Comments of the thread and of the import that `--large` adds."""
