"""For those who watch the server: it says how it is, and nothing about anybody."""

import asyncio

from outspoken.web.app import create_app
from tests.web.talking import FERRY, fields_of


def test_a_server_that_runs_says_so(talk):
    assert talk.browser().get("/healthz").text == "ok\n"
    assert talk.browser().get("/readyz").text == "ready\n"


async def lifespan(app):
    """Start an application as servers do, and return what ends it."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"

    async def end() -> None:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await task

    return end


def test_a_running_server_clears_up_by_itself_after_a_deletion(local):
    greta = local.browser()
    greta.say("Captain Undine told me so herself.", name="Greta")
    wal = local.database.file.with_name("outspoken.db-wal")
    local.app = create_app(local.server, erasing_every=0.01)

    async def scene():
        end = await lifespan(local.app)
        await greta.send("POST", f"/t/{FERRY}/1/delete", data={"token": ""}, headers={"origin": local.base})
        while local.server.must_erase or wal.stat().st_size:
            await asyncio.sleep(0.01)
        return end

    end = local.run(asyncio.wait_for(scene(), 30))

    assert b"Greta" not in local.database.file.read_bytes()
    local.run(end())


def test_a_server_that_ends_clears_up_before(local):
    greta = local.browser()
    greta.say("Captain Undine told me so herself.", name="Greta")
    local.app = create_app(local.server, erasing_every=1_000)

    async def scene():
        end = await lifespan(local.app)
        await greta.send("POST", f"/t/{FERRY}/1/delete", data={"token": ""}, headers={"origin": local.base})
        await end()

    local.run(scene())

    for file in local.database.file.parent.iterdir():
        assert b"Greta" not in file.read_bytes()


def test_a_server_goes_on_clearing_up_after_it_failed_once(local):
    local.app = create_app(local.server, erasing_every=0.01)
    maintain, failures = local.database.maintain, []

    def failing(statement):
        import sqlalchemy as sa

        if not failures:
            failures.append(statement)
            raise sa.exc.OperationalError(statement, {}, Exception("the disk is full"))
        return maintain(statement)

    local.database.maintain = failing

    async def scene():
        end = await lifespan(local.app)
        while local.server.must_erase:
            await asyncio.sleep(0.01)
        await end()

    local.run(asyncio.wait_for(scene(), 30))

    assert failures


def test_a_restarted_server_takes_what_its_predecessor_acknowledged(talk):
    number = talk.browser().say("A comment.")
    talk.restart()

    assert fields_of(talk.browser().get(f"/t/{FERRY}/{number}/edit"))["body"] == "A comment."
