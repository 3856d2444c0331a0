"""Making erasure true below the rows: what a database keeps behind after a row is gone.

On SQLite the write-ahead log still holds the old pages until a checkpoint cuts it; `secure_delete` has then overwritten
them in the file. On PostgreSQL the small table of keys is rewritten, after which no text can be opened any more, and so
are that of reports, whose notes may repeat a text, and that of e-mails that are kept sealed.
"""

import sqlite3

from outspoken.store.database import Database
from outspoken.store.tables import contacts, keys, reports


def finish_erasing(database: Database) -> bool:
    """Clear what earlier erasures left behind and return whether it could be done (False: try again soon)."""
    if not database.is_sqlite:
        done = [database.rewrite(table) for table in (keys, reports, contacts)]
        return all(done)
    try:
        return not database.maintain("PRAGMA wal_checkpoint(TRUNCATE)")[0]
    except sqlite3.Error:
        # The disk is full, or can't be written to for another reason.
        return False
