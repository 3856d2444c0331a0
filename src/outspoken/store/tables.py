"""The tables. Every key begins with the site or the thread, so that a distributed database can shard by it.

There are no foreign keys between them: rows of one thread are only ever written by one transaction of ours, and
`outspoken check` looks for orphans. Indexes that serve readers hold only what is shown.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


def minutes(moment: datetime | None) -> int | None:
    """Return a time as the tables hold it: minutes since 1970 UTC."""
    return None if moment is None else int(moment.timestamp() // 60)


class Minute(sa.types.TypeDecorator[datetime]):
    """A time to the minute, kept as minutes since 1970 UTC. Nothing finer is ever stored."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002
        """Give the database minutes."""
        return minutes(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give the program a time that knows its zone."""
        return None if value is None else datetime.fromtimestamp(value * 60, UTC)


metadata = sa.MetaData()

sites = sa.Table(
    "sites",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("origins", sa.JSON, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("staff_names", sa.JSON, nullable=False),
    sa.Column("indexed", sa.Boolean, nullable=False),
    sa.Column("live_tick", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ledger_salt", sa.LargeBinary),
)

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("headline", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("attribution", sa.Text, nullable=False),
    sa.Column("attribution_url", sa.Text),
    sa.Column("excerpt", sa.Text, nullable=False),
    sa.Column("published", Minute),
    sa.Column("listed", Minute, nullable=False),
    sa.Column("opening", sa.Text, nullable=False),
    sa.Column("opened", Minute, nullable=False),
    sa.Column("active", Minute),
    sa.Column("comments", sa.Integer, nullable=False),
    sa.Column("last_number", sa.Integer, nullable=False),
    sa.Column("last_author", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("leaving", sa.Text),
    sa.Index("threads_by_date", "site", "listed", "id"),
    sa.Index("threads_by_activity", "site", "active", "id"),
)

"""`published` is None where an import had no date; `listed` always has one, for the order of lists.

`leaving` names the thread that comments are being carried into: nothing else is written in this one meanwhile.
"""

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Index("addresses_of_thread", "thread"),
)
"""The pages and identifiers that lead to a thread: folded URLs, and `id:` before an old system's identifier."""

authors = sa.Table(
    "authors",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("skeleton", sa.Text, nullable=False),
    sa.Column("mark", sa.LargeBinary, nullable=False),
    sa.Column("key_hash", sa.LargeBinary),
    sa.Column("source", sa.Text),
    sa.Index("authors_by_look", "thread", "skeleton"),
    sa.Index("authors_by_key", "thread", "key_hash", "name"),
)
"""Who comments are shown as. `key_hash` is of a guest's key for this thread; imported authors have none."""

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parent", sa.Integer, nullable=False),
    sa.Column("depth", sa.Integer, nullable=False),
    sa.Column("trunk", sa.Integer, nullable=False),
    sa.Column("path", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("author", sa.Integer),
    sa.Column("created", Minute),
    sa.Column("edited", Minute),
    sa.Column("up", sa.Integer, nullable=False),
    sa.Column("down", sa.Integer, nullable=False),
    sa.Column("best_rank", sa.BigInteger, nullable=False),
    sa.Column("controversial_rank", sa.BigInteger, nullable=False),
    sa.Column("replies", sa.Integer, nullable=False),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Column("quotes", sa.LargeBinary),
    sa.Column("origin", sa.LargeBinary),
    sa.Column("submission", sa.LargeBinary),
    sqlite_with_rowid=False,
)


def _partial(name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool], unique: bool = False) -> None:
    sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


IMPORTED = authors.c.key_hash.is_(None)
_partial("authors_by_source", authors.c.thread, authors.c.source, authors.c.name, where=IMPORTED)

_c = comments.c
SHOWN = _c.shown.is_(True)
# Written into the statements, because SQLite doesn't see that a parameter fits the condition of an index.
PUBLISHED = _c.state == sa.literal_column("'published'")
HELD = _c.state == sa.literal_column("'held'")
sa.Index("comments_in_place", _c.thread, _c.trunk, _c.path, unique=True)
_partial("comments_by_number", _c.thread, _c.parent, _c.number, where=SHOWN)
_partial("comments_by_best", _c.thread, _c.parent, _c.best_rank, _c.number, where=SHOWN)
_partial("comments_by_controversy", _c.thread, _c.parent, _c.controversial_rank, _c.number, where=SHOWN)
_partial("comments_published", _c.thread, _c.number, where=PUBLISHED)
_partial("comments_held", _c.thread, _c.number, where=HELD)
_partial("comments_of_author", _c.thread, _c.author, _c.number, where=_c.author.is_not(None))
_partial("comments_by_submission", _c.thread, _c.submission, where=_c.submission.is_not(None), unique=True)

bodies = sa.Table(
    "bodies",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("renderer", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""Source and HTML of a comment, sealed under its key. Without the key's row they are noise."""

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
)
"""Small, so that rewriting all of it (what makes an erasure true on PostgreSQL) stays cheap."""

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("voter", sa.LargeBinary, primary_key=True),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made", Minute, nullable=False),
)
"""Every change of a comment's state, with its rule and reason."""

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("made", Minute, nullable=False),
    sa.Index("reports_of_site", "site", "made", "thread", "number", "sequence"),
)
"""What readers told the moderators of a comment. Nothing is kept of who did; it goes when the comment is erased."""

provenance = sa.Table(
    "provenance",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("format", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("line", sa.Integer),
    sa.Index("provenance_of_comment", "thread", "number"),
)
"""What was imported from where, so that the same file twice adds nothing."""

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("started", Minute, nullable=False),
    sa.Column("finished", Minute),
    sa.Column("report", sa.JSON),
    sa.Column("fingerprint", sa.Text),
    sa.Column("undone", Minute),
    sa.Index("jobs_of_site", "site", "fingerprint"),
)
"""The journal of imports. One without an end was interrupted, and goes on when the same file comes again."""

job_threads = sa.Table(
    "job_threads",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("thread", sa.Text, primary_key=True),
    sa.Column("opened", sa.Boolean, nullable=False),
)
"""The threads that a job added to, and whether it opened them."""

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
)
"""What was imported and then erased by who wrote it, as keyed digests, with the tombstone that stands for it."""

redirects = sa.Table(
    "redirects",
    metadata,
    sa.Column("was", sa.Text, primary_key=True),
    sa.Column("was_number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Index("redirects_to", "thread", "number"),
)
"""Where a comment is now that once had another number or thread; with the number 0, where a thread is now.

They never form a chain, and are asked for only where nothing is found.
"""

joinings = sa.Table(
    "joinings",
    metadata,
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("tops", sa.JSON),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("is_carried", sa.Boolean, nullable=False),
    sa.Column("begun", Minute, nullable=False),
)
"""The journal of threads that are being joined or split: how far it is, until all of it is done.

`tops` are the numbers of the comments that a split takes away with their replies; without any, all of a thread goes.
"""
