"""Imported comments can be claimed by who wrote them; e-mails are kept for that, sealed, where the owner asks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.Integer, nullable=False),
        sa.Column("act", sa.Text),
        sa.Column("holder", sa.LargeBinary),
    )
    op.create_table(
        "claimed",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        # No samples of what is erased with a comment.
        for table, column in (
            ("contacts", "sealed"),
            ("claims", "digest"),
            ("claims", "holder"),
            ("claimed", "digest"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
