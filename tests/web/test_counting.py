"""What is counted is what happened: reads at the wire, renderings, transactions, refusals."""

import pytest
import sqlalchemy as sa

from outspoken.store.writer import Unavailable
from tests.web.talking import FERRY, Talk
from tests.web.test_wire import serve

GZIP = "Accept-Encoding: gzip\r\n"


@pytest.fixture
def figures(local: Talk):
    return local.server.figures


def test_reads_at_the_wire_are_counted_with_their_bytes_and_leave_no_request(local, figures):
    async def scene(_engine, connect):
        one = await connect()
        _, headers, page = await one.ask(headers=GZIP)
        requests = dict(figures.answers("/t/{thread}").statuses)
        for _ in range(3):
            await one.ask(headers=GZIP)
        await one.ask(headers=f"{GZIP}If-None-Match: {headers['etag']}\r\n")

        assert figures.hits == 1 + 3
        assert figures.unchanged == 1
        assert 3 * len(page) < figures.hit_bytes < 3 * len(page) + 5 * 3_000
        assert figures.answers("/t/{thread}").statuses == requests == {200: 1}

    serve(local, scene)


def test_a_page_is_counted_as_rendered_once_however_many_read_it(local, figures):
    for _ in range(5):
        local.browser().get(f"/t/{FERRY}")

    assert sum(figures.renderings.counts) == 1
    assert figures.hits == 5


def test_pieces_are_counted_when_they_are_on_disk(talk):
    before = talk.server.figures.pieces
    talk.browser().say("A comment.")

    assert talk.server.figures.pieces == before + 1
    assert sum(talk.server.figures.commits.counts) >= 1
    assert talk.server.figures.commit_failures == 0


def test_what_cannot_be_put_on_disk_is_counted(local, figures, monkeypatch):
    def full():
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(local.server.database, "writing", full)

    with pytest.raises(Unavailable):
        local.run(local.server.change(FERRY, lambda connection: None))

    assert figures.commit_failures == 1
    assert figures.pieces == 0


def test_who_is_refused_because_too_many_wait_is_counted(local, figures):
    with pytest.raises(Unavailable):
        local.run(local.server.change(FERRY, lambda connection: None, size=10**9))

    assert figures.refused == 1
