"""What is hidden is hidden behind every door: all routes × all states × all callers × odd parameters, on two sites.

The rows are generated from the router; a route without a row fails. Each hidden comment has a random word in its text
and one in its name. No answer to somebody who may not see it may hold either, in whatever part; and the published ones
must be found, or the search itself is broken.
"""

import asyncio
import random
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlencode

import pytest

from outspoken.discussion.state import Event
from outspoken.identity.keys import key_from_text, thread_key
from outspoken.web import fragments, recipes
from outspoken.web.app import framework
from outspoken.web.assets import BY_NAME
from tests.web.talking import BASE, Browser, Talk, raw

pytestmark = pytest.mark.xdist_group("visibility")

THREADS = {"harbour": "ferry0000000", "lantern": "light0000000"}
NEVER = 900

CHANCE = random.Random(11)


def canary() -> str:
    return "q" + "".join(CHANCE.choices("bcdfghjkmnpqrstvwxz", k=15))


@dataclass(frozen=True)
class Hidden:
    """A comment in some state, the words that tell on it, and what its author holds."""

    state: str
    thread: str
    number: int
    words: tuple[str, ...]
    cookie: str
    code: str


@dataclass(frozen=True)
class Caller:
    """Somebody who asks."""

    kind: str
    cookie: str = ""
    code: str = ""
    own: tuple[str, int] | None = None
    by_cookie: bool = False


# What happens to a comment after it was published, and whether it has a reply then.
FATES: dict[str, tuple[bool, tuple[Event | str, ...]]] = {
    "published": (False, ()),
    "published with replies": (True, ()),
    "held at birth": (False, ("born held",)),
    "held later": (False, (Event.HOLD,)),
    "held later with replies": (True, (Event.HOLD,)),
    "rejected": (False, ("born held", Event.REJECT)),
    "rejected with replies": (True, (Event.HOLD, Event.REJECT)),
    "removed": (False, (Event.REMOVE,)),
    "removed with replies": (True, (Event.REMOVE,)),
    "deleted": (False, ("delete",)),
    "deleted with replies": (True, ("delete",)),
    "deleted while held": (False, ("born held", "delete")),
    "spam": (False, (Event.MARK_SPAM,)),
    "spam with replies": (True, (Event.MARK_SPAM,)),
    "edited": (False, ("edit",)),
}


def make(talk: Talk, thread: str, state: str) -> Hidden:
    has_reply, fate = FATES[state]
    author = talk.browser()
    words = (canary(), canary())
    born_held = {"website": "x"} if "born held" in fate else {}
    number = author.say(f"Words {words[0]} words.", name=f"N{words[1]}", thread=thread, **born_held)
    if has_reply:
        talk.browser().say(f"A reply to {number}.", parent=number, thread=thread)
    for event in fate:
        if event == "delete":
            assert author.post(f"/t/{thread}/{number}/delete", {"token": ""}).status_code == 303
        elif event == "edit":
            answer = author.post(f"/t/{thread}/{number}/edit", {"body": "Other words.", "action": "post"})
            assert answer.status_code == 303
        elif isinstance(event, Event):
            talk.moderate(number, event, thread)
    cookie = author.key_cookie
    key = key_from_text(cookie.value)
    assert key is not None
    return Hidden(
        state, thread, number, words[:1] if state == "edited" else words, f"{cookie.name}={cookie.value}",
        thread_key(key, thread).code,
    )  # fmt: skip


