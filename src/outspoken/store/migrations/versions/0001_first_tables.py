"""Sites, threads, comments and what belongs to them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "address"),
    )
    op.create_index("addresses_of_thread", "addresses", ["thread"], unique=False)

    op.create_table(
        "authors",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("skeleton", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("thread", "number"),
    )
    op.create_index("authors_by_key", "authors", ["thread", "key_hash"], unique=False)
    op.create_index("authors_by_look", "authors", ["thread", "skeleton"], unique=False)

    op.create_table(
        "bodies",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("renderer", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "number"),
    )
    op.create_table(
        "comments",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("trunk", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=True),
        sa.Column("created", sa.Integer(), nullable=True),
        sa.Column("edited", sa.Integer(), nullable=True),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("best_rank", sa.BigInteger(), nullable=False),
        sa.Column("controversial_rank", sa.BigInteger(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("quotes", sa.LargeBinary(), nullable=True),
        sa.Column("origin", sa.LargeBinary(), nullable=True),
        sa.Column("submission", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("thread", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "comments_by_best",
        "comments",
        ["thread", "parent", "best_rank", "number"],
        unique=False,
        sqlite_where=sa.text("shown IS 1"),
        postgresql_where=sa.text("shown IS true"),
    )
    op.create_index(
        "comments_by_controversy",
        "comments",
        ["thread", "parent", "controversial_rank", "number"],
        unique=False,
        sqlite_where=sa.text("shown IS 1"),
        postgresql_where=sa.text("shown IS true"),
    )
    op.create_index(
        "comments_by_number",
        "comments",
        ["thread", "parent", "number"],
        unique=False,
        sqlite_where=sa.text("shown IS 1"),
        postgresql_where=sa.text("shown IS true"),
    )
    op.create_index(
        "comments_by_submission",
        "comments",
        ["thread", "submission"],
        unique=True,
        sqlite_where=sa.text("submission IS NOT NULL"),
        postgresql_where=sa.text("submission IS NOT NULL"),
    )
    op.create_index(
        "comments_held",
        "comments",
        ["thread", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index("comments_in_place", "comments", ["thread", "trunk", "path"], unique=True)
    op.create_index(
        "comments_of_author",
        "comments",
        ["thread", "author", "number"],
        unique=False,
        sqlite_where=sa.text("author IS NOT NULL"),
        postgresql_where=sa.text("author IS NOT NULL"),
    )
    op.create_index(
        "comments_published",
        "comments",
        ["thread", "number"],
        unique=False,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )

    op.create_table(
        "decisions",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "number", "sequence"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "keys",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "number"),
    )
    op.create_table(
        "provenance",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("site", "format", "source"),
    )
    op.create_index("provenance_of_thread", "provenance", ["thread", "number"], unique=False)

    op.create_table(
        "sites",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("staff_names", sa.JSON(), nullable=False),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("attribution_url", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("last_author", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("threads_by_activity", "threads", ["site", "active", "id"], unique=False)
    op.create_index("threads_by_date", "threads", ["site", "listed", "id"], unique=False)

    op.create_table(
        "votes",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voter", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "number", "voter"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        _tell_sqlite_how_threads_are()


def _tell_sqlite_how_threads_are() -> None:
    """Give the planner the figures of a large discussion.

    Without any it takes a thread for ten rows and walks all of it by number to find the replies to one comment. Each
    row: rows in all, then how many share the first column, the first two, and so on.
    """
    op.execute("ANALYZE")
    for index, figures in (
        ("comments", "1000000 10000 1"),
        ("comments_in_place", "1000000 10000 9000 1"),
        ("comments_by_number", "900000 9000 5 1"),
        ("comments_by_best", "900000 9000 5 2 1"),
        ("comments_by_controversy", "900000 9000 5 2 1"),
        ("comments_published", "900000 9000 1"),
        ("comments_held", "100 2 1"),
        ("comments_of_author", "900000 9000 5 1"),
        ("comments_by_submission", "900000 9000 1"),
    ):
        op.execute(f"INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('comments', '{index}', '{figures}')")  # noqa: S608
    op.execute("ANALYZE sqlite_schema")
