"""A whole server in this process and browsers that talk to it, with a clock that moves when it is told to."""

import asyncio
import copy
import functools
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.cookiejar import Cookie
from typing import Any, TypeVar

import httpx
from litestar import Litestar
from litestar.datastructures import State
from selectolax.lexbor import LexborHTMLParser

from outspoken.discussion.state import Actor, Event
from outspoken.settings import Settings
from outspoken.store.changes import change_state
from outspoken.store.database import Database
from outspoken.store.sites import add_site
from outspoken.store.threads import open_thread
from outspoken.web.app import ASGI, around, framework
from outspoken.web.server import Server
from tests.factories import MOMENT, a_site, a_story

BASE = "https://talk.example"
FERRY = "ferry0000000"
SAME_ORIGIN = {"sec-fetch-site": "same-origin", "origin": BASE}

T = TypeVar("T")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, start: datetime = MOMENT) -> None:
        self.time = start
        self.seconds = 1_000.0

    def now(self) -> datetime:
        return self.time

    def steady(self) -> float:
        return self.seconds

    def pass_by(self, **spans: float) -> None:
        span = timedelta(**spans)
        self.time += span
        self.seconds += span.total_seconds()


@functools.cache
def _framework() -> Litestar:
    return framework(erasing_every=1_000)


def app_of(server: Server) -> ASGI:
    """Return the application of a server that is started and ended by nobody but the test.

    All of a process share one framework, because to build it takes longer than most tests; each has a copy with a
    state of its own.
    """
    inner = copy.copy(_framework())
    inner.state = State({"server": server})
    return around(inner, server)