class World:
    """Two sites with a comment in every state, and everybody who may ask for them."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        talk.add_thread(THREADS["lantern"], "lantern")
        self.comments = [make(talk, thread, state) for thread in THREADS.values() for state in FATES]
        self.hidden = [comment for comment in self.comments if not comment.state.startswith("published")]
        reader = talk.browser()
        reader.say("Here I am.")
        cookie = reader.key_cookie
        self.reader = Caller("a reader with a key", f"{cookie.name}={cookie.value}", "A" * 32)
        talk.clock.pass_by(seconds=60)

    def callers(self, comment: Hidden) -> list[Caller]:
        own = (comment.thread, comment.number)
        elsewhere = next(
            other for other in self.comments if other.thread != comment.thread and other.state == "held at birth"
        )
        neighbour = next(
            other for other in self.comments if other.thread == comment.thread and other.state == "published"
        )
        concerned = [
            Caller("a stranger"),
            Caller("its author by cookie", comment.cookie, own=own, by_cookie=True),
            Caller("its author by code", code=comment.code, own=own),
        ]
        if comment.thread != THREADS["harbour"]:
            return concerned
        return [
            *concerned,
            self.reader,
            Caller("an author of another site", elsewhere.cookie, elsewhere.code, (elsewhere.thread, elsewhere.number)),
            Caller(
                "another author of this discussion", neighbour.cookie, neighbour.code,
                (neighbour.thread, neighbour.number),
            ),
        ]  # fmt: skip


@pytest.fixture
def world(local: Talk) -> World:
    local.settings = local.settings.__class__(
        limits=local.settings.limits.__class__(votes_per_ten_minutes=10**6, comments_per_minute_in_thread=10**6)
    )
    local.restart()
    return World(local)


Ask = tuple[str, str, dict[str, str] | str | None]
"""Method, address, and form fields if any; a string is JSON."""


def odd(names: dict[str, list[str]]) -> Iterator[str]:
    """Yield query strings: nothing, each parameter right, empty, twice, wrong, and all at once."""
    yield ""
    for name, values in names.items():
        for value in values:
            yield "?" + urlencode({name: value})
        yield f"?{name}="
        yield f"?{name}"
        yield "?" + urlencode([(name, value) for value in (values[0], values[-1])])
        yield "?" + urlencode({name: "\x00'\"<x>"})
    yield "?" + urlencode([(name, values[0]) for name, values in names.items()])


def windows(number: int) -> dict[str, list[str]]:
    around = [f"{rank}.{number}" for rank in (number - 1, 10**9)]
    return {"sort": ["best", "newest", "oldest", "controversial"], "after": around, "before": around, "x": ["1"]}


def forms(fields: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield forms: whole, without each field, with each empty."""
    yield fields
    for name in fields:
        yield {key: value for key, value in fields.items() if key != name}
        yield {**fields, name: ""}


