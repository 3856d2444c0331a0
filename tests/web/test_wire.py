"""The HTTP server itself, over real sockets: what is answered at the wire is what the application would answer."""

import asyncio
import contextlib
import gzip
import signal
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from outspoken.discussion.state import Event
from outspoken.web import wire
from outspoken.web.listening import Engine, engine_for, serve_on
from outspoken.web.seen import COOKIE
from outspoken.web.server import Server
from outspoken.web.wire import Wire
from tests.web.talking import FERRY, Talk

PAGE = f"/t/{FERRY}"
HOST = "Host: talk.example\r\n"


class Connection:
    """Somebody who speaks HTTP by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, text: str) -> None:
        self.writer.write(text.encode())

    async def ask(self, target: str = PAGE, *, method: str = "GET", headers: str = "") -> tuple[int, dict, bytes]:
        self.send(f"{method} {target} HTTP/1.1\r\n{HOST}{headers}\r\n")
        return await self.answer(has_body=method != "HEAD")

    async def answer(self, *, has_body: bool = True) -> tuple[int, dict, bytes]:
        lines = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 20)).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if line)
        status = int(lines[0].split()[1])
        length = int(headers.get("content-length", 0)) if has_body and status != 304 else 0
        return status, headers, await self.reader.readexactly(length)


def serve(talk: Talk, scene: Callable[[Engine, Callable[[], Awaitable[Connection]]], Awaitable[None]]) -> None:
    """Run a scene with a server that listens."""

    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as door:
            engine = engine_for(talk.server)
            running = asyncio.ensure_future(engine.serve([door]))
            while not engine.started:
                await asyncio.sleep(0.01)
            opened: list[Connection] = []

            async def connect() -> Connection:
                opened.append(Connection(*await asyncio.open_connection(*door.getsockname())))
                return opened[-1]

            try:
                await scene(engine, connect)
            finally:
                for connection in opened:
                    connection.writer.close()
                engine.should_exit = True
                await running

    talk.run(play())


@pytest.fixture
def said(sqlite):
    """A server with a comment, which is closed by the listener."""
    talk = Talk(sqlite)
    talk.add_thread()
    talk.browser().say("A comment.")
    talk.renderings = 0
    render = talk.server.pages.thread_page

    def counted(*given, **named):
        talk.renderings += 1
        return render(*given, **named)

    talk.server.pages.thread_page = counted
    return talk


def without_date(headers):
    return {name: value for name, value in headers.items() if name != "date"}


@pytest.mark.parametrize("accepted", ["", "Accept-Encoding: gzip\r\n", "Accept-Encoding: br, zstd\r\n"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_wire_answers_what_the_application_answers(said, accepted, method):
    async def scene(engine, connect):
        one = await connect()
        first = await one.ask(headers=accepted)  # rendered by the application
        through = engine.server_state.total_requests
        again = await one.ask(method=method, headers=accepted)

        plain_is_made_anew = 0 if accepted else 1
        assert engine.server_state.total_requests == through + plain_is_made_anew
        assert again[0] == 200
        assert without_date(again[1]) == without_date(first[1])
        assert again[2] == (first[2] if method == "GET" else b"")
        assert "date" in again[1]

    serve(said, scene)
    assert said.renderings == 1


def test_who_has_the_page_is_told_so_at_the_wire(said):
    async def scene(engine, connect):
        one = await connect()
        _, headers, _ = await one.ask(headers="Accept-Encoding: gzip\r\n")
        through = engine.server_state.total_requests
        status, again, content = await one.ask(headers=f"Accept-Encoding: gzip\r\nIf-None-Match: {headers['etag']}\r\n")

        assert (status, content, again["etag"]) == (304, b"", headers["etag"])
        assert engine.server_state.total_requests == through

    serve(said, scene)


@pytest.mark.parametrize("is_parsed", [False, True])
def test_a_page_nobody_has_changed_is_answered_at_the_wire_however_old_it_is(said, is_parsed):
    headers = "Accept-Encoding: gzip\r\n" + ("Cookie: theirs=1\r\n" if is_parsed else "")

    async def scene(engine, connect):
        one = await connect()
        first = await one.ask(headers=headers)
        through = engine.server_state.total_requests
        said.clock.pass_by(seconds=60)
        again = await one.ask(headers=headers)

        assert engine.server_state.total_requests == through
        assert again[2] == first[2]

    serve(said, scene)
    assert said.renderings == 1


def test_the_wire_shows_nothing_that_another_process_has_hidden(said):
    async def scene(engine, connect):
        one = await connect()
        headers = "Accept-Encoding: gzip\r\n"
        assert b"A comment." in gzip.decompress((await one.ask(headers=headers))[2])
        await asyncio.to_thread(said.moderate, 1, Event.REMOVE)  # which lets the moment pass
        assert b"A comment." not in gzip.decompress((await one.ask(headers=headers))[2])

    serve(said, scene)


def test_a_page_is_shown_on_while_the_file_does_not_answer(said):
    async def scene(engine, connect):
        one = await connect()
        headers = "Accept-Encoding: gzip\r\n"
        first = await one.ask(headers=headers)
        said.server.writer.close()
        said.clock.pass_by(seconds=60)

        with said.database_away():
            assert (await one.ask(headers=headers))[2] == first[2]

    serve(said, scene)


@pytest.mark.parametrize(
    "unusual",
    [
        f"GET {PAGE} HTTP/1.0\r\n{HOST}Accept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n",
        f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\nConnection: close\r\n\r\n",
        f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        f"GET {PAGE}?sort=best HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n",
        f"GET http://talk.example{PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_is_unusual_goes_the_long_way_and_is_answered_alike(said, unusual):
    async def scene(_, connect):
        usual = await (await connect()).ask(headers="Accept-Encoding: gzip\r\n")
        one = await connect()
        one.send(unusual)

        status, headers, content = await one.answer()
        assert (status, headers["etag"], content) == (200, usual[1]["etag"], usual[2])

    serve(said, scene)


def test_requests_sent_without_waiting_are_answered_in_their_order(said):
    async def scene(_, connect):
        one = await connect()
        await one.ask(headers="Accept-Encoding: gzip\r\n")
        for target in (PAGE, "/healthz", PAGE, f"{PAGE}?sort=newest", PAGE):
            one.send(f"GET {target} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n")
        kinds = [(await one.answer())[1]["content-type"] for _ in range(5)]

        page = "text/html; charset=utf-8"
        assert kinds == [page, "text/plain; charset=utf-8", page, page, page]

    serve(said, scene)


def test_what_looks_like_a_request_inside_another_is_not_one(said):
    async def scene(engine, connect):
        one = await connect()
        await one.ask(headers="Accept-Encoding: gzip\r\n")
        inner = f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n"
        one.send(f"POST /nothing HTTP/1.1\r\n{HOST}Content-Length: {len(inner)}\r\n\r\n")
        await asyncio.sleep(0.05)
        one.send(inner)
        assert (await one.answer())[0] in (404, 405)

        one.send(f"GET /nothing HTTP/1.1\r\n{HOST}X-Half: ")
        await asyncio.sleep(0.05)
        one.send(inner)
        assert (await one.answer())[0] == 404

        assert (await one.ask(headers="Accept-Encoding: gzip\r\n"))[0] == 200

    serve(said, scene)


def test_a_reader_who_takes_nothing_is_not_served_without_end(said):
    async def scene(engine, connect):
        one = await connect()
        await one.ask(headers="Accept-Encoding: gzip\r\n")
        one.send(f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n" * 20_000)
        (theirs,) = engine.server_state.connections
        for _ in range(100):
            await asyncio.sleep(0.01)
            if theirs.flow.write_paused and theirs.flow.read_paused:
                break

        assert theirs.flow.read_paused
        assert theirs.transport.get_write_buffer_size() < 1_000_000
        assert not theirs.is_too_slow(engine.now())
        assert theirs.is_too_slow(engine.now() + wire.UNREAD_SECONDS + 1)

    serve(said, scene)


def test_a_head_without_end_is_refused(said):
    async def scene(_, connect):
        one = await connect()
        one.send(f"GET {PAGE} HTTP/1.1\r\n{HOST}")
        one.send("".join(f"X-Field-{number}: {'x' * 1_000}\r\n" for number in range(100)) + "\r\n")

        assert (await one.answer())[0] == 431
        assert await one.reader.read() == b""

    serve(said, scene)


def test_a_head_that_is_too_long_is_refused_for_what_is_kept_too(said):
    async def scene(engine, connect):
        one = await connect()
        await one.ask(headers="Accept-Encoding: gzip\r\n")
        status, _, _ = await one.ask(headers=f"Accept-Encoding: gzip\r\nX-Long: {'a' * wire.LARGEST_HEAD}\r\n")

        assert status == 431

    serve(said, scene)


def test_what_is_not_http_is_refused_in_one_line(said):
    async def scene(_, connect):
        one = await connect()
        one.send("\x16\x03\x01\x02 hello\r\n\r\n")

        status, headers, _ = await one.answer()
        assert (status, headers["connection"]) == (400, "close")

    serve(said, scene)


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("", wire.HEAD_SECONDS),
        (f"GET {PAGE} HTTP/1.1\r\n{HOST}X-Slow: ", wire.HEAD_SECONDS),
        (f"POST {PAGE}/comments HTTP/1.1\r\n{HOST}Content-Length: 100\r\n\r\nbody=", wire.BODY_SECONDS),
        (f"GET {PAGE} HTTP/1.1\r\n{HOST}Accept-Encoding: gzip\r\n\r\n", wire.IDLE_SECONDS),
    ],
)
def test_a_connection_is_given_only_so_long(said, sent, seconds):
    async def scene(engine, connect):
        await (await connect()).ask(headers="Accept-Encoding: gzip\r\n")
        before = set(engine.server_state.connections)
        one = await connect()
        one.send(sent)
        await asyncio.sleep(0.1)
        (theirs,) = engine.server_state.connections - before

        assert not theirs.is_too_slow(engine.now() + seconds - 2)
        assert theirs.is_too_slow(engine.now() + seconds + wire.HEAD_SECONDS)

    serve(said, scene)


def test_a_connection_on_which_the_application_answered_may_idle_as_long(said):
    async def scene(engine, connect):
        one = await connect()
        assert (await one.ask(f"{PAGE}/1"))[0] == 200
        (theirs,) = engine.server_state.connections

        assert theirs.timeout_keep_alive_task.when() > engine.now() + wire.IDLE_SECONDS - 2

    serve(said, scene)


def test_who_has_written_goes_past_what_strangers_are_shown(sqlite):
    talk = Talk(sqlite, settle=3600)
    talk.add_thread()

    async def scene(_, connect):
        stranger, writer = await connect(), await connect()
        empty = await stranger.ask()
        await talk.browser().send("POST", f"/api/v1/threads/{FERRY}/comments", json={"body": "My comment."})
        version = talk.rows(f"SELECT version FROM threads WHERE id = '{FERRY}'")[0][0]

        again = await stranger.ask()
        own = await writer.ask(headers=f"Cookie: a=b; {COOKIE.decode()}={FERRY}.{version}\r\n")

        assert again[2] == empty[2]
        assert b"My comment." in own[2]
        assert b"My comment." in (await stranger.ask())[2]

    serve(talk, scene)


@pytest.fixture
def crowded(said, monkeypatch):
    """A server whose application is as busy as it may be as soon as one request waits."""
    monkeypatch.setattr(wire, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(wire, "MOST_BEFORE_READING", 2)
    monkeypatch.setattr(wire, "MOST_BEFORE_FORMS", 3)
    said.is_over = asyncio.Event()
    read = Server.read

    async def slow(server, question):
        await said.is_over.wait()
        return await read(server, question)

    monkeypatch.setattr(Server, "read", slow)
    return said


JSON = "Content-Type: application/json\r\nContent-Length: 2\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n"
POSTED = f"POST /api/v1/threads/{FERRY}/comments HTTP/1.1\r\n{HOST}{JSON}\r\n{{}}"
READ = f"GET {PAGE}/1 HTTP/1.1\r\n{HOST}\r\n"
FILLED = f"POST {PAGE}/comments HTTP/1.1\r\n{HOST}{FORM}\r\nparent=1"


def test_under_too_much_what_programs_send_is_refused_first_then_reading_and_forms_last(crowded):
    async def scene(_, connect):
        async def busy_with(many):
            for _ in range(many):
                (await connect()).send(READ)
                await asyncio.sleep(0.02)

        async def is_refused(request):
            one = await connect()
            one.send(request)
            try:
                status, headers, content = await asyncio.wait_for(one.answer(), 0.3)
            except TimeoutError:
                return False
            assert (status, headers["retry-after"]) == (503, "5")
            assert b"try again" in content
            return True

        await busy_with(1)
        assert await is_refused(POSTED)
        assert not await is_refused(READ)  # and now there are two
        assert await is_refused(READ)
        assert not await is_refused(FILLED)
        assert await is_refused(FILLED)
        one = await connect()
        one.send(f"GET /healthz HTTP/1.1\r\n{HOST}\r\n")
        assert (await one.answer())[0] == 200
        crowded.is_over.set()

    serve(crowded, scene)


def test_what_is_kept_is_shown_and_a_connection_goes_on_however_busy_the_application_is(said, monkeypatch):
    monkeypatch.setattr(wire, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(wire, "MOST_BEFORE_READING", 0)

    async def scene(_, connect):
        one = await connect()
        assert (await one.ask(f"{PAGE}/1", method="HEAD"))[0] == 503
        assert (await one.ask(f"{PAGE}/1"))[0] == 503
        monkeypatch.setattr(wire, "MOST_BEFORE_READING", 9)
        assert (await one.ask(headers="Accept-Encoding: gzip\r\n"))[0] == 200
        monkeypatch.setattr(wire, "MOST_BEFORE_READING", 0)
        assert (await one.ask(headers="Accept-Encoding: gzip\r\n"))[0] == 200
        one.send(POSTED)
        assert (await one.answer())[0] == 503
        assert (await one.ask(headers="Accept-Encoding: gzip\r\n"))[0] == 200

    serve(said, scene)


def test_many_who_come_at_once_are_let_in_within_a_few_turns_of_the_loop(said, monkeypatch):
    turns, let_in = 0, []
    made = Wire.connection_made

    def counted(self, transport):
        let_in.append(turns)
        made(self, transport)

    monkeypatch.setattr(Wire, "connection_made", counted)

    async def scene(door):
        loop = asyncio.get_running_loop()

        def turn():
            nonlocal turns
            turns += 1
            if len(let_in) < len(crowd):
                loop.call_soon(turn)
            else:
                signal.raise_signal(signal.SIGTERM)

        await serve_on(door, said.server, turn)

    with socket.create_server(("127.0.0.1", 0), backlog=300) as door, contextlib.ExitStack() as opened:
        crowd = [opened.enter_context(socket.create_connection(door.getsockname())) for _ in range(300)]
        uvloop.run(asyncio.wait_for(scene(door), 20))

    assert len(let_in) == len(crowd)
    assert let_in[-1] - let_in[0] <= 5
