"""What is erased is to be erased from the database's own figures too.

PostgreSQL keeps a sample of each column's values to plan by, and keeps it when the rows are gone. Of keys and of what
readers report it takes none any more. To give a column its own type again drops what was sampled before. Of names it
goes on: without a sample it would read all of a thread's authors to find those of an import.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SECRET = (
    *(("keys", "key", "BYTEA"), ("bodies", "sealed", "BYTEA")),
    ("reports", "note", "TEXT"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column, type in _SECRET:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {type}")