def asks_at(path: str, site: str, thread: str, number: int, caller: Caller) -> Iterator[Ask]:
    """Return every request to a route, about one comment; this is the matrix's row for the route.

    Raises:
        KeyError: if there is no row for it.
    """
    if path.startswith(FRAME):
        # The same handlers behind another door: who else asks, and how oddly, was tried at the first one.
        if caller.kind == "a stranger" and thread == THREADS["harbour"]:
            for method, address, fields in asks_at(path.removeprefix(FRAME), site, thread, number, caller):
                if method == "POST" or "?" not in address:
                    yield method, FRAME + address, fields
        return
    here = path.format(thread=thread, number=number, site=site, ticket="0" * 32, act="edit", path="openapi.yaml")
    queries: dict[str, dict[str, list[str]]] = {
        "/": {"x": ["1"]},
        "/feed.atom": {"x": ["1"]},
        "/s/{site}": {"x": ["1"]},
        "/s/{site}/feed.atom": {"x": ["1"]},
        "/s/{site}/claim": {"code": [caller.code or "x"]},
        "/t/{thread}": windows(number),
        "/t/{thread}/feed.atom": {"x": ["1"]},
        "/t/{thread}/{number}": windows(number),
        "/t/{thread}/print": {"x": ["1"]},
        "/t/{thread}/comments": {"parent": [str(number), "1"], "quote": ["x"]},
        "/t/{thread}/{number}/edit": {"code": [caller.code or "x"]},
        "/t/{thread}/{number}/delete": {"code": [caller.code or "x"]},
        "/t/{thread}/{number}/posted/{ticket}": {"x": ["1"]},
        "/t/{thread}/{number}/done/{act}": {"x": ["1"]},
        "/t/{thread}/{number}/vote": {"value": ["up", "x"]},
        "/t/{thread}/{number}/report": {"x": ["1"]},
        "/page": {"site": [site, "lantern"], "url": [f"https://{site}.example/{thread}"], "identifier": ["1"]},
        "/write": {
            "site": [site, "lantern"],
            "url": [f"https://{site}.example/{thread}", f"https://{site}.example/new"],
            "title": ["x"],
            "quote": ["x"],
        },
        "/embed": {"site": [site, "lantern"], "ink": ["#000000"]},
        "/embed/count": {"site": [site], "url": [f"https://{site}.example/{thread}"]},
        "/api/v1/counts": {"site": [site, "lantern"], "url": [f"https://{site}.example/{thread}"]},
        "/embed.js": {"x": ["1"]},
        "/compat.js": {"x": ["1"]},
        "/embed.css": {"x": ["1"]},
        "/embed/t/{thread}": {name: [str(number), "1"] for name in ("parent", "comment", "version")},
        "/embed/thread": {
            "site": [site, "lantern"],
            "url": [f"https://{site}.example/{thread}", f"https://{site}.example/new"],
        },
        "/sitemap.xml": {"x": ["1"]},
        "/robots.txt": {"x": ["1"]},
        "/healthz": {},
        "/readyz": {},
        "/metrics": {},
        "/static/": {},
        "/api/v1/openapi.json": {},
        "/api/v1": {},
        "/api/v1/{path}": {"x": ["1"]},
        "/api/v1/threads": {"site": [site, "lantern"], "url": [f"https://{site}.example/{thread}"]},
        "/api/v1/threads/{thread}": {"x": ["1"]},
        "/api/v1/threads/{thread}/comments": {
            **windows(number),
            "parent": [str(number), "1"],
            "limit": ["1", "50"],
        },
        "/api/v1/threads/{thread}/comments/{number}": {"x": ["1"]},
        "/api/v1/threads/{thread}/live": {"x": ["1"]},
    }
    is_odd = caller.kind == "a stranger" and thread == THREADS["harbour"]
    for query in odd(queries[path]) if is_odd else ("",):
        yield "GET", here + query, None
    code = {"code": caller.code} if caller.code and not caller.by_cookie else {}
    is_own = caller.own == (thread, number)
    match path:
        case "/write":
            page = {"site": site, "url": f"https://{site}.example/{thread}", "body": "First.", "website": "x"}
            yield "POST", here, {**page, "action": "preview"}
            if not is_own:
                for form in forms({**page, "token": "", "title": "x"}):
                    yield "POST", here, form
        case "/t/{thread}/{number}/report":
            for form in forms({"reason": "spam", "note": "Look.", "token": ""}):
                yield "POST", here, form
        case "/s/{site}/claim":
            for claim in ("", "x", "A" * 32, *code.values()):
                for form in forms({"code": claim, "sure": "yes", "action": "erase"}):
                    yield "POST", here, form
                yield "POST", here, {"code": claim, "action": "take"}
        case "/embed/thread":
            for window in ("", "&sort=newest", "&version=1", f"&after={number}.{number}"):
                yield "GET", f"{here}?site={site}&url=https://{site}.example/{thread}{window}", None
        case "/t/{thread}/comments":
            fields = {"parent": str(number), "name": "Nobody", "body": "A reply.", "token": "", "submission": "00" * 16}
            for form in forms({**fields, "action": "preview"}):
                if form.get("action"):
                    yield "POST", here, form
            for form in forms(fields) if not is_own else ():
                # Of the fields that aren't there, the parent decides: what would be published isn't sent.
                if form.get("parent"):
                    yield "POST", here, {**form, "website": "x"}
        case "/t/{thread}/{number}/edit":
            for action in ("show", "preview"):
                for form in forms({"body": "Mine.", **code}):
                    yield "POST", here, {**form, "action": action}
            if not is_own:
                yield "POST", here, {"body": "Mine.", **code, "action": "post"}
                yield "POST", here, {"body": "Mine.", "code": "x", "action": "post"}
        case "/t/{thread}/{number}/delete":
            yield "POST", here, {**code, "action": "show"}
            if not is_own:
                yield "POST", here, code
                yield "POST", here, {"code": ""}
        case "/t/{thread}/{number}/vote":
            for value, page in product(
                ("up", "down", "none", "", "x"), (f"/t/{thread}/{number}", "", "//evil.example")
            ):
                yield "POST", here, {"value": value, "page": page}
            yield "POST", here, {}
        case "/api/v1/threads/{thread}/comments":
            yield "POST", here, f'{{"body": "A reply.", "parent": {number}, "author": "Nobody"}}'
            yield "POST", here, f'{{"body": "", "parent": {number}}}'
            yield "POST", here, f'{{"body": "A reply.", "parent": {number}, "parent": {number}}}'
            yield "POST", here, f'{{"parent": {number}}}'
            yield "POST", here, ""


FRAME = "/frame"
RECIPES = {
    "_THREAD": r"/t/([0-9a-z]{12})(/feed\.atom)?",
    "_SITE": r"(?:/s/([a-z0-9-]{1,63}))?(/feed\.atom|/)?",
    "_API": r"/api/v1/threads/([0-9a-z]{12})(/comments)?",
    "_PATH": r"/embed/(?:thread|t/([0-9a-z]{12}))",
}
RAW = [
    "/",
    "/feed.atom",
    "/s/{site}",
    "/s/{site}/feed.atom",
    "/t/{thread}",
    "/t/{thread}/feed.atom",
    "/static/",
    *BY_NAME,
]


def routes() -> list[str]:
    """Return the address of everything that answers, in front of the framework and in it."""
    found = {re.sub(r":[a-z]+\}", "}", route.path) for route in framework(1.0).routes if hasattr(route, "path")}
    return sorted({*found, *RAW})


