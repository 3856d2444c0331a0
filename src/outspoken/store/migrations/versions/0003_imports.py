"""A journal of imports, and the ledger of what may not come back."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("fingerprint", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("undone", sa.Integer(), nullable=True))
    op.create_index("jobs_of_site", "jobs", ["site", "fingerprint"], unique=False)
    op.create_table(
        "job_threads",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("site", "job", "thread"),
    )
    op.create_table(
        "ledger",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "digest"),
    )
    op.create_index("addresses_of_thread", "addresses", ["thread"], unique=False)
    op.create_index("provenance_of_comment", "provenance", ["thread", "number"], unique=False)
    op.add_column("sites", sa.Column("ledger_salt", sa.LargeBinary(), nullable=True))
    _give_salts()
    # What earlier imports added to; that they opened the threads isn't known, so undoing them leaves those.
    op.execute(
        "INSERT INTO job_threads (site, job, thread, opened) SELECT DISTINCT site, job, thread, false FROM provenance"
    )


def _give_salts() -> None:
    sites = sa.table("sites", sa.column("name", sa.Text()), sa.column("ledger_salt", sa.LargeBinary()))
    connection = op.get_bind()
    for (name,) in connection.execute(sa.select(sites.c.name)).all():
        connection.execute(sites.update().where(sites.c.name == name).values(ledger_salt=os.urandom(32)))
