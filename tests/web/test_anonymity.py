"""The address dies at the door: nothing that tells who asks is in any file, log, answer, or reaches any handler."""

import gc
import hashlib
import ipaddress
import logging
import random

import pytest
from litestar import Request

from outspoken.moderation.limiter import LOCAL, Limiter
from outspoken.settings import Server as ServerSettings
from outspoken.settings import Settings
from outspoken.web import anonymity
from outspoken.web.anonymity import Anonymity, visitor_of
from tests.web.talking import BASE, FERRY, Clock, Talk, raw
from tests.web.test_visibility import Caller, answer_to, asks_at, routes

IPV4, IPV6 = "203.0.113.77", "2001:db8:aaaa:bbbb:cccc::77"
AGENT = "CanaryBrowser/77.7 (Lighthouse; rv:77)"
TELLING = {
    b"user-agent": AGENT,
    b"accept-language": "gsw-CH;q=0.77",
    b"referer": "https://intranet.canary.example/who",
    b"from": "canary.reader@mail.example",
    b"via": "1.1 canary-proxy",
    b"forwarded": f"for={IPV4};by=canary-proxy",
    b"x-forwarded-for": f"{IPV6}, {IPV4}",
    b"x-real-ip": IPV4,
    b"cf-connecting-ip": IPV6,
    b"x-azure-clientip": IPV4,
    b"x-appengine-user-ip": IPV4,
    b"x-canary-internal-address": IPV4,
    b"sec-ch-ua": '"Canary";v="77"',
    b"sec-ch-ua-platform": "CanaryOS",
    b"x-email": "canary.reader@mail.example",
}
COOKIE = "canary-session=c4n4ryc00k1e"


def traces() -> list[bytes]:
    """Return every value that may be nowhere: as sent, its network, and the hashes somebody could think of."""
    plain = [IPV4, IPV6, AGENT, "gsw-CH", "intranet.canary.example", "canary.reader@mail.example", "canary-proxy",
             "CanaryOS", "c4n4ryc00k1e"]  # fmt: skip
    networks = ["203.0.113.0", "203.0.113.", "2001:db8:aaaa", "2001:db8:aaaa:bbbb::"]
    packed = [ipaddress.ip_address(address).packed for address in (IPV4, IPV6)]
    found = [text.encode() for text in (*plain, *networks)] + [p for p in packed if len(p) > 4] + [packed[1][:8]]
    for text in (IPV4, IPV6, AGENT, "203.0.113.0", "203.0.113.0/24", "2001:db8:aaaa:bbbb::/64", "c4n4ryc00k1e",
                 "canary.reader@mail.example"):  # fmt: skip
        for name in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(name, text.encode())
            found += [digest.digest(), digest.hexdigest().encode()]
    for address in packed:
        for name in ("md5", "sha1", "sha256"):
            found += [hashlib.new(name, address).digest(), hashlib.new(name, address).hexdigest().encode()]
    return found