def test_every_recipe_of_the_hot_reads_has_a_row():
    known = {**vars(recipes), **vars(fragments)}
    patterns = {name: value.pattern for name, value in known.items() if isinstance(value, re.Pattern)}

    assert patterns == RECIPES


def may_hold(caller: Caller, comment: Hidden, ask: Ask) -> bool:
    """Tell whether an answer may hold the words of a comment."""
    if comment.state.startswith("published"):
        return True
    if comment.state == "edited" or comment.state.startswith("deleted"):
        return False
    method, address, fields = ask
    path = address.partition("?")[0].removeprefix(FRAME)
    own = f"/t/{comment.thread}/{comment.number}"
    if caller.own != (comment.thread, comment.number):
        return False
    if method == "POST":
        has_code = isinstance(fields, dict) and fields.get("code") == caller.code
        return path in (f"{own}/edit", f"{own}/delete") and (caller.by_cookie or has_code or bool(caller.cookie))
    return bool(caller.cookie) and path in (own, f"{own}/edit", f"{own}/delete", f"{own}/done/edit")


async def answer_to(talk: Talk, ask: Ask, caller: Caller) -> tuple[int, bytes, bytes]:
    """Return status, headers and content."""
    method, address, fields = ask
    headers = [(b"origin", BASE.encode())]
    if caller.cookie:
        # In a frame the same key would be in another cookie.
        name, _, key = caller.cookie.partition("=")
        headers.append((b"cookie", f"{name}{'-frame' if address.startswith(FRAME) else ''}={key}".encode()))
    body = b""
    if isinstance(fields, dict):
        body = urlencode(fields).encode()
        headers.append((b"content-type", b"application/x-www-form-urlencoded"))
    elif fields is not None:
        body = fields.encode()
        headers.append((b"content-type", b"application/json"))
    if address.partition("?")[0].endswith("/live"):
        return await first_event(talk, address, headers)
    status, given, content = await raw(talk.app, method, address.encode(), headers, body)
    return status, b"\n".join(name + b": " + value for name, value in given), content


async def first_event(talk: Talk, address: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes, bytes]:
    """Listen until something was told."""
    told = asyncio.Event()
    parts: list[bytes] = []
    begun: dict[str, object] = {}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        if body := message.get("body"):
            assert isinstance(body, bytes)
            parts.append(body)
            told.set()

    async def receive() -> dict[str, object]:
        await told.wait()
        return {"type": "http.disconnect"}

    path, _, query = address.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
             "headers": headers, "client": None, "server": None, "scheme": "https", "http_version": "1.1",
             "root_path": "", "asgi": {"version": "3.0"}}  # fmt: skip
    task = asyncio.ensure_future(talk.app(scope, receive, send))
    with suppress(asyncio.CancelledError):
        await task
    status = begun["status"]
    assert isinstance(status, int)
    return status, repr(begun["headers"]).encode(), b"".join(parts)


def test_no_answer_holds_what_its_reader_may_not_see(world, record_property):
    talk, paths = world.talk, routes()
    words = {word.encode(): comment for comment in world.comments for word in comment.words}
    sites = {thread: site for site, thread in THREADS.items()}
    requests, seen_by_authors, found_published, leaks = 0, set(), 0, []
    asked: set[tuple[str, str]] = set()

    async def walk() -> None:
        nonlocal requests, found_published
        for comment in world.hidden:
            for caller in world.callers(comment):
                for path in paths:
                    for ask in asks_at(path, sites[comment.thread], comment.thread, comment.number, caller):
                        mark = (caller.cookie + caller.code, repr(ask))
                        if mark in asked:
                            continue
                        asked.add(mark)
                        status, headers, content = await answer_to(talk, ask, caller)
                        requests += 1
                        assert status < 500, ask
                        for word in re.findall(rb"q[bcdfghjkmnpqrstvwxz]{15}", headers + b"\n" + content):
                            owner = words.get(word)
                            if owner is None:  # the name of the edited comment, which is public
                                continue
                            if not may_hold(caller, owner, ask):
                                leaks.append((caller.kind, owner.state, ask))
                            elif owner.state.startswith("published"):
                                found_published += 1
                            else:
                                seen_by_authors.add((caller.by_cookie, owner.state))

    talk.run(walk())

    sys.stdout.write(f"T3: {requests} requests x {len(words)} canaries, {len(paths)} routes, {len(leaks)} leaks\n")
    record_property("visibility", f"{requests} x {len(words)}")
    assert leaks == []
    assert requests > 5_000
    assert found_published > 100, "the search itself is broken"
    kept = [s for s in FATES if not s.startswith(("published", "deleted", "edited"))]
    assert {state for by_cookie, state in seen_by_authors if by_cookie} == set(kept)
    assert {state for by_cookie, state in seen_by_authors if not by_cookie} == set(kept)


