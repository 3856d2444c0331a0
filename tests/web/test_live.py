"""Following a thread: told of what everybody may see, at once, and never a text."""

import asyncio
import json

from outspoken.web.live import Live
from tests.web.talking import FERRY, SAME_ORIGIN, Talk

LIVE = f"/api/v1/threads/{FERRY}/live"


class Listener:
    """An open page that follows a thread."""

    def __init__(self, talk: Talk) -> None:
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._gone = asyncio.Event()
        self.start: dict[str, object] = {}
        scope = {"type": "http", "method": "GET", "path": LIVE, "raw_path": LIVE.encode(), "query_string": b"",
                 "headers": [], "client": None, "server": None, "scheme": "https", "http_version": "1.1",
                 "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
        self._task = asyncio.ensure_future(talk.app(scope, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.start = message
        elif message.get("body"):
            await self._heard.put(message["body"])

    async def hear(self) -> bytes:
        return await asyncio.wait_for(self._heard.get(), 20)

    def has_heard_nothing(self) -> bool:
        return self._heard.empty()

    async def leave(self) -> None:
        self._gone.set()
        await self._task


def told(event: bytes) -> dict[str, int]:
    return json.loads(next(line for line in event.decode().splitlines() if line.startswith("data:"))[5:])


def test_a_page_that_follows_is_told_of_a_comment_by_its_count_alone(talk):
    async def scene():
        listener = Listener(talk)
        first = await listener.hear()
        fields = {"body": "A secret word.", "token": talk.server.tokens.issue(FERRY, talk.clock.now())}
        talk.clock.pass_by(seconds=9)
        await talk.browser().send("POST", f"/t/{FERRY}/comments", data=fields, headers=SAME_ORIGIN)
        second = await listener.hear()
        await listener.leave()
        return first, second

    first, second = talk.run(scene())

    assert told(first)["comments"] == 0
    assert told(second) == {"comments": 1, "version": told(first)["version"] + 1}
    assert b"secret" not in second


def test_nobody_is_told_of_a_comment_that_is_held(talk):
    async def scene():
        listener = Listener(talk)
        await listener.hear()
        for website in ("x", ""):
            fields = {
                "body": f"Words {website}.",
                "website": website,
                "token": talk.server.tokens.issue(FERRY, talk.clock.now()),
            }
            talk.clock.pass_by(seconds=9)
            await talk.browser().send("POST", f"/t/{FERRY}/comments", data=fields, headers=SAME_ORIGIN)
        event = await listener.hear()
        quiet = listener.has_heard_nothing()
        await listener.leave()
        return event, quiet

    event, quiet = talk.run(scene())

    assert told(event)["comments"] == 1
    assert quiet


def test_a_page_that_leaves_is_forgotten(local):
    async def scene():
        listeners = [Listener(local) for _ in range(20)]
        for listener in listeners:
            await listener.hear()
        there = local.server.live.count
        for listener in listeners:
            await listener.leave()
        return there

    assert local.run(scene()) == 20
    assert local.server.live.count == 0


def test_silence_is_filled_so_that_a_dead_connection_is_noticed():
    async def scene():
        async for has_changed in Live().changes("ferry", 0.001):
            yield has_changed

    async def first_two():
        heard = []
        async for has_changed in scene():
            heard.append(has_changed)
            if len(heard) == 2:
                break
        return heard

    assert asyncio.run(first_two()) == [True, False]


def test_what_changes_between_the_first_look_and_the_next_is_not_missed():
    async def scene():
        live = Live()
        changes = live.changes("ferry", 60)
        await anext(changes)
        live.tell(["ferry", "another"])
        return await anext(changes)

    assert asyncio.run(scene())


def test_a_stream_is_not_kept_by_anybody_on_the_way(local):
    async def scene():
        listener = Listener(local)
        await listener.hear()
        await listener.leave()
        return listener.start["headers"]

    headers = local.run(scene())

    assert dict(headers)[b"content-type"].startswith(b"text/event-stream")
    assert [value for name, value in headers if name == b"cache-control"] == [b"no-cache"]
