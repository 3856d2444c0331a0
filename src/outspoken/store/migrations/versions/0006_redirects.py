"""Threads that are joined and split, and where their old addresses lead."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("threads", sa.Column("leaving", sa.Text()))
    op.create_table(
        "redirects",
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("was_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("was", "was_number"),
    )
    op.create_index("redirects_to", "redirects", ["thread", "number"], unique=False)
    op.create_table(
        "joinings",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("tops", sa.JSON()),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("is_carried", sa.Boolean(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "origin"),
    )
