"""How much is measured: enough to be trusted, or just enough to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and times of one run."""

    threads: tuple[int, ...]
    """Comments of the threads whose first view is read."""
    looked_at: int
    """Comments of the thread that is also read unchanged, as JSON and in every sort; one of `threads`."""
    mixed_threads: int
    """Threads of the site that is read by Zipf's law."""
    read_connections: int
    read_seconds: float
    read_repetitions: int
    post_connections: tuple[int, ...]
    post_seconds: float
    post_repetitions: int
    peer_threads: tuple[int, ...]
    """Comments of the threads that Isso is given."""
    peer_post_connections: tuple[int, ...]
    followers: int
    """Pages that follow one thread live."""
    followed_comments: int
    """Comments of which they are told."""
    imported: tuple[int, ...]
    """Comments of each import, the fewest first."""
    stories: int
    """Threads of the site whose start is timed."""
    starts: int


WHOLE = Plan(
    threads=(50, 1_000, 100_000, 1_000_000),
    looked_at=1_000,
    mixed_threads=1_000,
    read_connections=32,
    read_seconds=2,
    read_repetitions=5,
    post_connections=(1, 16, 64, 256),
    post_seconds=4,
    post_repetitions=3,
    peer_threads=(50, 1_000),
    peer_post_connections=(1, 16, 64),
    followers=10_000,
    followed_comments=5,
    imported=(100_000, 1_000_000),
    stories=100_000,
    starts=5,
)
QUICK = Plan(
    threads=(50, 1_000),
    looked_at=1_000,
    mixed_threads=50,
    read_connections=32,
    read_seconds=1,
    read_repetitions=1,
    post_connections=(1, 64),
    post_seconds=1,
    post_repetitions=1,
    peer_threads=(50,),
    peer_post_connections=(64,),
    followers=500,
    followed_comments=2,
    imported=(2_000,),
    stories=500,
    starts=2,
)
