"""The headers of every answer: a type, no sniffing, no framing, no script but ours, nothing told to others."""

import pytest

from outspoken.store.database import Database
from tests.web.talking import FERRY, Talk, raw
from tests.web.test_visibility import Caller, answer_to, asks_at, routes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app"
)


KINDS = {
    *("text/html", "text/plain", "text/css", "text/javascript", "text/event-stream"),
    *("application/json", "application/problem+json", "application/vnd.oai.openapi+json"),
    *("application/atom+xml", "application/xml"),
}
OWNERS = POLICY.replace("form-action", "frame-src 'self'; form-action")
FRAMED = [
    POLICY.replace("connect-src 'self'; ", "connect-src 'self'; worker-src 'self'; ").replace(
        "frame-ancestors 'none'", f"frame-ancestors {ancestors}"
    )
    for ancestors in ("'none'", "'self' https://harbour.example")
]


def every_answer(talk: Talk) -> list[tuple[str, int, dict[str, str]]]:
    """Ask every route for all its matrix knows and return address, status and headers."""
    talk.browser().say("A comment.")
    found = []

    async def walk() -> None:
        for path in [*routes(), "/nothing", "/api/v1/nothing", "/static/nothing.css"]:
            asks = (
                [("GET", path, None)] if "nothing" in path else asks_at(path, "harbour", FERRY, 1, Caller("a stranger"))
            )
            for ask in list(asks)[:40]:
                status, given, _ = await answer_to(talk, ask, Caller("a stranger"))
                if ask[1].endswith("/live") or b": " not in given:
                    continue
                headers = dict(line.split(": ", 1) for line in given.decode().split("\n") if ": " in line)
                found.append((f"{ask[0]} {ask[1]}", status, headers))

    talk.run(walk())
    return found


def test_every_answer_has_the_headers_that_keep_it_in_its_place(local):
    answers = every_answer(local)

    assert {status for _, status, _ in answers} >= {200, 201, 303, 400, 403, 404, 422}
    for what, status, headers in answers:
        is_framed = "/frame/" in what
        allowed = FRAMED if is_framed else [POLICY, OWNERS] if what.partition("?")[0] == "GET /embed" else [POLICY]
        assert headers["content-security-policy"] in allowed, what
        assert headers.get("cross-origin-embedder-policy") == ("require-corp" if is_framed else None), what
        assert headers["x-content-type-options"] == "nosniff", what
        assert headers["referrer-policy"] == "no-referrer", what
        assert headers["x-dns-prefetch-control"] == "off", what
        assert headers["cross-origin-opener-policy"] == "same-origin", what
        assert "camera=()" in headers["permissions-policy"], what
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains", what
        assert "cache-control" in headers, what
        assert not {"server", "last-modified", "x-powered-by"} & set(headers), what
        if status != 303:
            assert headers["content-type"].partition(";")[0] in KINDS, what


def test_every_error_of_the_api_is_problem_details_and_every_other_a_page(local):
    for what, status, headers in every_answer(local):
        if status >= 400:
            kind = "application/problem+json" if "/api/" in what else "text/html; charset=utf-8"
            assert headers["content-type"] == kind, (what, status)


def test_any_page_may_read_public_json_and_none_may_read_or_send_anything_else(local):
    for what, status, headers in every_answer(local):
        is_script = what.partition("?")[0] in ("GET /embed.js", "GET /embed.css", "GET /compat.js")
        is_public = is_script or (what.startswith(("GET /api/v1", "GET /embed/")) and "openapi.json" not in what)
        allowed = headers.get("access-control-allow-origin")
        assert allowed == ("*" if is_public else None), (what, status)
        assert "access-control-allow-credentials" not in headers, what
        assert "access-control-allow-methods" not in headers, what
        if "/static/" not in what:
            policy = "cross-origin" if is_public or "/frame/" in what else "same-origin"
            assert headers["cross-origin-resource-policy"] == policy, (what, status)


def test_another_site_that_asks_whether_it_may_send_is_told_nothing(local):
    answer = local.browser().request(
        "OPTIONS",
        f"/api/v1/threads/{FERRY}/comments",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )

    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_without_encryption_nobody_is_told_to_insist_on_it(sqlite: Database):
    talk = Talk(sqlite, base="http://localhost:8000")
    talk.add_thread()
    answer = talk.browser().write("A comment.")

    assert "strict-transport-security" not in answer.headers
    assert answer.headers["set-cookie"].startswith("outspoken=")
    assert "secure" not in answer.headers["set-cookie"].lower()
    talk.close()


@pytest.mark.parametrize(
    "path",
    [f"/t/{FERRY}/1", f"/t/{FERRY}/comments", f"/t/{FERRY}/print", f"/t/{FERRY}?sort=newest&after=-1.1", "/readyz",
     "/nothing", f"/api/v1/threads/{FERRY}/comments?limit=3", f"/api/v1/threads/{FERRY}/live", f"/t/{FERRY}", "/"],
)  # fmt: skip
def test_head_says_what_get_would_say_and_sends_no_page(local, path):
    local.browser().say("A comment.")

    status, headers, content = local.run(raw(local.app, "HEAD", path.encode()))

    assert content == b""
    if not path.endswith("/live"):
        get_status, get_headers, _ = local.run(raw(local.app, "GET", path.encode()))
        assert status == get_status
        assert {name for name, _ in headers} == {name for name, _ in get_headers}
    assert dict(headers)[b"content-type"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "NONSENSE"])
def test_other_methods_are_refused(local, method):
    for path in (f"/t/{FERRY}", f"/t/{FERRY}/1/delete", f"/api/v1/threads/{FERRY}/comments"):
        status, headers, _ = local.run(raw(local.app, method, path.encode()))
        assert status == 405
        assert b"allow" in dict(headers)