async def send_everything(talk: Talk, client: tuple[str, int], headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    """Send a request to every route with all that tells, and return all that came back."""
    answers = []
    caller = Caller("a stranger", cookie=COOKIE)
    inner = talk.app

    async def telling(scope, receive, send):
        await inner({**scope, "client": client, "headers": [*scope["headers"], *headers]}, receive, send)

    talk.app = telling
    try:
        for path in routes():
            for number, ask in enumerate(asks_at(path, "harbour", FERRY, 1, caller)):
                if number < 12:
                    _, given, content = await answer_to(talk, ask, caller)
                    answers += [given, content]
        fields = b"body=A+comment+that+is+kept.&action=post"
        for body in (fields, fields.replace(b"kept", b"held") + b"&website=x"):
            kind = (b"content-type", b"application/x-www-form-urlencoded")
            said = [(b"origin", BASE.encode()), kind, (b"cookie", COOKIE.encode())]
            status, given, content = await raw(telling, "POST", f"/t/{FERRY}/comments".encode(), said, body)
            assert status == 303
            answers += [repr(given).encode(), content]
        return answers
    finally:
        talk.app = inner


@pytest.mark.parametrize("way", ["as the peer", "by a trusted proxy"])
def test_nothing_that_tells_who_asks_is_kept_logged_or_answered(talk, way, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    talk.browser().say("A comment.")
    headers = [(name, value.encode()) for name, value in TELLING.items()]
    answers = []
    for address in (IPV4, IPV6):
        client = (address, 44_777) if way == "as the peer" else ("127.0.0.1", 44_777)
        answers += talk.run(send_everything(talk, client, headers))

    places = {"an answer": b"\n".join(answers), "the log": caplog.text.encode()}
    out, err = capfd.readouterr()
    places["the terminal"] = (out + err).encode()
    if talk.database.file is not None:
        for file in talk.database.file.parent.iterdir():
            places[file.name] = file.read_bytes()
        assert any(name.endswith("-wal") for name in places)
    else:
        from outspoken.store.tables import metadata

        for table in metadata.sorted_tables:
            places[table.name] = repr(talk.rows(f"SELECT * FROM {table.name}")).encode()
    assert len(places["an answer"]) > 100_000
    for place, content in places.items():
        found = [trace for trace in traces() if trace in content]
        assert found == [], place


def test_no_object_that_a_handler_can_reach_knows_an_address(local, monkeypatch):
    seen = []

    def look(request: Request) -> None:
        waiting, known = [request, request.scope], set()
        while waiting:
            thing = waiting.pop()
            if id(thing) in known:
                continue
            known.add(id(thing))
            seen.append(thing)
            if isinstance(thing, dict):
                waiting += [*thing.keys(), *thing.values()]
            elif isinstance(thing, (list, tuple, set)):
                waiting += thing
            elif type(thing).__module__.startswith("litestar.") and "app" not in type(thing).__module__:
                waiting += gc.get_referents(thing)

    import outspoken.web.app as app

    checked = app._check_address

    async def check(request: Request) -> None:
        look(request)
        await checked(request)

    monkeypatch.setattr(app, "_check_address", check)
    local.app = app.create_app(local.server)
    headers = [(name, value.encode()) for name, value in TELLING.items()]

    status, _, _ = local.run(raw(local.app, "GET", f"/t/{FERRY}/comments".encode(), headers, client=(IPV4, 44_777)))

    assert status == 200
    assert len(seen) > 30
    for thing in seen:
        text = thing if isinstance(thing, bytes) else str(thing).encode() if isinstance(thing, str | tuple) else b""
        assert not [trace for trace in traces() if trace in text], thing
        assert thing != 44_777


TRUSTED = ("127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8")


def who(peer, *forwarded, trusted=TRUSTED, headers=()):
    """Return what a visitor from there is counted as."""
    limiter = Limiter(random.Random(1).randbytes, Clock().now)
    seen = []

    async def app(scope, receive, send):
        assert scope["client"] is None
        seen.append(visitor_of(scope))

    scope = {
        "type": "http",
        "client": peer and (peer, 1),
        "headers": [*((b"x-forwarded-for", value.encode()) for value in forwarded), *headers],
    }
    import asyncio

    asyncio.run(Anonymity(app, limiter, trusted)(scope, None, None))
    return seen[0]


READER = who("203.0.113.7")


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        ("203.0.113.7", ()),
        ("203.0.113.7", ("6.6.6.6",)),
        ("203.0.113.7", ("127.0.0.1",)),
        ("::ffff:203.0.113.7", ()),
        ("127.0.0.1", ("203.0.113.7",)),
        ("::1", ("203.0.113.7",)),
        ("::ffff:127.0.0.1", ("203.0.113.7",)),
        ("127.0.0.1", ("6.6.6.6, 203.0.113.7",)),
        ("127.0.0.1", ("6.6.6.6", "203.0.113.7")),
        ("127.0.0.1", ("6.6.6.6, 203.0.113.7, 10.1.2.3",)),
        ("10.9.9.9", ("203.0.113.7, 10.1.2.3, fd00::1",)),
        ("127.0.0.1", ("203.0.113.7:4711",)),
        ("127.0.0.1", ("  ,nonsense, 203.0.113.7",)),
    ],
)
def test_the_address_that_counts_is_the_nearest_that_no_trusted_proxy_has(peer, forwarded):
    assert who(peer, *forwarded) == READER


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        (None, ()),
        (None, ("203.0.113.7",)),
        ("127.0.0.1", ()),
        ("127.0.0.1", ("",)),
        ("127.0.0.1", ("unknown",)),
        ("127.0.0.1", ("203.0.113.7, unknown",)),
        ("127.0.0.1", ("127.0.0.1, ::1",)),
    ],
)
def test_who_comes_through_the_machine_itself_is_nobody(peer, forwarded):
    assert who(peer, *forwarded) == LOCAL


@pytest.mark.parametrize(
    "header", [b"x-real-ip", b"forwarded", b"cf-connecting-ip", b"true-client-ip", b"x-client-ip", b"x-forwarded"]
)
def test_no_other_header_says_who_somebody_is(header):
    assert who("203.0.113.7", headers=[(header, b"6.6.6.6")]) == READER
    assert who("127.0.0.1", headers=[(header, b"6.6.6.6")]) == LOCAL


def test_without_trusted_proxies_the_peer_alone_counts():
    assert who("127.0.0.1", "203.0.113.7", trusted=()) == LOCAL
    assert who("203.0.113.7", "6.6.6.6", trusted=()) == READER


def test_what_goes_on_is_a_list_of_headers_that_are_used():
    assert not anonymity._KEPT & {b"user-agent", b"referer", b"accept-language", b"x-forwarded-for"}


def test_a_websocket_is_closed_before_anybody_sees_its_address(local):
    sent = []

    async def send(message):
        sent.append(message)

    local.run(local.app({"type": "websocket", "client": (IPV4, 1), "headers": [], "path": "/"}, None, send))

    assert [message["type"] for message in sent] == ["websocket.close"]


def test_spoofed_addresses_do_not_help_a_spammer_behind_an_untrusted_address(local):
    local.settings = Settings(server=ServerSettings(base=BASE))
    spammer = [local.browser("203.0.113.7", **{"x-forwarded-for": f"198.51.100.{n}"}) for n in range(5)]

    for number, browser in enumerate(spammer):
        browser.say(f"Comment {number}.")

    assert [state for (state,) in local.rows("SELECT state FROM comments ORDER BY number")] == [
        "published", "published", "published", "held", "held",
    ]  # fmt: skip
