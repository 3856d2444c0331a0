"""Changes come from our own pages: shapes of request × what they say of their origin × cookie × token."""

import sys
from itertools import product
from urllib.parse import urlencode

import pytest

from tests.web.talking import BASE, FERRY, raw

WORDS = "Written by somebody else's page."
FORM = "application/x-www-form-urlencoded"
HERE = f"/t/{FERRY}"
JSON = '{"body": "Written by another page."}'

# Method, address, type, body. What a page can send without asking first, and what it would have to ask for.
SHAPES = {
    "comment form": ("POST", f"{HERE}/comments", FORM, urlencode({"body": WORDS, "action": "post"})),
    "comment form with charset": ("POST", f"{HERE}/comments", f"{FORM}; charset=utf-8", urlencode({"body": WORDS})),
    "preview": ("POST", f"{HERE}/comments", FORM, urlencode({"body": WORDS, "action": "preview"})),
    "multipart form": ("POST", f"{HERE}/comments", "multipart/form-data; boundary=b", f"--b\r\n\r\n{WORDS}\r\n--b--"),
    "plain text form": ("POST", f"{HERE}/comments", "text/plain", f"body={WORDS}"),
    "no type": ("POST", f"{HERE}/comments", "", f"body={WORDS}"),
    "vote": ("POST", f"{HERE}/1/vote", FORM, "value=up"),
    "edit": ("POST", f"{HERE}/2/edit", FORM, urlencode({"body": WORDS, "action": "post"})),
    "delete": ("POST", f"{HERE}/2/delete", FORM, "x=1"),
    "json": ("POST", f"/api/v1/threads/{FERRY}/comments", "application/json", JSON),
    "json as plain text": ("POST", f"/api/v1/threads/{FERRY}/comments", "text/plain", JSON),
    "json as a form": ("POST", f"/api/v1/threads/{FERRY}/comments", FORM, JSON),
    "json as nothing": ("POST", f"/api/v1/threads/{FERRY}/comments", "", JSON),
    "json with a longer type": ("POST", f"/api/v1/threads/{FERRY}/comments", "application/json+x", JSON),
    "get": ("GET", f"{HERE}/2/delete?value=up&body=x&action=post", "", ""),
    "head": ("HEAD", f"{HERE}/1/vote?value=up", "", ""),
    "put": ("PUT", f"{HERE}/1/vote", FORM, "value=up"),
    "method override": ("GET", f"{HERE}/2/delete?_method=POST", "", ""),
}
TAKEN = {"comment form", "comment form with charset", "vote", "edit", "delete", "json"}
OURS = "198.18.254.1"
# What is said of the origin: headers, and whether it may pass, with and without a cookie.
ORIGINS: dict[str, tuple[dict[str, str], bool, bool]] = {
    "same-origin": ({"sec-fetch-site": "same-origin"}, True, True),
    "same-origin and ours": ({"sec-fetch-site": "same-origin", "origin": BASE}, True, True),
    "same-site": ({"sec-fetch-site": "same-site"}, False, False),
    "same-site, says ours": ({"sec-fetch-site": "same-site", "origin": BASE}, False, False),
    "cross-site": ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, False, False),
    "cross-site, says ours": ({"sec-fetch-site": "cross-site", "origin": BASE}, False, False),
    "none": ({"sec-fetch-site": "none"}, False, False),
    "empty": ({"sec-fetch-site": ""}, False, False),
    "nonsense": ({"sec-fetch-site": "Same-Origin, x"}, False, False),
    "ours": ({"origin": BASE}, True, True),
    "ours without encryption": ({"origin": "http://talk.example"}, False, False),
    "ours, other port": ({"origin": "https://talk.example:444"}, False, False),
    "below ours": ({"origin": "https://evil.talk.example"}, False, False),
    "looks like ours": ({"origin": "https://talk.example.evil.example"}, False, False),
    "ours as a name": ({"origin": "https://talk.example@evil.example"}, False, False),
    "another": ({"origin": "https://evil.example"}, False, False),
    "null": ({"origin": "null"}, False, False),
    "nothing in it": ({"origin": ""}, False, False),
    "a broken one": ({"origin": "https://[::1"}, False, False),
    "says nothing": ({}, False, True),
}


@pytest.fixture
def scene(local):
    """Comment 1 by somebody, comment 2 by the reader whose browser is lured."""
    local.browser().say("By somebody.")
    reader = local.browser()
    reader.say("By the reader.")
    cookie = reader.key_cookie
    return local, f"{cookie.name}={cookie.value}"


def state(talk):
    """Return all that could be changed."""
    return [
        talk.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("comments", "bodies", "keys", "votes", "authors", "decisions", "threads")
    ]


def test_only_our_own_pages_change_anything_with_a_readers_key(scene):
    talk, cookie = scene
    token = talk.browser().form(f"{HERE}/comments")["token"]
    talk.clock.pass_by(seconds=9)
    cells = changed = 0

    async def walk() -> None:
        nonlocal cells, changed
        before = state(talk)
        for (shape, (method, path, kind, body)), (
            origin,
            (said, with_cookie, without),
        ), has_cookie, has_token in product(SHAPES.items(), ORIGINS.items(), (True, False), (True, False)):
            may_pass = (with_cookie if has_cookie else without) and shape in TAKEN
            if may_pass and shape == "delete":
                continue  # it works once: tests/web/test_changing.py
            headers = {**said, **({"cookie": cookie} if has_cookie else {}), **({"content-type": kind} if kind else {})}
            text = body + (f"&token={token}" if has_token and kind.startswith(FORM) and body else "")
            status, given, _ = await raw(
                talk.app, method, path.encode(), [(n.encode(), v.encode()) for n, v in headers.items()], text.encode()
            )
            cells += 1
            after = state(talk)
            what = (shape, origin, has_cookie, has_token, status)
            if not may_pass:
                assert after == before, what
                assert status >= 400 or method in ("GET", "HEAD") or shape == "preview", what
                assert not [name for name, _ in given if name == b"set-cookie"], what
            elif shape == "edit" and not has_cookie:
                assert status == 403, what
            else:
                assert status in (201, 303), what
                changed += after != before
            before = after

    talk.run(walk())
    sys.stdout.write(f"T8: {cells} cells, {changed} of them changed something\n")
    assert cells > 1_000
    assert changed > 40


def test_a_cookie_is_never_sent_along_from_other_sites(scene):
    talk, _ = scene

    answer = talk.browser().write("Something new.")

    assert "samesite=lax" in answer.headers["set-cookie"].lower()


def test_the_origin_that_readers_see_counts_where_no_address_is_set(sqlite):
    from tests.web.talking import Talk

    talk = Talk(sqlite, base="http://localhost:8000")
    talk.add_thread()
    reader = talk.browser()
    fields = reader.form(f"{HERE}/comments")
    talk.clock.pass_by(seconds=9)

    for origin, host, status in [
        ("https://news.example", "news.example", 303),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 303),
        ("https://evil.example", "news.example", 403),
        ("ftp://news.example", "news.example", 403),
    ]:
        answer = reader.request(
            "POST", f"{HERE}/comments", data={**fields, "body": origin, "submission": ""},
            headers={"origin": origin, "host": host},
        )  # fmt: skip
        assert answer.status_code == status, origin
    talk.close()


def test_who_is_refused_is_told_what_to_do(scene):
    talk, cookie = scene

    answer = talk.browser().request("POST", f"{HERE}/2/delete", data={}, headers={"cookie": cookie})

    assert answer.status_code == 403
    assert "Open the discussion here and try again" in answer.text
