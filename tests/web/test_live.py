"""Following a thread: told of what everybody may see, at once, and never a text."""

import asyncio
import json

from outspoken.figures import Figures
from outspoken.web import live as module
from outspoken.web.live import Followed, Live, News, Page
from tests.web.talking import FERRY, SAME_ORIGIN, Talk

LIVE = f"/api/v1/threads/{FERRY}/live"


class Listener:
    """An open page that follows a thread."""

    def __init__(self, talk: Talk, heard: int | None = None) -> None:
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._gone = asyncio.Event()
        self.start: dict[str, object] = {}
        scope = {"type": "http", "method": "GET", "path": LIVE, "raw_path": LIVE.encode(), "query_string": b"",
                 "headers": [] if heard is None else [(b"last-event-id", b"%d" % heard)], "client": None,
                 "server": None, "scheme": "https", "http_version": "1.1",
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


async def tell(live: Live, followed: Followed) -> None:
    """Tell of a change, however short ago another was told, until it is on its way to all who follow."""
    before = followed.telling
    followed.told = 0.0
    live.tell([followed.thread])
    while followed.telling is before:
        await asyncio.sleep(0)
    await followed.telling


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


async def say(talk: Talk, body: str = "A comment.") -> None:
    assert (await talk.browser().send("POST", f"/api/v1/threads/{FERRY}/comments", json={"body": body})).is_success


def test_a_page_that_comes_back_is_told_only_what_it_has_not_heard(talk):
    async def scene():
        first = Listener(talk)
        version = told(await first.hear())["version"]
        await first.leave()
        again = Listener(talk, heard=version)
        await asyncio.sleep(0.05)
        quiet = again.has_heard_nothing()
        await again.leave()
        await say(talk)
        late = Listener(talk, heard=version)
        event = await late.hear()
        await late.leave()
        return version, quiet, event

    version, quiet, event = talk.run(scene())

    assert quiet
    assert told(event) == {"comments": 1, "version": version + 1}


def test_a_thread_is_read_once_for_all_who_follow_it(local):
    looked = []
    look = local.server.live._look

    async def counted(thread):
        looked.append(thread)
        return await look(thread)

    local.server.live._look = counted

    async def scene():
        listeners = [Listener(local) for _ in range(200)]
        for listener in listeners:
            await listener.hear()
        await say(local)
        events = {await listener.hear() for listener in listeners}
        for listener in listeners:
            await listener.leave()
        return events

    assert len(local.run(scene())) == 1
    assert looked == [FERRY, FERRY]


def test_a_page_that_takes_nothing_is_let_go_and_keeps_nobody_waiting(local, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    async def scene():
        slow, quick = Listener(local), Listener(local)
        await slow.hear()
        await quick.hear()

        async def stuck(_):
            await asyncio.Event().wait()

        (followed,) = local.server.live._followed.values()
        page = next(iter(followed.pages))
        page.send = stuck
        await say(local)
        while local.server.live.count > 1:
            await asyncio.sleep(0.01)
        heard = [not slow.has_heard_nothing(), not quick.has_heard_nothing()]
        for listener in (slow, quick):
            await listener.leave()
        return heard

    assert sorted(local.run(scene())) == [False, True]
    assert local.server.figures.live_dropped == 1


def test_what_came_while_a_page_was_still_reading_is_sent_afterwards():
    async def scene():
        sent, may_go_on = [], asyncio.Event()

        async def send(message):
            sent.append(message["body"])
            await may_go_on.wait()

        versions = iter((1, 2, 3, 4))

        async def look(_):
            version = next(versions)
            return News(version, version)

        live = Live(look, lambda: 1_000.0, lambda: 0.0, Figures())
        followed = await live.join("ferry")
        page = Page(send, lambda: None)
        live.follow(followed, page)
        for _ in range(3):
            await tell(live, followed)
        may_go_on.set()
        await page.sending
        return sent

    assert asyncio.run(scene()) == [News(2, 2).event, News(4, 4).event]


def test_silence_is_filled_so_that_a_dead_connection_is_noticed(local, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)

    async def scene():
        listener = Listener(local)
        heard = [await listener.hear() for _ in range(3)]
        await listener.leave()
        return heard

    assert local.run(scene())[1:] == [b": still here\n\n"] * 2


def test_many_changes_in_a_moment_are_told_once_with_what_is_true_then(local, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 3_600.0)

    async def scene():
        listener = Listener(local)
        await listener.hear()
        (followed,) = local.server.live._followed.values()
        await say(local, "Comment 0.")
        first = await listener.hear()
        for number in range(1, 20):
            await say(local, f"Comment {number}.")
        quiet = listener.has_heard_nothing()
        followed.due.cancel()
        local.server.live._begin(FERRY)
        second = await listener.hear()
        await listener.leave()
        return told(first)["comments"], quiet, told(second)["comments"]

    assert local.run(scene()) == (1, True, 20)


def test_the_longer_it_takes_to_tell_all_the_less_often_they_are_told():
    async def scene():
        clock = iter((13.0, 14.0))

        async def look(_):
            return News(followed.news.version + 1 if followed else 1, 0)

        followed = None
        live = Live(look, lambda: next(clock), lambda: 0.0, Figures())
        followed = await live.join("ferry")
        followed.told = 10.0
        await live._tell("ferry", followed)
        return followed.pause, live._delay(followed)

    assert asyncio.run(scene()) == (6.0, 2.0)


def test_a_site_at_risk_tells_on_a_tick_and_a_little_later_by_chance():
    async def look(_):
        return News(1, 0, tick=60.0)

    for now, chance, delay in ((1_000.0, 0.0, 20.0), (1_000.0, 0.5, 27.5), (1_019.0, 0.0, 1.0), (1_020.0, 0.9, 73.5)):

        async def scene(now=now, chance=chance):
            live = Live(look, lambda: now, lambda: chance, Figures())
            followed = await live.join("ferry")
            return live._delay(followed)

        assert asyncio.run(scene()) == delay


def test_where_too_many_follow_others_are_asked_to_look_for_themselves(local, monkeypatch):
    monkeypatch.setattr(module, "MOST", 1)

    async def scene():
        listener = Listener(local)
        await listener.hear()
        answer = await local.browser().send("GET", LIVE)
        await listener.leave()
        return answer

    answer = local.run(scene())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "once a minute" in answer.json()["detail"]


def test_a_change_by_another_process_is_not_told_twice_or_backwards():
    async def scene():
        versions = iter((5, 4, 5, 6))

        async def look(_):
            version = next(versions)
            return News(version, version)

        sent = []

        async def send(message):
            sent.append(message["body"])

        live = Live(look, lambda: 1_000.0, lambda: 0.0, Figures())
        followed = await live.join("ferry")
        live.follow(followed, Page(send, lambda: None))
        for _ in range(3):
            await tell(live, followed)
        return sent

    assert asyncio.run(scene()) == [News(6, 6).event]


def test_head_says_what_would_come_and_keeps_nothing_open(local):
    answer = local.browser().request("HEAD", LIVE)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert local.server.live._followed == {}


def test_a_stream_is_not_kept_by_anybody_on_the_way(local):
    async def scene():
        listener = Listener(local)
        await listener.hear()
        await listener.leave()
        return listener.start["headers"]

    headers = local.run(scene())

    assert dict(headers)[b"content-type"].startswith(b"text/event-stream")
    assert [value for name, value in headers if name == b"cache-control"] == [b"no-cache"]
