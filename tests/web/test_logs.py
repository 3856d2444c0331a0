"""The log: every line is made of a closed list of parts, whatever is asked, sent or breaks; faults are found by id."""

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from outspoken.settings import Log
from outspoken.web.logs import Sparing, bucket, write_logs
from tests.web.talking import FERRY, Clock, Talk, raw
from tests.web.test_anonymity import AGENT, COOKIE, TELLING, traces
from tests.web.test_visibility import Caller, answer_to, asks_at, routes
from tests.web.test_wire import serve

PLACE = r'"[\w.<>]+ line [0-9]+"'
LINE = re.compile(
    r'\{"time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z","level":"(debug|info|warning|error)","logger":"[\w.]+"'
    r'(,"event":"[a-z\', ]+")?'
    r'(,"request":"[0-9a-f]{16}","method":"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|OTHER)"'
    r',"route":"(/[a-z0-9_.{}/]*|other)","status":[2-5][0-9]{2},"took":"[<>][0-9.]+")?'
    r'(,"error":"\w+( from \w+)*")?'
    rf'(,"at":\[{PLACE}(,{PLACE}){{0,11}}\])?\}}'
)
SECRET = "qwordthatmaystandnowhere"
HOSTILE = [
    (b"GET", b"/t/" + SECRET.encode()),
    (b"GET", b"/t/%0a%7b%22level%22:%22error%22%7d"),
    (b"GET", b"/t/ferry0000000?sort=" + SECRET.encode()),
    (b"GET", b"/\xff\xfe/" + SECRET.encode()),
    (b"GET", b"/" + b"%00" * 50),
    (b"GET", b"/" + b"a/" * 5_000),
    (SECRET.encode(), b"/t/ferry0000000"),
    (b"GE\nT", b"/t/ferry0000000/1"),
    (b"POST", b"/t/ferry0000000/comments"),
    (b"POST", b"/api/v1/threads/ferry0000000/comments"),
    (b"HEAD", b"/t/ferry0000000/1"),
    (b"DELETE", b"/metrics"),
]


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    """The file into which everything is logged, from the lowest level on."""
    root = logging.getLogger()
    handlers, level, raises = root.handlers, root.level, logging.raiseExceptions
    file = tmp_path / "outspoken.log"
    write_logs(Log("debug", str(file)))
    yield file
    for handler in root.handlers:
        handler.close()
    root.handlers, logging.raiseExceptions = handlers, raises
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(file: Path) -> list[dict[str, object]]:
    """Return what was written, after every line has been held against the grammar."""
    text = file.read_text("utf-8")
    for line in text.splitlines():
        assert LINE.fullmatch(line), line
    return [msgspec.json.decode(line) for line in text.splitlines()]


def of_ours(file: Path) -> list[dict[str, object]]:
    """Return what the server itself wrote; the browsers under test are in the same process."""
    return [line for line in lines(file) if str(line["logger"]).startswith("outspoken")]


async def everything(talk: Talk) -> None:
    """Ask all that the visibility matrix asks, with all that tells on somebody, and what no browser would send."""
    stranger = Caller("a stranger", cookie=COOKIE)
    inner = talk.app
    headers = [(name, value.encode()) for name, value in TELLING.items()]

    async def telling(scope, receive, send):
        await inner({**scope, "headers": [*scope["headers"], *headers]}, receive, send)

    talk.app = telling
    for path in routes():
        for ask in list(asks_at(path, "harbour", FERRY, 1, stranger))[:30]:
            await answer_to(talk, ask, stranger)
    for method, target in HOSTILE:
        await raw(telling, method.decode("latin-1"), target, headers, SECRET.encode() * 10_000)
    talk.app = inner


