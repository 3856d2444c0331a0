"""Outspoken on PostgreSQL through PgBouncer, whose connections are a transaction's for as long as it lasts."""

import os
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from outspoken.store.channel import Listener, teller
from outspoken.store.checking import check
from outspoken.store.database import Database, is_pooled, open_database
from outspoken.store.writer import Changed
from tests.deploy.fronts import DEPLOY, free_port, program, running
from tests.postgres import Cluster
from tests.web.talking import FERRY, Talk

pytestmark = pytest.mark.postgres


@pytest.fixture
def pooled(cluster: Cluster, _migrated_postgres: str, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database behind PgBouncer with our file, on two connections for everything."""
    pgbouncer, port, name = program("pgbouncer"), free_port(), cluster.create(_migrated_postgres)
    text = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text()
    users, file = tmp_path / "userlist.txt", tmp_path / "pgbouncer.ini"
    users.write_text('"postgres" ""\n')
    for ours, here in (
        ("port=5432 dbname=outspoken", f"port={cluster.port} dbname={name}"),
        ("listen_port = 6432", f"listen_port = {port}\nunix_socket_dir ="),
        ("auth_type = scram-sha-256", "auth_type = trust"),
        ("/etc/pgbouncer/userlist.txt", str(users)),
        ("default_pool_size = 20", "default_pool_size = 2"),
    ):
        assert ours in text
        text = text.replace(ours, here)
    file.write_text(text)
    command = [pgbouncer, str(file)]
    if os.geteuid() == 0:
        # It refuses to run as root.
        command = [program("runuser"), "-u", "nobody", "--", *command]
        for path in (*reversed(tmp_path.parents), tmp_path, users, file):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(0o755)
    with running(command, port, tmp_path):
        database = open_database(tmp_path, f"postgresql://postgres@127.0.0.1:{port}/outspoken")
        yield database
        database.close()
    cluster.drop(name)


def test_everything_works_on_connections_that_are_nobodys_own(pooled):
    talk = Talk(pooled)
    talk.add_thread()
    try:
        for round_ in range(12):
            author = talk.browser()
            number = author.say(f"Comment {round_}.", name=f"Reader {round_}")
            assert author.get(f"/t/{FERRY}/{number}").status_code == 200
            assert talk.browser().post(f"/t/{FERRY}/{number}/vote", {"value": "up"}).status_code in (303, 409)
            assert talk.browser().get(f"/t/{FERRY}?sort=newest&after=-1.1").status_code == 200
            if round_ % 3 == 0:
                assert author.post(f"/t/{FERRY}/{number}/delete", {"token": ""}).status_code == 303
        assert talk.browser().get(f"/api/v1/threads/{FERRY}").json()["comments"] == 12 - 4
    finally:
        talk.server.writer.close()
    assert list(check(pooled)) == []


def test_a_pooler_is_noticed_and_a_database_alone_is_none(pooled, postgres):
    for database, expected in ((pooled, True), (postgres, False)):
        for opened in (database.reading, database.writing):
            with opened() as connection:
                raw = connection.connection.driver_connection
                assert is_pooled(raw) == expected
                assert (raw.prepare_threshold is None) == expected


def test_behind_a_pooler_nobody_listens_but_at_an_address_of_the_database_itself(pooled, cluster, caplog):
    heard: queue.Queue[Changed | None] = queue.Queue()
    deaf = Listener(pooled.url, "own", heard.put)
    # All may have changed, again and again.
    assert [heard.get(timeout=30) for _ in range(2)] == [None, None]
    deaf.close()
    assert len([line for line in caplog.messages if "pooler" in line]) == 1
    with pooled.reading() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar()

    direct = pooled.url.set(port=cluster.port, database=name)
    listener = Listener(direct, "own", heard.put)
    assert heard.get(timeout=30) is None
    changed = Changed(frozenset({FERRY}), frozenset())
    with pooled.writing() as connection:
        teller("other")(connection, changed)

    assert heard.get(timeout=30) == changed
    listener.close()
