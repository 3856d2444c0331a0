"""Where imported records wait while a file is read: a scratch SQLite file, so that memory stays flat.

Nothing goes from here into the real database before the whole file has proved readable.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

_BATCH = 5_000
_LOOK_UP = 500

_metadata = sa.MetaData()
_waiting = sa.Table(
    "waiting",
    _metadata,
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, unique=True),
    sa.Column("page", sa.Text, nullable=False, index=True),
    sa.Column("parent", sa.Text),
    sa.Column("created", sa.Integer),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has to be known of a record to put it in order; the rest is in its payload."""

    position: int
    """Counts the file's comments from 0."""
    source: str
    parent: str | None
    created: int | None
    """Seconds since 1970."""
    state: str


class Scratch:
    """Comments of one import, by page. Not for threads; close it to delete the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
        self._buffer: dict[str, dict[str, object]] = {}
        # Asking the file about each record would cost more than keeping it; a million digests take 60 MB.
        self._digests: set[int] = set()
        self._count = 0
        with self._engine.begin() as connection:
            # A scratch file that is lost is simply made again.
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
            _metadata.create_all(connection)

    def add(
        self, *, source: str, page: str, parent: str | None, created: int | None, state: str, payload: bytes
    ) -> bool:
        """Keep a record and return True, or False if one of that source is here already."""
        digest = hash(source)
        if digest in self._digests and (source in self._buffer or self._has(source)):
            return False
        self._digests.add(digest)
        self._buffer[source] = {
            "position": self._count,
            "source": source,
            "page": page,
            "parent": parent,
            "created": created,
            "state": state,
            "payload": payload,
        }
        self._count += 1
        if len(self._buffer) >= _BATCH:
            self._flush()
        return True

    def pages(self) -> dict[str, int]:
        """Return how many records each page has, in the order in which pages appeared."""
        self._flush()
        query = (
            sa.select(_waiting.c.page, sa.func.count())
            .group_by(_waiting.c.page)
            .order_by(sa.func.min(_waiting.c.position))
        )
        with self._engine.connect() as connection:
            return {page: count for page, count in connection.execute(query)}  # noqa: C416

    def records_of(self, pages: Sequence[str]) -> list[Waiting]:
        """Return the records of some pages, in the order of the file."""
        self._flush()
        found: list[Waiting] = []
        with self._engine.connect() as connection:
            for start in range(0, len(pages), _LOOK_UP):
                rows = connection.execute(
                    sa.select(
                        _waiting.c.position,
                        _waiting.c.source,
                        _waiting.c.parent,
                        _waiting.c.created,
                        _waiting.c.state,
                    ).where(_waiting.c.page.in_(pages[start : start + _LOOK_UP]))
                )
                found.extend(Waiting(*row) for row in rows)
        found.sort(key=lambda record: record.position)
        return found

    def payloads(self, positions: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield (position, payload) of these records, in no particular order."""
        with self._engine.connect() as connection:
            for start in range(0, len(positions), _LOOK_UP):
                yield from connection.execute(
                    sa.select(_waiting.c.position, _waiting.c.payload).where(
                        _waiting.c.position.in_(positions[start : start + _LOOK_UP])
                    )
                )

    def close(self) -> None:
        """Delete the file."""
        self._engine.dispose()
        self._path.unlink(missing_ok=True)

    def _has(self, source: str) -> bool:
        query = sa.select(_waiting.c.position).where(_waiting.c.source == source)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def _flush(self) -> None:
        if self._buffer:
            with self._engine.begin() as connection:
                connection.execute(_waiting.insert(), list(self._buffer.values()))
            self._buffer.clear()