def test_every_line_fits_the_grammar_and_tells_nothing_of_anybody(talk, written):
    talk.browser().say(f"A {SECRET}.", name=SECRET[:20])
    talk.run(everything(talk))

    found = lines(written)

    assert len(found) > 150
    assert {line["status"] for line in found if "status" in line} >= {200, 303, 400, 403, 404, 405, 422}
    assert {line["method"] for line in found if "method" in line} >= {"GET", "POST", "HEAD", "OTHER"}
    content = written.read_bytes()
    for trace in [*traces(), SECRET.encode(), FERRY.encode(), AGENT.encode(), b"198.18."]:
        assert trace not in content, trace


def test_what_the_http_server_says_of_broken_requests_fits_too(local, written):
    async def scene(_engine, connect):
        for sent in (
            f"NONSENSE {SECRET}\r\n\r\n",
            f"GET /{SECRET} HTTP/9.9\r\n\r\n",
            f"GET /t/{FERRY}/1 HTTP/1.1\r\nHost: {SECRET}\r\nContent-Length: {SECRET}\r\n\r\n",
            f"POST /t/{FERRY}/comments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{SECRET}",
            f"GET /t/{FERRY}/{SECRET} HTTP/1.1\r\nHost: talk.example\r\nUser-Agent: {AGENT}\r\nConnection: close"
            "\r\n\r\n",
            f"GET /{'x' * 100_000} HTTP/1.1\r\n\r\n",
        ):
            connection = await connect()
            connection.send(sent)
            with suppress(ConnectionError):
                await asyncio.wait_for(connection.reader.read(), 20)

    serve(local, scene)

    found = lines(written)
    assert {line["logger"] for line in found} >= {"asyncio", "outspoken.request"}
    content = written.read_text()
    for secret in (SECRET, AGENT, "127.0.0.1", FERRY):
        assert secret not in content


def test_what_other_libraries_say_is_reduced_to_its_place(written):
    for name in ("uvicorn.error", "asyncio", "sqlalchemy.pool", "litestar", "outspokenly"):
        logging.getLogger(name).error("%s - could not serve %s", "203.0.113.77", SECRET)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: {SECRET}\n203.0.113.77")
    import warnings

    with pytest.warns():
        warnings.warn(SECRET, stacklevel=1)
    logging.getLogger("py.warnings").warning("%s", SECRET)

    found = lines(written)

    assert [line["logger"] for line in found[:2]] == ["uvicorn.error", "asyncio"]
    assert all("event" not in line for line in found)
    assert "test_logs.test_what_other_libraries_say" in str(found[0]["at"])
    content = written.read_text()
    assert SECRET not in content
    assert "203.0" not in content


def test_an_exception_is_told_by_its_kinds_and_places_alone(written):
    try:
        try:
            raise sa.exc.DataError("INSERT", {"body": SECRET}, ValueError(SECRET))
        except sa.exc.DataError as wrong:
            raise RuntimeError(f"{SECRET} at 203.0.113.77") from wrong
    except RuntimeError:
        logging.getLogger("outspoken.store").exception("it didn't work")

    (line,) = lines(written)

    assert line["event"] == "it didn't work"
    assert line["error"] == "RuntimeError from DataError"
    assert SECRET not in written.read_text()