class Talk:
    """A server under test. `restart` gives a new process on the same database."""

    def __init__(
        self, database: Database, *, settings: Settings | None = None, base: str = BASE, settle: float = 0.0
    ) -> None:
        self.database = database
        self.settings = settings or Settings()
        self.base = base
        self.settle = settle
        self.clock = Clock()
        self.entropy = random.Random(5).randbytes
        self._runner = asyncio.Runner()
        self._visitors = iter(range(1, 60_000))
        self.start()

    def start(self) -> None:
        self.server = Server(
            self.database,
            self.settings,
            self.base,
            now=self.clock.now,
            entropy=self.entropy,
            steady=self.clock.steady,
            settle=self.settle,
        )
        self.app = app_of(self.server)

    def restart(self) -> None:
        """End the process and begin another; what was in memory is gone."""
        self.server.writer.close()
        self.start()

    def close(self) -> None:
        self.server.close()
        self._runner.close()

    def run(self, work: Awaitable[T]) -> T:
        async def waited() -> T:
            return await work

        return self._runner.run(waited())

    def browser(self, address: str | None = None, **headers: str) -> "Browser":
        """Return somebody with a browser of their own, at an address of their own."""
        if address is None:
            number = next(self._visitors)
            address = f"198.18.{number // 250}.{number % 250 + 1}"
        return Browser(self, address, headers)

    def add_thread(self, id: str = FERRY, site: str = "harbour", **story: Any) -> str:
        with self.database.writing() as connection:
            add_site(connection, a_site(site))
            open_thread(
                connection,
                id=id,
                site=site,
                story=a_story(**story),
                addresses_of_page=[f"{site}.example/{id}"],
                now=self.clock.now(),
            )
        return id

    def moderate(self, number: int, event: Event, thread: str = FERRY, reason: str = "Because.") -> None:
        """Decide as the command line does: in another process, which tells this one nothing."""
        with self.database.writing() as connection:
            change_state(
                connection,
                *(thread, number, event, Actor.MODERATOR),
                rule="moderator",
                reason=reason,
                now=self.clock.now(),
            )
        self.clock.pass_by(seconds=2)

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Let the files of SQLite be gone for a while, with a folder in the place of the database."""
        self.server.leases.close()
        self.database.close()
        file = self.database.file
        away = file.parent.with_name("away")
        file.parent.rename(away)
        file.mkdir(parents=True)
        yield
        file.rmdir()
        file.parent.rmdir()
        away.rename(file.parent)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


class Browser:
    """One reader's browser: it keeps cookies, and says where its requests come from."""

    def __init__(self, talk: Talk, address: str, headers: dict[str, str]) -> None:
        self.talk = talk
        self.address = address
        self._headers = headers
        self._cookies = httpx.Cookies()
        self.keeps_cookies = True

    @property
    def cookies(self) -> httpx.Cookies:
        return self._cookies

    @property
    def key_cookie(self) -> Cookie:
        """The cookie that holds this browser's key."""
        (cookie,) = [cookie for cookie in self._cookies.jar if cookie.name.endswith("outspoken")]
        return cookie

    def client(self) -> httpx.AsyncClient:
        """Return a client on the server as it is now. It shares this browser's cookies."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.talk.app, client=(self.address, 51_000)),
            base_url=self.talk.base,
            headers={"accept-encoding": "identity", **self._headers},
        )
        client.cookies = self._cookies if self.keeps_cookies else httpx.Cookies()
        return client

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        async with self.client() as client:
            answer = await client.request(method, path, **request)
            self._cookies.update(client.cookies)
            return answer

    def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.talk.run(self.send(method, path, **request))

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.request("GET", path, **request)

    def post(self, path: str, fields: dict[str, str] | None = None, **request: Any) -> httpx.Response:
        """Send a form as our own page does."""
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            **SAME_ORIGIN,
            **request.pop("headers", {}),
        }
        return self.request("POST", path, data=fields or {}, headers=headers, **request)

    def post_json(self, path: str, content: dict[str, Any], **headers: str) -> httpx.Response:
        return self.request("POST", path, json=content, headers=headers)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code == 303, (answer.status_code, problems(answer))
        return self.get(answer.headers["location"].partition("#")[0])

    def form(self, path: str) -> dict[str, str]:
        """Open a page and return the fields of its form, as they are filled in."""
        return fields_of(self.get(path))

    def write(
        self, body: str, *, parent: int = 0, name: str = "", thread: str = FERRY, **changes: str
    ) -> httpx.Response:
        """Open the form, take some time, and send it."""
        fields = self.form(f"/t/{thread}/comments" + (f"?parent={parent}" if parent else ""))
        self.talk.clock.pass_by(seconds=5)
        return self.post(f"/t/{thread}/comments", {**fields, "body": body, "name": name, "action": "post", **changes})

    def say(self, body: str, **how: Any) -> int:
        """Write a comment and return its number."""
        answer = self.write(body, **how)
        assert answer.status_code == 303, (answer.status_code, problems(answer))
        return int(answer.headers["location"].partition("#")[0].split("/")[3])

    def code_of(self, answer: httpx.Response) -> str:
        """Follow to the page that shows a code, as a browser without cookies does, and return the code."""
        assert not self.keeps_cookies
        return tree(self.follow(answer)).css_first("code.code").text()


def keys_given(answer: httpx.Response) -> list[str]:
    """Return the cookies of an answer that give a browser a key."""
    return [cookie for cookie in answer.headers.get_list("set-cookie") if "outspoken-seen" not in cookie]


def tree(answer: httpx.Response) -> LexborHTMLParser:
    return LexborHTMLParser(answer.text)


def fields_of(answer: httpx.Response) -> dict[str, str]:
    """Return what the composer of a page holds."""
    assert answer.headers["content-type"].startswith("text/html"), answer.headers
    found = {}
    for field in tree(answer).css("form.composer input, form.composer textarea"):
        name = field.attributes["name"]
        # The parser drops the first newline of a textarea, as browsers do.
        found[name] = field.text() if field.tag == "textarea" else (field.attributes.get("value") or "")
    return found


def problems(answer: httpx.Response) -> list[str]:
    return [" ".join(node.text().split()) for node in tree(answer).css(".problem, .notice")]


def shown(answer: httpx.Response) -> dict[int, str]:
    """Return the texts a page shows, by comment; a tombstone's is empty."""
    found = {}
    for item in tree(answer).css("li[id^=c], section.chosen"):
        body = item.css_first("article .body")
        article = item.css_first("article")
        body = article.css_first(".body") if article else None
        found[int(item.attributes["id"][1:])] = body.text().strip() if body else ""
    return found


async def raw(
    app: Callable[..., Awaitable[None]],
    method: str,
    path: bytes,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes = b"",
    client: tuple[str, int] | None = ("198.18.255.1", 51_000),
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Send exactly these bytes, as a server would hand them on, and return what came back."""
    from urllib.parse import unquote_to_bytes

    target, _, query = path.partition(b"?")
    sent, is_done = False, asyncio.Event()
    answer: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await is_done.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        answer.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            is_done.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote_to_bytes(target).decode("utf-8", "replace"),
        "raw_path": target,
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"talk.example"), *headers],
        "client": client,
        "server": ("talk.example", 443),
    }
    await app(scope, receive, send)
    start = next(message for message in answer if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in answer if message["type"] == "http.response.body")
    return start["status"], list(start["headers"]), content