def test_a_route_without_a_row_is_noticed():
    with pytest.raises(KeyError):
        list(asks_at("/t/{thread}/new-route", "harbour", THREADS["harbour"], 1, Caller("a stranger")))


def without_number(text: bytes, number: int) -> bytes:
    """Take a comment's number out of a page, and the hour out of its tokens."""
    text = re.sub(rb"(/t/[a-z0-9]+/)" + str(number).encode() + rb"(?![0-9])", rb"\1N", text)
    return re.sub(rb'name="(token|submission)" value="[^"]*"', rb"", text)


def test_a_hidden_comment_is_answered_like_one_that_never_was(world):
    talk = world.talk
    stranger = Caller("a stranger", code="B" * 32)
    paths = [path for path in routes() if "{number}" in path or "comments" in path]
    alone = [comment for comment in world.hidden if "replies" not in comment.state and comment.state != "edited"]
    compared = 0

    async def compare() -> None:
        nonlocal compared
        for comment, path in product(alone, paths):
            at = [
                asks_at(path, "harbour", comment.thread, number, caller)
                for number in (comment.number, NEVER)
                for caller in [stranger]
            ]
            for hidden, never in zip(*at, strict=True):
                answers = [await answer_to(talk, ask, stranger) for ask in (hidden, never)]
                (a, b, c), (d, e, f) = answers
                told = (a, without_number(b, comment.number), without_number(c, comment.number))
                expected = (d, without_number(e, NEVER), without_number(f, NEVER))
                if "parent" in hidden[1] or "after" in hidden[1] or "before" in hidden[1]:
                    told, expected = (a, b"", b""), (d, b"", b"")
                if a != 201 and "content-length" not in path:
                    strip = re.compile(rb"content-length: \d+|etag: [^\n]+|x-request-id: [0-9a-f]{16}")
                    assert (told[0], strip.sub(b"", told[1]), told[2]) == (
                        expected[0], strip.sub(b"", expected[1]), expected[2],
                    ), (comment.state, hidden)  # fmt: skip
                compared += 1

    talk.run(compare())
    sys.stdout.write(f"compared with what never was: {compared}\n")


def test_hidden_comments_are_in_no_count(world):
    talk, thread = world.talk, THREADS["harbour"]
    with talk.database.reading() as connection:
        published = {
            number: parent
            for number, parent, state in connection.exec_driver_sql(
                f"SELECT number, parent, state FROM comments WHERE thread = '{thread}'"
            )
            if state == "published"
        }
    reader = talk.browser()

    about = reader.get(f"/api/v1/threads/{thread}").json()
    comments = reader.get(f"/api/v1/threads/{thread}/comments?sort=oldest").json()["comments"]
    page = reader.get(f"/t/{thread}").text

    assert about["comments"] == len(published)
    assert f"{len(published)} comments" in page
    assert {comment["number"] for comment in comments if comment["state"] == "published"} == set(published)
    for comment in comments:
        assert comment["replies"] == sum(parent == comment["number"] for parent in published.values())
    for comment in comments:
        if comment["state"] != "published":
            assert comment["replies"] > 0
            assert {comment[field] for field in ("author", "html", "source", "created", "edited")} == {None}


def test_what_nobody_may_see_does_not_move_the_version(local):
    local.browser().say("Something.")
    reader = local.browser()
    before = reader.get("/api/v1/threads/ferry0000000").json()

    author = local.browser()
    number = author.say("Hidden.", website="x")
    author.post(f"/t/ferry0000000/{number}/edit", {"body": "Still hidden.", "action": "post"})
    local.moderate(number, Event.REJECT)
    author.post(f"/t/ferry0000000/{number}/delete", {"token": ""})
    local.clock.pass_by(seconds=5)

    assert reader.get("/api/v1/threads/ferry0000000").json() == before


def test_the_other_site_is_shown_on_no_page_of_this_one(world):
    reader: Browser = world.talk.browser()
    words = {w for c in world.comments if c.thread == THREADS["lantern"] for w in c.words}

    for path in ("/s/harbour", "/s/harbour/feed.atom", f"/t/{THREADS['harbour']}", f"/t/{THREADS['harbour']}/print"):
        page = reader.get(path)
        assert page.status_code == 200
        assert not [word for word in words if word in page.text], path