@pytest.mark.parametrize(
    "path", [f"/t/{FERRY}", f"/t/{FERRY}/1", "/", f"/api/v1/threads/{FERRY}", f"/api/v1/threads/{FERRY}/comments/1"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fault_is_answered_with_the_id_under_which_it_is_found(local, written, monkeypatch, path, method):
    def faulty(_server, _question):
        raise ZeroDivisionError(SECRET)

    monkeypatch.setattr(type(local.server), "_read", faulty)

    answer = local.browser().request(method, path)

    (line,) = [line for line in lines(written) if line["level"] == "error"]
    assert answer.status_code == line["status"] == 500
    assert answer.headers["x-request-id"] == line["request"]
    assert line["error"] == "ZeroDivisionError"
    assert "test_logs" in line["at"][0]
    assert local.server.figures.failures == 1
    assert SECRET not in answer.text + written.read_text()
    assert answer.headers["content-security-policy"]
    if method == "GET":
        assert line["request"] in answer.text
        if path.startswith("/api/"):
            assert answer.json()["request"] == line["request"]
    else:
        assert not answer.content


def test_an_answer_that_breaks_off_in_the_middle_is_noted_and_not_taken_for_a_whole_one(local, written, monkeypatch):
    from outspoken.web import watch

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError(SECRET)

    watched = watch.Watch(app, local.server, watch.Routes(["/t/{thread}"]))

    with pytest.raises(ZeroDivisionError):
        local.run(raw(watched, "GET", f"/t/{FERRY}".encode()))

    (line,) = [line for line in lines(written) if line["level"] == "error"]
    assert line["status"] == 200
    assert line["error"] == "ZeroDivisionError"


def test_an_id_is_an_answers_own_and_stands_in_none_that_others_get_too(local):
    reader = local.browser()
    reader.say("A comment.")

    alone = [reader.get(f"/t/{FERRY}/1").headers["x-request-id"] for _ in range(3)]
    shared = reader.get(f"/t/{FERRY}")

    assert len(set(alone)) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", id) for id in alone)
    assert "etag" in shared.headers
    assert "x-request-id" not in shared.headers


def test_a_database_that_is_gone_is_told_with_the_reason_and_not_once_for_each_reader(local, written, monkeypatch):
    def gone():
        raise sa.exc.OperationalError(f"SELECT '{SECRET}'", {}, Exception("disk I/O error"))

    monkeypatch.setattr(local.server.database, "reading", gone)
    for _ in range(40):
        assert local.browser().get(f"/t/{FERRY}/1").status_code == 503

    found = [line for line in lines(written) if line["level"] == "warning"]

    reasons = [line for line in found if line.get("event") == "not possible at this moment"]
    assert len(reasons) == 10
    assert reasons[0]["error"] == "Unavailable from OperationalError"
    assert len([line for line in found if line.get("status") == 503]) == 10


def test_readers_of_kept_pages_leave_no_line(local, written):
    local.browser().say("A comment.")
    before = len(of_ours(written))

    for _ in range(5):
        assert local.browser().get(f"/t/{FERRY}").status_code == 200

    assert len(of_ours(written)) == before


def test_without_being_asked_for_requests_are_not_written_down(local, written):
    logging.getLogger().setLevel(Log().level.upper())

    local.browser().say("A comment.")
    local.browser().get(f"/t/{FERRY}/1")
    local.browser().get("/nothing")

    assert of_ours(written) == []


def test_a_warning_that_repeats_is_written_ten_times_a_minute_and_an_error_always():
    clock = Clock()
    sparing = Sparing(clock.steady)

    def passed(level: int, line: int, count: int) -> int:
        record = logging.LogRecord("outspoken", level, "x.py", line, "a thing", (), None)
        return sum(sparing.filter(record) for _ in range(count))

    assert passed(logging.WARNING, 1, 30) == 10
    assert passed(logging.WARNING, 2, 30) == 10
    assert passed(logging.ERROR, 1, 30) == 30
    clock.pass_by(seconds=61)
    assert passed(logging.WARNING, 1, 30) == 10


def test_a_file_that_was_moved_away_is_begun_anew(written):
    log = logging.getLogger("outspoken")
    log.error("one thing")
    written.rename(written.with_suffix(".1"))
    log.error("another thing")

    assert [line["event"] for line in lines(written)] == ["another thing"]


def test_the_line_that_the_manual_shows_is_one():
    manual = Path(__file__).parents[2] / "docs" / "manual" / "operation.md"

    (shown,) = re.findall(r"```json\n(.*?)\n```", manual.read_text(), re.DOTALL)

    assert LINE.fullmatch(shown)


@pytest.mark.parametrize(("seconds", "said"), [(0.0, "<0.001"), (0.03, "<0.05"), (9.0, "<10.0"), (60.0, ">10.0")])
def test_how_long_it_took_is_told_by_its_bucket(seconds, said):
    assert bucket(seconds) == said
